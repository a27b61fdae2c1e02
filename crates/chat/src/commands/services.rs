//! What NickServ and ChanServ have in common: how they are spoken to, and that what cannot be undone is asked for twice. What they do stands in files of their own.

use irc::Message;

use crate::Context;

/// The words of a command to a service: some clients send them as one parameter.
pub(super) fn words<'a>(message: &Message<'a>) -> Vec<&'a str> {
    message.params().iter().flat_map(|param| split(param)).collect()
}

/// The words of what was said to a target, if that is a service, which others call `NickServ` or `NickServ@server`.
pub(super) fn said_to<'a>(service: &str, target: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let (named, rest) = target.split_at_checked(service.len())?;
    let meant = named.eq_ignore_ascii_case(service) && (rest.is_empty() || rest.starts_with('@'));
    meant.then(|| split(text).collect())
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| !word.is_empty())
}

/// Nothing, if something was asked for before and is again, with the code that was told then; otherwise the code that must be told.
pub(super) fn code_to_confirm(ctx: &mut Context<'_>, what: &str, code: Option<&str>) -> Option<String> {
    let known = ctx.session.to_confirm.take();
    if known.is_some_and(|known| known.0 == what && Some(known.1.as_str()) == code) {
        return None;
    }
    let drawn: String = ctx.core.chance.bytes()[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    ctx.session.to_confirm = Some(Box::new((what.to_owned(), drawn.clone())));
    Some(drawn)
}
