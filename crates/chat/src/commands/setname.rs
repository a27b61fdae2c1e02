//! SETNAME: another real name (ircv3.net/specs/extensions/setname).

use irc::Message;

use super::Command;
use crate::Context;
use crate::event::Event;

pub(super) const COMMAND: Command = Command { name: "SETNAME", params: 1, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(user) = ctx.session.user else { return };
    let realname = message.param(0).unwrap_or_default().trim();
    if realname.is_empty() || realname.len() > ctx.core.config.lengths.realname {
        ctx.fail("SETNAME", "INVALID_REALNAME", &[], "That is no real name");
        return;
    }
    ctx.propose(Event::SetRealname { user, realname: realname.to_owned() });
}
