//! The connections that the core knows. One for which something is done is taken out, so that it can be changed with the core beside it, and is
//! put back: its place stays meanwhile, for finding and closing a place in a tree is what costs.

use std::collections::BTreeMap;

use super::Session;
use crate::SessionId;

/// All connections but those that are taken out.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    places: BTreeMap<SessionId, Option<Box<Session>>>,
    /// How many are in.
    count: usize,
    /// How many of those have not signed in.
    unknown: usize,
}

impl Sessions {
    /// Puts one in, or back.
    pub(super) fn put(&mut self, session: Box<Session>) {
        self.count += 1;
        self.unknown += usize::from(session.user.is_none());
        self.places.insert(session.id, Some(session));
    }

    /// Takes one out, which is to be put back, or to [end](Self::end).
    pub(super) fn take(&mut self, id: SessionId) -> Option<Box<Session>> {
        let session = self.places.get_mut(&id)?.take()?;
        self.count -= 1;
        self.unknown -= usize::from(session.user.is_none());
        Some(session)
    }

    /// One is gone for good, and was taken out.
    pub(super) fn end(&mut self, id: SessionId) {
        debug_assert!(self.get(id).is_none(), "one that is in would be counted for ever");
        self.places.remove(&id);
    }

    /// Takes all of them out for good.
    pub(super) fn take_all(&mut self) -> impl Iterator<Item = Box<Session>> + use<> {
        std::mem::take(self).places.into_values().flatten()
    }

    pub(super) fn get(&self, id: SessionId) -> Option<&Session> {
        self.places.get(&id)?.as_deref()
    }

    /// One to be changed in its place. Whether it has signed in must not change so.
    pub(super) fn get_mut(&mut self, id: SessionId) -> Option<&mut Session> {
        self.places.get_mut(&id)?.as_deref_mut()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Session> {
        self.places.values().flatten().map(Box::as_ref)
    }

    /// How many are in.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// How many of those have not signed in.
    pub(super) fn unknown(&self) -> usize {
        self.unknown
    }
}
