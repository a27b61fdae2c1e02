//! INVITE, said to NickServ: a code with which somebody may make an account, once. (INVITE as a command asks somebody into a channel.)

use crate::Context;
use crate::config::Inviters;
use crate::operators::{Deed, Right};

/// Makes a code, if whoever asks may invite.
pub(super) fn invite(ctx: &mut Context<'_>) {
    let Some(account) = ctx.account() else {
        return ctx.nickserv("Sign in to an account first: it is known who has invited whom.");
    };
    let is_operator =
        ctx.session.user.is_some_and(|user| ctx.core.state.may_use(user, Right::Invite).is_ok());
    if ctx.core.config.accounts.inviters == Inviters::Operators && !is_operator {
        return ctx.nickserv("Operators of the server invite here; ask one of them.");
    }
    match ctx.core.make_invitation(Some(account)) {
        Ok(code) => {
            if is_operator {
                ctx.note(Deed::Invited);
            }
            let days = ctx.core.config.accounts.invitation_lasts / (24 * 60 * 60 * 1000);
            ctx.nickserv(&format!("Give this code to whom you invite: {}", code.as_str()));
            ctx.nickserv(&format!(
                "It makes one account within {days} days: REGISTER password code, said to me."
            ));
        }
        Err(refusal) => ctx.nickserv(&format!("{refusal}.")),
    }
}
