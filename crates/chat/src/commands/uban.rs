//! UBAN: banning from the server, by address, mask or account; and KLINE, DLINE, UNKLINE and UNDLINE, as it is called elsewhere. For operators of the
//! server.

use irc::{CaseMapping, Message, numeric};

use super::{Command, cut, mode};
use crate::event::Event;
use crate::operators::{Deed, Right};
use crate::server_bans::{BanTarget, ServerBan};
use crate::{Context, duration};

pub(super) const UBAN: Command = Command { name: "UBAN", params: 1, early: false, run };
pub(super) const KLINE: Command = Command { name: "KLINE", params: 1, early: false, run: line };
pub(super) const DLINE: Command = Command { name: "DLINE", params: 1, early: false, run: line };
pub(super) const UNKLINE: Command = Command { name: "UNKLINE", params: 1, early: false, run: unline };
pub(super) const UNDLINE: Command = Command { name: "UNDLINE", params: 1, early: false, run: unline };

/// What allows a ban that would meet whoever sets it.
const MYSELF: &str = "MYSELF";

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let words = words(message);
    let (what, rest) = (words[0].to_ascii_uppercase(), &words[1..]);
    match (what.as_str(), rest) {
        ("LIST", _) => list(ctx),
        ("ADD", [_, ..]) => add(ctx, rest),
        ("DEL" | "REMOVE", [target, ..]) => lift(ctx, target),
        ("ADD" | "DEL" | "REMOVE", []) => {
            ctx.numeric(numeric::ERR_NEEDMOREPARAMS, &["UBAN"], "Not enough parameters");
        }
        _ => ctx.fail("UBAN", "INVALID_PARAMS", &[words[0]], "Say ADD, DEL or LIST"),
    }
}

fn line(ctx: &mut Context<'_>, message: &Message<'_>) {
    add(ctx, &words(message));
}

fn unline(ctx: &mut Context<'_>, message: &Message<'_>) {
    lift(ctx, message.param(0).unwrap_or_default());
}

/// The parameters, and of the last one the words: some clients send all they are given as one.
fn words<'a>(message: &Message<'a>) -> Vec<&'a str> {
    let words = message.params().iter().flat_map(|param| param.split(' '));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    if words.is_empty() { vec![""] } else { words }
}

/// `[MYSELF] [duration] target [duration] [reason]`: the duration stands before the target elsewhere, and behind it elsewhere still.
fn add(ctx: &mut Context<'_>, words: &[&str]) {
    if ctx.permitted(Right::Ban).is_none() {
        return;
    }
    let myself = words[0].eq_ignore_ascii_case(MYSELF);
    let words = &words[usize::from(myself)..];
    let (target, lasts, reason) = match words {
        [first, second, reason @ ..] if duration::parse(first).is_some() => {
            (*second, duration::parse(first), reason)
        }
        [target, word, rest @ ..] if word.eq_ignore_ascii_case("DURATION") && !rest.is_empty() => {
            (*target, duration::parse(rest[0]), &rest[1..])
        }
        [target, second, reason @ ..] if duration::parse(second).is_some() => {
            (*target, duration::parse(second), reason)
        }
        [target, reason @ ..] => (*target, None, reason),
        [] => ("", None, words),
    };
    let Some(target) = known_target(ctx, target) else { return };
    if !myself && ctx.core.is_about(&target, &ctx.session) {
        let text = format!("That is about you as well; if you want it, put {MYSELF} before it");
        return ctx.fail("UBAN", "WOULD_BAN_YOURSELF", &[&target.to_string()], &text);
    }
    let Some(by) = ctx.session.user else { return };
    let reason = cut(&reason.join(" "), ctx.core.config.lengths.kick).to_owned();
    let until = lasts.map(|millis| ctx.core.now.plus_millis(millis));
    let before = ctx.core.session_count();
    let event = Event::BanFromServer { by, target: target.clone(), reason: reason.clone(), until };
    if let Err(refusal) = ctx.try_propose(event) {
        return ctx.fail("UBAN", "CANNOT_BAN", &[&target.to_string()], &refusal.to_string());
    }
    let closed = before - ctx.core.session_count();
    let until_text = until.map_or_else(|| "for ever".to_owned(), |until| format!("until {until}"));
    ctx.server_notice(&format!("{target} is banned {until_text}; connections closed: {closed}"));
    ctx.note(Deed::Banned { target, until, reason });
    // Last of all, if whoever asked is meant as well.
    ctx.turned_away();
}

fn lift(ctx: &mut Context<'_>, target: &str) {
    if ctx.permitted(Right::Ban).is_none() {
        return;
    }
    let Some(by) = ctx.session.user else { return };
    let target = match typed(ctx, target) {
        Some(target) => target,
        // The account may have ended since.
        None => BanTarget::Account(CaseMapping::Ascii.fold(target)),
    };
    match ctx.try_propose(Event::LiftServerBan { by, target: target.clone() }) {
        Ok(()) => {
            ctx.server_notice(&format!("{target} is banned no more"));
            ctx.note(Deed::Lifted(target));
        }
        Err(refusal) => ctx.fail("UBAN", "NO_SUCH_BAN", &[&target.to_string()], &refusal.to_string()),
    }
}

fn list(ctx: &mut Context<'_>) {
    if ctx.permitted(Right::Ban).is_some() {
        show(ctx);
        ctx.numeric(numeric::RPL_ENDOFSTATS, &["k"], "End of /STATS report");
    }
}

/// Adds all bans to the answer: whom each is about, until when, who set it, and why.
pub(super) fn show(ctx: &mut Context<'_>) {
    let bans: Vec<(String, ServerBan)> =
        ctx.core.state.server_bans().map(|(target, ban)| (target.to_string(), ban.clone())).collect();
    for (target, ban) in bans {
        let until = ban.until.map_or_else(|| "*".to_owned(), |until| until.to_string());
        ctx.numeric(numeric::RPL_STATSKLINE, &["K", &target, &until, &ban.setter], &ban.reason);
    }
}

/// Whom a target that was typed is about; says so if that is nobody.
fn known_target(ctx: &mut Context<'_>, text: &str) -> Option<BanTarget> {
    let target = typed(ctx, text);
    if target.is_none() {
        let why = "That is no address, no range, no mask and no account";
        ctx.fail("UBAN", "INVALID_TARGET", &[if text.is_empty() { "*" } else { text }], why);
    }
    target
}

/// Whom a target is about: an address or a range, `a:account` or the account's name alone, or a mask.
fn typed(ctx: &Context<'_>, text: &str) -> Option<BanTarget> {
    if text.is_empty() {
        return None;
    }
    match BanTarget::parse(text) {
        Some(BanTarget::Account(name)) => {
            ctx.core.state.account_by_name(&name).map(|_| BanTarget::Account(name))
        }
        Some(target) => Some(target),
        None if text.contains(['!', '@']) => BanTarget::parse(&mode::whole_mask(text)),
        None if text.contains('/') => None,
        // A host has dots in it, and no name has.
        None if text.contains('.') => BanTarget::parse(&format!("*!*@{text}")),
        None if text.contains(['*', '?']) => BanTarget::parse(&mode::whole_mask(text)),
        None => {
            let account = ctx.core.state.account_by_name(text)?;
            Some(BanTarget::Account(account.name.folded()))
        }
    }
}
