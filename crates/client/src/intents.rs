//! What the person wants: buttons pressed, and commands typed with a slash.

use irc::Nickname;

use crate::engine::Engine;
use crate::link::Phase;
use crate::model::{BufferId, MessageKind};
use crate::{Change, Intent};

const COMMANDS: &str =
    "/me, /join, /part, /topic, /nick, /msg, /notice, /away, /kick, /mode, /whois, /list, /quit, /raw";

impl Engine {
    pub(crate) fn intent(&mut self, intent: Intent) {
        match intent {
            Intent::Connect => self.sign_in(),
            Intent::Disconnect => self.disconnect(""),
            Intent::Say { buffer, text } => {
                if self.is_open(&buffer) {
                    self.asked_from = buffer.clone();
                    self.typed(&buffer, &text);
                }
            }
            Intent::Join { channel } => {
                if self.must_be_here() {
                    self.join(channel.trim(), None, true);
                }
            }
            Intent::Part { buffer } => self.part(&buffer, ""),
            Intent::OpenPerson { nick } => self.person_wanted(&nick),
            Intent::Close { buffer } => {
                self.part(&buffer, "");
                self.close_buffer(&buffer);
            }
            Intent::LoadOlder { buffer } => self.load_older(&buffer),
            Intent::Look { buffer } => self.look(buffer),
            Intent::Retry { buffer, entry } => self.retry(&buffer, entry),
            Intent::Discard { buffer, entry } => self.discard(&buffer, entry),
        }
    }

    fn typed(&mut self, id: &BufferId, text: &str) {
        let text = text.trim_end();
        // Many lines are something pasted, never a command, whatever they start with.
        let one_line = !text.contains('\n');
        match text.strip_prefix('/').filter(|_| one_line) {
            Some(rest) if rest.starts_with('/') => self.said(id, MessageKind::Text, rest),
            Some(command) => self.command(id, command),
            None => self.said(id, MessageKind::Text, text),
        }
    }

    fn said(&mut self, id: &BufferId, kind: MessageKind, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        match id {
            BufferId::Server => self.note(
                id,
                "Nobody reads here. Choose a channel or a person, or type /join and a channel's name.",
            ),
            _ if !self.will_be_in(id) => self.not_in(id),
            _ => self.say(id, kind, text),
        }
    }

    /// Whether words to a buffer can be delivered, now or after a reconnect.
    pub(crate) fn will_be_in(&self, id: &BufferId) -> bool {
        let joined = self.model.buffer(id).is_some_and(|buffer| buffer.joined);
        !matches!(id, BufferId::Channel(_)) || joined || self.tracks.get(id).is_some_and(|track| track.wanted)
    }

    /// Says that words cannot be delivered, and what can be done about it.
    pub(crate) fn not_in(&mut self, id: &BufferId) {
        let Some(name) = self.model.buffer(id).map(|buffer| buffer.name.clone()) else { return };
        self.note(id, format!("You are not in {name}. To come in, type /join {name}"));
    }

    fn command(&mut self, id: &BufferId, line: &str) {
        let (name, rest) = word(line);
        let name = name.to_lowercase();
        let here = self.model.buffer(id).map(|buffer| buffer.name.clone()).unwrap_or_default();
        let in_channel = matches!(id, BufferId::Channel(_));
        match name.as_str() {
            "me" if rest.is_empty() => self.usage(id, "/me what you do"),
            "me" => self.said(id, MessageKind::Action, rest),
            "quit" => self.disconnect(rest),
            "help" => self.note(id, format!("The commands are {COMMANDS}.")),
            "msg" | "query" | "notice" => self.message_command(id, &name, rest),
            "join" | "part" | "leave" | "topic" | "nick" | "away" | "back" | "kick" | "mode" | "whois" | "list" | "raw" | "quote" => {
                if self.must_be_here() {
                    self.server_command(id, &name, rest, &here, in_channel);
                }
            }
            _ => self.note(
                id,
                format!("There is no command /{name}. The commands are {COMMANDS}. To say it, put one more slash before it."),
            ),
        }
    }

