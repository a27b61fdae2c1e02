//! OPER: becoming an operator of the server (Modern IRC, "OPER message"). The owner's file says who may. Whoever is signed in to the account that owns the server needs
//! no password for it; where the client wants one, it is the account's.

use irc::{Message, numeric};

use super::Command;
use crate::{Context, Password};

pub(super) const COMMAND: Command = Command { name: "OPER", params: 0, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    match (message.param(0), message.param(1).and_then(Password::new)) {
        (_, None) if message.params().len() < 2 && ctx.take_owners_powers() => {}
        (None, _) => ctx.numeric(numeric::ERR_NEEDMOREPARAMS, &["OPER"], "Not enough parameters"),
        _ if ctx.core.config.operators.is_empty() && ctx.core.state.owner().is_none() => {
            ctx.numeric(numeric::ERR_NOOPERHOST, &[], "This server has no operators");
        }
        (Some(name), Some(password)) => ctx.check_operator(name, password),
        (Some(_), None) => ctx.refuse_powers(),
    }
}
