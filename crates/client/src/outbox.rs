//! The outbox: one's own messages on their way, each delivered once or said to have failed.
//!
//! A message is an entry in its buffer from the moment it is said. What the server's answer to it is depends on the server: an echo
//! (with a label or our id, or neither), or nothing. A connection that is lost in between leaves the question whether the message
//! arrived. A server with `chinwag/client-id` is simply told again, since it keeps the first; of any other the history is
//! read; and where there is none the person is asked. Nothing is ever said twice by itself.

use irc::{Capability, Timestamp};

use crate::batches::Origin;
use crate::buffers::Place;
use crate::engine::Engine;
use crate::letters::{Letter, PATIENCE, State};
use crate::link::Phase;
use crate::messages::Words;
use crate::model::{BufferId, Delivery, EntryId, MessageKind, What};

/// How many messages may be on their way at once, so that a long outbox does not drown the server after a reconnect.
const MAX_ON_THE_WAY: usize = 16;
/// How long after it was sent a message may still be refused by a server that sends no echo.
const LATE_REFUSAL: u64 = 15_000;

/// What a person reads who has to decide.
const MAY_NOT_HAVE_ARRIVED: &str = "The connection was lost, and this may not have arrived. Send it again?";

impl Engine {
    /// Says something: an entry at once, and a message as soon as it can be sent.
    pub(crate) fn say(&mut self, id: &BufferId, kind: MessageKind, text: &str) {
        let Some(name) = self.model.buffer(id).map(|buffer| buffer.name.clone()) else { return };
        let room = self.room_for_words(&name, kind);
        for line in text.lines() {
            let line = line.trim_end();
            for piece in crate::text::pieces(line, room) {
                let what = What::Message {
                    from: self.model.nick.as_str().to_owned(),
                    own: true,
                    text: piece.to_owned(),
                    kind,
                    delivery: Delivery::Waiting,
                    mention: false,
                };
                let Some(entry) = self.add_waiting(id, what) else { return };
                let client_id = self.dice.client_id();
                let text = piece.to_owned();
                self.outbox.letters.push(Letter {
                    entry,
                    buffer: id.clone(),
                    kind,
                    text,
                    client_id,
                    state: State::Unsent,
                });
            }
        }
        self.send_mail();
    }

    /// The bytes of words that fit a line once the server has put our whole source before it.
    fn room_for_words(&self, target: &str, kind: MessageKind) -> usize {
        const LONGEST_USER_AND_HOST: usize = 1 + 11 + 1 + 63;
        let nick = self.model.nick.as_str().len().max(self.wanted.as_str().len());
        let source = match &self.link.mask {
            Some(mask) => mask.len().max(nick),
            None => nick + LONGEST_USER_AND_HOST,
        };
        let around = if kind == MessageKind::Action { "\x01ACTION \x01".len() } else { 0 };
        let taken = ":".len() + source + " PRIVMSG ".len() + target.len() + " :\r\n".len() + around;
        irc::MAX_MESSAGE_BYTES.saturating_sub(taken).max(64)
    }

    /// Sends whatever can be sent now.
    pub(crate) fn send_mail(&mut self) {
        if self.link.phase != Phase::Ready {
            return;
        }
        let mut on_the_way = self.outbox.on_the_way(self.now);
        let mut index = 0;
        while let Some(letter) = self.outbox.letters.get(index) {
            index += 1;
            if letter.state != State::Unsent
                || on_the_way >= MAX_ON_THE_WAY
                || !self.may_send_to(&letter.buffer)
            {
                continue;
            }
            let letter = letter.clone();
            let Some(sent) = self.send_letter(&letter) else { continue };
            index -= 1;
            if self.has(Capability::EchoMessage) {
                self.outbox.letters[index].state = sent;
                on_the_way += 1;
                index += 1;
            } else {
                let mut letter = self.outbox.letters.remove(index);
                letter.state = sent;
                self.delivered(&letter, &self.own_origin(), None);
                self.outbox.unconfirmed.push_back(letter);
                if self.outbox.unconfirmed.len() > MAX_ON_THE_WAY {
                    self.outbox.unconfirmed.pop_front();
                }
            }
        }
    }

    fn own_origin(&self) -> Origin {
        Origin { label: None, at: self.now, msgid: None, client_id: None }
    }

    /// When there is mail that only waits for older mail to grow stale.
    pub(crate) fn outbox_wakes_at(&self) -> Option<Timestamp> {
        if self.link.phase != Phase::Ready || self.outbox.on_the_way(self.now) < MAX_ON_THE_WAY {
            return None;
        }
        let waits = |letter: &&Letter| letter.state == State::Unsent && self.may_send_to(&letter.buffer);
        self.outbox.letters.iter().find(waits)?;
        let stale = |letter: &Letter| match letter.state {
            State::Sent { at, .. } => Some(at.plus_millis(PATIENCE)).filter(|at| *at > self.now),
            _ => None,
        };
        self.outbox.letters.iter().filter_map(stale).min()
    }

