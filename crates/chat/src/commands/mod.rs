//! The commands: a table, and a file for each, which reads as the specification does: check, decide, say. Commands change nothing themselves; they propose
//! events.

mod away;
mod cap;
mod chathistory;
mod join;
mod kick;
mod list;
mod lusers;
mod mode;
mod motd;
mod names;
mod nick;
mod part;
mod pass;
mod ping;
mod privmsg;
mod quit;
mod setname;
mod topic;
mod user;
mod who;
mod whois;

use irc::{Message, numeric};

use crate::Context;

pub(crate) use join::introduce_channel;
pub(crate) use lusers::show as show_lusers;
pub(crate) use motd::show as show_motd;

/// The most bytes of an away message (`AWAYLEN`).
pub(crate) const MAX_AWAY_BYTES: usize = 200;
/// The most bytes of a reason to kick (`KICKLEN`).
pub(crate) const MAX_KICK_BYTES: usize = 300;
/// The most bytes of a topic (`TOPICLEN`).
pub(crate) const MAX_TOPIC_BYTES: usize = 390;
/// The most modes with a parameter in one MODE (`MODES`).
pub(crate) const MAX_MODES: usize = 12;
/// The most targets of one command (`TARGMAX`).
pub(crate) const MAX_TARGETS: usize = 10;

/// A command.
struct Command {
    name: &'static str,
    /// How many parameters it needs.
    params: usize,
    /// Whether it may come before the client has signed in.
    early: bool,
    run: fn(&mut Context<'_>, &Message<'_>),
}

/// All commands, in the order of the alphabet.
const COMMANDS: &[Command] = &[
    away::COMMAND,
    cap::COMMAND,
    chathistory::COMMAND,
    join::COMMAND,
    kick::COMMAND,
    list::COMMAND,
    lusers::COMMAND,
    mode::COMMAND,
    motd::COMMAND,
    names::COMMAND,
    nick::COMMAND,
    privmsg::NOTICE,
    part::COMMAND,
    pass::COMMAND,
    ping::PING,
    ping::PONG,
    privmsg::PRIVMSG,
    quit::COMMAND,
    setname::COMMAND,
    privmsg::TAGMSG,
    topic::COMMAND,
    user::COMMAND,
    who::COMMAND,
    whois::COMMAND,
];

/// Does what a message asks for.
pub(crate) fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(command) = COMMANDS.iter().find(|command| command.name.eq_ignore_ascii_case(message.command))
    else {
        let (code, text) = if ctx.session.user.is_some() {
            (numeric::ERR_UNKNOWNCOMMAND, "Unknown command")
        } else {
            (numeric::ERR_NOTREGISTERED, "You have not registered")
        };
        let params: &[&str] = if ctx.session.user.is_some() { &[message.command] } else { &[] };
        ctx.numeric(code, params, text);
        return;
    };
    if !command.early && ctx.session.user.is_none() {
        ctx.numeric(numeric::ERR_NOTREGISTERED, &[], "You have not registered");
    } else if message.params().len() < command.params {
        ctx.numeric(numeric::ERR_NEEDMOREPARAMS, &[command.name], "Not enough parameters");
    } else {
        (command.run)(ctx, message);
    }
}

/// The names in a list with commas, without empty ones, at most as many as one command may have.
fn targets(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').filter(|name| !name.is_empty()).take(MAX_TARGETS)
}

/// A text cut to a number of bytes, between characters.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_commands_have_one_name() {
        for (i, command) in COMMANDS.iter().enumerate() {
            assert!(COMMANDS[i + 1..].iter().all(|other| other.name != command.name), "{}", command.name);
        }
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 3), "aé");
        assert_eq!(cut("aé", 9), "aé");
    }
}
