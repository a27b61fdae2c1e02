//! NICKSERV, NS and what is said to NickServ: accounts for clients that know nothing better. It does what AUTHENTICATE and REGISTER do, in words.

use irc::{Message, Nickname, fingerprint};

use super::{Command, claim, invitation, persistence, register, services};
use crate::event::{AccountChange, Event};
use crate::gateway::{Deriving, Voice};
use crate::operators::Right;
use crate::{AccountId, Context, Password};

pub(super) const NICKSERV: Command = Command { name: "NICKSERV", params: 0, early: false, run };
pub(super) const NS: Command = Command { name: "NS", params: 0, early: false, run };

const HELP: &[&str] = &[
    "REGISTER password [e-mail or code]: makes an account of your nickname",
    "IDENTIFY [account] password: signs you in",
    "LOGOUT: makes you a guest again",
    "SET PASSWORD password: changes your password",
    "SET ALWAYS-ON on|off|default: whether you stay here when no device of yours is connected",
    "SET MULTICLIENT on|off|default: whether your devices are one person",
    "CERT ADD [fingerprint], CERT DEL fingerprint, CERT LIST: certificates that sign you in",
    "INFO [account]: tells of an account",
    "DROP: ends your account, for ever",
    "INVITE: makes a code with which somebody may make an account",
    "CLAIM code: makes you the owner of a server that has none",
    "SAREGISTER account password: makes an account for somebody, for operators of the server",
];

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    obey(ctx, &services::words(message));
}

/// Whether somebody talks to NickServ: then it hears, and nobody else, and nothing is kept.
pub(super) fn hears(ctx: &mut Context<'_>, target: &str, text: &str) -> bool {
    let words = services::said_to("nickserv", target, text);
    if let Some(words) = &words {
        obey(ctx, words);
    }
    words.is_some()
}

fn obey(ctx: &mut Context<'_>, words: &[&str]) {
    let command = words.first().copied().unwrap_or("HELP").to_ascii_uppercase();
    match (command.as_str(), words.get(1..).unwrap_or_default()) {
        ("REGISTER", [password, rest @ ..]) if rest.len() <= 2 => {
            let form = register::Form {
                password,
                email: rest.iter().copied().find(|text| text.contains('@')),
                code: rest.iter().copied().find(|text| !text.contains('@')),
            };
            if let Err(fault) = register::begin(ctx, "*", &form, Voice::NickServ) {
                register::refuse(ctx, "*", Voice::NickServ, fault);
            }
        }
        ("IDENTIFY" | "LOGIN" | "ID", [password]) => {
            let name = ctx.own_name();
            identify(ctx, &name, password);
        }
        ("IDENTIFY" | "LOGIN" | "ID", [name, password]) => identify(ctx, name, password),
        ("LOGOUT", []) => log_out(ctx),
        ("SET", [what, password]) if what.eq_ignore_ascii_case("PASSWORD") => set_password(ctx, password),
        ("SET", [what, wish]) => set_wish(ctx, &what.to_ascii_uppercase(), wish),
        ("CERT", [what, rest @ ..]) => certificates(ctx, what, rest.first().copied()),
        ("INFO", rest) => info(ctx, rest.first().copied()),
        ("DROP", rest) => end(ctx, rest.first().copied()),
        ("INVITE", []) => invitation::invite(ctx),
        ("CLAIM", [code]) => claim::claim(ctx, code),
        ("SAREGISTER", [name, password]) => make_account(ctx, name, password),
        ("HELP", _) => HELP.iter().for_each(|line| ctx.nickserv(line)),
        _ => ctx.nickserv("I do not understand that. Say HELP to hear what I know."),
    }
}

fn identify(ctx: &mut Context<'_>, name: &str, password: &str) {
    match Password::new(password) {
        Some(password) => ctx.check_password(name, password, Voice::NickServ),
        None => ctx.refuse_login(Voice::NickServ, "Authentication failed"),
    }
}

/// The account of who asks; says so if there is none.
fn own_account(ctx: &mut Context<'_>) -> Option<AccountId> {
    let account = ctx.account();
    if account.is_none() {
        ctx.nickserv("You are not signed in to an account.");
    }
    account
}

fn log_out(ctx: &mut Context<'_>) {
    if let (Some(_), Some(user)) = (own_account(ctx), ctx.session.user) {
        // The others have not asked for it, and could not sign in again on their own.
        if ctx.core.sessions_of(user).len() > 1 {
            return ctx.nickserv("Other devices of yours are here; disconnect them first.");
        }
        ctx.propose(Event::LogOut { user });
    }
}

