//! What many connections get alike within a round, kept once: a stream for each channel and each form in which its messages are seen. A connection
//! holds no copy of it, only from where to where it gets a stream, and is written to out of the stream itself.
//!
//! A piece lasts as long as the round's mail is taken in. Whatever else is queued for a connection meanwhile must find its piece settled, or it would overtake it.

use std::collections::HashMap;

use chat::{ChannelId, Fanout, SessionId};
use irc::CapabilitySet;

use super::Worker;
use super::connection::Connection;
use super::together::Share;
use super::write::{GATHER, Lost};
use crate::ids::ById;

/// Bytes of buffers that are kept for the next round.
const SPARE: usize = 512 * 1024;

/// All streams of a round.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    all: Vec<Vec<u8>>,
    known: HashMap<(Option<ChannelId>, CapabilitySet), u32, ById>,
    spare: Vec<Vec<u8>>,
    /// The forms of the messages that are being delivered, by the capabilities that matter.
    forms: Vec<(CapabilitySet, Piece)>,
}

/// A part of a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    stream: u32,
    start: u32,
    end: u32,
}

impl Piece {
    /// How many bytes it has.
    pub(crate) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// The same without its first bytes.
    pub(crate) fn after(self, count: usize) -> Self {
        Self { start: self.end.min(self.start.saturating_add(count as u32)), ..self }
    }
}

/// What became of messages for one connection.
#[derive(Debug)]
pub(crate) enum Taken {
    /// The connection gets more of a stream.
    Extended,
    /// It gets a piece of a stream, and is to be written to at the end of the mail.
    Begun,
    /// It has a copy in its queue.
    Copied,
}

impl Streams {
    /// Other messages are delivered.
    pub(crate) fn begin_messages(&mut self) {
        self.forms.clear();
    }

    /// The messages in the form for those who have these capabilities, made when the first of them comes.
    pub(crate) fn piece(
        &mut self,
        channel: Option<ChannelId>,
        messages: &[Fanout],
        capabilities: CapabilitySet,
    ) -> Piece {
        // The same for all kinds of messages, so that what one connection gets is one stream.
        let relevant = capabilities.and(Fanout::RELEVANT);
        if let Some((_, piece)) = self.forms.iter().find(|(known, _)| *known == relevant) {
            return *piece;
        }
        let stream = *self.known.entry((channel, relevant)).or_insert_with(|| {
            self.all.push(self.spare.pop().unwrap_or_default());
            (self.all.len() - 1) as u32
        });
        let bytes = &mut self.all[stream as usize];
        let start = bytes.len() as u32;
        messages.iter().for_each(|message| message.render(relevant, bytes));
        let piece = Piece { stream, start, end: bytes.len() as u32 };
        self.forms.push((relevant, piece));
        piece
    }

    /// What a piece says.
    pub(crate) fn bytes(&self, piece: Piece) -> &[u8] {
        &self.all[piece.stream as usize][piece.start as usize..piece.end as usize]
    }

    /// The round's mail is taken in, and nobody has a piece any more.
    fn end(&mut self) {
        self.known.clear();
        self.forms.clear();
        let mut kept: usize = self.spare.iter().map(Vec::capacity).sum();
        for mut bytes in self.all.drain(..) {
            if kept + bytes.capacity() <= SPARE {
                kept += bytes.capacity();
                bytes.clear();
                self.spare.push(bytes);
            }
        }
    }
}

impl Connection {
    /// Adds a piece of a stream to what the connection gets.
    pub(crate) fn take_piece(&mut self, piece: Piece, streams: &Streams, most: usize) -> Result<Taken, Lost> {
        match &mut self.piece {
            Some(own) if own.stream == piece.stream && own.end == piece.start => {
                own.end = piece.end;
                if own.len() >= GATHER.min(most) {
                    self.write_piece(streams).map_err(Lost::Broken)?;
                    // What the socket did not take waits in the queue.
                    self.make_room(most)?;
                    return Ok(if self.queue.is_empty() { Taken::Extended } else { Taken::Copied });
                }
                Ok(Taken::Extended)
            }
            // A WebSocket has frames around its lines.
            None if self.queue.is_empty() && self.web.is_none() => {
                self.piece = Some(piece);
                Ok(Taken::Begun)
            }
            _ => {
                self.settle(streams);
                self.enqueue(streams.bytes(piece), most)?;
                Ok(Taken::Copied)
            }
        }
    }

    /// Puts what the connection gets of a stream into its queue, so that something else can follow.
    fn settle(&mut self, streams: &Streams) {
        if let Some(piece) = self.piece.take() {
            self.queue.push(streams.bytes(piece));
        }
    }

    /// Writes what the connection gets of a stream; what the socket does not take now is queued.
    fn write_piece(&mut self, streams: &Streams) -> std::io::Result<()> {
        let Some(piece) = self.piece.take() else { return Ok(()) };
        let bytes = streams.bytes(piece);
        let done = if self.flags.blocked || !self.queue.is_empty() { 0 } else { self.write(bytes)? };
        if done < bytes.len() {
            self.queue.push(&bytes[done..]);
        }
        Ok(())
    }
}

impl Worker {
    /// Something else is to be queued for a session: what it gets of a stream goes before it.
    pub(crate) fn settle(&mut self, session: SessionId) {
        if let Some(slot) = self.table.slot_of(session)
            && let Some(connection) = self.table.at(slot)
            && connection.piece.is_some()
        {
            connection.settle(&self.streams);
            self.mark_dirty(slot);
        }
    }

    /// Writes to each connection what it gets of a stream.
    pub(crate) fn write_pieces(&mut self) {
        let mut sharing = std::mem::take(&mut self.sharing);
        self.write_together(&mut sharing, Share::Pieces);
        self.sharing = sharing;
        while let Some(slot) = self.sharing.pop() {
            let Some(connection) = self.table.at(slot) else { continue };
            match connection.write_piece(&self.streams) {
                Ok(()) if connection.queue.is_empty() => {}
                Ok(()) => self.mark_dirty(slot),
                Err(error) => self.give_up(slot, Lost::Broken(error)),
            }
        }
        self.streams.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat::{Body, Seq};
    use irc::{Capability, Timestamp};

    fn said(text: &str) -> Fanout {
        let body = Body::said("a!a@a", "PRIVMSG", "#x".into(), text.into());
        Fanout::new(Timestamp(0), "a!a@a".into(), body)
    }

    #[test]
    fn what_follows_in_one_channel_is_one_piece_and_what_does_not_is_another() {
        let mut streams = Streams::default();
        let (one, other) = (Some(ChannelId(Seq(1))), Some(ChannelId(Seq(2))));
        let mut next = |channel, text, capabilities: &[Capability]| {
            streams.begin_messages();
            streams.piece(channel, &[said(text)], CapabilitySet::of(capabilities))
        };
        let first = next(one, "first", &[]);
        let elsewhere = next(other, "elsewhere", &[]);
        // What does not change how a message looks makes no other form.
        let second = next(one, "second", &[Capability::EchoMessage]);
        let tagged = next(one, "tagged", &[Capability::ServerTime]);
        assert_eq!((first.stream, first.end), (second.stream, second.start));
        assert_ne!(first.stream, elsewhere.stream);
        assert_ne!(first.stream, tagged.stream);
        let whole = Piece { end: second.end, ..first };
        assert_eq!(streams.bytes(whole), b":a!a@a PRIVMSG #x :first\r\n:a!a@a PRIVMSG #x :second\r\n");
        streams.end();
        assert!(streams.all.is_empty() && streams.known.is_empty() && streams.spare.len() == 3);
    }
}
