//! PASS: the server's password (Modern IRC, "PASS message").

use irc::{Message, numeric};

use super::Command;
use crate::{Context, Password};

pub(super) const COMMAND: Command = Command { name: "PASS", params: 1, early: true, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    if ctx.session.user.is_some() {
        ctx.numeric(numeric::ERR_ALREADYREGISTERED, &[], "You may not reregister");
        return;
    }
    ctx.session.introduction.password = message.param(0).and_then(Password::new);
}
