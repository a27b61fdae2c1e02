//! KILL: closing somebody's connections (Modern IRC, "KILL message"). For operators of the server.

use irc::Message;

use super::{Command, cut};
use crate::operators::{Deed, Right};
use crate::{Context, Refusal};

pub(super) const COMMAND: Command = Command { name: "KILL", params: 1, early: false, run };

/// What is said to those who are killed without a word.
const NO_REASON: &str = "no reason given";

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(by) = ctx.permitted(Right::Kill) else { return };
    let asked = message.param(0).unwrap_or_default();
    let Some(victim) = ctx.core.state.user_by_nick(asked).map(|user| (user.id, user.nick.to_string())) else {
        ctx.refuse(&Refusal::NoSuchNick(asked.to_owned()));
        return;
    };
    let (victim, nick) = victim;
    let most = ctx.core.config.lengths.kick;
    let reason = cut(message.param(1).filter(|reason| !reason.is_empty()).unwrap_or(NO_REASON), most);
    let told = format!("Killed ({} ({reason}))", ctx.own_name());
    ctx.note(Deed::Killed { nick, reason: reason.to_owned() });
    ctx.core.close_all_but(victim, ctx.session.id, &told);
    if by == victim {
        ctx.close(&told);
    }
    // Who is always on goes too, and not only the devices.
    ctx.core.end_presence(victim, &told);
}
