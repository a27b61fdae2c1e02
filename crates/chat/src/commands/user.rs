//! USER: who one is (Modern IRC, "USER message").

use irc::{Message, numeric};

use super::{Command, cut};
use crate::Context;

pub(super) const COMMAND: Command = Command { name: "USER", params: 4, early: true, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    if ctx.session.user.is_some() {
        ctx.numeric(numeric::ERR_ALREADYREGISTERED, &[], "You may not reregister");
        return;
    }
    let realname = message.param(3).unwrap_or_default().trim();
    if realname.is_empty() {
        ctx.numeric(numeric::ERR_NEEDMOREPARAMS, &["USER"], "Not enough parameters");
        return;
    }
    let username = safe_username(message.param(0).unwrap_or_default(), ctx.core.config.lengths.username);
    let realname = cut(realname, ctx.core.config.lengths.realname).to_owned();
    ctx.session.introduction.user = Some((username, realname));
    ctx.sign_in_when_ready();
}

/// The user name with the mark of one that nobody has vouched for, and without what masks could not match.
fn safe_username(asked: &str, bytes: usize) -> String {
    let safe: String =
        asked.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).collect();
    let safe = if safe.is_empty() { "user" } else { &safe };
    format!("~{}", cut(safe, bytes))
}
