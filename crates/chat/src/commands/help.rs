//! HELP and HELPOP: which commands there are (Modern IRC, "HELP message").

use irc::{Message, numeric};

use super::{COMMANDS, Command};
use crate::Context;

pub(super) const HELP: Command = Command { name: "HELP", params: 0, early: false, run };
pub(super) const HELPOP: Command = Command { name: "HELPOP", params: 0, early: false, run };

/// Names in a line of the list.
const NAMES: usize = 10;

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let subject = message.param(0).filter(|subject| !subject.is_empty());
    let Some(subject) = subject else {
        ctx.numeric(numeric::RPL_HELPSTART, &["*"], "These are the commands of this server");
        for names in COMMANDS.chunks(NAMES) {
            let names: Vec<&str> = names.iter().map(|command| command.name).collect();
            ctx.numeric(numeric::RPL_HELPTXT, &["*"], &names.join(" "));
        }
        ctx.numeric(numeric::RPL_ENDOFHELP, &["*"], "They are explained at modern.ircdocs.horse");
        return;
    };
    match COMMANDS.iter().find(|command| command.name.eq_ignore_ascii_case(subject)) {
        Some(command) => {
            let needs = match command.params {
                0 => "needs no parameter".to_owned(),
                1 => "needs a parameter".to_owned(),
                count => format!("needs {count} parameters"),
            };
            ctx.numeric(numeric::RPL_HELPSTART, &[command.name], &format!("{} {needs}", command.name));
            ctx.numeric(numeric::RPL_ENDOFHELP, &[command.name], "It is explained at modern.ircdocs.horse");
        }
        None => ctx.numeric(numeric::ERR_HELPNOTFOUND, &[subject], "There is no help on that"),
    }
}
