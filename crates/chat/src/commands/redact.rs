//! REDACT: taking back what was said (ircv3.net/specs/extensions/message-redaction).
//!
//! Whether it may be taken back depends on who said it, which history alone knows: so it is asked first, and the rest is done when it has answered.

use irc::Message;

use super::{Command, chathistory, cut, privmsg};
use crate::event::{Event, OldLine};
use crate::gateway::Asked;
use crate::log::{Answer, Conversation, Query, RowKind};
use crate::operators::Right;
use crate::{Context, Refusal, Seq};

pub(super) const COMMAND: Command = Command { name: "REDACT", params: 2, early: false, run };

/// A request that waits for history.
#[derive(Debug)]
pub(crate) struct Request {
    /// The target as the client wrote it.
    target: String,
    conversation: Conversation,
    seq: Seq,
    reason: Option<String>,
}

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let (target, id) = (message.param(0).unwrap_or_default(), message.param(1).unwrap_or_default());
    let reason = message.param(2).filter(|reason| !reason.is_empty());
    let Some(conversation) = conversation(ctx, target) else {
        ctx.fail("REDACT", "INVALID_TARGET", &[target], "There is nothing there that you may take back");
        return;
    };
    let Some(seq) = Seq::from_msgid(id) else {
        unknown(ctx, target, id);
        return;
    };
    let reason = reason.map(|reason| cut(reason, ctx.core.config.lengths.kick).to_owned());
    let request = Request { target: target.to_owned(), conversation, seq, reason };
    ctx.ask(Query::Line { seq }, Asked::Redaction(request));
}

/// The conversation that a name means: one's own, or for operators of the server who were given that any channel.
fn conversation(ctx: &Context<'_>, target: &str) -> Option<Conversation> {
    if let Ok((conversation, _)) = chathistory::conversation(ctx, target) {
        return Some(conversation);
    }
    let channel = ctx.core.state.channel_by_name(target)?.id;
    keeps_order(ctx).then_some(Conversation::Channel(channel))
}

/// Whether who asks is an operator of the server who may redact in every channel.
fn keeps_order(ctx: &Context<'_>) -> bool {
    ctx.session.user.is_some_and(|user| ctx.core.state.may_use(user, Right::Redact).is_ok())
}

/// Goes on with what history says of the line.
pub(crate) fn answered(ctx: &mut Context<'_>, request: Request, answer: Answer) {
    let Request { target, conversation, seq, reason } = request;
    let id = seq.to_string();
    let Answer::Rows(rows) = answer else {
        ctx.fail("REDACT", "INTERNAL_ERROR", &[&target, &id], "History could not be read");
        return;
    };
    // A line of another conversation is none that the asker need know of.
    let row = rows.into_iter().find(|row| row.seq == seq && row.conversation == conversation);
    let said = |kind| matches!(kind, RowKind::Privmsg | RowKind::Notice | RowKind::Tagmsg);
    let anywhere = matches!(conversation, Conversation::Channel(_)) && keeps_order(ctx);
    let Some(row) = row.filter(|row| said(row.kind) && (anywhere || ctx.may_read(conversation, row.seq)))
    else {
        unknown(ctx, &target, &id);
        return;
    };
    let line = OldLine { seq, sender: row.sender, at: row.at };
    let result = ctx.user().map(|user| user.id).and_then(|by| {
        let to = privmsg::destination(ctx, &target)?;
        ctx.try_propose(Event::Redact { by, to, line, reason })
    });
    match result {
        Ok(()) => {}
        Err(Refusal::CannotRedact { window: Some(window) }) => {
            let seconds = (window / 1000).to_string();
            let params = [target.as_str(), &id, &seconds];
            ctx.fail("REDACT", "REDACT_WINDOW_EXPIRED", &params, "It was said too long ago");
        }
        Err(Refusal::CannotRedact { window: None }) => {
            ctx.fail("REDACT", "REDACT_FORBIDDEN", &[&target, &id], "These are not your words");
        }
        Err(Refusal::NoSuchMessage) => unknown(ctx, &target, &id),
        // Whoever asked has left since, or the other one has.
        Err(_) => {
            ctx.fail("REDACT", "INVALID_TARGET", &[&target], "There is nothing there that you may take back");
        }
    }
}

fn unknown(ctx: &mut Context<'_>, target: &str, id: &str) {
    ctx.fail("REDACT", "UNKNOWN_MSGID", &[target, id], "There is no such message");
}
