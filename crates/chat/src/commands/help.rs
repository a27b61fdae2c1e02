//! HELP and HELPOP: which commands there are, and what each of them is for (Modern IRC, "HELP message").

use irc::{Message, numeric};

use super::{COMMANDS, Command, lines_of};
use crate::Context;

pub(super) const HELP: Command = Command { name: "HELP", params: 0, early: false, run };
pub(super) const HELPOP: Command = Command { name: "HELPOP", params: 0, early: false, run };

/// Room for names in one line.
const LINE_BYTES: usize = 100;

/// A command, its parameters, and what it is for: one for each command that there is.
const TEXTS: &[(&str, &str, &str)] = &[
    (
        "ACCEPT",
        "<nick>|-<nick>|*[,...]",
        "Lets somebody write to you while you have +R, no longer, or lists them.",
    ),
    ("ADMIN", "[<server>]", "Tells whom to turn to."),
    (
        "AUDIT",
        "[<count>]",
        "Tells what was done with a right, the newest first. For operators of the server.",
    ),
    ("AUTHENTICATE", "<mechanism>|<data>|*", "Signs in to an account with SASL."),
    ("AWAY", "[<text>]", "Tells others that you are away; without a text, that you are back."),
    ("BATCH", "+<reference> draft/multiline <target> | -<reference>", "Says a message of several lines."),
    ("CAP", "LS [302] | LIST | REQ :<names> | END", "Negotiates capabilities."),
    ("CHANSERV", "<command> [<parameter> ...]", "Keeps channels; CHANSERV HELP tells how."),
    ("CHATHISTORY", "<subcommand> <target> <from> [<to>] <limit>", "Reads what was said before."),
    ("CHGHOST", "<nick or account> <host or *>", "Gives somebody another host. For operators of the server."),
    ("CS", "<command> [<parameter> ...]", "The same as CHANSERV."),
    ("DIE", "", "Stops the server. For its operators."),
    ("DLINE", "[<duration>] <address> [<reason>]", "Bans an address from the server. For its operators."),
    ("HELP", "[<command>]", "Lists the commands, or tells what one is for."),
    ("HELPOP", "[<command>]", "The same as HELP."),
    ("INFO", "[<server>]", "Tells what runs here and since when."),
    (
        "INVITE",
        "[<nick> <channel>]",
        "Asks somebody into a channel; without parameters, lists where you are asked into.",
    ),
    ("ISON", "<nick> ...", "Tells who of these is here."),
    ("ISUPPORT", "", "Tells what the server supports."),
    ("JOIN", "<channel>[,...] [<key>[,...]] | 0", "Enters channels; 0 leaves all of them."),
    ("KICK", "<channel> <nick>[,...] [<reason>]", "Removes somebody from a channel."),
    ("KILL", "<nick> <reason>", "Closes somebody's connections. For operators of the server."),
    ("KLINE", "[<duration>] <mask> [<reason>]", "Bans a mask from the server. For its operators."),
    ("LINKS", "", "Lists the servers, of which there is one."),
    ("LIST", "[<channel or condition>[,...]]", "Lists channels with their members and topics."),
    ("LUSERS", "", "Counts those who are here."),
    ("MARKREAD", "<target> [timestamp=<time>]", "Tells, or sets, how far you have read."),
    (
        "METADATA",
        "<target> <subcommand> [<parameter> ...]",
        "Tells and sets what people and channels say of themselves.",
    ),
    ("MODE", "<channel or nick> [<changes> [<parameter> ...]]", "Shows or changes modes."),
    ("MONITOR", "+ <nick>[,...] | - <nick>[,...] | C | L | S", "Watches for people who come and go."),
    ("MOTD", "[<server>]", "Shows the message of the day."),
    ("NAMES", "<channel>[,...]", "Lists who is in a channel."),
    ("NICK", "<nick>", "Takes a name."),
    ("NICKSERV", "<command> [<parameter> ...]", "Makes and keeps an account; NICKSERV HELP tells how."),
    ("NOTICE", "<target>[,...] <text>", "Says something that no program answers."),
    ("NS", "<command> [<parameter> ...]", "The same as NICKSERV."),
    ("OPER", "<name> <password>", "Makes you an operator of the server."),
    ("PART", "<channel>[,...] [<reason>]", "Leaves channels."),
    ("PASS", "<password>", "Gives the server's password, before signing in."),
    ("PERSISTENCE", "GET | SET <ON, OFF or DEFAULT>", "Whether you stay here when no device of yours is."),
    ("PING", "<token>", "Asks whether the server is there."),
    ("PONG", "<token>", "Answers that you are there."),
    ("PRIVMSG", "<target>[,...] <text>", "Says something to a channel or to somebody."),
    ("QUIT", "[<reason>]", "Goes."),
    ("REDACT", "<target> <msgid> [<reason>]", "Takes back what was said."),
    ("REGISTER", "<account or *> <e-mail or *> <password>", "Makes an account of your nickname."),
    ("REHASH", "", "Has the settings read again. For operators of the server."),
    ("RELAYMSG", "<channel> <name/where> <text>", "Passes on what somebody said elsewhere."),
    ("RENAME", "<channel> <new name> [<reason>]", "Gives a channel another name."),
    ("SEARCH", "<attribute>=<value>[;...]", "Finds what was said: in, from, after, before, text, limit."),
    ("SETNAME", "<real name>", "Changes your real name."),
    (
        "STATS",
        "<letter>",
        "Tells numbers: m (commands), o and p (operators of the server), u (how long it has been up).",
    ),
    ("TAGMSG", "<target>[,...]", "Sends tags without a text, such as a reaction."),
    ("TBAN", "<channel> <duration> <mask>", "Bans somebody from a channel for a time."),
    ("TIME", "[<server>]", "Tells the server's time."),
    ("TOPIC", "<channel> [<text>]", "Shows or sets what a channel is about."),
    (
        "UBAN",
        "ADD | DEL | LIST [<parameter> ...]",
        "Bans addresses, masks and accounts from the server. For its operators.",
    ),
    ("UNDLINE", "<address>", "Takes a DLINE back. For operators of the server."),
    ("UNKLINE", "<mask>", "Takes a KLINE back. For operators of the server."),
    ("USER", "<user name> 0 * <real name>", "Says who you are, when signing in."),
    ("USERHOST", "<nick> ...", "Tells the hosts of up to five people."),
    ("USERIP", "<nick> ...", "The same as USERHOST."),
    ("VERIFY", "<account> <code>", "Confirms a new account, where the server wants that."),
    ("VERSION", "[<server>]", "Tells the server's version and what it supports."),
    ("WALLOPS", "<text>", "Speaks to all who have +w. For operators of the server."),
    (
        "WEBIRC",
        "<password> <gateway> <host name> <address> [<options>]",
        "Says for whom a gateway connects that the server trusts, before all else.",
    ),
    ("WHO", "<channel or mask> [%<fields>[,<token>]]", "Lists people."),
    ("WHOIS", "<nick>", "Tells about somebody."),
    ("WHOWAS", "<nick> [<count>]", "Tells about somebody who has gone."),
];

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let subject = message.param(0).filter(|subject| !subject.is_empty());
    let Some(subject) = subject else {
        ctx.numeric(numeric::RPL_HELPSTART, &["*"], "These are the commands of this server");
        for names in lines_of(COMMANDS.iter().map(|command| command.name), ' ', LINE_BYTES) {
            ctx.numeric(numeric::RPL_HELPTXT, &["*"], &names);
        }
        ctx.numeric(numeric::RPL_ENDOFHELP, &["*"], "HELP and one of them tells what it is for");
        return;
    };
    match TEXTS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(subject)) {
        Some((name, params, text)) => {
            let form = if params.is_empty() { (*name).to_owned() } else { format!("{name} {params}") };
            ctx.numeric(numeric::RPL_HELPSTART, &[name], &form);
            ctx.numeric(numeric::RPL_HELPTXT, &[name], text);
            ctx.numeric(numeric::RPL_ENDOFHELP, &[name], "End of /HELP");
        }
        None => ctx.numeric(numeric::ERR_HELPNOTFOUND, &[subject], "There is no help on that"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_help_on_every_command_and_on_nothing_else() {
        let commands: Vec<&str> = COMMANDS.iter().map(|command| command.name).collect();
        let explained: Vec<&str> = TEXTS.iter().map(|(name, ..)| *name).collect();
        let missing: Vec<_> = commands.iter().filter(|name| !explained.contains(name)).collect();
        let gone: Vec<_> = explained.iter().filter(|name| !commands.contains(name)).collect();
        assert!(missing.is_empty() && gone.is_empty(), "no help on {missing:?}, and help on {gone:?}");
    }
}
