//! PART: leaving channels (Modern IRC, "PART message").

use irc::Message;

use super::{Command, cut, targets};
use crate::event::Event;
use crate::{Context, Refusal};

pub(super) const COMMAND: Command = Command { name: "PART", params: 1, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(user) = ctx.session.user else { return };
    let reason = message.param(1).filter(|reason| !reason.is_empty());
    let reason = reason.map(|reason| cut(reason, ctx.core.config.lengths.kick).to_owned());
    for name in targets(message.param(0).unwrap_or_default()) {
        match ctx.core.state.channel_by_name(name).map(|channel| channel.id) {
            Some(channel) => ctx.propose(Event::Part { user, channel, reason: reason.clone() }),
            None => ctx.refuse(&Refusal::NoSuchChannel(name.to_owned())),
        }
    }
}
