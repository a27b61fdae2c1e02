//! STATS: numbers about the server (Modern IRC, "STATS message"). Everybody may ask how long it has been up, how often which command came, and which of its
//! operators are here; who could become one, and who is banned, is for operators alone.

use irc::{Message, numeric};

use super::{COMMANDS, Command, uban};
use crate::operators::Right;
use crate::{Context, Refusal};

pub(super) const COMMAND: Command = Command { name: "STATS", params: 0, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let letter = message.param(0).and_then(|query| query.chars().next()).unwrap_or('*');
    match letter {
        'k' => bans(ctx),
        'm' => commands(ctx),
        'o' => operators(ctx),
        'p' | 'P' => operators_here(ctx),
        'u' => uptime(ctx),
        _ => {}
    }
    ctx.numeric(numeric::RPL_ENDOFSTATS, &[&letter.to_string()], "End of /STATS report");
}

fn bans(ctx: &mut Context<'_>) {
    if ctx.permitted(Right::Ban).is_some() {
        uban::show(ctx);
    }
}

fn commands(ctx: &mut Context<'_>) {
    let uses = COMMANDS.iter().map(|command| command.name).zip(ctx.core.uses);
    for (name, count) in uses.filter(|(_, count)| *count > 0) {
        ctx.numeric_bare(numeric::RPL_STATSCOMMANDS, &[name, &count.to_string()]);
    }
}

fn operators(ctx: &mut Context<'_>) {
    if !ctx.user().is_ok_and(|user| user.powers.is_some()) {
        ctx.refuse(&Refusal::ServerOperatorNeeded);
        return;
    }
    let names: Vec<String> = ctx.core.config.operators.iter().map(|operator| operator.name.clone()).collect();
    for name in names {
        ctx.numeric_bare(numeric::RPL_STATSOLINE, &["O", "*", "*", &name]);
    }
}

fn operators_here(ctx: &mut Context<'_>) {
    let here = ctx.core.state.users().filter(|user| user.powers.is_some());
    let sources: Vec<String> = here.map(|user| user.source.to_string()).collect();
    for source in &sources {
        ctx.numeric(numeric::RPL_STATSDEBUG, &["p"], source);
    }
    ctx.numeric(numeric::RPL_STATSDEBUG, &["p"], &format!("{} operator(s) of the server", sources.len()));
}

fn uptime(ctx: &mut Context<'_>) {
    let seconds = ctx.core.now.millis_since(ctx.core.started) / 1000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let text = format!("Server Up {days} days {hours}:{minutes:02}:{:02}", seconds % 60);
    ctx.numeric(numeric::RPL_STATSUPTIME, &[], &text);
}
