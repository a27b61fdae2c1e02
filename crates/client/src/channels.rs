//! Channels: who comes and goes, and what is told of them. Also what such lines say as entries, live or in history.

use std::collections::BTreeMap;
use std::sync::Arc;

use irc::{Message, Nickname};

use crate::Change;
use crate::batches::Origin;
use crate::buffers::Track;
use crate::engine::{Engine, Join};
use crate::link::Phase;
use crate::model::{BufferId, EntryId, Member, Presence, What};
use crate::text::{sentence, strip_formatting};

/// Why words do not arrive in a channel that was left.
const LEFT: &str = "You have left the channel.";

impl Engine {
    /// Asks to be let into a channel.
    pub(crate) fn join(&mut self, name: &str, key: Option<String>, front: bool) {
        let name = if self.is_channel(name) { name.to_owned() } else { format!("#{name}") };
        let id = self.channel_id(&name);
        if front && self.model.buffer(&id).is_some_and(|buffer| buffer.joined) {
            self.changed(Change::Front(id));
            return;
        }
        if !self.is_channel(&name) {
            let answer = self.answer_buffer();
            self.note(&answer, format!("{name} cannot be a channel's name."));
            return;
        }
        let mut params = vec![name.as_str()];
        params.extend(key.as_deref());
        self.send("JOIN", &params);
        self.joins.insert(self.fold(&name), Join { name, key, front });
    }

    /// The server did not let us into a channel. Whether we had asked.
    pub(crate) fn join_refused(&mut self, name: &str, why: &str) -> bool {
        let Some(join) = self.joins.remove(&self.fold(name)) else { return false };
        let id = self.channel_id(&join.name);
        if let Some(track) = self.tracks.get_mut(&id) {
            track.wanted = false;
        }
        let told = if self.is_open(&id) { id.clone() } else { self.answer_buffer() };
        self.note(&told, format!("{} cannot be joined: {why}", join.name));
        self.mail_failed(&id, why);
        true
    }

    pub(crate) fn part(&mut self, id: &BufferId, reason: &str) {
        let Some(name) = self.model.buffer(id).map(|buffer| buffer.name.clone()) else { return };
        if !matches!(id, BufferId::Channel(_)) {
            return;
        }
        if let Some(track) = self.tracks.get_mut(id) {
            track.wanted = false;
        }
        if self.link.phase == Phase::Ready {
            match reason {
                "" => self.send("PART", &[&name]),
                reason => self.send_trailing("PART", &[&name], reason),
            }
        }
        if !self.model.buffer(id).is_some_and(|buffer| buffer.joined) {
            // No PART will come that says so.
            self.mail_failed(id, LEFT);
        }
    }

    /// The connection is gone: what waits for channels that were left waits for nothing.
    pub(crate) fn give_up_mail_to_channels_left(&mut self) {
        let asked: Vec<BufferId> = self.joins.values().map(|join| self.channel_id(&join.name)).collect();
        let left = |(id, track): &(&BufferId, &Track)| {
            matches!(id, BufferId::Channel(_)) && !track.wanted && !asked.contains(id)
        };
        let left: Vec<BufferId> = self.tracks.iter().filter(left).map(|(id, _)| id.clone()).collect();
        for id in &left {
            self.mail_failed_unless_in_doubt(id, LEFT);
        }
    }

    // What happens.

    pub(crate) fn join_came(&mut self, message: &Message<'_>, origin: &Origin) {
        let (Some(nick), Some(name)) = (message.source_nick(), message.param(0)) else { return };
        if !self.is_channel(name) {
            return;
        }
        let id = self.channel_id(name);
        if self.is_own(nick) {
            self.note_own_mask(message);
            self.came_in(&id, name, origin);
            return;
        }
        // extended-join tells the account; `*` is none.
        let account = message.param(1).filter(|account| *account != "*").map(str::to_owned);
        let Ok(nick) = Nickname::from_wire(nick) else { return };
        self.set_member(&id, nick.clone(), |member| {
            member.account = account;
            member.away = false;
        });
        self.person_is_online(nick.as_str(), true);
        self.add_presence(&id, origin, nick.as_str(), Presence::Joined);
    }

