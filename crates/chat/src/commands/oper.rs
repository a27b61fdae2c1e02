//! OPER: becoming an operator of the server (Modern IRC, "OPER message"). The owner's file says who may.

use irc::{Message, numeric};

use super::Command;
use crate::{Context, Password};

pub(super) const COMMAND: Command = Command { name: "OPER", params: 2, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    if ctx.core.config.operators.is_empty() {
        ctx.numeric(numeric::ERR_NOOPERHOST, &[], "This server has no operators");
        return;
    }
    match message.param(1).and_then(Password::new) {
        Some(password) => ctx.check_operator(message.param(0).unwrap_or_default(), password),
        None => ctx.refuse_powers(),
    }
}