    fn server_command(&mut self, id: &BufferId, name: &str, rest: &str, here: &str, in_channel: bool) {
        match name {
            "join" => self.join_command(id, rest),
            "part" | "leave" => {
                let (first, reason) = word(rest);
                if self.is_channel(first) {
                    let other = self.channel_id(first);
                    self.part(&other, reason);
                } else if in_channel {
                    self.part(id, rest);
                } else {
                    self.usage(id, "/part #channel");
                }
            }
            "topic" if !in_channel => self.usage(id, "/topic the new topic, in a channel"),
            "topic" if rest.is_empty() => self.send("TOPIC", &[here]),
            "topic" => self.send_trailing("TOPIC", &[here], rest),
            "nick" => match Nickname::new(rest) {
                Ok(nick) => {
                    self.link.asked_nick = Some(nick.as_str().to_owned());
                    self.link.regaining = false;
                    self.send("NICK", &[nick.as_str()]);
                }
                Err(why) => self.note(id, format!("{rest} cannot be a name: {why}.")),
            },
            "away" if rest.is_empty() => self.send_trailing("AWAY", &[], "Away"),
            "away" => self.send_trailing("AWAY", &[], rest),
            "back" => self.send("AWAY", &[]),
            "kick" => {
                let (nick, reason) = word(rest);
                match reason {
                    _ if !in_channel || nick.is_empty() => self.usage(id, "/kick name reason, in a channel"),
                    "" => self.send("KICK", &[here, nick]),
                    reason => self.send_trailing("KICK", &[here, nick], reason),
                }
            }
            "mode" => self.mode_command(rest, here, in_channel),
            "whois" if rest.is_empty() => self.usage(id, "/whois name"),
            "whois" => self.send("WHOIS", &[word(rest).0]),
            "list" => self.send("LIST", &[]),
            _ if rest.is_empty() => self.usage(id, "/raw a line of the protocol"),
            _ => self.send_raw(rest),
        }
    }

    fn join_command(&mut self, id: &BufferId, rest: &str) {
        let mut words = rest.split(' ').filter(|word| !word.is_empty());
        let Some(channels) = words.next() else {
            self.usage(id, "/join #channel");
            return;
        };
        let key = words.next().map(str::to_owned);
        for channel in channels.split(',').filter(|channel| !channel.is_empty()) {
            self.join(channel, key.clone(), true);
        }
    }

    fn mode_command(&mut self, rest: &str, here: &str, in_channel: bool) {
        let mut params: Vec<&str> = rest.split(' ').filter(|word| !word.is_empty()).collect();
        let own = self.model.nick.as_str().to_owned();
        let names_target = params.first().is_some_and(|first| self.is_channel(first) || self.is_own(first));
        if !names_target {
            params.insert(0, if in_channel { here } else { &own });
        }
        self.send("MODE", &params);
    }

    fn message_command(&mut self, id: &BufferId, name: &str, rest: &str) {
        let (target, text) = word(rest);
        if target.is_empty() || (text.is_empty() && name == "notice") {
            self.usage(id, &format!("/{name} name words"));
            return;
        }
        let kind = if name == "notice" { MessageKind::Notice } else { MessageKind::Text };
        if self.is_channel(target) {
            let channel = self.channel_id(target);
            match self.is_open(&channel) {
                true => self.said(&channel, kind, text),
                false => self.note(id, format!("You are not in {target}. To come in, type /join {target}")),
            }
            return;
        }
        self.person_wanted(target);
        let person = self.person_id(target);
        if self.is_open(&person) {
            self.said(&person, kind, text);
        }
    }

    /// Opens a conversation and brings it to the front.
    fn person_wanted(&mut self, nick: &str) {
        let nick = nick.trim();
        let good = Nickname::from_wire(nick).is_ok() && !nick.starts_with(':') && !self.is_channel(nick);
        if !good {
            let id = self.answer_buffer();
            self.note(&id, format!("{nick} cannot be a person's name."));
            return;
        }
        if self.been_online
            && let Some(id) = self.open_person(nick)
        {
            self.changed(Change::Front(id));
        }
    }

    /// Whether the server can be asked now. Says so, if not.
    fn must_be_here(&mut self) -> bool {
        if self.link.phase == Phase::Ready {
            return true;
        }
        let id = self.answer_buffer();
        self.note(&id, "That needs a connection, and there is none at the moment.");
        false
    }

    fn usage(&mut self, id: &BufferId, form: &str) {
        self.note(id, format!("It goes like this: {form}"));
    }
}

/// The first word, and the rest.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim();
    text.split_once(' ').map_or((text, ""), |(first, rest)| (first, rest.trim_start()))
}
