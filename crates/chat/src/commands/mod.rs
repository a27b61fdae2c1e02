//! The commands: a table, and a file for each, which reads as the specification does: check, decide, say. Commands change nothing themselves; they propose
//! events.

mod accept;
mod admin;
mod audit;
mod authenticate;
mod away;
mod batch;
mod cap;
mod chanserv;
mod chathistory;
mod chghost;
mod claim;
mod help;
mod info;
mod invitation;
mod invite;
mod isupport;
mod join;
mod kick;
mod kill;
mod links;
mod list;
mod lusers;
mod markread;
mod metadata;
mod mode;
mod monitor;
mod motd;
mod names;
mod nick;
mod nickserv;
mod oper;
mod part;
mod pass;
mod persistence;
mod ping;
mod privmsg;
mod quit;
mod redact;
mod register;
mod rehash;
mod relaymsg;
mod rename;
mod search;
mod services;
mod setname;
mod stats;
mod tban;
mod time;
mod topic;
mod uban;
mod user;
mod userhost;
mod wallops;
mod webirc;
mod who;
mod whois;
mod whowas;

use irc::{Capability, CaseMapping, Message, mask_matches, numeric};

use crate::Context;

pub(crate) use audit::show_register;
pub(crate) use batch::OpenBatch;
pub(crate) use cap::{Offer, offers};
pub(crate) use chathistory::no_history;
pub(crate) use join::introduce_channel;
pub(crate) use lusers::show as show_lusers;
pub(crate) use monitor::MAX_MONITORED;
pub(crate) use motd::show as show_motd;
pub(crate) use redact::{Request as RedactRequest, answered as redact_answered};
pub(crate) use register::{refuse as refuse_registration, show_registered, show_to_verify};
pub(crate) use search::{Request as SearchRequest, found, pairs_known};
pub(crate) use webirc::BAD_GATEWAY;

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
    accept::COMMAND,
    admin::COMMAND,
    audit::COMMAND,
    authenticate::COMMAND,
    away::COMMAND,
    batch::COMMAND,
    cap::COMMAND,
    chanserv::CHANSERV,
    chathistory::COMMAND,
    chghost::COMMAND,
    chanserv::CS,
    rehash::DIE,
    uban::DLINE,
    help::HELP,
    help::HELPOP,
    info::INFO,
    invite::COMMAND,
    userhost::ISON,
    isupport::COMMAND,
    join::COMMAND,
    kick::COMMAND,
    kill::COMMAND,
    uban::KLINE,
    links::COMMAND,
    list::COMMAND,
    lusers::COMMAND,
    markread::COMMAND,
    metadata::COMMAND,
    mode::COMMAND,
    monitor::COMMAND,
    motd::COMMAND,
    names::COMMAND,
    nick::COMMAND,
    nickserv::NICKSERV,
    privmsg::NOTICE,
    nickserv::NS,
    oper::COMMAND,
    part::COMMAND,
    pass::COMMAND,
    persistence::COMMAND,
    ping::PING,
    ping::PONG,
    privmsg::PRIVMSG,
    quit::COMMAND,
    redact::COMMAND,
    register::REGISTER,
    rehash::REHASH,
    relaymsg::COMMAND,
    rename::COMMAND,
    search::COMMAND,
    setname::COMMAND,
    stats::COMMAND,
    privmsg::TAGMSG,
    tban::COMMAND,
    time::COMMAND,
    topic::COMMAND,
    uban::UBAN,
    uban::UNDLINE,
    uban::UNKLINE,
    user::COMMAND,
    userhost::USERHOST,
    userhost::USERIP,
    register::VERIFY,
    info::VERSION,
    wallops::COMMAND,
    webirc::COMMAND,
    who::COMMAND,
    whois::COMMAND,
    whowas::COMMAND,
];

