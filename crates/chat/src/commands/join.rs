//! JOIN: entering channels (Modern IRC, "JOIN message").

use irc::{Capability, ChannelName, Message, NameError, numeric};

use super::{Command, names, targets, topic};
use crate::event::{Event, ReadTarget};
use crate::gateway::{Core, Session};
use crate::{ChannelId, Context, Refusal, UserId};

pub(super) const COMMAND: Command = Command { name: "JOIN", params: 1, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(user) = ctx.session.user else { return };
    let list = message.param(0).unwrap_or_default();
    if list == "0" {
        leave_all(ctx, user);
        return;
    }
    let mut keys = message.param(1).unwrap_or_default().split(',');
    for name in targets(list) {
        let key = keys.next().filter(|key| !key.is_empty());
        if let Err(refusal) = join(ctx, user, name, key) {
            ctx.refuse(&refusal);
        }
    }
}

fn join(ctx: &mut Context<'_>, user: UserId, name: &str, key: Option<&str>) -> Result<(), Refusal> {
    let channel = match ctx.core.state.channel_by_name(name) {
        Some(channel) => channel.id,
        None => {
            let valid = ChannelName::new(name).map_err(|error| match error {
                NameError::BadStart(_) => Refusal::NoSuchChannel(name.to_owned()),
                _ => Refusal::BadChannelName(name.to_owned()),
            })?;
            // Checked before the channel is made, so that one who may join no more makes none.
            let joined = ctx.user()?.channels.len();
            if joined >= ctx.core.config.max_channels {
                return Err(Refusal::TooManyChannels(name.to_owned()));
            }
            ctx.try_propose(Event::CreateChannel { name: valid })?;
            let made = ctx.core.state.channel_by_name(name);
            made.map(|channel| channel.id).ok_or_else(|| Refusal::NoSuchChannel(name.to_owned()))?
        }
    };
    match ctx.try_propose(Event::Join { user, channel, key: key.map(str::to_owned) }) {
        Err(refusal) => forward(ctx, user, channel, refusal),
        Ok(()) => Ok(()),
    }
}

/// Goes where those are sent who may not join, if the channel says where (`f`); but no further.
fn forward(ctx: &mut Context<'_>, user: UserId, channel: ChannelId, refusal: Refusal) -> Result<(), Refusal> {
    let closed = matches!(
        refusal,
        Refusal::BadKey(_)
            | Refusal::Banned(_)
            | Refusal::ChannelIsFull(_)
            | Refusal::InviteOnly(_)
            | Refusal::NeedsAccount(_)
    );
    let state = &ctx.core.state;
    let from = state.channel(channel).filter(|_| closed);
    let to = from.and_then(|from| from.modes.forward).and_then(|id| state.channel(id));
    let (Some(from), Some(to)) = (from, to) else { return Err(refusal) };
    let (from, to_name, channel) = (from.name.to_string(), to.name.to_string(), to.id);
    ctx.numeric(numeric::ERR_LINKCHANNEL, &[&from, &to_name], "Forwarding to another channel");
    ctx.try_propose(Event::Join { user, channel, key: None })
}

/// `JOIN 0`: leaves every channel.
fn leave_all(ctx: &mut Context<'_>, user: UserId) {
    let channels = ctx.user().map(|user| user.channels.clone()).unwrap_or_default();
    for channel in channels {
        ctx.propose(Event::Part { user, channel, reason: None });
    }
}

/// Tells somebody who has just entered a channel what is to be known of it.
pub(crate) fn introduce_channel(core: &Core, session: &mut Session, id: ChannelId) {
    let Some(channel) = core.state.channel(id) else { return };
    if channel.topic.is_some() {
        topic::show(core, session, id);
    }
    if session.capabilities.has(Capability::ReadMarker) {
        core.show_marker(session, &ReadTarget::Channel(id));
    }
    if !session.capabilities.has(Capability::NoImplicitNames) {
        names::show(core, session, id);
    }
}
