//! KICK: removing somebody from a channel (Modern IRC, "KICK message").

use irc::{Message, numeric};

use super::{Command, cut, targets};
use crate::event::Event;
use crate::{Context, Refusal};

pub(super) const COMMAND: Command = Command { name: "KICK", params: 2, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let channels: Vec<&str> = targets(message.param(0).unwrap_or_default()).collect();
    let nicks: Vec<&str> = targets(message.param(1).unwrap_or_default()).collect();
    // One channel for all of them, or one for each.
    if channels.len() != 1 && channels.len() != nicks.len() {
        ctx.numeric(numeric::ERR_NEEDMOREPARAMS, &["KICK"], "Name one channel, or one for each nickname");
        return;
    }
    for (name, nick) in channels.iter().cycle().zip(nicks) {
        if let Err(refusal) = kick(ctx, name, nick, message.param(2)) {
            ctx.refuse(&refusal);
        }
    }
}

fn kick(ctx: &mut Context<'_>, name: &str, nick: &str, reason: Option<&str>) -> Result<(), Refusal> {
    let by = ctx.user()?;
    // Who kicks and says nothing is taken to say their own name, as everywhere.
    let reason = match reason {
        Some(reason) if !reason.is_empty() => cut(reason, ctx.core.config.lengths.kick).to_owned(),
        _ => by.nick.to_string(),
    };
    let by = by.id;
    let state = &ctx.core.state;
    let channel = state.channel_by_name(name).ok_or_else(|| Refusal::NoSuchChannel(name.to_owned()))?;
    let user = state.user_by_nick(nick).ok_or_else(|| Refusal::UserNotInChannel {
        nick: nick.to_owned(),
        channel: channel.name.to_string(),
    });
    let channel_id = channel.id;
    if !channel.members.contains_key(&by) {
        return Err(Refusal::NotOnChannel(channel.name.to_string()));
    }
    let user = user?.id;
    ctx.try_propose(Event::Kick { by, channel: channel_id, user, reason })
}