    /// Whether words can go to a buffer: its channel is joined, and nothing said earlier is still looked for.
    fn may_send_to(&self, id: &BufferId) -> bool {
        let here =
            matches!(id, BufferId::Person(_)) || self.model.buffer(id).is_some_and(|buffer| buffer.joined);
        let unsettled = |letter: &Letter| {
            letter.buffer == *id && matches!(letter.state, State::InDoubt { .. } | State::LookedFor { .. })
        };
        here && !self.outbox.letters.iter().any(unsettled)
    }

    fn send_letter(&mut self, letter: &Letter) -> Option<State> {
        let target = self.model.buffer(&letter.buffer)?.name.clone();
        let label = self.link.label();
        let with_id = self.has(Capability::ClientId);
        let mut tags = Vec::new();
        if self.has(Capability::LabeledResponse) {
            tags.push(("label", label.as_str()));
        }
        if with_id {
            tags.push((Capability::ClientId.name(), letter.client_id.as_str()));
        }
        let command = if letter.kind == MessageKind::Notice { "NOTICE" } else { "PRIVMSG" };
        let text = match letter.kind {
            MessageKind::Action => format!("\x01ACTION {}\x01", letter.text),
            _ => letter.text.clone(),
        };
        let written = self.write(&tags, command, &[&target], Some(&text));
        written.then_some(State::Sent { label, at: self.now, with_id })
    }

    // Answers.

    /// The server sent back what somebody with our name said. Whether it was a letter of ours.
    pub(crate) fn echoed(&mut self, id: &BufferId, origin: &Origin, words: &Words) -> bool {
        let labels = self.has(Capability::LabeledResponse);
        let sent = |letter: &Letter| letter.buffer == *id && matches!(letter.state, State::Sent { .. });
        let by_label = |letter: &Letter| matches!(&letter.state, State::Sent { label, .. } if origin.label.as_ref() == Some(label));
        let by_id = |letter: &Letter| origin.client_id.as_ref() == Some(&letter.client_id);
        let outbox = &mut self.outbox;
        let mut letter = outbox.take(by_label).or_else(|| outbox.take(by_id));
        if letter.is_none() && !labels {
            // Without labels the order has to do; servers may change the text (colours, say), so equal texts come first.
            letter =
                outbox.take(|letter| sent(letter) && letter.text == words.text).or_else(|| outbox.take(sent));
        }
        match letter {
            Some(letter) => {
                self.delivered(&letter, origin, Some(words.text.clone()));
                self.send_mail();
                true
            }
            None => false,
        }
    }

    /// A message of ours came with the history. Whether it was a letter that was looked for.
    pub(crate) fn found_in_history(
        &mut self,
        id: &BufferId,
        origin: &Origin,
        words: &Words,
        gap: bool,
    ) -> bool {
        /// How far our clock and the server's may differ.
        const CLOCKS_DIFFER: u64 = 120_000;
        let same =
            |letter: &Letter| letter.buffer == *id && letter.text == words.text && letter.kind == words.kind;
        let looked_for = |letter: &Letter| match letter.state {
            State::LookedFor { sent_at } => {
                same(letter) && (gap || origin.at.plus_millis(CLOCKS_DIFFER) >= sent_at)
            }
            _ => false,
        };
        let by_id = |letter: &Letter| {
            letter.state != State::Failed && origin.client_id.as_ref() == Some(&letter.client_id)
        };
        let outbox = &mut self.outbox;
        match outbox.take(by_id).or_else(|| outbox.take(looked_for)) {
            Some(letter) => {
                self.delivered(&letter, origin, None);
                true
            }
            None => false,
        }
    }

    /// Moves a letter's entry to its place among what is delivered.
    fn delivered(&mut self, letter: &Letter, origin: &Origin, as_text: Option<String>) {
        let id = letter.buffer.clone();
        let Some(mut entry) = self.take_out(&id, letter.entry) else { return };
        let Some(track) = self.tracks.get_mut(&id) else { return };
        if origin.msgid.as_ref().is_some_and(|msgid| !track.seen.insert(msgid.clone())) {
            // The history has brought it already.
            return;
        }
        entry.msgid.clone_from(&origin.msgid);
        entry.at = origin.at;
        if let What::Message { delivery, text, from, .. } = &mut entry.what {
            *delivery = Delivery::Delivered;
            *from = self.model.nick.as_str().to_owned();
            if let Some(words) = as_text {
                *text = words;
            }
        }
        self.insert_by_time(&id, entry, Place::Live);
    }

