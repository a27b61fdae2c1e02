//! REGISTER and VERIFY: making an account (ircv3.net/specs/extensions/account-registration). The server sends no e-mail: where an address is wanted, the owner sees to
//! it that it is verified. Where one must be invited the code is given as the fourth parameter, or in place of the address, where clients have a field for it.

use irc::{Message, Nickname};

use super::Command;
use crate::attempts::Attempt;
use crate::event::{AccountChange, Event};
use crate::gateway::{Core, Deriving, NewAccount, Voice};
use crate::{CodeHash, Config, Context, Password, Refusal, Registration};

pub(super) const REGISTER: Command = Command { name: "REGISTER", params: 3, early: true, run: register };
pub(super) const VERIFY: Command = Command { name: "VERIFY", params: 2, early: true, run: verify };

/// The most bytes of an address of e-mail (RFC 5321, with the brackets taken away).
const MAX_EMAIL_BYTES: usize = 254;

/// A code of the specification, and why.
type Fault<'a> = (&'static str, &'a str);

/// What the capability tells; nothing, if nobody can make an account anyway.
pub(super) fn capability_value(config: &Config) -> Option<String> {
    let mut keys = Vec::new();
    if before_connect(config) {
        keys.push("before-connect");
    }
    if config.accounts.needs_email {
        keys.push("email-required");
    }
    (config.accounts.registration != Registration::Closed).then(|| keys.join(","))
}

fn before_connect(config: &Config) -> bool {
    config.accounts.before_connect && config.password.is_none()
}

fn register(ctx: &mut Context<'_>, message: &Message<'_>) {
    let param = |at: usize| message.param(at).filter(|param| !param.is_empty() && *param != "*");
    let asked = message.param(0).unwrap_or("*");
    // A code is no address, and an address no code.
    let given = [param(3), param(1)];
    let form = Form {
        password: message.param(2).unwrap_or_default(),
        email: given.into_iter().flatten().find(|text| text.contains('@')),
        code: given.into_iter().flatten().find(|text| !text.contains('@')),
    };
    if let Err(fault) = begin(ctx, asked, &form, Voice::Register) {
        refuse(ctx, asked, Voice::Register, fault);
    }
}

fn verify(ctx: &mut Context<'_>, message: &Message<'_>) {
    let asked = message.param(0).unwrap_or("*");
    if ctx.account().is_some() {
        return ctx.fail(
            "VERIFY",
            "ALREADY_AUTHENTICATED",
            &[asked],
            "You are signed in to an account already",
        );
    }
    if ctx.session.user.is_none() && !before_connect(&ctx.core.config) {
        return ctx.fail("VERIFY", "COMPLETE_CONNECTION_REQUIRED", &[asked], "Sign in first, then verify");
    }
    if let Err(why) = ctx.may_try(Attempt::Login) {
        return ctx.fail("VERIFY", "TEMPORARILY_UNAVAILABLE", &[asked], &why);
    }
    let code = CodeHash::of(message.param(1).unwrap_or_default());
    let account = ctx.core.state.account_by_name(asked);
    let account = account.filter(|it| it.to_verify.as_ref().is_some_and(|waits| waits.code == code));
    let Some(account) = account.map(|account| account.id) else {
        // Whether there is such an account is nobody's business.
        ctx.fail("VERIFY", "INVALID_CODE", &[asked], "That is not the code of an account that waits for it");
        return ctx.count_failed_login();
    };
    match ctx.try_propose(Event::ChangeAccount { account, change: AccountChange::Verified }) {
        Ok(()) => ctx.log_in(account, Voice::Register),
        Err(refusal) => ctx.fail("VERIFY", "TEMPORARILY_UNAVAILABLE", &[asked], &refusal.to_string()),
    }
}

/// What somebody says who wants an account.
pub(super) struct Form<'a> {
    /// The password.
    pub(super) password: &'a str,
    /// An address of e-mail.
    pub(super) email: Option<&'a str>,
    /// The code of an invitation.
    pub(super) code: Option<&'a str>,
}

