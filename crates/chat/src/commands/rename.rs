//! RENAME: giving a channel another name (ircv3.net/specs/extensions/channel-rename).

use irc::{ChannelName, Message};

use super::{Command, cut};
use crate::event::Event;
use crate::{Context, Refusal};

pub(super) const COMMAND: Command = Command { name: "RENAME", params: 2, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(by) = ctx.session.user else { return };
    let (old, new) = (message.param(0).unwrap_or_default(), message.param(1).unwrap_or_default());
    let reason = cut(message.param(2).unwrap_or_default(), ctx.core.config.lengths.kick).to_owned();
    let Some(channel) = ctx.core.state.channel_by_name(old).map(|channel| channel.id) else {
        ctx.refuse(&Refusal::NoSuchChannel(old.to_owned()));
        return;
    };
    let Ok(name) = ChannelName::new(new) else {
        ctx.fail("RENAME", "CANNOT_RENAME", &[old, new], "That is no name for a channel");
        return;
    };
    match ctx.try_propose(Event::RenameChannel { by, channel, name, reason }) {
        Ok(()) => {}
        Err(Refusal::BadChannelName(_)) => {
            ctx.fail("RENAME", "CANNOT_RENAME", &[old, new], "That is no name for a channel");
        }
        Err(refusal @ Refusal::ChannelNameInUse { .. }) => {
            ctx.fail("RENAME", "CHANNEL_NAME_IN_USE", &[old, new], &refusal.to_string());
        }
        Err(refusal) => ctx.refuse(&refusal),
    }
}
