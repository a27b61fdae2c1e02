//! QUIT: going (Modern IRC, "QUIT message").

use std::sync::Arc;

use irc::{Message, MessageWriter};

use super::{Command, cut};
use crate::Context;

pub(super) const COMMAND: Command = Command { name: "QUIT", params: 0, early: true, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    // The mark tells a word of farewell from a reason that the server gives.
    let reason = match message.param(0).filter(|reason| !reason.is_empty()) {
        Some(reason) => format!("Quit: {}", cut(reason, ctx.core.config.lengths.kick)),
        None => "Quit".to_owned(),
    };
    // The client sees its own farewell, as the others do.
    if let Ok(source) = ctx.user().map(|user| Arc::clone(&user.source)) {
        ctx.session.replies.line(|out| {
            MessageWriter::new(out).source(&source).command("QUIT").trailing(&reason).end();
        });
    }
    ctx.close(&reason);
}
