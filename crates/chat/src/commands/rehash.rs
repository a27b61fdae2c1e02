//! REHASH and DIE: what the owner can do with a signal, for operators of the server (Modern IRC, "REHASH message").

use irc::{Message, numeric};

use super::Command;
use crate::operators::{Control, Deed, Right};
use crate::{Context, Output};

pub(super) const REHASH: Command = Command { name: "REHASH", params: 0, early: false, run: rehash };
pub(super) const DIE: Command = Command { name: "DIE", params: 0, early: false, run: die };

/// What is read again, as far as clients are told.
const SETTINGS: &str = "chinwag.toml";

fn rehash(ctx: &mut Context<'_>, _: &Message<'_>) {
    if ctx.permitted(Right::Rehash).is_some() {
        ctx.numeric(numeric::RPL_REHASHING, &[SETTINGS], "The settings are being read again");
        ctx.note(Deed::Reloaded);
        ctx.core.push(Output::Control(Control::Reload));
    }
}

fn die(ctx: &mut Context<'_>, _: &Message<'_>) {
    if ctx.permitted(Right::Die).is_some() {
        ctx.note(Deed::Stopped);
        ctx.core.push(Output::Control(Control::Stop));
    }
}
