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
    ctx.numeric(numeric::RPL_ADMINME, &[&server], "Administrative info");
    ctx.numeric(numeric::RPL_ADMINLOC1, &[], &network);
    ctx.numeric(numeric::RPL_ADMINLOC2, &[], "A Chinwag server, hosted by somebody whom its people know");
    ctx.numeric(numeric::RPL_ADMINEMAIL, &[], "Ask in the channels who that is");
}
