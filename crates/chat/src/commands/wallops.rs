//! WALLOPS: speaking to everybody who wants to hear it, with user mode `w` (Modern IRC, "WALLOPS message"). For operators of the server.

use irc::{Message, numeric};

use super::Command;
use crate::Context;
use crate::operators::{Deed, Right};

pub(super) const COMMAND: Command = Command { name: "WALLOPS", params: 1, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(by) = ctx.permitted(Right::Wallops) else { return };
    let text = message.param(0).unwrap_or_default();
    if text.is_empty() {
        ctx.numeric(numeric::ERR_NEEDMOREPARAMS, &["WALLOPS"], "Not enough parameters");
        return;
    }
    ctx.note(Deed::Called(text.to_owned()));
    ctx.core.call_all(&mut ctx.session, by, text);
}
