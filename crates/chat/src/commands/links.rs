//! LINKS: the servers, of which there is one (Modern IRC, "LINKS message").

use irc::{Message, numeric};

use super::Command;
use crate::Context;

pub(super) const COMMAND: Command = Command { name: "LINKS", params: 0, early: false, run };

fn run(ctx: &mut Context<'_>, _: &Message<'_>) {
    let (server, network) = (ctx.core.config.server_name.clone(), ctx.core.config.network.clone());
    ctx.numeric(numeric::RPL_LINKS, &["*", &server], &format!("0 {network}"));
    ctx.numeric(numeric::RPL_ENDOFLINKS, &["*"], "End of /LINKS list");
}
