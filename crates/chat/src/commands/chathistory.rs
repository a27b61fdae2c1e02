//! CHATHISTORY: what was said before (ircv3.net/specs/extensions/chathistory).

use irc::{Capability, Message, Timestamp};

use super::Command;
use crate::Context;
use crate::Seq;
use crate::gateway::Asked;
use crate::log::{Bound, Conversation, Query, Range};

pub(super) const COMMAND: Command = Command { name: "CHATHISTORY", params: 0, early: false, run };

/// Why a request is not answered, as the specification's codes have it.
pub(super) enum Fault {
    InvalidParams(&'static str),
    NeedMoreParams,
    InvalidTarget,
}

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let subcommand = message.param(0).unwrap_or_default().to_ascii_uppercase();
    let result =
        if subcommand == "TARGETS" { targets(ctx, message) } else { lines(ctx, &subcommand, message) };
    let shown = if subcommand.is_empty() { "*".to_owned() } else { subcommand.chars().take(32).collect() };
    let target = message.param(1).unwrap_or("*").to_owned();
    match result {
        Ok(()) => {}
        Err(Fault::InvalidParams(why)) => ctx.fail("CHATHISTORY", "INVALID_PARAMS", &[&shown], why),
        Err(Fault::NeedMoreParams) => {
            ctx.fail("CHATHISTORY", "NEED_MORE_PARAMS", &[&shown], "More parameters are needed");
        }
        Err(Fault::InvalidTarget) => no_history(ctx, &shown, &target),
    }
}

/// Says that there is no history that the client may read.
pub(crate) fn no_history(ctx: &mut Context<'_>, subcommand: &str, target: &str) {
    let text = "There is no history that you may read";
    ctx.fail("CHATHISTORY", "INVALID_TARGET", &[subcommand, target], text);
}

fn lines(ctx: &mut Context<'_>, subcommand: &str, message: &Message<'_>) -> Result<(), Fault> {
    let bounds = match subcommand {
        "LATEST" | "BEFORE" | "AFTER" | "AROUND" => 1,
        "BETWEEN" => 2,
        _ => return Err(Fault::InvalidParams("There is no such subcommand")),
    };
    if message.params().len() < 3 + bounds {
        return Err(Fault::NeedMoreParams);
    }
    let target = message.param(1).unwrap_or_default().to_owned();
    let (conversation, from) = conversation(ctx, &target)?;
    let first = message.param(2).unwrap_or_default();
    let range = match subcommand {
        "LATEST" if first == "*" => Range::Latest(None),
        "LATEST" => Range::Latest(Some(bound(first)?)),
        "BEFORE" => Range::Before(bound(first)?),
        "AFTER" => Range::After(bound(first)?),
        "AROUND" => Range::Around(bound(first)?),
        _ => Range::Between(bound(first)?, bound(message.param(3).unwrap_or_default())?),
    };
    let limit = limit(ctx, message.param(2 + bounds))?;
    let events = ctx.has(Capability::EventPlayback) && !is_hidden_from(ctx, conversation);
    // Around a place there may be more on either side, however many lines there are.
    let wanted = Some(limit).filter(|_| subcommand != "AROUND");
    let query = Query::History { conversation, range, limit, events, from };
    let subcommand = subcommand.to_owned();
    ctx.ask(query, Asked::History { target, conversation, subcommand, limit: wanted });
    Ok(())
}

/// Whether the client is in an auditorium, and without a role there: then it learns from history no more of who came and went than it was told.
fn is_hidden_from(ctx: &Context<'_>, conversation: Conversation) -> bool {
    let Conversation::Channel(id) = conversation else { return false };
    ctx.core.state.channel(id).zip(ctx.session.user).is_some_and(|(channel, user)| channel.is_unseen(user))
}

fn targets(ctx: &mut Context<'_>, message: &Message<'_>) -> Result<(), Fault> {
    if message.params().len() < 4 {
        return Err(Fault::NeedMoreParams);
    }
    let (a, b) = (time(message.param(1))?, time(message.param(2))?);
    let limit = limit(ctx, message.param(3))?;
    let user = ctx.user().map_err(|_| Fault::InvalidTarget)?;
    let query = Query::Targets {
        person: user.person(),
        channels: ctx.readable_channels(),
        after: a.min(b),
        before: a.max(b),
        limit,
    };
    ctx.ask(query, Asked::Targets { limit });
    Ok(())
}

/// The conversation that a name means, if the client may read it, and from where on it may.
pub(super) fn conversation(ctx: &Context<'_>, name: &str) -> Result<(Conversation, Seq), Fault> {
    let user = ctx.user().map_err(|_| Fault::InvalidTarget)?;
    if name.starts_with('#') {
        let channel = ctx.core.state.channel_by_name(name).ok_or(Fault::InvalidTarget)?;
        let from = ctx.core.state.reads_from(user.id, channel.id).ok_or(Fault::InvalidTarget)?;
        return Ok((Conversation::Channel(channel.id), from));
    }
    let (other, _) = ctx.core.state.person_by_name(name).ok_or(Fault::InvalidTarget)?;
    Ok((Conversation::between(user.person(), other), Seq::default()))
}

fn bound(text: &str) -> Result<Bound, Fault> {
    match text.split_once('=') {
        Some(("msgid", id)) => {
            Seq::from_msgid(id).map(Bound::At).ok_or(Fault::InvalidParams("That is no message id"))
        }
        Some(("timestamp", _)) => time(Some(text)).map(Bound::Time),
        _ => Err(Fault::InvalidParams("A message is named by msgid=… or timestamp=…")),
    }
}

fn time(text: Option<&str>) -> Result<Timestamp, Fault> {
    text.and_then(|text| text.strip_prefix("timestamp="))
        .and_then(Timestamp::parse)
        .ok_or(Fault::InvalidParams("A time is written timestamp=YYYY-MM-DDThh:mm:ss.sssZ"))
}

fn limit(ctx: &Context<'_>, text: Option<&str>) -> Result<usize, Fault> {
    let limit: usize = text
        .and_then(|text| text.parse().ok())
        .filter(|limit| *limit > 0)
        .ok_or(Fault::InvalidParams("The limit is a number from 1 on"))?;
    Ok(limit.min(ctx.core.config.max_history))
}
