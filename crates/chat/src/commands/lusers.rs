//! LUSERS: how many are here (Modern IRC, "LUSERS message").

use irc::{Message, numeric};

use super::Command;
use crate::Context;
use crate::gateway::{Core, Session};
use crate::state::Counts;

pub(super) const COMMAND: Command = Command { name: "LUSERS", params: 0, early: false, run };

fn run(ctx: &mut Context<'_>, _: &Message<'_>) {
    show(ctx.core, &mut ctx.session);
}

/// Adds the counts to a session's answer.
pub(crate) fn show(core: &Core, session: &mut Session) {
    let users = core.state.user_count();
    let Counts { invisible, operators, occupied } = core.state.counts();
    let visible = users.saturating_sub(invisible);
    let (operators, channels) = (operators.to_string(), occupied.to_string());
    let count = users.to_string();
    core.numeric(
        session,
        numeric::RPL_LUSERCLIENT,
        &[],
        Some(&format!("There are {visible} users and {invisible} invisible on 1 servers")),
    );
    core.numeric(session, numeric::RPL_LUSEROP, &[&operators], Some("operator(s) online"));
    let unknown = core.unknown_count();
    if unknown > 0 {
        core.numeric(
            session,
            numeric::RPL_LUSERUNKNOWN,
            &[&unknown.to_string()],
            Some("unknown connection(s)"),
        );
    }
    core.numeric(session, numeric::RPL_LUSERCHANNELS, &[&channels], Some("channels formed"));
    core.numeric(session, numeric::RPL_LUSERME, &[], Some(&format!("I have {users} clients and 0 servers")));
    let most = core.most_users.to_string();
    let numbers = [count.as_str(), most.as_str()];
    for (code, which) in [(numeric::RPL_LOCALUSERS, "local"), (numeric::RPL_GLOBALUSERS, "global")] {
        core.numeric(session, code, &numbers, Some(&format!("Current {which} users {users}, max {most}")));
    }
}
