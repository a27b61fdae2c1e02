//! STATS: numbers about the server (Modern IRC, "STATS message"). Everybody may ask how long it has been up (`u`), operators who is banned (`k`).

use irc::{Message, numeric};

use super::{Command, uban};
use crate::Context;
use crate::operators::Right;

pub(super) const COMMAND: Command = Command { name: "STATS", params: 0, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let letter = message.param(0).and_then(|query| query.chars().next()).unwrap_or('*').to_string();
    if letter == "k" && ctx.permitted(Right::Ban).is_some() {
        uban::show(ctx);
    }
    if letter == "u" {
        let seconds = ctx.core.now.millis_since(ctx.core.started) / 1000;
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
        let text = format!("Server Up {days} days {hours}:{minutes:02}:{:02}", seconds % 60);
        ctx.numeric(numeric::RPL_STATSUPTIME, &[], &text);
    }
    ctx.numeric(numeric::RPL_ENDOFSTATS, &[&letter], "End of /STATS report");
}
