//! CLAIM, said to NickServ: the first who knows the code on the server's console owns the server.

use crate::attempts::Attempt;
use crate::{Context, Refusal};

/// Makes the account of whoever asks the owner of the server, if the code is right.
pub(super) fn claim(ctx: &mut Context<'_>, code: &str) {
    let Some(account) = ctx.account() else {
        return ctx.nickserv("Make an account first, or sign in to one: the server's owner is an account.");
    };
    if let Err(why) = ctx.may_try(Attempt::Login) {
        return ctx.nickserv(&format!("{why}."));
    }
    match ctx.claim_server(account, code) {
        Ok(()) => {
            ctx.nickserv("The server is yours. Say /OPER with your account's name and password whenever you want to act as its operator.");
        }
        Err(Refusal::BadInvitation) => {
            ctx.nickserv("That is not the code. It stands on the server's console, and is another one after each start.");
            ctx.count_failed_login();
        }
        Err(refusal) => ctx.nickserv(&format!("{refusal}.")),
    }
}
