//! The server's numbered answers (Modern IRC, "Numerics").

use irc::{Message, Nickname, numeric as n};

use crate::batches::Origin;
use crate::engine::Engine;
use crate::link::Phase;
use crate::model::{BufferId, What};
use crate::text::{sentence, strip_formatting};

/// Numerics that the specifications use and the shared table does not need.
const ERR_TOOMANYJOINS: u16 = 479;
const ERR_NEEDREGGEDNICK: u16 = 477;
const ERR_UNAVAILRESOURCE: u16 = 437;
const ERR_NICKCOLLISION: u16 = 436;
const ERR_SECUREONLYCHAN: u16 = 489;
const RPL_WHOISSECURE: u16 = 671;
const RPL_WHOISACTUALLY: u16 = 338;

impl Engine {
    pub(crate) fn numeric(&mut self, numeric: u16, message: &Message<'_>, origin: &Origin) {
        match numeric {
            n::RPL_WELCOME => self.welcome(message),
            n::RPL_ISUPPORT => self.isupport(message),
            n::RPL_ENDOFMOTD | n::ERR_NOMOTD => self.end_of_motd(),
            n::ERR_NONICKNAMEGIVEN | n::ERR_ERRONEUSNICKNAME | n::ERR_NICKNAMEINUSE | ERR_NICKCOLLISION => {
                self.name_refused(numeric, message)
            }
            // 437 is said of channels too.
            ERR_UNAVAILRESOURCE if !message.param(1).is_some_and(|name| self.is_channel(name)) => {
                self.name_refused(numeric, message);
            }
            _ if self.link.phase < Phase::Welcomed => self.before_the_welcome(numeric, message),
            n::RPL_TOPIC | n::RPL_NOTOPIC => self.topic_is(numeric, message),
            n::RPL_NAMREPLY => self.names_are(message),
            n::RPL_AWAY => self.is_away(message),
            n::RPL_TOPICWHOTIME
            | n::RPL_ENDOFNAMES
            | n::RPL_CREATIONTIME
            | n::RPL_ENDOFWHO
            | n::RPL_ENDOFWHOIS => {}
            // What servers count and call themselves is of no use to people.
            n::RPL_YOURHOST..=n::RPL_MYINFO | n::RPL_LUSERCLIENT..=n::RPL_LUSERME => {}
            n::RPL_LOCALUSERS | n::RPL_GLOBALUSERS => {}
            // The message of the day is told on the first day.
            n::RPL_MOTD if self.been_online && self.link.phase == Phase::Welcomed => {}
            n::RPL_CHANNELMODEIS | n::RPL_LISTSTART | n::RPL_LISTEND | n::RPL_MOTDSTART | n::RPL_WHOREPLY => {
            }
            n::RPL_LIST => self.channel_listed(message),
            n::ERR_UNKNOWNCOMMAND => self.unknown_command(message),
            n::RPL_WHOISUSER..=n::RPL_WHOISOPERATOR
            | n::RPL_WHOISIDLE
            | n::RPL_WHOISCHANNELS
            | n::RPL_WHOISACCOUNT
            | RPL_WHOISACTUALLY
            | n::RPL_WHOISHOST
            | n::RPL_WHOISMODES
            | RPL_WHOISSECURE => self.whois(numeric, message),
            n::RPL_UNAWAY | n::RPL_NOWAWAY => {
                let id = self.answer_buffer();
                self.note(&id, sentence(message.params().last().copied().unwrap_or_default()));
            }
            400..=599 | n::ERR_INVALIDMODEPARAM => self.refusal(numeric, message, origin),
            _ => self.told_by_server(message, origin),
        }
    }

    /// An error before the welcome is the server's reason, should it close the connection.
    fn before_the_welcome(&mut self, numeric: u16, message: &Message<'_>) {
        // An old server does not know CAP, and that is all.
        if (400..=599).contains(&numeric)
            && numeric != n::ERR_UNKNOWNCOMMAND
            && numeric != n::ERR_NOTREGISTERED
        {
            self.link.error = Some(sentence(message.params().last().copied().unwrap_or_default()));
        }
    }

    /// 331, 332.
    fn topic_is(&mut self, numeric: u16, message: &Message<'_>) {
        let (Some(name), Some(topic)) = (message.param(1), message.param(2)) else { return };
        let topic = if numeric == n::RPL_TOPIC { strip_formatting(topic) } else { String::new() };
        let id = self.channel_id(name);
        self.edit(&id, |buffer| buffer.topic = topic);
    }

    /// 353.
    fn names_are(&mut self, message: &Message<'_>) {
        let [_, _, name, names] = message.params() else { return };
        let id = self.channel_id(name);
        let order = self.isupport.prefixes();
        for word in names.split(' ').filter(|word| !word.is_empty()) {
            let is_prefix = |c: char| order.iter().any(|(prefix, _)| *prefix == c);
            let nick = word.trim_start_matches(is_prefix);
            let own_prefixes = &word[..word.len() - nick.len()];
            // userhost-in-names
            let nick = nick.split('!').next().unwrap_or(nick);
            let Ok(nick) = Nickname::from_wire(nick) else { continue };
            self.set_member(&id, nick, |member| {
                member.prefixes =
                    order.iter().map(|(p, _)| *p).filter(|p| own_prefixes.contains(*p)).collect();
                member.prefix = member.prefixes.chars().next();
            });
        }
    }

