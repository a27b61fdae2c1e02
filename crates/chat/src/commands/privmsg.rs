//! PRIVMSG, NOTICE and TAGMSG: saying something (Modern IRC, "Sending Messages"; ircv3.net/specs/extensions/message-tags and client-id in docs/IRC.md).

use std::sync::Arc;

use irc::{Capability, Message, numeric, tags};

use super::{Command, chanserv, nickserv, targets};
use crate::channel_modes::Role;
use crate::event::{Destination, Event};
use crate::few::Few;
use crate::log::{ClientId, RowKind};
use crate::{Context, Refusal, TagText, UserId, multiline};

pub(super) const PRIVMSG: Command = Command {
    name: "PRIVMSG",
    params: 0,
    early: false,
    run: |ctx, message| say(ctx, message, RowKind::Privmsg),
};
pub(super) const NOTICE: Command = Command {
    name: "NOTICE",
    params: 0,
    early: false,
    run: |ctx, message| say(ctx, message, RowKind::Notice),
};
pub(super) const TAGMSG: Command = Command {
    name: "TAGMSG",
    params: 0,
    early: false,
    run: |ctx, message| say(ctx, message, RowKind::Tagmsg),
};

fn say(ctx: &mut Context<'_>, message: &Message<'_>, kind: RowKind) {
    let quiet = kind == RowKind::Notice;
    let Some(list) = message.param(0).filter(|list| !list.is_empty()) else {
        if !quiet {
            let text = format!("No recipient given ({})", kind.command());
            ctx.numeric(numeric::ERR_NORECIPIENT, &[], &text);
        }
        return;
    };
    let text: Arc<str> = match (kind, message.param(1)) {
        (RowKind::Tagmsg, _) => Arc::default(),
        (_, Some(text)) if !text.is_empty() => text.into(),
        _ => {
            if !quiet {
                ctx.numeric(numeric::ERR_NOTEXTTOSEND, &[], "No text to send");
            }
            return;
        }
    };
    let relayed = relayed_tags(ctx, message);
    if kind == RowKind::Tagmsg && (relayed.is_empty() || !ctx.has(Capability::MessageTags)) {
        return;
    }
    // An id names one message, so it can only go with one target.
    let names: Few<&str> = targets(list).collect();
    let single = names.len() == 1;
    let client_id = if single { client_id(ctx, message) } else { None };
    for name in names.iter().copied() {
        let asks = kind == RowKind::Privmsg && single;
        if asks && (nickserv::hears(ctx, name, &text) || chanserv::hears(ctx, name, &text)) {
            continue;
        }
        if !fits(ctx, name, kind, &text) {
            // Said of a NOTICE too, as of every line that is too long: otherwise what is lost would be lost in silence.
            ctx.numeric(
                numeric::ERR_INPUTTOOLONG,
                &[],
                "The line would be too long with your name before it",
            );
            return;
        }
        say_to(ctx, name, kind, Arc::clone(&text), relayed.clone(), client_id.clone());
    }
}

/// Whether a text fits in a line when those who hear it are told who says it.
fn fits(ctx: &Context<'_>, target: &str, kind: RowKind, text: &str) -> bool {
    let source = ctx.user().map_or("", |user| &user.source);
    multiline::beside_text(source, kind.command(), target) + text.len() <= ctx.core.config.lengths.line
}

/// Says something to one target.
pub(super) fn say_to(
    ctx: &mut Context<'_>,
    name: &str,
    kind: RowKind,
    text: Arc<str>,
    tags: TagText,
    client_id: Option<ClientId>,
) {
    let Some(by) = ctx.session.user else { return };
    let now = ctx.core.now;
    ctx.session.last_said = now;
    let result = destination(ctx, name).and_then(|to| {
        ctx.try_propose(Event::Say { by, to, kind, text, tags, client_id })?;
        Ok(to)
    });
    match result {
        Ok(Destination::User(user)) if kind == RowKind::Privmsg => tell_away(ctx, user),
        // A NOTICE is never answered, not even with an error, so that two programs cannot keep answering each other.
        Err(refusal) if kind != RowKind::Notice => ctx.refuse(&refusal),
        Ok(_) | Err(_) => {}
    }
}

/// Whom a name means.
pub(super) fn destination(ctx: &Context<'_>, name: &str) -> Result<Destination, Refusal> {
    let state = &ctx.core.state;
    // `@#a` are the operators of `#a` (Modern IRC, "STATUSMSG").
    let role = name.chars().next().and_then(Role::from_prefix);
    let channel = role.map_or(name, |_| &name[1..]);
    if channel.starts_with('#') {
        let channel =
            state.channel_by_name(channel).ok_or_else(|| Refusal::NoSuchChannel(channel.to_owned()))?;
        Ok(role.map_or(Destination::Channel(channel.id), |role| Destination::Members(channel.id, role)))
    } else {
        let user = state.user_by_nick(name).ok_or_else(|| Refusal::NoSuchNick(name.to_owned()))?;
        Ok(Destination::User(user.id))
    }
}

/// The client-only tags that are passed on.
pub(super) fn relayed_tags(ctx: &Context<'_>, message: &Message<'_>) -> TagText {
    if !ctx.has(Capability::MessageTags) {
        return TagText::default();
    }
    let mut out = String::new();
    for (key, value) in message.tags.iter_raw() {
        if !key.starts_with('+') || !tags::is_valid_key(key) {
            continue;
        }
        if !out.is_empty() {
            out.push(';');
        }
        out.push_str(key);
        if !value.is_empty() {
            out.push('=');
            out.push_str(value);
        }
    }
    out.into()
}

/// The id that the client gave the message.
pub(super) fn client_id(ctx: &Context<'_>, message: &Message<'_>) -> Option<ClientId> {
    if !ctx.has(Capability::ClientId) {
        return None;
    }
    message.tags.get(Capability::ClientId.name()).and_then(|id| ClientId::new(&id))
}

/// Says of somebody who is away that they are.
fn tell_away(ctx: &mut Context<'_>, user: UserId) {
    let Some(user) = ctx.core.state.user(user) else { return };
    if let Some(away) = user.away.clone() {
        let nick = user.nick.to_string();
        ctx.numeric(numeric::RPL_AWAY, &[&nick], &away);
    }
}