/// Begins to make an account: the password is hashed first.
pub(super) fn begin(
    ctx: &mut Context<'_>,
    asked: &str,
    form: &Form<'_>,
    voice: Voice,
) -> Result<(), Fault<'static>> {
    if ctx.account().is_some() {
        return Err(("ALREADY_AUTHENTICATED", "You are signed in to an account already"));
    }
    match ctx.core.config.accounts.registration {
        Registration::Open | Registration::Invitation => {}
        Registration::Closed => {
            return Err(("DISALLOWED", "The server's owner makes the accounts; ask for one"));
        }
    }
    if ctx.session.user.is_none() && !before_connect(&ctx.core.config) {
        return Err(("COMPLETE_CONNECTION_REQUIRED", "Sign in first, then make an account"));
    }
    let invitation = match ctx.core.config.accounts.registration {
        Registration::Invitation => Some(invitation(ctx, form.code)?),
        Registration::Open | Registration::Closed => None,
    };
    let own_name = Nickname::new(&ctx.own_name()).ok().or_else(|| ctx.session.introduction.wanted.clone());
    let name = match (asked, own_name) {
        ("*", None) => return Err(("NEED_NICK", "Choose a nickname first")),
        ("*", Some(own)) => own,
        (asked, own) => {
            let name = Nickname::new(asked).map_err(|_| ("BAD_ACCOUNT_NAME", "That is no name"))?;
            // Whoever bears the name is at least there to be asked; so nobody registers the names of others.
            if own.is_none_or(|own| own.folded() != name.folded()) {
                return Err(("ACCOUNT_NAME_MUST_BE_NICK", "Take the name as your nickname first"));
            }
            name
        }
    };
    if let Err(refusal) = ctx.core.state.may_be_account(&name, ctx.session.user) {
        // A guest has no account of that name that could be there; other servers have this code for it.
        let state = &ctx.core.state;
        let borne = state.account_by_name(name.as_str()).is_none()
            && state.user_by_nick(name.as_str()).is_some_and(|user| Some(user.id) != ctx.session.user);
        return Err(match refusal {
            Refusal::NickTooLong { .. } => ("BAD_ACCOUNT_NAME", "That name is too long"),
            _ if borne => ("USERNAME_EXISTS", "Somebody is here under that name"),
            _ => ("ACCOUNT_EXISTS", "That name is taken"),
        });
    }
    let email = match form.email.filter(|_| ctx.core.config.accounts.needs_email) {
        Some(email) if is_email(email) => Some(email.to_owned()),
        Some(_) => return Err(("INVALID_EMAIL", "That is no address of e-mail")),
        None if ctx.core.config.accounts.needs_email => {
            return Err(("INVALID_EMAIL", "This server wants an address of e-mail"));
        }
        None => None,
    };
    let password = new_password(ctx.core, form.password)?;
    if ctx.may_try(Attempt::Registration).is_err() {
        return Err(("TEMPORARILY_UNAVAILABLE", "Too many accounts come from your address; try again later"));
    }
    let account = Box::new(NewAccount { name, invitation, email });
    ctx.hash_password(password, |how| Deriving::Register { account, how, voice });
    Ok(())
}

/// The invitation with which somebody comes.
fn invitation(ctx: &mut Context<'_>, code: Option<&str>) -> Result<CodeHash, Fault<'static>> {
    let Some(code) = code.map(CodeHash::of) else {
        return Err((
            "DISALLOWED",
            "Accounts are for those who are invited: give the code in place of an e-mail address",
        ));
    };
    if ctx.may_try(Attempt::Login).is_err() {
        return Err(("TEMPORARILY_UNAVAILABLE", "Too many attempts from your address; try again later"));
    }
    match ctx.core.state.may_come(&code) {
        Ok(()) => Ok(code),
        Err(_) => Err(("INVALID_CODE", "That is no code, or it has been used, or it has expired")),
    }
}

/// Whether text could be an address of e-mail. Only a letter to it would show that it is one.
fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else { return false };
    let clean = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    let fits = !name.is_empty() && text.len() <= MAX_EMAIL_BYTES && clean;
    fits && !host.is_empty() && !host.starts_with('.') && !host.ends_with('.')
}

/// A password that may be set.
pub(super) fn new_password(core: &Core, text: &str) -> Result<Password, Fault<'static>> {
    if text.len() < core.config.accounts.min_password {
        return Err(("WEAK_PASSWORD", "That password is too short"));
    }
    Password::new(text).ok_or(("UNACCEPTABLE_PASSWORD", "A password has from 1 to 1,000 bytes"))
}

/// Says that there is a new account, and that the client is signed in to it.
pub(crate) fn show_registered(ctx: &mut Context<'_>, name: &Nickname, voice: Voice) {
    match voice {
        Voice::NickServ => ctx.nickserv(&format!("{name} is your account now.")),
        Voice::Register | Voice::Sasl => ctx.reply(|writer| {
            let writer = writer.command("REGISTER").param("SUCCESS").param(name.as_str());
            writer.trailing("The account is yours").end();
        }),
    }
}

/// Says that there is a new account that waits to be verified.
pub(crate) fn show_to_verify(ctx: &mut Context<'_>, name: &Nickname, voice: Voice) {
    let text = "The owner of the server will let you have a code: VERIFY account code";
    match voice {
        Voice::NickServ => ctx.nickserv(&format!("{text}.")),
        Voice::Register | Voice::Sasl => ctx.reply(|writer| {
            let writer = writer.command("REGISTER").param("VERIFICATION_REQUIRED").param(name.as_str());
            writer.trailing(text).end();
        }),
    }
}

/// Says why there is none.
pub(crate) fn refuse(ctx: &mut Context<'_>, asked: &str, voice: Voice, (code, why): Fault<'_>) {
    match voice {
        Voice::NickServ => ctx.nickserv(&format!("{why}.")),
        Voice::Register | Voice::Sasl => ctx.fail("REGISTER", code, &[asked], why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_an_address_of_e_mail_is_taken_for_one() {
        for good in ["a@b", "john@example.org", "j+x@mail.example.org", "\u{fc}@\u{fc}.example"] {
            assert!(is_email(good), "{good}");
        }
        for bad in
            ["", "john", "@example.org", "john@", "john@.org", "john@x.", "a b@c", "a@b\n", &"x".repeat(300)]
        {
            assert!(!is_email(bad), "{bad}");
        }
        assert!(!is_email(&format!("a@{}", "x".repeat(300))));
    }
}
