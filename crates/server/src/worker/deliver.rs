//! Messages to many: who is in which channel, and who of them gets them.

use std::collections::HashMap;

use chat::{ChannelId, Fanout, SessionId};
use irc::CapabilitySet;

use super::Worker;
use super::connection::Connection;
use super::streams::{Streams, Taken};
use super::table::Table;
use super::write::Lost;
use crate::ids::ById;
use crate::mail::Delivery;
use crate::session_ids;

/// Who of this worker's connections is in which channel.
#[derive(Debug, Default)]
pub(crate) struct Channels {
    map: HashMap<ChannelId, Members, ById>,
    /// Counts deliveries, so that nobody gets one twice.
    mark: u64,
}

#[derive(Debug, Default)]
struct Members {
    /// Their places in the table. Each connection knows its place in here.
    slots: Vec<u32>,
    /// How often the core has asked for a subscription to this channel since it had no members.
    subscriptions: u32,
}

impl Channels {
    /// A session joins a channel's audience.
    pub(crate) fn subscribe(
        &mut self,
        table: &mut Table,
        session: SessionId,
        channel: ChannelId,
        vacant: &mut Vec<(ChannelId, u32)>,
    ) {
        let members = self.map.entry(channel).or_default();
        members.subscriptions += 1;
        if let Some(slot) = table.slot_of(session)
            && let Some(connection) = table.at(slot)
            && connection.is_open()
            && connection.channels.iter().all(|(known, _)| *known != channel)
        {
            connection.channels.push((channel, members.slots.len() as u32));
            members.slots.push(slot);
        }
        self.end_if_vacant(channel, vacant);
    }

    /// A session leaves it.
    pub(crate) fn unsubscribe(
        &mut self,
        table: &mut Table,
        session: SessionId,
        channel: ChannelId,
        vacant: &mut Vec<(ChannelId, u32)>,
    ) {
        let Some(connection) = table.slot_of(session).and_then(|slot| table.at(slot)) else { return };
        let Some(at) = connection.channels.iter().position(|(known, _)| *known == channel) else { return };
        let (_, place) = connection.channels.swap_remove(at);
        if connection.channels.is_empty() {
            connection.channels = Vec::new();
        }
        self.take_out(table, channel, place, vacant);
    }

    /// A connection leaves all of its channels.
    pub(crate) fn leave_all(&mut self, table: &mut Table, slot: u32, vacant: &mut Vec<(ChannelId, u32)>) {
        let channels =
            table.at(slot).map(|connection| std::mem::take(&mut connection.channels)).unwrap_or_default();
        for (channel, place) in channels {
            self.take_out(table, channel, place, vacant);
        }
    }

    /// Takes out the member at a place, to which the last one moves.
    fn take_out(
        &mut self,
        table: &mut Table,
        channel: ChannelId,
        place: u32,
        vacant: &mut Vec<(ChannelId, u32)>,
    ) {
        let Some(members) = self.map.get_mut(&channel) else { return };
        members.slots.swap_remove(place as usize);
        if let Some(moved) = members.slots.get(place as usize)
            && let Some(connection) = table.at(*moved)
            && let Some(own) = connection.channels.iter_mut().find(|(known, _)| *known == channel)
        {
            own.1 = place;
        }
        self.end_if_vacant(channel, vacant);
    }

    fn end_if_vacant(&mut self, channel: ChannelId, vacant: &mut Vec<(ChannelId, u32)>) {
        if self.map.get(&channel).is_some_and(|members| members.slots.is_empty())
            && let Some(members) = self.map.remove(&channel)
        {
            vacant.push((channel, members.subscriptions));
        }
    }
}

/// Messages under way to the connections of one worker.
struct Run<'a> {
    messages: &'a [Fanout],
    /// Who gets them has all of these.
    require: CapabilitySet,
    /// The channel whose audience alone gets them, if it is one.
    channel: Option<ChannelId>,
    mark: u64,
    most: usize,
    streams: &'a mut Streams,
    sharing: &'a mut Vec<u32>,
    dirty: &'a mut Vec<u32>,
    lost: Vec<(u32, Lost)>,
}

impl Run<'_> {
    fn give(&mut self, slot: u32, connection: &mut Connection) {
        let seen = std::mem::replace(&mut connection.mark, self.mark) == self.mark;
        if seen || !connection.is_open() || !connection.capabilities.has_all(self.require) {
            return;
        }
        let piece = self.streams.piece(self.channel, self.messages, connection.capabilities);
        match connection.take_piece(piece, self.streams, self.most) {
            Ok(Taken::Extended) => {}
            Ok(Taken::Begun) => self.sharing.push(slot),
            Ok(Taken::Copied) if !std::mem::replace(&mut connection.flags.dirty, true) => {
                self.dirty.push(slot);
            }
            Ok(Taken::Copied) => {}
            Err(lost) => self.lost.push((slot, lost)),
        }
    }
}

impl Worker {
    /// Appends messages to the queue of each of an audience, once.
    pub(crate) fn deliver(&mut self, delivery: &Delivery) {
        let Delivery { audience, messages } = delivery;
        let own = |session: &&SessionId| session_ids::worker(**session) == self.index;
        self.channels.mark += 1;
        self.streams.begin_messages();
        let channel = match (&audience.channels[..], &audience.sessions[..]) {
            ([channel], []) => Some(*channel),
            _ => None,
        };
        let mut run = Run {
            messages,
            require: delivery.require(),
            channel,
            mark: self.channels.mark,
            most: self.settings.config.limits.send_queue,
            streams: &mut self.streams,
            sharing: &mut self.sharing,
            dirty: &mut self.dirty,
            lost: Vec::new(),
        };
        for session in audience.except.iter().filter(own) {
            if let Some(connection) = self.table.slot_of(*session).and_then(|slot| self.table.at(slot)) {
                connection.mark = run.mark;
            }
        }
        for channel in &audience.channels {
            for slot in self.channels.map.get(channel).map_or(&[][..], |members| &members.slots) {
                if let Some(connection) = self.table.at(*slot) {
                    run.give(*slot, connection);
                }
            }
        }
        for session in audience.sessions.iter().filter(own) {
            if let Some(slot) = self.table.slot_of(*session)
                && let Some(connection) = self.table.at(slot)
            {
                run.give(slot, connection);
            }
        }
        for (slot, lost) in run.lost {
            self.give_up(slot, lost);
        }
    }
}
