//! The names under which lines were said. Whoever speaks mostly has spoken before, so names are looked up once and shared. None of that may let a
//! line pass that is not what was written: its sum goes over its name too.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Known;
use std::sync::Arc;

use chat::TagText;
use chat::log::Row;
use rusqlite::{Connection, OptionalExtension};

use crate::row::{as_row, changed, read_text};
use crate::sheets::{Entry, Found};
use crate::sum::Line;

const NAME: &str = "SELECT source, account FROM who WHERE id = ?1";
const SCHEMA: &str = "PRAGMA schema_version";
/// The most names that are remembered.
const MOST_NAMES: usize = 4096;

/// A source, and the account if there is one.
pub(crate) type Name = (Arc<str>, Option<Arc<str>>);

/// The names of those whose lines were read of late.
///
/// An id stays whose it is until names are deleted, which happens only when the file is written anew ([`crate::compact`]); and that gives
/// the tables another version.
#[derive(Debug, Default)]
pub(crate) struct Names {
    version: i64,
    known: HashMap<i64, Name>,
}

impl Names {
    /// The names as they hold for a view.
    pub(crate) fn as_of(&mut self, view: &Connection) -> rusqlite::Result<&mut Self> {
        let version = view.prepare_cached(SCHEMA)?.query_row([], |row| row.get(0))?;
        if version != self.version || self.known.len() > MOST_NAMES {
            self.known.clear();
            self.version = version;
        }
        Ok(self)
    }

    /// The name with an id, if there is one.
    pub(crate) fn get(&mut self, view: &Connection, id: i64) -> rusqlite::Result<Option<&Name>> {
        Ok(Some(match self.known.entry(id) {
            Known::Occupied(known) => known.into_mut(),
            Known::Vacant(unknown) => {
                let name = view.prepare_cached(NAME)?.query_row([id], |row| {
                    let account = Some(read_text(row, 1)?).filter(|account| !account.is_empty());
                    Ok((read_text(row, 0)?.into(), account.map(Into::into)))
                });
                let Some(name) = name.optional()? else { return Ok(None) };
                unknown.insert(name)
            }
        }))
    }

    /// The line that an entry is, and its name.
    ///
    /// # Errors
    /// When it is not what was written.
    pub(crate) fn line<'a>(
        &'a mut self,
        view: &Connection,
        entry: &Entry<'a>,
    ) -> rusqlite::Result<(Line<'a>, &'a Name)> {
        let damaged = || changed(0, "line", entry.seq);
        let name = self.get(view, entry.who)?.ok_or_else(damaged)?;
        let line = entry.line(&name.0, name.1.as_deref().unwrap_or_default())?;
        if line.sum() == entry.sum { Ok((line, name)) } else { Err(damaged()) }
    }

    /// What the core gets of a line that was found. Lines share their tags with the one before, if those are the same.
    ///
    /// # Errors
    /// When it is not what was written.
    pub(crate) fn row(
        &mut self,
        view: &Connection,
        found: &Found<'_>,
        tags: &mut TagText,
    ) -> rusqlite::Result<Row> {
        let entry = found.read()?;
        let (line, (source, account)) = self.line(view, &entry)?;
        if **tags != *line.tags {
            *tags = line.tags.into();
        }
        as_row(&line, Arc::clone(source), account.clone(), tags.clone())
    }
}
