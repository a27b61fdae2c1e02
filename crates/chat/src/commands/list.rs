//! LIST: which channels there are (Modern IRC, "LIST message").

use irc::{Message, numeric};

use super::{Command, targets};
use crate::Context;
use crate::state::Channel;

pub(super) const COMMAND: Command = Command { name: "LIST", params: 0, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(user) = ctx.session.user else { return };
    let state = &ctx.core.state;
    let visible = |channel: &&Channel| !channel.modes.secret || channel.members.contains_key(&user);
    let asked = message.param(0).filter(|list| list.starts_with('#'));
    let channels: Vec<&Channel> = match asked {
        Some(list) => targets(list).filter_map(|name| state.channel_by_name(name)).filter(visible).collect(),
        // A channel that nobody is in is there for those who know it, and not an offer.
        None => state.channels().filter(visible).filter(|channel| !channel.members.is_empty()).collect(),
    };
    let rows: Vec<_> = channels
        .iter()
        .map(|channel| {
            let topic = channel.topic.as_ref().map(|topic| topic.text.to_string()).unwrap_or_default();
            (channel.name.to_string(), channel.members.len().to_string(), topic)
        })
        .collect();
    ctx.numeric(numeric::RPL_LISTSTART, &["Channel"], "Users  Name");
    for (name, members, topic) in rows {
        ctx.numeric(numeric::RPL_LIST, &[&name, &members], &topic);
    }
    ctx.numeric(numeric::RPL_LISTEND, &[], "End of /LIST");
}
