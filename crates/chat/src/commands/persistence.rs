//! PERSISTENCE: whether one stays here when no device is (draft/persistence, IRCv3 pull request 503).

use irc::Message;

use super::Command;
use crate::event::{AccountChange, Event};
use crate::{AccountId, Context, Refusal};

pub(super) const COMMAND: Command = Command { name: "PERSISTENCE", params: 0, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let subcommand = message.param(0).unwrap_or_default().to_ascii_uppercase();
    let wish = message.param(1).map(str::to_ascii_uppercase);
    match (subcommand.as_str(), wish.as_deref()) {
        ("GET", _) => {
            let Some(_) = own_account(ctx) else { return };
            ctx.core.show_persistence(&mut ctx.session);
        }
        ("SET", Some(wish @ ("ON" | "OFF" | "DEFAULT"))) => {
            let Some(account) = own_account(ctx) else { return };
            let wish = (wish != "DEFAULT").then_some(wish == "ON");
            match set(ctx, account, wish) {
                Ok(()) => {}
                Err(refusal) => ctx.fail("PERSISTENCE", "INTERNAL_ERROR", &[], &refusal.to_string()),
            }
        }
        ("SET" | "", _) => ctx.fail("PERSISTENCE", "INVALID_PARAMETERS", &[], "Say ON, OFF or DEFAULT"),
        // What a later draft adds is passed over, as the draft wants it.
        _ => {}
    }
}

fn own_account(ctx: &mut Context<'_>) -> Option<AccountId> {
    let account = ctx.account();
    if account.is_none() {
        let why = "You are not signed in to an account, so you could not come back to yourself";
        ctx.fail("PERSISTENCE", "CREDENTIALS_REQUIRED", &[], why);
    }
    account
}

/// Sets what an account wants, and tells all of its devices what it has.
pub(super) fn set(ctx: &mut Context<'_>, account: AccountId, wish: Option<bool>) -> Result<(), Refusal> {
    let change = AccountChange::AlwaysOn(wish);
    ctx.try_propose(Event::ChangeAccount { account, change })?;
    ctx.core.show_persistence(&mut ctx.session);
    ctx.core.tell_persistence(account);
    Ok(())
}
