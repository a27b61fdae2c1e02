//! AWAY: tells others that one is not here (Modern IRC, "AWAY message"; ircv3.net/specs/extensions/away-notify).

use irc::{Capability, Message, numeric};

use super::{Command, cut};
use crate::Context;
use crate::event::Event;

pub(super) const COMMAND: Command = Command { name: "AWAY", params: 0, early: true, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let text = message.param(0).filter(|text| !text.is_empty());
    let text = text.map(|text| cut(text, ctx.core.config.lengths.away).to_owned());
    let Some(user) = ctx.session.user else {
        before_signing_in(ctx, text);
        return;
    };
    let (code, words) = match text {
        Some(_) => (numeric::RPL_NOWAWAY, "You have been marked as being away"),
        None => (numeric::RPL_UNAWAY, "You are no longer marked as being away"),
    };
    match ctx.try_propose(Event::SetAway { user, message: text }) {
        Ok(()) => ctx.numeric(code, &[], words),
        Err(refusal) => ctx.refuse(&refusal),
    }
}

/// Keeps it until the client has signed in (ircv3.net/specs/extensions/pre-away).
fn before_signing_in(ctx: &mut Context<'_>, text: Option<String>) {
    if ctx.has(Capability::PreAway) {
        ctx.session.introduction.away = text;
    } else {
        ctx.numeric(numeric::ERR_NOTREGISTERED, &[], "You have not registered");
    }
}
