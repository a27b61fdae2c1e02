//! ADMIN: whom to turn to (Modern IRC, "ADMIN message").

use irc::{Message, numeric};

use super::{Command, is_this_server};
use crate::Context;

pub(super) const COMMAND: Command = Command { name: "ADMIN", params: 0, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    if !is_this_server(ctx, message.param(0)) {
        return;
    }
    let (server, network) = (ctx.core.config.server_name.clone(), ctx.core.config.network.clone());
    let contact = ctx.core.config.contact.clone();
    ctx.numeric(numeric::RPL_ADMINME, &[&server], "Administrative info");
    if contact.is_empty() {
        ctx.numeric(numeric::RPL_ADMINLOC1, &[], &network);
        ctx.numeric(numeric::RPL_ADMINLOC2, &[], "A Chinwag server, hosted by somebody whom its people know");
        ctx.numeric(numeric::RPL_ADMINEMAIL, &[], "Ask in the channels who that is");
        return;
    }
    let codes = [numeric::RPL_ADMINLOC1, numeric::RPL_ADMINLOC2, numeric::RPL_ADMINEMAIL];
    for (code, line) in codes.into_iter().zip(contact) {
        ctx.numeric(code, &[], &line);
    }
}