/// How many commands there are.
pub(crate) const COUNT: usize = COMMANDS.len();
/// Room for the longest name of a command, and more.
const NAME_ROOM: usize = size_of::<u128>();
/// The names as numbers, which are in the same order: to compare those takes no loop.
const KEYS: [u128; COUNT] = {
    let mut keys = [0; COUNT];
    let mut at = 0;
    while at < COUNT {
        keys[at] = match key_of(COMMANDS[at].name) {
            Some(key) => key,
            None => panic!("the name of a command is too long"),
        };
        at += 1;
    }
    keys
};

/// A name in whatever case as a number, if there is room for it.
const fn key_of(name: &str) -> Option<u128> {
    let name = name.as_bytes();
    if name.len() > NAME_ROOM {
        return None;
    }
    let (mut room, mut at) = ([0; NAME_ROOM], 0);
    while at < name.len() {
        room[at] = name[at].to_ascii_uppercase();
        at += 1;
    }
    Some(u128::from_be_bytes(room))
}

/// The command of a name, in whatever case, with its place in the table.
fn find(name: &str) -> Option<(usize, &'static Command)> {
    let at = KEYS.binary_search(&key_of(name)?).ok()?;
    Some((at, &COMMANDS[at]))
}

/// Does what a message asks for.
pub(crate) fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    if ctx.session.user.is_some()
        && ctx.has(Capability::Multiline)
        && let Some(reference) = message.tags.get("batch")
    {
        batch::add(ctx, &reference, message);
        return;
    }
    let Some((at, command)) = find(message.command) else {
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
        ctx.core.uses[at] += 1;
        (command.run)(ctx, message);
    }
}

/// The names in a list with commas, without empty ones, at most as many as one command may have.
fn targets(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').filter(|name| !name.is_empty()).take(MAX_TARGETS)
}

/// Whether a server that was named, perhaps by a mask or by somebody on it, is this one. Says so if it is not.
fn is_this_server(ctx: &mut Context<'_>, asked: Option<&str>) -> bool {
    let Some(asked) = asked.filter(|asked| !asked.is_empty()) else { return true };
    let name = CaseMapping::Ascii.fold(&ctx.core.config.server_name);
    let known =
        mask_matches(&CaseMapping::Ascii.fold(asked), &name) || ctx.core.state.user_by_nick(asked).is_some();
    if !known {
        ctx.numeric(numeric::ERR_NOSUCHSERVER, &[asked], "No such server");
    }
    known
}

/// Names put behind each other with a separator, in as many lines of at most so many bytes as they need; a name that is longer has a line to itself.
fn lines_of<N: AsRef<str>>(names: impl IntoIterator<Item = N>, separator: char, bytes: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for name in names {
        let name = name.as_ref();
        match lines.last_mut() {
            Some(line) if line.len() + separator.len_utf8() + name.len() <= bytes => {
                line.push(separator);
                line.push_str(name);
            }
            _ => lines.push(name.to_owned()),
        }
    }
    lines
}

/// A text cut to a number of bytes, between characters.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_order_of_the_alphabet_and_each_name_once() {
        for pair in COMMANDS.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} {}", pair[0].name, pair[1].name);
        }
        for (at, command) in COMMANDS.iter().enumerate() {
            let found = find(&command.name.to_lowercase()).map(|(at, command)| (at, command.name));
            assert_eq!(found, Some((at, command.name)));
        }
        assert!(find("").is_none() && find("PRIVMSGS").is_none() && find("PRIV").is_none());
        assert!(find(&"PRIVMSG".repeat(9)).is_none());
    }

    #[test]
    fn names_fill_lines_and_no_line_is_too_long() {
        let none: [&str; 0] = [];
        assert!(lines_of(none, ' ', 9).is_empty());
        assert_eq!(lines_of(["one", "two", "three"], ',', 7), ["one,two", "three"]);
        assert_eq!(lines_of(["one", "two", "three"], ',', 6), ["one", "two", "three"]);
        assert_eq!(lines_of(["longer than that", "b"], ' ', 4), ["longer than that", "b"]);
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 3), "aé");
        assert_eq!(cut("aé", 9), "aé");
    }
}
