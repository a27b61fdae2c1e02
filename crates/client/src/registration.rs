//! Signing in: capabilities, the name, the welcome (ircv3.net/specs/extensions/capability-negotiation; Modern IRC,
//! "Connection Registration").

use irc::{Capability, CapabilitySet, Isupport, Message, Nickname};

use crate::Change;
use crate::connection::REGAIN_EVERY;
use crate::engine::Engine;
use crate::link::Phase;
use crate::model::{BufferId, Failure};
use crate::text::sentence;

/// What we know how to use. Some capabilities of the table change what a server says in ways that this client has no use for.
const UNDERSTOOD: CapabilitySet = CapabilitySet::of(&[
    Capability::AccountTag,
    Capability::AwayNotify,
    Capability::Batch,
    Capability::CapNotify,
    Capability::EchoMessage,
    Capability::ExtendedJoin,
    Capability::LabeledResponse,
    Capability::MessageTags,
    Capability::MultiPrefix,
    Capability::ServerTime,
    Capability::Setname,
    Capability::StandardReplies,
    Capability::Chathistory,
    Capability::EventPlayback,
    Capability::ClientId,
]);
/// After the welcome a server that ends no message of the day is taken for ready.
const INTRODUCTION_WITHIN: u64 = 10_000;
/// How many names are tried on a reconnect while the old connection still holds the wanted one.
const MOST_NAMES: u32 = 50;
/// More lines of ISUPPORT than any server has to tell.
const MOST_ISUPPORT_LINES: u32 = 100;
/// NICKLEN for servers that do not tell it before the name is chosen.
const USUAL_NICK_BYTES: usize = Nickname::MAX_BYTES;

impl Engine {
    /// Sign in, from the start. The name is checked before anybody is asked.
    pub(crate) fn sign_in(&mut self) {
        if self.link.phase != Phase::Down {
            return;
        }
        if self.been_online {
            // Between two attempts the person does not want to wait for the next.
            self.open();
            return;
        }
        match Nickname::new(&self.config.nick) {
            Ok(nick) => {
                self.model.nick = nick.clone();
                self.wanted = nick;
                self.open();
            }
            Err(why) => {
                let failure = Failure::NameRefused { nick: self.config.nick.clone(), why: why.to_string() };
                self.fail(failure);
            }
        }
    }

    /// The first lines of a connection.
    pub(crate) fn register(&mut self) {
        let nick = self.wanted.as_str().to_owned();
        self.model.nick = self.wanted.clone();
        self.send("CAP", &["LS", "302"]);
        self.send("NICK", &[&nick]);
        // The user name is for old servers, which take nothing but ASCII in it.
        let user: String = nick.chars().filter(char::is_ascii_alphanumeric).take(10).collect();
        let user = if user.is_empty() { "chinwag" } else { &user };
        self.send_trailing("USER", &[user, "0", "*"], &nick);
        self.changed(Change::Status);
    }

    /// CAP.
    pub(crate) fn cap(&mut self, message: &Message<'_>) {
        let Some(subcommand) = message.param(1) else { return };
        let list = message.params().last().copied().unwrap_or_default();
        let names = list.split(' ').filter(|name| !name.is_empty());
        match subcommand.to_ascii_uppercase().as_str() {
            "LS" => {
                names.filter_map(known).for_each(|c| self.link.offered.insert(c));
                let more_to_come = message.params().len() > 3 && message.param(2) == Some("*");
                if !more_to_come && self.link.phase == Phase::Registering {
                    self.request(self.link.offered);
                    self.end_negotiation_when_done();
                }
            }
            "NEW" => {
                let mut new = CapabilitySet::EMPTY;
                names.filter_map(known).for_each(|c| new.insert(c));
                self.request(new);
            }
            "ACK" => {
                for name in names {
                    match (name.strip_prefix('-'), known(name)) {
                        (Some(gone), _) => known(gone).into_iter().for_each(|c| self.link.caps.remove(c)),
                        (None, Some(capability)) => self.link.caps.insert(capability),
                        (None, None) => {}
                    }
                }
                self.answered();
            }
            "NAK" => {
                // All were refused because of one; asked one by one, the others may pass.
                let refused: Vec<Capability> = names.filter_map(known).collect();
                if refused.len() > 1 {
                    for capability in refused {
                        self.request(CapabilitySet::of(&[capability]));
                    }
                }
                self.answered();
            }
            "DEL" => names.filter_map(known).for_each(|c| self.link.caps.remove(c)),
            _ => {}
        }
    }

