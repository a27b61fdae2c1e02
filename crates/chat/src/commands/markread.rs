//! MARKREAD: how far one has read (ircv3.net/specs/extensions/read-marker).

use irc::{Message, Nickname, Timestamp};

use super::Command;
use crate::Context;
use crate::event::{Event, ReadTarget};
use crate::gateway::as_middle;

pub(super) const COMMAND: Command = Command { name: "MARKREAD", params: 0, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(user) = ctx.session.user else { return };
    let Some(name) = message.param(0).filter(|name| !name.is_empty()) else {
        ctx.fail("MARKREAD", "NEED_MORE_PARAMS", &[], "Say which conversation");
        return;
    };
    let target = target(ctx, name);
    let Some(time) = message.param(1) else {
        match target {
            Some(target) => ctx.core.show_marker(&mut ctx.session, &target),
            // Nothing has been read of what one is not in, and whether it exists is not told.
            None => ctx.reply(|writer| writer.command("MARKREAD").param(&as_middle(name)).param("*").end()),
        }
        return;
    };
    let Some(target) = target else {
        ctx.fail("MARKREAD", "INVALID_PARAMS", &[name], "There is no such conversation");
        return;
    };
    let Some(upto) = time.strip_prefix("timestamp=").and_then(Timestamp::parse) else {
        ctx.fail(
            "MARKREAD",
            "INVALID_PARAMS",
            &[name, time],
            "A time is written timestamp=YYYY-MM-DDThh:mm:ss.sssZ",
        );
        return;
    };
    if ctx.try_propose(Event::MarkRead { user, target, upto }).is_err() {
        ctx.fail("MARKREAD", "INVALID_PARAMS", &[name], "There is no such conversation");
    }
}

/// The conversation that a name means: a channel that one is in, or whoever is or might be called so.
fn target(ctx: &Context<'_>, name: &str) -> Option<ReadTarget> {
    if name.starts_with('#') {
        let channel = ctx.core.state.channel_by_name(name)?;
        let inside = ctx.session.user.is_some_and(|user| channel.members.contains_key(&user));
        return inside.then_some(ReadTarget::Channel(channel.id));
    }
    Nickname::new(name).ok().map(|nick| ReadTarget::Nick(nick.folded()))
}
