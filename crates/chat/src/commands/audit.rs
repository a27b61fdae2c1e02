//! AUDIT: what was done with a right, by operators of the server and of channels, the newest first. For operators of the server.

use irc::{Message, numeric};

use super::Command;
use crate::Context;
use crate::Seq;
use crate::gateway::Asked;
use crate::log::{Answer, Conversation, Query, Range};
use crate::operators::Right;

pub(super) const COMMAND: Command = Command { name: "AUDIT", params: 0, early: false, run };

/// How many entries are told if nobody says how many.
const USUAL: usize = 20;

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    if ctx.permitted(Right::Audit).is_none() {
        return;
    }
    let limit = match message.param(0).map(str::parse::<usize>) {
        None => USUAL,
        Some(Ok(limit)) if limit > 0 => limit.min(ctx.core.config.max_history),
        Some(_) => {
            let given = message.param(0).filter(|given| !given.is_empty()).unwrap_or("*").to_owned();
            return ctx.fail("AUDIT", "INVALID_PARAMS", &[&given], "Say how many entries");
        }
    };
    let query = Query::History {
        conversation: Conversation::Register,
        range: Range::Latest(None),
        limit,
        events: true,
        from: Seq::default(),
    };
    ctx.ask(query, Asked::Register);
}

/// Tells what history says.
pub(crate) fn show_register(ctx: &mut Context<'_>, answer: Answer) {
    let Answer::Rows(rows) = answer else {
        return ctx.numeric(numeric::ERR_UNKNOWNERROR, &["AUDIT"], "The register could not be read");
    };
    for row in rows.iter().rev() {
        ctx.server_notice(&row.as_deed());
    }
    ctx.server_notice(&format!("End of the register: {} entries", rows.len()));
}