    fn request(&mut self, capabilities: CapabilitySet) {
        let names: Vec<&str> = capabilities.iter().map(Capability::name).collect();
        if !names.is_empty() && self.link.cap_requests < Capability::ALL.len() * 2 {
            self.link.cap_requests += 1;
            self.send_trailing("CAP", &["REQ"], &names.join(" "));
        }
    }

    fn answered(&mut self) {
        self.link.cap_requests = self.link.cap_requests.saturating_sub(1);
        if self.link.phase == Phase::Registering {
            self.end_negotiation_when_done();
        }
    }

    fn end_negotiation_when_done(&mut self) {
        if self.link.cap_requests == 0 {
            self.send("CAP", &["END"]);
        }
    }

    /// 001.
    pub(crate) fn welcome(&mut self, message: &Message<'_>) {
        if self.link.phase != Phase::Registering {
            return;
        }
        self.link.phase = Phase::Welcomed;
        self.link.deadline = Some(self.now.plus_millis(INTRODUCTION_WITHIN));
        if let Some(nick) = message.param(0).and_then(|nick| Nickname::from_wire(nick).ok()) {
            self.own_nick_is(nick);
        }
        if self.link.names_tried == 0 {
            // A server may cut a name short, and then that is our name.
            self.wanted = self.model.nick.clone();
        } else if !self.same(self.model.nick.as_str(), self.wanted.as_str()) {
            self.link.regain_at = Some(self.now.plus_millis(REGAIN_EVERY));
        }
    }

    /// 005.
    pub(crate) fn isupport(&mut self, message: &Message<'_>) {
        let params = message.params();
        if self.link.phase < Phase::Welcomed || params.len() < 3 {
            return;
        }
        if self.link.isupport_lines == 0 {
            self.isupport = Isupport::default();
        }
        self.link.isupport_lines += 1;
        if self.link.isupport_lines > MOST_ISUPPORT_LINES {
            return;
        }
        self.isupport.update(&params[1..params.len() - 1]);
        let network = self.isupport.get("NETWORK").filter(|name| !name.is_empty()).map(str::to_owned);
        if let Some(network) = network.filter(|network| *network != self.model.network) {
            self.model.network.clone_from(&network);
            self.edit(&BufferId::Server, |buffer| buffer.name = network);
            self.changed(Change::Buffers);
            self.changed(Change::Status);
        }
    }

    /// 376 or 422: the message of the day has ended, and with it the server's introduction.
    pub(crate) fn end_of_motd(&mut self) {
        if self.link.phase != Phase::Welcomed {
            return;
        }
        let first_time = !self.been_online;
        self.link.deadline = None;
        self.in_the_chat();
        // Those that were asked for when the connection was lost come first.
        let mut channels: Vec<(String, Option<String>, bool)> =
            self.joins.values().map(|join| (join.name.clone(), join.key.clone(), join.front)).collect();
        if first_time {
            let named = if self.config.channels.is_empty() {
                self.isupport
                    .get("LOBBY")
                    .filter(|name| self.is_channel(name))
                    .map(str::to_owned)
                    .into_iter()
                    .collect()
            } else {
                self.config.channels.clone()
            };
            channels.extend(named.into_iter().enumerate().map(|(index, name)| (name, None, index == 0)));
        }
        for (id, track) in &self.tracks {
            if let (BufferId::Channel(_), true, Some(buffer)) = (id, track.wanted, self.model.buffer(id)) {
                channels.push((buffer.name.clone(), track.key.clone(), false));
            }
        }
        for (name, key, front) in channels {
            self.join(&name, key, front);
        }
        self.catch_up_with_people();
        self.send_mail();
    }

