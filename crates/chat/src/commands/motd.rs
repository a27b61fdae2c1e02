//! MOTD: the message of the day (Modern IRC, "MOTD message").

use irc::{Message, numeric};

use super::{Command, is_this_server};
use crate::Context;
use crate::gateway::{Core, Session};

pub(super) const COMMAND: Command = Command { name: "MOTD", params: 0, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    if is_this_server(ctx, message.param(0)) {
        show(ctx.core, &mut ctx.session);
    }
}

/// Adds the message of the day to a session's answer.
pub(crate) fn show(core: &Core, session: &mut Session) {
    if core.config.motd.is_empty() {
        core.numeric(session, numeric::ERR_NOMOTD, &[], Some("There is no message of the day"));
        return;
    }
    let head = format!("- {} Message of the day -", core.config.network);
    core.numeric(session, numeric::RPL_MOTDSTART, &[], Some(&head));
    for line in &core.config.motd {
        core.numeric(session, numeric::RPL_MOTD, &[], Some(&format!("- {line}")));
    }
    core.numeric(session, numeric::RPL_ENDOFMOTD, &[], Some("End of /MOTD"));
}
