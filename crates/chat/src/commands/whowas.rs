//! WHOWAS: who had a name before (Modern IRC, "WHOWAS message").

use irc::{CaseMapping, Message, numeric};

use super::{Command, targets};
use crate::Context;
use crate::state::Gone;

pub(super) const COMMAND: Command = Command { name: "WHOWAS", params: 0, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(asked) = message.param(0).filter(|nick| !nick.is_empty()) else {
        ctx.numeric(numeric::ERR_NONICKNAMEGIVEN, &[], "No nickname given");
        return;
    };
    // A count of nothing, or less, asks for all.
    let count = message.param(1).and_then(|count| count.parse::<usize>().ok()).filter(|count| *count > 0);
    let names: Vec<&str> = targets(asked).collect();
    let is = |gone: &Gone, name: &str| gone.nick.folded() == CaseMapping::Ascii.fold(name);
    let gone = ctx.core.state.gone().filter(|gone| names.iter().any(|name| is(gone, name)));
    let found: Vec<Gone> = gone.take(count.unwrap_or(usize::MAX)).cloned().collect();
    for name in names.iter().filter(|name| !found.iter().any(|gone| is(gone, name))) {
        ctx.numeric(numeric::ERR_WASNOSUCHNICK, &[name], "There was no such nickname");
    }
    let server = ctx.core.config.server_name.clone();
    for gone in found {
        let nick = gone.nick.to_string();
        ctx.numeric(numeric::RPL_WHOWASUSER, &[&nick, &gone.username, &gone.host, "*"], &gone.realname);
        ctx.numeric(numeric::RPL_WHOISSERVER, &[&nick, &server], &gone.until.to_string());
    }
    ctx.numeric(numeric::RPL_ENDOFWHOWAS, &[asked], "End of WHOWAS");
}
