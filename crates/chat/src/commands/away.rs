//! AWAY: tells others that one is not here (Modern IRC, "AWAY message"; ircv3.net/specs/extensions/away-notify).

use irc::{Message, numeric};

use super::{Command, MAX_AWAY_BYTES, cut};
use crate::Context;
use crate::event::Event;

pub(super) const COMMAND: Command = Command { name: "AWAY", params: 0, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(user) = ctx.session.user else { return };
    let text = message.param(0).filter(|text| !text.is_empty());
    let text = text.map(|text| cut(text, MAX_AWAY_BYTES).to_owned());
    let (code, words) = match text {
        Some(_) => (numeric::RPL_NOWAWAY, "You have been marked as being away"),
        None => (numeric::RPL_UNAWAY, "You are no longer marked as being away"),
    };
    match ctx.try_propose(Event::SetAway { user, message: text }) {
        Ok(()) => ctx.numeric(code, &[], words),
        Err(refusal) => ctx.refuse(&refusal),
    }
}
