//! What stands in the place of a line that is erased: blanks, of the same length everywhere, so that the line is written over where it is.
//!
//! The id that a client gave it stays for the day that ids are remembered. It is drawn at random and says nothing; but whoever never heard that the
//! message had arrived sends it again, and it must not be kept anew when it was taken back meanwhile.

use irc::Timestamp;
use rusqlite::Connection;

use crate::names::Names;
use crate::restore::MEMORY_MILLIS;
use crate::sheets::{Cursor, Entry, replace};
use crate::spans::{Key, Part};
use crate::words::{Document, Message, nick_of};

/// Lines that are being written over, sheet by sheet.
#[derive(Debug)]
pub(crate) struct Blanking<'a> {
    log: &'a Connection,
    cursor: Cursor<'a>,
    names: Names,
    /// Whether the sheet at hand is not as it is in the file.
    is_changed: bool,
}

/// A line that was written over.
#[derive(Debug)]
pub(crate) struct Blanked {
    /// To what it belonged.
    pub(crate) key: Key,
    /// What the index may have of it, if it was a message.
    pub(crate) document: Option<Document>,
}

impl<'a> Blanking<'a> {
    pub(crate) fn new(log: &'a Connection) -> Self {
        Self { log, cursor: Cursor::new(log), names: Names::default(), is_changed: false }
    }

    /// Erases a line now, also one that is not what was written: erasing is what may be done about it. Nothing, if there is none any more.
    pub(crate) fn line(&mut self, place: i64, now: Timestamp) -> rusqlite::Result<Option<Blanked>> {
        if !self.cursor.sheet().reaches(place) {
            self.finish()?;
        }
        let Some(found) = self.cursor.at(place)? else { return Ok(None) };
        let Some(key) = found.key()? else { return Ok(None) };
        let entry = found.read()?;
        let (source, account) = match self.names.get(self.log, entry.who)? {
            Some((source, account)) => (&**source, account.as_deref().unwrap_or_default()),
            None => ("", ""),
        };
        let document = (key.1 == Part::Messages).then(|| {
            let text = String::from_utf8_lossy(entry.body);
            let nick = nick_of(source);
            let Entry { seq, target, peer, .. } = entry;
            Document::of(&Message { seq, target, peer, nick, text: &text })
        });
        // A damaged time, which none can be, is as good as an old one.
        let remembered = u64::try_from(entry.at).is_ok_and(|at| at.saturating_add(MEMORY_MILLIS) >= now.0);
        let id = entry.client_id.map(|id| if remembered { id.to_vec() } else { blanks(id) });
        let (tags, body) = (blanks(entry.tags), blanks(entry.body));
        let blank = Entry { is_erased: true, client_id: id.as_deref(), tags: &tags, body: &body, ..entry };
        // An id that is no text is as good as none.
        let sum = blank.line(source, account).map_or(entry.sum, |line| line.sum());
        let blank = Entry { sum, ..blank };
        self.cursor.sheet().write_over(&blank)?;
        self.is_changed = true;
        Ok(Some(Blanked { key, document }))
    }

    /// Writes what has changed.
    pub(crate) fn finish(&mut self) -> rusqlite::Result<()> {
        if std::mem::take(&mut self.is_changed) { replace(self.log, self.cursor.sheet()) } else { Ok(()) }
    }
}

/// As many blanks as there are bytes.
fn blanks(bytes: &[u8]) -> Vec<u8> {
    vec![b' '; bytes.len()]
}
