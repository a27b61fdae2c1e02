//! BATCH: messages of several lines (ircv3.net/specs/extensions/client-batch, ircv3.net/specs/extensions/multiline).
//!
//! A session has one batch open at most, and holds of it no more than one message may hold; one that is not closed in time is gone.

use irc::{Capability, CaseMapping, Message};

use super::{Command, privmsg};
use crate::log::{ClientId, RowKind};
use crate::{Context, TagText};

pub(super) const COMMAND: Command = Command { name: "BATCH", params: 1, early: false, run };

const MULTILINE: &str = "draft/multiline";
const CONCAT: &str = "draft/multiline-concat";

/// A batch that a client has opened and not closed.
#[derive(Debug)]
pub(crate) struct OpenBatch {
    pub(crate) reference: String,
    /// The message so far; nothing, if something was wrong with it: the rest is passed over.
    message: Option<Unfinished>,
}

impl OpenBatch {
    /// Passes over all of it, what may come included. Gives the label to be answered; nothing, if it was given up before.
    pub(crate) fn give_up(&mut self) -> Option<Option<String>> {
        self.message.take().map(|message| message.label)
    }
}

#[derive(Debug)]
struct Unfinished {
    target: String,
    /// The label that BATCH came with: the message is answered, not its parts.
    label: Option<String>,
    tags: TagText,
    client_id: Option<ClientId>,
    /// The lines, with what [`crate::multiline`] puts between them.
    text: String,
    lines: usize,
}

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let reference = message.param(0).unwrap_or_default();
    match (reference.strip_prefix('+'), reference.strip_prefix('-')) {
        (Some(reference), _) => open(ctx, reference, message),
        (_, Some(reference)) => close(ctx, reference),
        _ => invalid(ctx),
    }
}

fn open(ctx: &mut Context<'_>, reference: &str, message: &Message<'_>) {
    let target = message.param(2).filter(|target| !target.is_empty());
    let fits = !reference.is_empty() && reference.len() <= 64;
    let under_way = ctx.session.batch.as_ref().is_some_and(|batch| batch.message.is_some());
    let (Some(target), true, false) = (target, fits, under_way) else {
        invalid(ctx);
        return;
    };
    if !ctx.has(Capability::Multiline) || message.param(1) != Some(MULTILINE) {
        invalid(ctx);
        return;
    }
    let message = Unfinished {
        target: target.to_owned(),
        label: ctx.session.replies.label.take(),
        tags: privmsg::relayed_tags(ctx, message),
        client_id: privmsg::client_id(ctx, message),
        text: String::new(),
        lines: 0,
    };
    ctx.session.batch = Some(Box::new(OpenBatch { reference: reference.to_owned(), message: Some(message) }));
    ctx.core.expect_end_of_batch(ctx.session.id);
}

/// Takes a line that is tagged as part of a batch.
pub(super) fn add(ctx: &mut Context<'_>, reference: &str, line: &Message<'_>) {
    let (max_bytes, max_lines) = (ctx.core.config.max_multiline_bytes, ctx.core.config.max_multiline_lines);
    let batch = ctx.session.batch.as_mut().filter(|batch| batch.reference == reference);
    let Some(batch) = batch else {
        fail(ctx, "MULTILINE_INVALID", &[], "There is no such batch");
        return;
    };
    // What is wrong with it was said already.
    let Some(message) = &mut batch.message else { return };
    let text = line.param(1).unwrap_or_default();
    let concat = line.tags.get(CONCAT).is_some();
    if !line.command.eq_ignore_ascii_case("PRIVMSG") || (concat && (text.is_empty() || message.lines == 0)) {
        fail(ctx, "MULTILINE_INVALID", &[], "That is no line of a message");
        return;
    }
    let (target, given) = (message.target.clone(), line.param(0).unwrap_or_default());
    if CaseMapping::Ascii.fold(&target) != CaseMapping::Ascii.fold(given) {
        fail(ctx, "MULTILINE_INVALID_TARGET", &[&target, given], "That is not where the message goes");
        return;
    }
    if message.lines > 0 {
        message.text.push(if concat { crate::multiline::GOES_ON } else { '\n' });
    }
    message.text.push_str(text);
    message.lines += 1;
    let lines = message.lines;
    if crate::multiline::whole(&message.text).len() > max_bytes {
        fail(ctx, "MULTILINE_MAX_BYTES", &[&max_bytes.to_string()], "The message is too long");
    } else if lines > max_lines {
        fail(ctx, "MULTILINE_MAX_LINES", &[&max_lines.to_string()], "The message has too many lines");
    }
}

fn close(ctx: &mut Context<'_>, reference: &str) {
    let Some(batch) = ctx.session.batch.take_if(|batch| batch.reference == reference) else {
        invalid(ctx);
        return;
    };
    ctx.core.end_of_batch(ctx.session.id);
    let Some(message) = batch.message else { return };
    if message.label.is_some() {
        ctx.session.replies.label = message.label;
    }
    if message.text.chars().all(|c| matches!(c, '\n' | crate::multiline::GOES_ON)) {
        invalid(ctx);
        return;
    }
    privmsg::say_to(
        ctx,
        &message.target,
        RowKind::Privmsg,
        message.text.into(),
        message.tags,
        message.client_id,
    );
}

fn invalid(ctx: &mut Context<'_>) {
    ctx.fail("BATCH", "MULTILINE_INVALID", &[], "That is no batch that the server could take");
}

/// Says what is wrong with the batch, once, as the answer to its label, and passes over the rest of it.
fn fail(ctx: &mut Context<'_>, code: &str, params: &[&str], text: &str) {
    if let Some(Some(label)) = ctx.session.batch.as_mut().and_then(|batch| batch.give_up()) {
        ctx.session.replies.label = Some(label);
    }
    ctx.fail("BATCH", code, params, text);
}
