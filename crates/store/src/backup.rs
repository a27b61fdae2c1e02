//! A backup is one file, made while the server runs, and checked before it has its name: whatever stands under the name of a backup can be
//! restored. Restoring puts such a file in the place of the database, while no server runs. It must never leave the folder with neither.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::check::broken_pages;
use crate::lock::FolderLock;
use crate::restore::restore as remembered;
use crate::schema::{connect, identify, make_private};
use crate::{OpenError, older, schema, search, wal};

/// The files of a data folder that a backup must not be written over.
const OURS: &[&str] =
    &["chat.db", "chat.db-wal", "chat.db-shm", "chat.lock", "search.db", "search.db-wal", "search.db-shm"];

/// Writes a backup of the log in a data folder to a file, in place of an older one of that name. It holds everything that was appended before
/// it began, and nothing that was erased before; the index for searching is not in it, since it is made from the log. A server may run,
/// and goes on writing meanwhile.
///
/// # Errors
/// When there is no log, or no room; a file that was there under that name is then still there as it was.
pub fn backup(dir: &Path, to: &Path) -> Result<(), OpenError> {
    refuse_our_own(dir, to)?;
    wal::look(dir)?;
    let from = schema::file(dir);
    let db = connect(&from).map_err(|error| OpenError::from_sqlite(&from, &error))?;
    identify(&db, &from)?;
    let partial = beside(to, ".partial")?;
    let written = write(&db, &partial).and_then(|()| rename(&partial, to));
    if written.is_err() {
        // It is of no use, and if it cannot be removed the next backup does.
        let _ = fs::remove_file(&partial);
    }
    written
}

/// Puts a backup in the place of the log in a data folder. What was there is kept beside it as `chat.db.before-restore`, but for an older one
/// of that name.
///
/// # Errors
/// When a server runs on the folder, or the file is no sound backup of ours; then nothing is changed.
pub fn restore(dir: &Path, from: &Path) -> Result<(), OpenError> {
    let _lock = FolderLock::take(dir)?;
    let log = beside(from, "-wal")?;
    if fs::metadata(&log).is_ok_and(|data| data.len() > 0) {
        let why = format!("some of it is still in {}: make a backup of it first", log.display());
        return Err(OpenError::Unfit { file: from.to_owned(), why });
    }
    let partial = dir.join("chat.db.restoring");
    let put = copy(from, &partial)
        .and_then(|()| verify(&partial, from))
        .and_then(|()| sync(&partial))
        .and_then(|()| set_aside(dir))
        .and_then(|()| search::remove(dir))
        .and_then(|()| rename(&partial, &schema::file(dir)));
    if put.is_err() {
        // It is only a copy.
        let _ = fs::remove_file(&partial);
    }
    put
}

fn write(db: &Connection, partial: &Path) -> Result<(), OpenError> {
    remove(partial)?;
    make_private(partial)?;
    let text = partial.to_str().ok_or_else(|| OpenError::Unusable {
        path: partial.to_owned(),
        why: "its name is not UTF-8".to_owned(),
    })?;
    db.execute("VACUUM INTO ?1", [text]).map_err(|error| OpenError::from_sqlite(partial, &error))?;
    verify(partial, partial)?;
    sync(partial)
}

/// Looks whether a copy is whole, ours, and something that a server can start from. The complaint is about the file that it is a copy of.
fn verify(copy: &Path, of: &Path) -> Result<(), OpenError> {
    let in_file = |error: rusqlite::Error| OpenError::from_sqlite(of, &error);
    if fs::metadata(copy).map_err(|error| OpenError::from_io(of, &error))?.len() == 0 {
        return Err(OpenError::Damaged { file: of.to_owned(), why: "it is empty".to_owned() });
    }
    let db = connect(copy).map_err(in_file)?;
    identify(&db, of)?;
    // The copy is one file, and stays one.
    db.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(())).map_err(in_file)?;
    if let Some(why) = broken_pages(&db).map_err(in_file)?.into_iter().next() {
        return Err(OpenError::Damaged { file: of.to_owned(), why });
    }
    if schema::is_present(&db).map_err(in_file)? {
        return remembered(&db).map(|_| ()).map_err(in_file);
    }
    // A server brings it to the present format when it starts.
    match older::check(&db).map_err(in_file)?.problems.into_iter().next() {
        Some(why) => Err(OpenError::Damaged { file: of.to_owned(), why }),
        None => Ok(()),
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), OpenError> {
    remove(to)?;
    let mut source = File::open(from)
        .map_err(|error| OpenError::Unfit { file: from.to_owned(), why: error.to_string() })?;
    make_private(to)?;
    let target = File::options().write(true).open(to);
    target
        .and_then(|mut target| std::io::copy(&mut source, &mut target))
        .map_err(|e| OpenError::from_io(to, &e))?;
    Ok(())
}

/// Keeps the database under another name, as well as under its own, so that there is one at every moment.
fn set_aside(dir: &Path) -> Result<(), OpenError> {
    let (file, aside) = (schema::file(dir), dir.join("chat.db.before-restore"));
    let (log, log_aside) = (dir.join("chat.db-wal"), dir.join("chat.db.before-restore-wal"));
    if file.exists() {
        remove(&aside)?;
        remove(&log_aside)?;
        // What is in the write-ahead log goes into the file; if it is too damaged for that, the log is kept with it.
        if let Err(error) = connect(&file).and_then(|db| search::sweep(&db)) {
            tracing::warn!(%error, "the database that is set aside keeps its write-ahead log");
        }
        if fs::hard_link(&file, &aside).is_err() {
            // Not every file system can give a file two names.
            fs::copy(&file, &aside).map_err(|error| OpenError::from_io(&aside, &error))?;
        }
        if log.exists() {
            fs::rename(&log, &log_aside).map_err(|error| OpenError::from_io(&log, &error))?;
        }
    }
    remove(&log)?;
    remove(&dir.join("chat.db-shm"))
}

fn rename(from: &Path, to: &Path) -> Result<(), OpenError> {
    fs::rename(from, to).map_err(|error| OpenError::from_io(to, &error))?;
    // The name is on disk when the folder is; Windows sees to it itself, and opens no folders.
    #[cfg(unix)]
    sync(folder_of(to))?;
    Ok(())
}

fn sync(file: &Path) -> Result<(), OpenError> {
    let synced = File::open(file).and_then(|open| open.sync_all());
    synced.map_err(|error| OpenError::from_io(file, &error))
}

fn remove(file: &Path) -> Result<(), OpenError> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(OpenError::from_io(file, &error)),
        _ => Ok(()),
    }
}

/// The same name with something at its end.
fn beside(file: &Path, end: &str) -> Result<PathBuf, OpenError> {
    let mut name = file.file_name().map(ToOwned::to_owned).ok_or_else(|| OpenError::Unusable {
        path: file.to_owned(),
        why: "it is not the name of a file".to_owned(),
    })?;
    name.push(end);
    Ok(file.with_file_name(name))
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn refuse_our_own(dir: &Path, to: &Path) -> Result<(), OpenError> {
    let same_folder = match (fs::canonicalize(dir), fs::canonicalize(folder_of(to))) {
        (Ok(ours), Ok(theirs)) => ours == theirs,
        _ => false,
    };
    let ours = |name| OURS.iter().any(|ours| *ours == name);
    if same_folder && to.file_name().is_some_and(ours) {
        let why = "the server itself uses it".to_owned();
        return Err(OpenError::Unusable { path: to.to_owned(), why });
    }
    Ok(())
}
