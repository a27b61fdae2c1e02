//! PING and PONG: whether the other side is there (Modern IRC, "PING message").

use irc::{Message, numeric};

use super::Command;
use crate::Context;

pub(super) const PING: Command = Command { name: "PING", params: 0, early: true, run: ping };
/// That a line came is all that a PONG says, and that has been noted already.
pub(super) const PONG: Command = Command { name: "PONG", params: 0, early: true, run: |_, _| {} };

fn ping(ctx: &mut Context<'_>, message: &Message<'_>) {
    match message.param(0) {
        None => ctx.numeric(numeric::ERR_NEEDMOREPARAMS, &["PING"], "Not enough parameters"),
        Some(token) => {
            let server = ctx.core.config.server_name.clone();
            ctx.reply(|writer| writer.command("PONG").param(&server).trailing(token).end());
        }
    }
}
