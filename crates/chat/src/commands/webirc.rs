//! WEBIRC: a gateway for the web says for whom it connects (ircv3.net/specs/extensions/webirc). Nobody is believed but those whom the settings name.
//!
//! The host's name that comes with it is not looked at: others see a cloak of the address, and nothing else could be checked without asking DNS.

use std::net::{IpAddr, SocketAddr};

use irc::Message;

use super::{Command, cut};
use crate::config::GatewayPassword;
use crate::gateway::Announced;
use crate::{Context, Password};

pub(super) const COMMAND: Command = Command { name: "WEBIRC", params: 4, early: true, run };

/// What a gateway is told that is none, or has another password.
pub(crate) const BAD_GATEWAY: &str = "Invalid WebIRC password, or not a gateway of this server";
/// The most bytes of a gateway's name.
const MAX_NAME_BYTES: usize = 64;

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    if !ctx.session.has_said_nothing() {
        return ctx.close("WEBIRC must come first");
    }
    let param = |at: usize| message.param(at).unwrap_or_default();
    let Some(client) = announced(param(1), param(3), param(4)) else {
        return ctx.close("WEBIRC wants an address");
    };
    let from = ctx.session.peer.ip();
    let gateways = ctx.core.config.gateways.iter();
    let mut known = gateways.filter(|gateway| gateway.hosts.iter().any(|host| host.contains(from)));
    let Some(password) = Password::new(param(0)) else { return ctx.close(BAD_GATEWAY) };
    // Each gateway has an address of its own, as a rule: the first one that stands for it and has that password.
    let believed = known.find_map(|gateway| match &gateway.password {
        GatewayPassword::Plain(own) => own.is(&password).then_some(None),
        GatewayPassword::Hashed(verifier) => Some(Some(verifier.clone())),
    });
    match believed {
        Some(None) => ctx.believe_gateway(client),
        Some(Some(verifier)) => ctx.check_gateway(password, verifier, client),
        None => ctx.close(BAD_GATEWAY),
    }
}

/// What a gateway says; nothing, if the address is none.
fn announced(gateway: &str, ip: &str, options: &str) -> Option<Announced> {
    let ip: IpAddr = ip.parse().ok()?;
    let mut options = options.split(' ').map(|option| option.split_once('=').unwrap_or((option, "")));
    let (mut port, mut secure) = (0, false);
    for (name, value) in &mut options {
        match name {
            "secure" => secure = true,
            "remote-port" => port = value.parse().unwrap_or(0),
            _ => {}
        }
    }
    let gateway = cut(gateway, MAX_NAME_BYTES).to_owned();
    Some(Announced { gateway, address: SocketAddr::new(ip.to_canonical(), port), secure })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_may_have_values_and_those_not_known_are_ignored() {
        let read = |ip: &str, options: &str| announced("kiwi", ip, options);
        let plain = read("198.51.100.3", "").expect("an address");
        assert_eq!((plain.address.to_string().as_str(), plain.secure), ("198.51.100.3:0", false));
        let full = read("0::1", "secure=x local-port=6697 remote-port=21726 new=1").expect("an address");
        assert_eq!((full.address.to_string().as_str(), full.secure), ("[::1]:21726", true));
        assert!(read("example.org", "secure").is_none());
    }
}