fn set_password(ctx: &mut Context<'_>, password: &str) {
    let Some(account) = own_account(ctx) else { return };
    match register::new_password(ctx.core, password) {
        Ok(password) => ctx.hash_password(password, |how| Deriving::SetPassword { account, how }),
        Err((_, why)) => ctx.nickserv(&format!("{why}.")),
    }
}

/// Sets what an account has otherwise than the server, or as the server has it.
fn set_wish(ctx: &mut Context<'_>, what: &str, wish: &str) {
    let Some(account) = own_account(ctx) else { return };
    let wish = match wish.to_ascii_uppercase().as_str() {
        "ON" | "TRUE" | "YES" => Some(true),
        "OFF" | "FALSE" | "NO" => Some(false),
        "DEFAULT" => None,
        _ => return ctx.nickserv("Say ON, OFF or DEFAULT."),
    };
    let result = match what {
        "ALWAYS-ON" => persistence::set(ctx, account, wish),
        "MULTICLIENT" => {
            let change = AccountChange::MultipleSessions(wish);
            ctx.try_propose(Event::ChangeAccount { account, change })
        }
        _ => return ctx.nickserv("There is no such setting. Say HELP to hear which there are."),
    };
    let stays = ctx.core.state.is_always_on(account);
    match result {
        Err(refusal) => ctx.nickserv(&format!("{refusal}.")),
        Ok(()) if what == "ALWAYS-ON" && stays => ctx.nickserv("You stay here when your last device goes."),
        Ok(()) if what == "ALWAYS-ON" => ctx.nickserv("You go when your last device goes."),
        Ok(()) => ctx.nickserv("So be it."),
    }
}

/// Makes an account for somebody else. Any name that is free, and any password: an operator answers for it.
fn make_account(ctx: &mut Context<'_>, name: &str, password: &str) {
    if ctx.permitted(Right::Accounts).is_none() {
        return;
    }
    match (Nickname::new(name), Password::new(password)) {
        (Ok(name), Some(password)) => {
            ctx.hash_password(password, |how| Deriving::MakeAccount { name, how });
        }
        (Err(why), _) => ctx.nickserv(&format!("That is no name: {why}.")),
        (_, None) => ctx.nickserv("A password has from 1 to 1,000 bytes."),
    }
}

fn certificates(ctx: &mut Context<'_>, what: &str, given: Option<&str>) {
    let Some(account) = own_account(ctx) else { return };
    let what = what.to_ascii_uppercase();
    if what == "LIST" {
        let own = ctx.core.state.account(account).map(|account| account.certificates.clone());
        let own = own.unwrap_or_default();
        own.iter().for_each(|print| ctx.nickserv(&fingerprint::format(print)));
        return ctx.nickserv(&format!("That is {} of them.", own.len()));
    }
    let print = match given {
        Some(text) => fingerprint::parse(text),
        None => ctx.session.peer.certificate,
    };
    let Some(print) = print.filter(|_| matches!(what.as_str(), "ADD" | "DEL")) else {
        return ctx.nickserv("Say ADD, DEL or LIST, and a fingerprint: SHA-256 of the certificate.");
    };
    let change = AccountChange::Certificate(print, what == "ADD");
    match ctx.try_propose(Event::ChangeAccount { account, change }) {
        Ok(()) => ctx.nickserv("So be it."),
        Err(refusal) => ctx.nickserv(&format!("{refusal}.")),
    }
}

fn info(ctx: &mut Context<'_>, asked: Option<&str>) {
    let name = asked.map_or_else(|| ctx.own_name(), str::to_owned);
    let told = ctx.core.state.account_by_name(&name).map(|account| {
        let here = ctx.core.state.users_of(account.id).map(|user| user.nick.to_string()).next();
        let here = here.map_or_else(|| "not here now".to_owned(), |nick| format!("here as {nick}"));
        format!("{} is an account since {}, {here}.", account.name, account.created)
    });
    ctx.nickserv(&told.unwrap_or_else(|| format!("{name} is no account.")));
}

/// What is asked to be confirmed before an account ends.
const ENDING: &str = "NickServ DROP";

/// Ends an account, if whoever asks repeats the code that they are told first.
fn end(ctx: &mut Context<'_>, code: Option<&str>) {
    let Some(account) = own_account(ctx) else { return };
    let Some(drawn) = services::code_to_confirm(ctx, ENDING, code) else {
        return match ctx.try_propose(Event::ChangeAccount { account, change: AccountChange::Ended }) {
            Ok(()) => ctx.nickserv("The account has ended. Nobody can have its name again."),
            Err(refusal) => ctx.nickserv(&format!("{refusal}.")),
        };
    };
    ctx.nickserv(
        "This ends your account for ever. What you wrote stays, and nobody can have the name again.",
    );
    ctx.nickserv(&format!("If that is what you want, say: DROP {drawn}"));
}