    /// 301: said of somebody we wrote to. Told once for each reason.
    fn is_away(&mut self, message: &Message<'_>) {
        let (Some(nick), Some(why)) = (message.param(1), message.param(2)) else { return };
        let words = sentence(&format!("{nick} is away: {why}"));
        let id = self.person_id(nick);
        let Some(track) = self.tracks.get_mut(&id) else {
            let id = self.answer_buffer();
            self.note(&id, words);
            return;
        };
        if track.away.as_deref() != Some(why) {
            track.away = Some(why.to_owned());
            self.note(&id, words);
        }
    }

    /// 322.
    fn channel_listed(&mut self, message: &Message<'_>) {
        let (Some(name), Some(count)) = (message.param(1), message.param(2)) else { return };
        let people = if count == "1" { "person" } else { "people" };
        let topic = strip_formatting(message.param(3).unwrap_or_default());
        let topic = if topic.is_empty() { topic } else { format!(": {topic}") };
        let id = self.answer_buffer();
        self.note(&id, format!("{name}, {count} {people}{topic}"));
    }

    /// 421.
    fn unknown_command(&mut self, message: &Message<'_>) {
        match message.param(1).map(str::to_ascii_uppercase).as_deref() {
            Some("CHATHISTORY") => self.history_unknown(),
            Some("CAP") => {}
            Some(command) => {
                let id = self.answer_buffer();
                self.note(&id, format!("The server does not know {command}."));
            }
            None => {}
        }
    }

    fn whois(&mut self, numeric: u16, message: &Message<'_>) {
        let p = |index: usize| strip_formatting(message.param(index).unwrap_or_default());
        let words = match numeric {
            n::RPL_WHOISUSER => format!("{} is {}@{}, {}", p(1), p(2), p(3), p(5)),
            n::RPL_WHOISSERVER => format!("{} is on {} ({})", p(1), p(2), p(3)),
            n::RPL_WHOISCHANNELS => format!("{} is in {}", p(1), p(2).trim()),
            n::RPL_WHOISACCOUNT => format!("{} is signed in as {}", p(1), p(2)),
            n::RPL_WHOISIDLE => {
                let minutes = message.param(2).and_then(|s| s.parse::<u64>().ok()).unwrap_or_default() / 60;
                format!("{} last wrote {minutes} minutes ago", p(1))
            }
            _ => format!(
                "{} {}",
                p(1),
                strip_formatting(&message.params().get(2..).unwrap_or_default().join(" "))
            ),
        };
        let id = self.answer_buffer();
        self.note(&id, sentence(words.trim_end_matches([',', ' '])));
    }

    /// Something was refused: a message, a channel, or whatever was asked last.
    fn refusal(&mut self, numeric: u16, message: &Message<'_>, origin: &Origin) {
        let params = message.params();
        let words = sentence(params.last().copied().unwrap_or_default());
        let subject = if params.len() > 2 { params.get(1).copied() } else { None };
        if let Some(name) = subject
            && is_about_joining(numeric)
            && self.join_refused(name, &words)
        {
            return;
        }
        if numeric == n::ERR_NOSUCHNICK
            && let Some(nick) = subject
        {
            let id = self.person_id(nick);
            self.edit_if(&id, |buffer| buffer.joined, |buffer| buffer.joined = false);
        }
        let labelled = origin.label.is_some() && self.refused(origin.label.as_deref(), None, &words);
        if labelled || (is_about_words(numeric) && self.refused(None, subject, &words)) {
            return;
        }
        let named = subject.map(|name| self.id_of(name)).filter(|id| self.is_open(id));
        let id = named.unwrap_or_else(|| self.answer_buffer());
        let words = match subject {
            Some(subject) if !words.contains(subject) => format!("{subject}: {words}"),
            _ => words,
        };
        self.note(&id, words);
    }

    /// Everything else is the server's own talk.
    fn told_by_server(&mut self, message: &Message<'_>, origin: &Origin) {
        let words = message.params().get(1..).unwrap_or_default().join(" ");
        let words = strip_formatting(&words);
        if !words.trim().is_empty() {
            self.add(&BufferId::Server, origin.at, origin.msgid.clone(), What::Notice(words));
        }
    }
}

/// Whether a refusal may be the answer to JOIN.
fn is_about_joining(numeric: u16) -> bool {
    matches!(
        numeric,
        n::ERR_NOSUCHCHANNEL
            | n::ERR_TOOMANYCHANNELS
            | ERR_UNAVAILRESOURCE
            | n::ERR_CHANNELISFULL
            | n::ERR_INVITEONLYCHAN
            | n::ERR_BANNEDFROMCHAN
            | n::ERR_BADCHANNELKEY
            | n::ERR_BADCHANMASK
            | ERR_NEEDREGGEDNICK
            | ERR_TOOMANYJOINS
            | ERR_SECUREONLYCHAN
            | 448
            | 520
    )
}

/// Whether a refusal may be the answer to PRIVMSG or NOTICE.
fn is_about_words(numeric: u16) -> bool {
    matches!(
        numeric,
        n::ERR_NOSUCHNICK
            | n::ERR_NOSUCHCHANNEL
            | n::ERR_CANNOTSENDTOCHAN
            | n::ERR_TOOMANYTARGETS
            | 408
            | n::ERR_NORECIPIENT
            | n::ERR_NOTEXTTOSEND
            | n::ERR_INPUTTOOLONG
            | ERR_NEEDREGGEDNICK
            | 531
            | 716
    )
}