    /// We are in.
    fn came_in(&mut self, id: &BufferId, name: &str, origin: &Origin) {
        if !self.open_buffer(id, name) {
            return;
        }
        let asked = self.joins.remove(&self.fold(name));
        self.edit(id, |buffer| {
            buffer.name = name.to_owned();
            buffer.joined = true;
            buffer.members = Arc::default();
        });
        self.set_member(id, self.model.nick.clone(), |_| {});
        if let Some(track) = self.tracks.get_mut(id) {
            track.wanted = true;
            track.live_from = EntryId(self.last_entry);
            if let Some(join) = &asked {
                track.key.clone_from(&join.key);
            }
        }
        self.changed(Change::Buffers);
        if asked.is_some_and(|join| join.front) {
            self.changed(Change::Front(id.clone()));
        }
        self.settle(id);
        // Before our own arrival is an entry, so that the last one before it is where the gap starts.
        self.catch_up(id);
        let nick = self.model.nick.clone();
        self.add_presence(id, origin, nick.as_str(), Presence::Joined);
    }

    pub(crate) fn part_came(&mut self, message: &Message<'_>, origin: &Origin) {
        let (Some(nick), Some(names)) = (message.source_nick(), message.param(0)) else { return };
        for name in names.split(',') {
            let id = self.channel_id(name);
            let reason = reason(message.param(1));
            self.add_presence(&id, origin, nick, Presence::Left(reason));
            if self.is_own(nick) {
                self.went_out(&id, LEFT);
            } else {
                self.remove_member(&id, nick);
            }
        }
    }

    pub(crate) fn kick_came(&mut self, message: &Message<'_>, origin: &Origin) {
        let (Some(by), Some(name), Some(nick)) = (message.source_nick(), message.param(0), message.param(1))
        else {
            return;
        };
        let id = self.channel_id(name);
        let reason = reason(message.param(2));
        if self.is_own(nick) {
            let why = reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
            let words = format!("You were removed from {name} by {by}{why}");
            self.add(&id, origin.at, origin.msgid.clone(), What::Notice(sentence(&words)));
            self.went_out(&id, "You were removed from the channel.");
        } else {
            self.add_presence(&id, origin, nick, Presence::Kicked { by: by.to_owned(), reason });
            self.remove_member(&id, nick);
        }
    }

    /// We are out of a channel, and shall not come back by ourselves.
    fn went_out(&mut self, id: &BufferId, why: &str) {
        if let Some(track) = self.tracks.get_mut(id) {
            track.wanted = false;
        }
        self.edit(id, |buffer| {
            buffer.joined = false;
            buffer.members = Arc::default();
        });
        self.changed(Change::Buffers);
        self.mail_failed(id, why);
    }

    pub(crate) fn quit_came(&mut self, message: &Message<'_>, origin: &Origin) {
        let Some(nick) = message.source_nick().map(str::to_owned) else { return };
        if self.is_own(&nick) {
            return;
        }
        let reason = reason(message.param(0));
        for id in self.channels_of(&nick) {
            self.remove_member(&id, &nick);
            self.add_presence(&id, origin, &nick, Presence::Quit(reason.clone()));
        }
        self.person_is_online(&nick, false);
        if self.same(&nick, self.wanted.as_str()) {
            // The old connection that held our name is gone.
            self.regain_name();
        }
    }

    pub(crate) fn nick_came(&mut self, message: &Message<'_>, origin: &Origin) {
        let (Some(old), Some(new)) = (message.source_nick().map(str::to_owned), message.param(0)) else {
            return;
        };
        let Ok(new) = Nickname::from_wire(new) else { return };
        let own = self.is_own(&old);
        let channels = self.channels_of(&old);
        if own {
            self.own_nick_is(new.clone());
        }
        let folded = (self.fold(&old), self.fold(new.as_str()));
        for id in channels {
            self.edit(&id, |buffer| {
                let members = Arc::make_mut(&mut buffer.members);
                if let Some(mut member) = members.remove(&folded.0) {
                    member.nick = new.clone();
                    members.insert(folded.1.clone(), member);
                }
            });
            self.add_presence(&id, origin, &old, Presence::Renamed(new.as_str().to_owned()));
        }
        if !own {
            let id = self.person_id(&old);
            if self.is_open(&id) {
                self.add_presence(&id, origin, &old, Presence::Renamed(new.as_str().to_owned()));
                self.rename_person(&old, new.as_str());
            }
            if self.same(&old, self.wanted.as_str()) {
                self.regain_name();
            }
        }
    }

