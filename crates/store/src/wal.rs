//! A look at a write-ahead log that a crash has left, before SQLite reads it. SQLite takes the first frame with a wrong sum for the end, as a crash
//! in the middle of a write leaves one, and forgets all behind it without a word. If whole commits stand behind it, it was no crash but the
//! disk, and what people were told is kept would be lost: that must be said. Nothing is changed here.

use std::fs;
use std::path::{Path, PathBuf};

use crate::lock::FolderLock;
use crate::{OpenError, schema};

/// Bytes of the head of the file, and of each frame's.
const HEAD: usize = 32;
const FRAME_HEAD: usize = 24;
/// What the file begins with; the last bit says in which order the bytes of numbers are summed.
const MAGIC: u32 = 0x377f_0682;

/// How a write-ahead log ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// As it should.
    Sound,
    /// In a frame, counted from 1, that is not what was written. A crash may have done that, and then nobody was told of it; or the disk has.
    Torn(usize),
    /// The same, but what follows proves that it was on disk once. 0 is the head of the file.
    Damaged(usize),
}

/// Refuses a write-ahead log that is damaged. Only whoever holds the folder's lock may ask.
pub(crate) fn examine(dir: &Path) -> Result<(), OpenError> {
    let path = path(dir);
    match end_of(&path)? {
        End::Sound => Ok(()),
        End::Torn(frame) => {
            tracing::warn!(
                "{} ends in a torn write, as a loss of power leaves it (frame {frame})",
                path.display()
            );
            Ok(())
        }
        End::Damaged(frame) => Err(damaged(path, frame)),
    }
}

/// The same for whoever only looks, while a server may be at work on it or not.
pub(crate) fn look(dir: &Path) -> Result<(), OpenError> {
    let path = path(dir);
    if end_of(&path)? == End::Sound {
        return Ok(());
    }
    // A server that is writing at this moment looks the same.
    let Ok(_lock) = FolderLock::take(dir) else { return Ok(()) };
    match end_of(&path)? {
        End::Sound => Ok(()),
        End::Torn(frame) | End::Damaged(frame) => Err(damaged(path, frame)),
    }
}

fn path(dir: &Path) -> PathBuf {
    dir.join(format!("{}-wal", schema::FILE))
}

fn damaged(file: PathBuf, frame: usize) -> OpenError {
    let why = match frame {
        0 => "its beginning is not what was written".to_owned(),
        frame => format!("its frame {frame} is not what was written"),
    };
    OpenError::LastLost { file, why }
}

fn end_of(path: &Path) -> Result<End, OpenError> {
    match fs::read(path) {
        Ok(bytes) => Ok(end(&bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(End::Sound),
        Err(error) => Err(OpenError::from_io(path, &error)),
    }
}

/// Sums up the file as SQLite does (sqlite.org/fileformat.html, "The Write-Ahead Log").
fn end(bytes: &[u8]) -> End {
    let Some((head, frames)) = bytes.split_at_checked(HEAD) else { return End::Sound };
    // The first write to it did not come to its end.
    if frames.is_empty() || head.iter().all(|byte| *byte == 0) {
        return End::Sound;
    }
    let big_endian = number(head, 0) & 1 == 1;
    let mut sum = add((0, 0), &head[..24], big_endian);
    if number(head, 0) & !1 != MAGIC || sum != (number(head, 24), number(head, 28)) {
        return End::Damaged(0);
    }
    let page = number(head, 8) as usize;
    if page == 0 {
        return End::Damaged(0);
    }
    let frames: Vec<_> = frames.chunks_exact(FRAME_HEAD + page).collect();
    // Frames that were written before the file was last begun anew have another salt.
    let is_of_now = |frame: &&[u8]| frame[8..16] == head[16..24];
    for (index, frame) in frames.iter().enumerate() {
        sum = add(add(sum, &frame[..8], big_endian), &frame[FRAME_HEAD..], big_endian);
        if is_of_now(frame) && sum == (number(frame, 16), number(frame, 20)) {
            continue;
        }
        let rest = &frames[index..];
        // A commit waits for the disk, so whatever is behind a commit was written when all before it was there.
        let commit = rest.iter().position(|frame| is_of_now(frame) && number(frame, 4) != 0);
        let goes_on = commit.is_some_and(|commit| rest[commit + 1..].iter().any(is_of_now));
        return match () {
            () if goes_on => End::Damaged(index + 1),
            () if rest.iter().any(is_of_now) => End::Torn(index + 1),
            () => End::Sound,
        };
    }
    End::Sound
}

fn number(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().fold(0, |all, byte| all << 8 | u32::from(*byte))
}

fn add((mut first, mut second): (u32, u32), bytes: &[u8], big_endian: bool) -> (u32, u32) {
    let read = |at: usize| if big_endian { number(bytes, at) } else { number(bytes, at).swap_bytes() };
    for at in (0..bytes.len() / 8 * 8).step_by(8) {
        first = first.wrapping_add(read(at)).wrapping_add(second);
        second = second.wrapping_add(read(at + 4)).wrapping_add(first);
    }
    (first, second)
}
