//! REGISTER and VERIFY: making an account (ircv3.net/specs/extensions/account-registration). No e-mail is needed, so there is nothing to verify.

use irc::{Message, Nickname};

use super::Command;
use crate::gateway::{Core, Deriving, Voice};
use crate::{Config, Context, Password, Refusal, Registration};

pub(super) const REGISTER: Command = Command { name: "REGISTER", params: 3, early: true, run: register };
pub(super) const VERIFY: Command = Command { name: "VERIFY", params: 2, early: true, run: verify };

/// A code of the specification, and why.
type Fault<'a> = (&'static str, &'a str);

/// What the capability tells; nothing, if nobody can make an account anyway.
pub(super) fn capability_value(config: &Config) -> Option<String> {
    let open = config.accounts.registration == Registration::Open;
    open.then(|| if before_connect(config) { "before-connect".into() } else { String::new() })
}

fn before_connect(config: &Config) -> bool {
    config.accounts.before_connect && config.password.is_none()
}

fn register(ctx: &mut Context<'_>, message: &Message<'_>) {
    let (asked, password) = (message.param(0).unwrap_or("*"), message.param(2).unwrap_or_default());
    if let Err(fault) = begin(ctx, asked, password, Voice::Register) {
        refuse(ctx, asked, Voice::Register, fault);
    }
}

fn verify(ctx: &mut Context<'_>, message: &Message<'_>) {
    let asked = message.param(0).unwrap_or("*");
    if ctx.account().is_some() {
        ctx.fail("VERIFY", "ALREADY_AUTHENTICATED", &[asked], "You are signed in to an account already");
    } else {
        ctx.fail("VERIFY", "INVALID_CODE", &[asked], "No account waits to be verified");
    }
}

/// Begins to make an account: the password is hashed first.
pub(super) fn begin(
    ctx: &mut Context<'_>,
    asked: &str,
    password: &str,
    voice: Voice,
) -> Result<(), Fault<'static>> {
    if ctx.account().is_some() {
        return Err(("ALREADY_AUTHENTICATED", "You are signed in to an account already"));
    }
    match ctx.core.config.accounts.registration {
        Registration::Open => {}
        Registration::Invitation => {
            return Err(("DISALLOWED", "Accounts are for those who are invited; ask the server's owner"));
        }
        Registration::Closed => {
            return Err(("DISALLOWED", "The server's owner makes the accounts; ask for one"));
        }
    }
    if ctx.session.user.is_none() && !before_connect(&ctx.core.config) {
        return Err(("COMPLETE_CONNECTION_REQUIRED", "Sign in first, then make an account"));
    }
    let own_name = Nickname::new(&ctx.own_name()).ok();
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
    match ctx.core.state.may_be_account(&name, ctx.session.user) {
        Ok(()) => {}
        Err(Refusal::NickTooLong { .. }) => return Err(("BAD_ACCOUNT_NAME", "That name is too long")),
        Err(_) => return Err(("ACCOUNT_EXISTS", "That name is taken")),
    }
    let password = new_password(ctx.core, password)?;
    ctx.hash_password(password, |salt| Deriving::Register { name, salt, voice });
    Ok(())
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

/// Says why there is none.
pub(crate) fn refuse(ctx: &mut Context<'_>, asked: &str, voice: Voice, (code, why): Fault<'_>) {
    match voice {
        Voice::NickServ => ctx.nickserv(&format!("{why}.")),
        Voice::Register | Voice::Sasl => ctx.fail("REGISTER", code, &[asked], why),
    }
}
