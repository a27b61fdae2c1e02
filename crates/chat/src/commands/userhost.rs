//! USERHOST, USERIP and ISON: short answers about a few people (Modern IRC, "USERHOST message", "ISON message").

use irc::{Message, numeric};

use super::Command;
use crate::Context;

pub(super) const USERHOST: Command = Command {
    name: "USERHOST",
    params: 1,
    early: false,
    run: |ctx, message| addresses(ctx, message, numeric::RPL_USERHOST),
};
pub(super) const USERIP: Command = Command {
    name: "USERIP",
    params: 1,
    early: false,
    run: |ctx, message| addresses(ctx, message, numeric::RPL_USERIP),
};
pub(super) const ISON: Command = Command { name: "ISON", params: 1, early: false, run: ison };

/// The most people that one USERHOST asks for.
const MOST: usize = 5;

fn addresses(ctx: &mut Context<'_>, message: &Message<'_>, code: u16) {
    let users = message.params().iter().flat_map(|param| param.split(' ')).take(MOST);
    let found = users.filter_map(|nick| ctx.core.state.user_by_nick(nick)).map(|user| {
        let here = if user.away.is_some() { '-' } else { '+' };
        let operator = if user.powers.is_some() { "*" } else { "" };
        format!("{}{operator}={here}{}@{}", user.nick, user.username, user.host)
    });
    let text = found.collect::<Vec<_>>().join(" ");
    ctx.numeric(code, &[], &text);
}

fn ison(ctx: &mut Context<'_>, message: &Message<'_>) {
    let nicks = message.params().iter().flat_map(|param| param.split(' '));
    let found = nicks.filter_map(|nick| ctx.core.state.user_by_nick(nick)).map(|user| user.nick.to_string());
    let text = found.collect::<Vec<_>>().join(" ");
    ctx.numeric(numeric::RPL_ISON, &[], &text);
}