    // The name.

    /// 431, 432, 433, 436, 437: the name cannot be had.
    pub(crate) fn name_refused(&mut self, numeric: u16, message: &Message<'_>) {
        let words = sentence(message.params().last().copied().unwrap_or_default());
        if self.link.phase >= Phase::Welcomed {
            if !std::mem::take(&mut self.link.regaining) {
                self.link.asked_nick = None;
                let id = self.answer_buffer();
                self.note(&id, words);
            }
            return;
        }
        let taken = matches!(numeric, irc::numeric::ERR_NICKNAMEINUSE | 436 | 437);
        if self.been_online && taken && self.link.names_tried < MOST_NAMES {
            self.link.names_tried += 1;
            let other = another_name(self.wanted.as_str(), self.link.names_tried);
            self.send("NICK", &[&other]);
            return;
        }
        let nick = self.wanted.as_str().to_owned();
        let why = words.trim_end_matches('.').to_owned();
        let failure = if taken {
            let suggestion = another_name(&nick, 1);
            Failure::NameTaken { nick, suggestion }
        } else {
            Failure::NameRefused { nick, why }
        };
        self.send("QUIT", &[]);
        self.hang_up();
        self.forget_connection();
        self.fail(failure);
    }

    /// Asks for the wanted name again, since another had to do.
    pub(crate) fn regain_name(&mut self) {
        self.link.regain_at = None;
        let wanted = self.wanted.as_str().to_owned();
        if !self.is_own(&wanted) {
            self.link.regaining = true;
            self.link.regain_at = Some(self.now.plus_millis(REGAIN_EVERY));
            self.send("NICK", &[&wanted]);
        }
    }

    /// We have this name now.
    pub(crate) fn own_nick_is(&mut self, nick: Nickname) {
        let asked = self.link.asked_nick.as_deref().is_some_and(|asked| self.same(asked, nick.as_str()));
        if asked {
            self.link.asked_nick = None;
            self.wanted = nick.clone();
        }
        if self.same(nick.as_str(), self.wanted.as_str()) {
            self.link.regain_at = None;
            self.link.regaining = false;
        }
        self.model.nick = nick;
        self.changed(Change::Status);
    }

    pub(crate) fn same(&self, a: &str, b: &str) -> bool {
        self.fold(a) == self.fold(b)
    }

    pub(crate) fn is_own(&self, nick: &str) -> bool {
        self.same(nick, self.model.nick.as_str())
    }
}

fn known(offer: &str) -> Option<Capability> {
    let name = offer.split('=').next().unwrap_or(offer);
    Capability::from_name(name).filter(|capability| UNDERSTOOD.has(*capability))
}

/// A name like the wanted one, another for each attempt: `john_`, `john2`, `john3`, within the length that servers allow.
pub(crate) fn another_name(wanted: &str, attempt: u32) -> String {
    let ending = if attempt <= 1 { "_".to_owned() } else { attempt.to_string() };
    let room = USUAL_NICK_BYTES - ending.len();
    let stem = &wanted[..wanted.floor_char_boundary(room.min(wanted.len()))];
    format!("{stem}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_names_are_names_and_differ() {
        for wanted in ["john", &"é".repeat(16), "李雷李雷李雷李雷李雷"] {
            let mut seen = std::collections::BTreeSet::new();
            for attempt in 1..=MOST_NAMES {
                let other = another_name(wanted, attempt);
                assert!(Nickname::new(&other).is_ok(), "{other}");
                assert!(seen.insert(other));
            }
        }
        assert_eq!(another_name("john", 1), "john_");
    }
}
