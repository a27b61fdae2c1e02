//! TIME: what the server's clock says (Modern IRC, "TIME message").

use irc::{Message, numeric};

use super::{Command, is_this_server};
use crate::Context;

pub(super) const COMMAND: Command = Command { name: "TIME", params: 0, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    if !is_this_server(ctx, message.param(0)) {
        return;
    }
    let (server, now) = (ctx.core.config.server_name.clone(), ctx.core.now);
    let seconds = now.seconds().to_string();
    ctx.numeric(numeric::RPL_TIME, &[&server, &seconds, "0"], &now.to_string());
}