    /// The server refused a message: the one with the label, or else the one that it must have meant. Whether there was one.
    pub(crate) fn refused(&mut self, label: Option<&str>, target: Option<&str>, why: &str) -> bool {
        let by_label = |letter: &Letter| matches!(&letter.state, State::Sent { label: own, .. } if Some(own.as_str()) == label);
        let id = target.map(|target| self.id_of(target));
        let by_target = |letter: &Letter| {
            matches!(letter.state, State::Sent { .. }) && id.as_ref().is_none_or(|id| *id == letter.buffer)
        };
        let mut letter = self.outbox.take(by_label);
        if letter.is_none() && !(self.has(Capability::LabeledResponse) && label.is_some()) {
            letter = self.outbox.take(by_target);
        }
        if letter.is_none() {
            let late = |letter: &Letter| match letter.state {
                State::Sent { at, .. } => by_target(letter) && self.now.millis_since(at) < LATE_REFUSAL,
                _ => false,
            };
            let index = self.outbox.unconfirmed.iter().rposition(late);
            letter = index.and_then(|index| self.outbox.unconfirmed.remove(index));
        }
        let found = letter.is_some();
        if let Some(letter) = letter {
            self.letter_failed(letter, why);
            self.send_mail();
        }
        found
    }

    /// Everything that waits for a buffer has failed.
    pub(crate) fn mail_failed(&mut self, id: &BufferId, why: &str) {
        let fails = |letter: &Letter| letter.buffer == *id && letter.state != State::Failed;
        while let Some(letter) = self.outbox.take(fails) {
            self.letter_failed(letter, why);
        }
    }

    /// The same, but that what may have arrived is said to.
    pub(crate) fn mail_failed_unless_in_doubt(&mut self, id: &BufferId, why: &str) {
        let in_doubt =
            |letter: &Letter| letter.buffer == *id && matches!(letter.state, State::InDoubt { .. });
        while let Some(letter) = self.outbox.take(in_doubt) {
            self.letter_failed(letter, MAY_NOT_HAVE_ARRIVED);
        }
        self.mail_failed(id, why);
    }

    fn letter_failed(&mut self, mut letter: Letter, why: &str) {
        let id = letter.buffer.clone();
        let Some(mut entry) = self.take_out(&id, letter.entry) else { return };
        if let What::Message { delivery, .. } = &mut entry.what {
            *delivery = Delivery::Failed(why.to_owned());
        }
        self.insert_last(&id, entry);
        letter.state = State::Failed;
        self.outbox.letters.push(letter);
    }

    // After a reconnect.

    /// Decides what becomes of the letters to a buffer whose arrival is in doubt, now that it can be asked about.
    pub(crate) fn settle(&mut self, id: &BufferId) {
        let (ids, history) = (self.has(Capability::ClientId), self.keeps_history());
        let mut lost = false;
        for letter in self.outbox.letters.iter_mut().filter(|letter| letter.buffer == *id) {
            if let State::InDoubt { sent_at, with_id } = letter.state {
                let again = ids && with_id;
                letter.state = if again { State::Unsent } else { State::LookedFor { sent_at } };
                lost |= !again && !history;
            }
        }
        if lost {
            self.give_up_looking(id);
        }
        self.send_mail();
    }

    /// Whether letters to a buffer are in doubt.
    pub(crate) fn is_in_doubt(&self, id: &BufferId) -> bool {
        self.outbox
            .letters
            .iter()
            .any(|letter| letter.buffer == *id && matches!(letter.state, State::InDoubt { .. }))
    }

    /// The history has been read: what was not in it is the person's to decide.
    pub(crate) fn give_up_looking(&mut self, id: &BufferId) {
        let missing =
            |letter: &Letter| letter.buffer == *id && matches!(letter.state, State::LookedFor { .. });
        while let Some(letter) = self.outbox.take(missing) {
            self.letter_failed(letter, MAY_NOT_HAVE_ARRIVED);
        }
        self.send_mail();
    }

    // The person's own decisions.

    pub(crate) fn retry(&mut self, id: &BufferId, entry: EntryId) {
        if self.outbox.find(entry).is_none_or(|letter| letter.state != State::Failed || letter.buffer != *id)
        {
            return;
        }
        if !self.will_be_in(id) {
            self.not_in(id);
            return;
        }
        let Some(mut taken) = self.take_out(id, entry) else { return };
        if let What::Message { delivery, .. } = &mut taken.what {
            *delivery = Delivery::Waiting;
        }
        taken.at = self.now;
        taken.msgid = None;
        self.edit(id, |buffer| buffer.entries.push_back(taken));
        if let Some(track) = self.tracks.get_mut(id) {
            track.pending += 1;
        }
        if let Some(mut letter) = self.outbox.take(|letter| letter.entry == entry) {
            letter.state = State::Unsent;
            self.outbox.letters.push(letter);
        }
        self.send_mail();
    }

    /// Forgets a message, unless it is on its way already.
    pub(crate) fn discard(&mut self, id: &BufferId, entry: EntryId) {
        let gone = |letter: &Letter| {
            letter.entry == entry && letter.buffer == *id && !matches!(letter.state, State::Sent { .. })
        };
        if self.outbox.take(gone).is_some() {
            self.take_out(id, entry);
        }
    }
}
