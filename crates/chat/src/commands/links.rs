//! LINKS: the servers (Modern IRC, "LINKS message"). There is one, and who is on it knows it; it is told to those who may see everything.

use irc::{Message, numeric};

use super::Command;
use crate::Context;

pub(super) const COMMAND: Command = Command { name: "LINKS", params: 0, early: false, run };

fn run(ctx: &mut Context<'_>, _: &Message<'_>) {
    let (server, network) = (ctx.core.config.server_name.clone(), ctx.core.config.network.clone());
    if ctx.sees_all() {
        ctx.numeric(numeric::RPL_LINKS, &[&server, &server], &format!("0 {network}"));
    }
    ctx.numeric(numeric::RPL_ENDOFLINKS, &["*"], "End of /LINKS list");
}