    pub(crate) fn topic_came(&mut self, message: &Message<'_>, origin: &Origin) {
        let (Some(name), Some(topic)) = (message.param(0), message.param(1)) else { return };
        let id = self.channel_id(name);
        let topic = strip_formatting(topic);
        self.edit(&id, |buffer| buffer.topic = topic);
        if let Some(what) = self.told(message) {
            self.add(&id, origin.at, origin.msgid.clone(), what);
        }
    }

    pub(crate) fn mode_came(&mut self, message: &Message<'_>, origin: &Origin) {
        let (Some(name), Some(modes)) = (message.param(0), message.param(1)) else { return };
        if !self.is_channel(name) {
            return;
        }
        let id = self.channel_id(name);
        for (mode, on, nick) in self.prefix_changes(modes, &message.params()[2..]) {
            let order = self.isupport.prefixes();
            let Some((prefix, _)) = order.iter().find(|(_, m)| *m == mode).copied() else { continue };
            self.edit_member(&id, &nick, |member| {
                let has = |p: char| if p == prefix { on } else { member.prefixes.contains(p) };
                member.prefixes = order.iter().map(|(p, _)| *p).filter(|p| has(*p)).collect();
                member.prefix = member.prefixes.chars().next();
            });
        }
        if let Some(what) = self.told(message) {
            self.add(&id, origin.at, origin.msgid.clone(), what);
        }
    }

    /// The changes of members' prefixes among changes of modes: which mode, whether set, whose.
    fn prefix_changes(&self, modes: &str, args: &[&str]) -> Vec<(char, bool, String)> {
        let prefixes = self.isupport.prefixes();
        let kinds: Vec<&str> =
            self.isupport.get("CHANMODES").unwrap_or("beI,k,l,imnpst").split(',').collect();
        let is = |kind: usize, mode: char| kinds.get(kind).is_some_and(|modes| modes.contains(mode));
        let mut args = args.iter();
        let mut on = true;
        let mut changes = Vec::new();
        for mode in modes.chars() {
            match mode {
                '+' => on = true,
                '-' => on = false,
                mode if prefixes.iter().any(|(_, m)| *m == mode) => {
                    changes.extend(args.next().map(|nick| (mode, on, (*nick).to_owned())));
                }
                mode if is(0, mode) || is(1, mode) || (on && is(2, mode)) => {
                    args.next();
                }
                _ => {}
            }
        }
        changes
    }

    pub(crate) fn away_came(&mut self, message: &Message<'_>) {
        let Some(nick) = message.source_nick().map(str::to_owned) else { return };
        let away = message.param(0).is_some_and(|why| !why.is_empty());
        for id in self.channels_of(&nick) {
            self.edit_member(&id, &nick, |member| member.away = away);
        }
    }

    pub(crate) fn account_came(&mut self, message: &Message<'_>) {
        let (Some(nick), Some(account)) = (message.source_nick().map(str::to_owned), message.param(0)) else {
            return;
        };
        let account = Some(account).filter(|account| *account != "*").map(str::to_owned);
        for id in self.channels_of(&nick) {
            self.edit_member(&id, &nick, |member| member.account.clone_from(&account));
        }
    }

    pub(crate) fn invite_came(&mut self, message: &Message<'_>) {
        let (Some(by), Some(nick), Some(channel)) =
            (message.source_nick(), message.param(0), message.param(1))
        else {
            return;
        };
        if self.is_own(nick) {
            let id = self.answer_buffer();
            self.note(&id, format!("{by} invites you to {channel}. To go there, type /join {channel}"));
        }
    }

