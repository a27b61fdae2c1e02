//! A worker's connections, each at a place that its session's name tells.

use std::net::SocketAddr;

use chat::SessionId;
use mio::net::TcpStream;

use super::connection::Connection;
use crate::session_ids::{self, MAX_SLOTS};

/// All connections of one worker.
#[derive(Debug)]
pub(crate) struct Table {
    worker: usize,
    slots: Vec<Option<Box<Connection>>>,
    free: Vec<u32>,
    count: usize,
    /// How many there ever were.
    serial: u64,
}

impl Table {
    pub(crate) fn new(worker: usize) -> Self {
        Self { worker, slots: Vec::new(), free: Vec::new(), count: 0, serial: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Takes a connection in and says where it is; nothing, if the worker has as many as it can.
    pub(crate) fn insert(&mut self, socket: TcpStream, peer: SocketAddr, door: u16) -> Option<u32> {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None if self.slots.len() >= MAX_SLOTS => return None,
            None => {
                self.slots.push(None);
                (self.slots.len() - 1) as u32
            }
        };
        self.serial += 1;
        self.count += 1;
        let session = session_ids::make(self.worker, slot, self.serial);
        self.slots[slot as usize] = Some(Box::new(Connection::new(socket, peer, door, session)));
        Some(slot)
    }

    /// Takes it out.
    pub(crate) fn remove(&mut self, slot: u32) -> Option<Box<Connection>> {
        let connection = self.slots.get_mut(slot as usize)?.take()?;
        self.count -= 1;
        self.free.push(slot);
        Some(connection)
    }

    /// The connection at a place.
    pub(crate) fn at(&mut self, slot: u32) -> Option<&mut Connection> {
        self.slots.get_mut(slot as usize)?.as_deref_mut()
    }

    /// The same, to be looked at alone.
    pub(crate) fn look_at(&self, slot: u32) -> Option<&Connection> {
        self.slots.get(slot as usize)?.as_deref()
    }

    /// The place of a session, if it is still there.
    pub(crate) fn slot_of(&self, session: SessionId) -> Option<u32> {
        let slot = session_ids::slot(session);
        let connection = self.slots.get(slot as usize)?.as_ref()?;
        (connection.session == session).then_some(slot)
    }

    /// The places of all connections.
    pub(crate) fn occupied(&self) -> Vec<u32> {
        (0..self.slots.len() as u32).filter(|slot| self.slots[*slot as usize].is_some()).collect()
    }
}
