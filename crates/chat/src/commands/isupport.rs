//! ISUPPORT: what the server supports, for those who ask (ircv3.net/specs/extensions/extended-isupport).

use irc::{Capability, Message, numeric};

use super::Command;
use crate::Context;

pub(super) const COMMAND: Command = Command { name: "ISUPPORT", params: 0, early: true, run };

fn run(ctx: &mut Context<'_>, _: &Message<'_>) {
    if ctx.session.user.is_none() && !ctx.has(Capability::ExtendedIsupport) {
        ctx.numeric(numeric::ERR_NOTREGISTERED, &[], "You have not registered");
        return;
    }
    ctx.core.show_isupport(&mut ctx.session);
}