    // Members.

    pub(crate) fn set_member(&mut self, id: &BufferId, nick: Nickname, change: impl FnOnce(&mut Member)) {
        /// More than any channel has; a server that makes up members gets no further.
        const MAX_MEMBERS: usize = 200_000;
        let folded = self.fold(nick.as_str());
        self.edit(id, |buffer| {
            if buffer.members.len() >= MAX_MEMBERS {
                return;
            }
            let members: &mut BTreeMap<String, Member> = Arc::make_mut(&mut buffer.members);
            let member = members.entry(folded).or_insert_with(|| Member {
                nick: nick.clone(),
                account: None,
                prefix: None,
                prefixes: String::new(),
                away: false,
            });
            member.nick = nick;
            change(member);
        });
    }

    pub(crate) fn edit_member(&mut self, id: &BufferId, nick: &str, change: impl FnOnce(&mut Member)) {
        let folded = self.fold(nick);
        if self.model.buffer(id).is_some_and(|buffer| buffer.members.contains_key(&folded)) {
            self.edit(id, |buffer| Arc::make_mut(&mut buffer.members).get_mut(&folded).map(change));
        }
    }

    fn remove_member(&mut self, id: &BufferId, nick: &str) {
        let folded = self.fold(nick);
        if self.model.buffer(id).is_some_and(|buffer| buffer.members.contains_key(&folded)) {
            self.edit(id, |buffer| Arc::make_mut(&mut buffer.members).remove(&folded));
        }
    }

    /// The channels that we are in with somebody. Of one that we are not in we hear no more, whatever its members do elsewhere: an entry there would
    /// stand behind what is missing, and hide it.
    fn channels_of(&self, nick: &str) -> Vec<BufferId> {
        let folded = self.fold(nick);
        let has = |id: &&BufferId| {
            self.model.buffer(id).is_some_and(|buffer| buffer.joined && buffer.members.contains_key(&folded))
        };
        self.model.buffers.keys().filter(has).cloned().collect()
    }

    fn person_is_online(&mut self, nick: &str, online: bool) {
        let id = self.person_id(nick);
        self.edit_if(&id, |buffer| buffer.joined != online, |buffer| buffer.joined = online);
    }

    fn add_presence(&mut self, id: &BufferId, origin: &Origin, nick: &str, change: Presence) {
        if self.is_open(id) {
            self.add(id, origin.at, origin.msgid.clone(), What::Presence { nick: nick.to_owned(), change });
        }
    }

    // Lines as entries.

    /// What a line tells people who read the buffer that it belongs to, as it happens or in history.
    pub(crate) fn told(&self, message: &Message<'_>) -> Option<What> {
        let who = message.source_nick()?.to_owned();
        let param = |index: usize| message.param(index);
        let presence = |nick: String, change: Presence| Some(What::Presence { nick, change });
        match message.command.to_ascii_uppercase().as_str() {
            "PRIVMSG" | "NOTICE" => Some(self.read_words(message)?.into_what(self.model.nick.as_str())),
            "JOIN" => presence(who, Presence::Joined),
            "PART" => presence(who, Presence::Left(reason(param(1)))),
            "QUIT" => presence(who, Presence::Quit(reason(param(0)))),
            "NICK" => presence(who, Presence::Renamed(param(0)?.to_owned())),
            "KICK" => presence(param(1)?.to_owned(), Presence::Kicked { by: who, reason: reason(param(2)) }),
            "TOPIC" => Some(What::Notice(match strip_formatting(param(1)?).as_str() {
                "" => format!("{who} removed the topic."),
                topic => format!("{who} set the topic: {topic}"),
            })),
            "MODE" => {
                Some(What::Notice(format!("{who} set the mode {}", message.params().get(1..)?.join(" "))))
            }
            _ => None,
        }
    }
}

fn reason(words: Option<&str>) -> Option<String> {
    words.map(strip_formatting).filter(|words| !words.trim().is_empty())
}
