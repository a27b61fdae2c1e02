//! ACCEPT: who may write to somebody who hears from people with accounts alone, `R` (the list of those that "caller id" of other servers keeps).

use irc::{Message, numeric};

use super::{Command, lines_of, targets};
use crate::event::Event;
use crate::{Context, Refusal, UserId};

pub(super) const COMMAND: Command = Command { name: "ACCEPT", params: 1, early: false, run };

/// Room for names in one line.
const LINE_BYTES: usize = 380;

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(user) = ctx.session.user else { return };
    for asked in targets(message.param(0).unwrap_or_default()) {
        match asked.strip_prefix('-') {
            _ if asked == "*" => list(ctx),
            Some(nick) => change(ctx, user, nick, false),
            None => change(ctx, user, asked, true),
        }
    }
}

fn change(ctx: &mut Context<'_>, user: UserId, nick: &str, on: bool) {
    let Some(other) = ctx.core.state.user_by_nick(nick).map(|other| other.id) else {
        ctx.refuse(&Refusal::NoSuchNick(nick.to_owned()));
        return;
    };
    let accepted = ctx.user().is_ok_and(|user| user.answering.contains(&other));
    match (accepted, on) {
        (true, true) => ctx.numeric(numeric::ERR_ACCEPTEXIST, &[nick], "is already on your accept list"),
        (false, false) => ctx.numeric(numeric::ERR_ACCEPTNOT, &[nick], "is not on your accept list"),
        _ => ctx.propose(Event::Accept { user, other, on }),
    }
}

fn list(ctx: &mut Context<'_>) {
    let state = &ctx.core.state;
    let accepted = ctx.user().map(|user| user.answering.clone()).unwrap_or_default();
    let nicks = accepted.into_iter().filter_map(|id| state.user(id)).map(|user| user.nick.to_string());
    for line in lines_of(nicks, ' ', LINE_BYTES) {
        ctx.numeric(numeric::RPL_ACCEPTLIST, &[], &line);
    }
    ctx.numeric(numeric::RPL_ENDOFACCEPT, &[], "End of /ACCEPT list");
}
