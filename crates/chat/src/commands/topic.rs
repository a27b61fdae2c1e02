//! TOPIC: what a channel is about (Modern IRC, "TOPIC message").

use irc::{Message, numeric};

use super::{Command, cut};
use crate::event::Event;
use crate::gateway::{Core, Session};
use crate::{ChannelId, Context, Refusal};

pub(super) const COMMAND: Command = Command { name: "TOPIC", params: 1, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(by) = ctx.session.user else { return };
    let name = message.param(0).unwrap_or_default();
    let Some(channel) = ctx.core.state.channel_by_name(name) else {
        ctx.refuse(&Refusal::NoSuchChannel(name.to_owned()));
        return;
    };
    let (id, written) = (channel.id, channel.name.to_string());
    if let Some(topic) = message.param(1) {
        let topic = cut(topic, ctx.core.config.lengths.topic).to_owned();
        ctx.propose(Event::SetTopic { by, channel: id, topic });
    } else if channel.modes.secret && !channel.members.contains_key(&by) {
        ctx.refuse(&Refusal::NotOnChannel(written));
    } else if channel.topic.is_none() {
        ctx.numeric(numeric::RPL_NOTOPIC, &[&written], "No topic is set");
    } else {
        show(ctx.core, &mut ctx.session, id);
    }
}

/// Adds a channel's topic, and who set it, to a session's answer.
pub(super) fn show(core: &Core, session: &mut Session, id: ChannelId) {
    let Some(channel) = core.state.channel(id) else { return };
    let Some(topic) = &channel.topic else { return };
    let name = channel.name.as_str();
    core.numeric(session, numeric::RPL_TOPIC, &[name], Some(&topic.text));
    let at = topic.at.seconds().to_string();
    core.numeric(session, numeric::RPL_TOPICWHOTIME, &[name, &topic.setter, &at], None);
}
