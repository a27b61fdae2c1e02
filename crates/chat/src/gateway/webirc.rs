//! Connections that come through a gateway for the web, which says for whom (ircv3.net/specs/extensions/webirc). From then on they count as if they came from there.

use std::net::SocketAddr;

use super::Context;
use crate::Output;

/// For whom a gateway connects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Announced {
    /// What the gateway calls itself.
    pub(crate) gateway: String,
    /// Where its client comes from.
    pub(crate) address: SocketAddr,
    /// Whether its client's connection to it is encrypted.
    pub(crate) secure: bool,
}

impl Context<'_> {
    /// The gateway has shown that it is one.
    pub(crate) fn believe_gateway(&mut self, client: Announced) {
        let Announced { gateway, address, secure } = client;
        let session = &mut self.session;
        session.gateway = Some(gateway);
        session.peer.address = address;
        // It is as weak as the weaker of its two halves.
        session.peer.encrypted &= secure;
        // The certificate is the gateway's.
        session.peer.certificate = None;
        let session = session.id;
        // Nobody is told anything by it.
        self.core.push_at_once(Output::Moved { session, address });
    }
}
