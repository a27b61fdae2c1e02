//! INFO and VERSION: what this is (Modern IRC, "INFO message", "VERSION message").

use irc::{Message, numeric};

use super::{Command, is_this_server};
use crate::Context;

pub(super) const INFO: Command = Command { name: "INFO", params: 0, early: false, run: info };
pub(super) const VERSION: Command = Command { name: "VERSION", params: 0, early: false, run: version };

fn info(ctx: &mut Context<'_>, message: &Message<'_>) {
    if !is_this_server(ctx, message.param(0)) {
        return;
    }
    let lines = [
        format!("This is Chinwag, version {}", ctx.core.config.version),
        "Chat that people host themselves. MIT or Apache-2.0.".into(),
        format!("Up since {}", ctx.core.started),
    ];
    for line in lines {
        ctx.numeric(numeric::RPL_INFO, &[], &line);
    }
    ctx.numeric(numeric::RPL_ENDOFINFO, &[], "End of INFO list");
}

fn version(ctx: &mut Context<'_>, message: &Message<'_>) {
    if !is_this_server(ctx, message.param(0)) {
        return;
    }
    let (version, server) = (ctx.core.config.version.clone(), ctx.core.config.server_name.clone());
    ctx.numeric(numeric::RPL_VERSION, &[&version, &server], "Chinwag");
    ctx.core.show_isupport(&mut ctx.session);
}
