//! NAMES: who is in a channel (Modern IRC, "NAMES message"; ircv3.net/specs/extensions/multi-prefix).

use irc::{Capability, Message, numeric};

use super::{Command, lines_of, targets};
use crate::gateway::{Core, Session};
use crate::{ChannelId, Context};

pub(super) const COMMAND: Command = Command { name: "NAMES", params: 0, early: false, run };

/// Room for names in one line: 512 bytes less the longest head.
const LINE_BYTES: usize = 320;

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(list) = message.param(0) else {
        ctx.numeric(numeric::RPL_ENDOFNAMES, &["*"], "End of /NAMES list");
        return;
    };
    let found: Vec<(ChannelId, String)> = targets(list)
        .filter_map(|name| ctx.core.state.channel_by_name(name))
        .map(|channel| (channel.id, channel.name.to_string()))
        .collect();
    for (id, _) in &found {
        show_members(ctx.core, &mut ctx.session, *id);
    }
    // One channel is called as it is called; several have one end, which says what was asked for.
    let ended = if let [(_, name)] = found.as_slice()
        && !list.contains(',')
    {
        name
    } else {
        list
    };
    ctx.numeric(numeric::RPL_ENDOFNAMES, &[if ended.is_empty() { "*" } else { ended }], "End of /NAMES list");
}

/// Adds a channel's members to a session's answer, as far as it may see them.
pub(crate) fn show(core: &Core, session: &mut Session, id: ChannelId) {
    let Some(channel) = core.state.channel(id) else { return };
    show_members(core, session, id);
    core.numeric(session, numeric::RPL_ENDOFNAMES, &[channel.name.as_str()], Some("End of /NAMES list"));
}

fn show_members(core: &Core, session: &mut Session, id: ChannelId) {
    let Some(channel) = core.state.channel(id) else { return };
    let name = channel.name.as_str();
    let inside = session.user.is_some_and(|user| channel.members.contains_key(&user));
    if inside || !channel.modes.secret {
        let all = session.capabilities.has(Capability::MultiPrefix);
        let with_host = session.capabilities.has(Capability::UserhostInNames);
        let symbol = if channel.modes.secret { "@" } else { "=" };
        let members = channel.members.iter().filter(|(id, _)| channel.shows(**id, session.user));
        let members = members.filter_map(|(id, roles)| {
            let user = core.state.user(*id)?;
            let shown = if with_host { &*user.source } else { user.nick.as_str() };
            Some([&*roles.prefixes(all), shown].concat())
        });
        for line in lines_of(members, ' ', LINE_BYTES) {
            core.numeric(session, numeric::RPL_NAMREPLY, &[symbol, name], Some(&line));
        }
    }
}
