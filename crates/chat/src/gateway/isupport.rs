//! What 005 says of the server.

use std::sync::{Arc, LazyLock};

use irc::{Capability, MessageWriter, numeric};

use super::{Core, Session};
use crate::Config;
use crate::channel_modes::{ACCOUNT, Flag, MUTE, MaskList, Role};
use crate::commands::{MAX_MODES, MAX_MONITORED, MAX_TARGETS};
use crate::user_modes::UserMode;

/// How many tokens stand in one line.
const IN_A_LINE: usize = 13;

/// What the server supports.
#[derive(Debug)]
pub(crate) struct Isupport {
    pub(super) tokens: Vec<String>,
    /// The same as it is told to each newcomer.
    lines: Arc<[String]>,
}

impl Isupport {
    pub(super) fn of(config: &Config) -> Self {
        let tokens = tokens(config);
        Self { lines: lines(&tokens).into(), tokens }
    }
}

/// Tokens as they stand in lines.
pub(super) fn lines(tokens: &[String]) -> Vec<String> {
    tokens.chunks(IN_A_LINE).map(|tokens| tokens.join(" ")).collect()
}

impl Core {
    /// Adds what the server supports to a session's answer.
    pub(crate) fn show_isupport(&mut self, session: &mut Session) {
        let lines = Arc::clone(&self.isupport.lines);
        self.tell_isupport(session, &lines);
    }

    /// Adds lines of tokens to a session's answer, as one batch for those who know that one.
    pub(super) fn tell_isupport(&mut self, session: &mut Session, lines: &[String]) {
        let batched = session.capabilities.has(Capability::Batch)
            && session.capabilities.has(Capability::ExtendedIsupport);
        let batch = batched.then(|| self.next_batch());
        let own_name = self.own_name(session);
        if let Some(batch) = &batch {
            session.replies.line(|out| {
                let writer = MessageWriter::new(out).source(&self.name).command("BATCH");
                writer.param(&format!("+{batch}")).param("draft/isupport").end();
            });
        }
        for line in lines {
            let write = |out: &mut Vec<u8>| {
                let writer = MessageWriter::new(out);
                let writer = match &batch {
                    Some(batch) => writer.tag("batch", batch),
                    None => writer,
                };
                let writer = writer.source(&self.name).numeric(numeric::RPL_ISUPPORT).param(&own_name);
                writer.params(line).trailing("are supported by this server").end();
            };
            if batch.is_some() {
                session.replies.batched_line(write);
            } else {
                session.replies.line(write);
            }
        }
        if let Some(batch) = &batch {
            session.replies.line(|out| {
                MessageWriter::new(out).source(&self.name).command("BATCH").param(&format!("-{batch}")).end();
            });
        }
    }
}

/// The tokens, in the order of the alphabet; those that the settings decide about come last.
fn tokens(config: &Config) -> Vec<String> {
    let lists: String = MaskList::ALL.iter().map(|list| list.letter()).collect();
    let flags: String = Flag::ALL.iter().map(|flag| flag.letter()).collect();
    let roles: String = Role::ALL.iter().map(|role| role.letter()).collect();
    let lengths = &config.lengths;
    let prefixes: String = Role::ALL.iter().map(|role| role.prefix()).collect();
    let mut tokens = vec![
        format!("ACCOUNTEXTBAN={}", ACCOUNT.trim_end_matches(':')),
        format!("AWAYLEN={}", lengths.away),
        format!("BOT={}", UserMode::Bot.letter()),
        "CASEMAPPING=ascii".into(),
        format!("CHANLIMIT=#:{}", config.max_channels),
        format!("CHANMODES={lists},k,fl,{flags}"),
        format!("CHANNELLEN={}", lengths.channel),
        "CHANTYPES=#".into(),
        format!("CHATHISTORY={}", config.max_history),
        "ELIST=CMNTU".into(),
        format!("EXCEPTS={}", MaskList::BanExceptions.letter()),
        format!("EXTBAN=,{}{}", ACCOUNT.trim_end_matches(':'), MUTE.trim_end_matches(':')),
        format!("INVEX={}", MaskList::InviteExceptions.letter()),
        format!("KICKLEN={}", lengths.kick),
        format!("LINELEN={}", lengths.line),
    ];
    if let Some(lobby) = &config.lobby {
        // Ours: the channel that a client may join when its person named none. See docs/IRC.md.
        tokens.push(format!("LOBBY={}", escape(lobby.as_str())));
    }
    tokens.extend([
        format!("MAXLIST={lists}:{}", config.max_masks),
        format!("MODES={MAX_MODES}"),
        format!("MONITOR={MAX_MONITORED}"),
        "MSGREFTYPES=msgid,timestamp".into(),
        format!("NAMELEN={}", lengths.realname),
        format!("NETWORK={}", escape(&config.network)),
        format!("NICKLEN={}", lengths.nick),
        format!("PREFIX=({roles}){prefixes}"),
        format!("STATUSMSG={prefixes}"),
        format!("TARGMAX=JOIN:{MAX_TARGETS},KICK:{MAX_TARGETS},LIST:{MAX_TARGETS},NAMES:{MAX_TARGETS},NOTICE:{MAX_TARGETS},PART:{MAX_TARGETS},PRIVMSG:{MAX_TARGETS},TAGMSG:{MAX_TARGETS},WHOIS:1,WHOWAS:{MAX_TARGETS}"),
        format!("TOPICLEN={}", lengths.topic),
        format!("USERLEN={}", lengths.username),
        "UTF8ONLY".into(),
        "WHOX".into(),
    ]);
    if config.safe_rate {
        // Under both names: the draft's, and the one by which clients know it from soju.
        tokens.extend(["SAFERATE".into(), "soju.im/SAFERATE".into()]);
    }
    if let Some(icon) = &config.icon {
        tokens.push(format!("draft/ICON={}", escape(icon)));
    }
    tokens
}

/// The letters of users' modes, of all channel modes, and of those that take a parameter: what RPL_MYINFO tells.
pub(super) static MODE_LETTERS: LazyLock<[String; 3]> = LazyLock::new(|| {
    let with: String = MaskList::ALL
        .iter()
        .map(|list| list.letter())
        .chain("fkl".chars())
        .chain(Role::ALL.iter().map(|role| role.letter()))
        .collect();
    let all = with.chars().chain(Flag::ALL.iter().map(|flag| flag.letter())).collect();
    [UserMode::ALL.iter().map(|mode| mode.letter()).collect(), all, with]
});

/// A value without what would end it, or the token.
fn escape(value: &str) -> String {
    value
        .chars()
        .map(|c| match c {
            ' ' | '=' | '\\' => format!("\\x{:02X}", c as u32),
            c if c.is_control() => String::new(),
            c => c.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_holds_an_equals_sign_or_a_space() {
        let config = Config { network: "Lab = 3\\".into(), ..Config::default() };
        for token in tokens(&config) {
            let value = token.split_once('=').map_or("", |(_, value)| value);
            assert!(!value.contains(['=', ' ']), "{token}");
        }
        assert!(tokens(&config).contains(&"NETWORK=Lab\\x20\\x3D\\x203\\x5C".to_owned()));
    }
}
