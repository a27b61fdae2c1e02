//! The pinned keys: which key a server showed when the person said that it is the right one.
//!
//! One small file of JSON that people can read. It is written whole or not at all. A file that cannot be read is never overwritten: it is put
//! aside under another name, for it may hold what somebody needs.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

pub(crate) type Fingerprint = [u8; irc::fingerprint::BYTES];

/// Several servers of one window share the file; one at a time reads it, changes it and writes it.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Why a key could not be pinned or forgotten.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// The file cannot be read or written.
    #[error("{} cannot be written: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Pins {
    /// By `host:port`.
    #[serde(default)]
    keys: BTreeMap<String, Pin>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Pin {
    fingerprint: String,
    /// The day on which it was pinned.
    since: String,
}

/// The key pinned for an address.
pub(crate) fn find(path: &Path, address: &str) -> Option<Fingerprint> {
    let pins = match read(path) {
        Ok(pins) => pins?,
        Err(why) => {
            tracing::error!("{} cannot be read, so no key counts as known: {why}", path.display());
            return None;
        }
    };
    let pin = pins.keys.get(&key(address))?;
    let fingerprint = irc::fingerprint::parse(&pin.fingerprint);
    if fingerprint.is_none() {
        tracing::error!("{} holds no fingerprint for {address} but «{}»", path.display(), pin.fingerprint);
    }
    fingerprint
}

/// Pins a key for an address.
pub(crate) fn pin(
    path: &Path,
    address: &str,
    fingerprint: &Fingerprint,
    today: &str,
) -> Result<(), PinError> {
    let pin = Pin { fingerprint: irc::fingerprint::format(fingerprint), since: today.to_owned() };
    change(path, |pins| {
        pins.keys.insert(key(address), pin);
    })
}

/// Forgets the key pinned for an address (`host:port`), so that the next one shown is asked about.
///
/// # Errors
/// When the file cannot be written.
pub fn forget(path: &Path, address: &str) -> Result<(), PinError> {
    change(path, |pins| {
        pins.keys.remove(&key(address));
    })
}

fn key(address: &str) -> String {
    address.to_lowercase()
}

fn change(path: &Path, change: impl FnOnce(&mut Pins)) -> Result<(), PinError> {
    let _held = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let failed = |source| PinError::Io { path: path.to_owned(), source };
    let mut pins = match read(path) {
        Ok(pins) => pins.unwrap_or_default(),
        Err(why) => {
            let aside = put_aside(path).map_err(failed)?;
            tracing::error!("{} could not be read ({why}) and is now {}", path.display(), aside.display());
            Pins::default()
        }
    };
    change(&mut pins);
    write(path, &pins).map_err(failed)
}

/// The file's pins; nothing, if there is no file.
fn read(path: &Path) -> io::Result<Option<Pins>> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(io::Error::other),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(why),
    }
}

/// Renames a file to a name that is free.
fn put_aside(path: &Path) -> io::Result<PathBuf> {
    let named = |number: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(if number == 0 { ".broken".to_owned() } else { format!(".broken-{number}") });
        PathBuf::from(name)
    };
    let aside = (0..).map(named).find(|name| !name.exists()).unwrap_or_else(|| named(0));
    fs::rename(path, &aside)?;
    Ok(aside)
}

/// Writes a new file and puts it in the place of the old one, so that a crash leaves the one or the other.
fn write(path: &Path, pins: &Pins) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        fs::create_dir_all(folder)?;
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let mut file = File::create(&new)?;
    file.write_all(&serde_json::to_vec_pretty(pins).map_err(io::Error::other)?)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    drop(file);
    fs::rename(&new, path)?;
    #[cfg(unix)]
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn what_is_pinned_is_found_whatever_the_case_and_can_be_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep").join("keys.json");
        assert_eq!(find(&path, "a:1"), None);
        pin(&path, "Chat.Example:9898", &[7; 32], "2026-11-22").unwrap();
        pin(&path, "other:1", &[8; 32], "2026-11-22").unwrap();
        assert_eq!(find(&path, "chat.example:9898"), Some([7; 32]));
        assert_eq!(find(&path, "other:1"), Some([8; 32]));
        forget(&path, "CHAT.example:9898").unwrap();
        assert_eq!(find(&path, "chat.example:9898"), None);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("\"other:1\"") && text.contains("0808 0808"), "{text}");
    }

    #[test]
    fn a_broken_file_counts_for_nothing_and_is_put_aside_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        for round in 0..2 {
            fs::write(&path, format!("not JSON {round}")).unwrap();
            assert_eq!(find(&path, "a:1"), None);
            assert_eq!(fs::read_to_string(&path).unwrap(), format!("not JSON {round}"));
            pin(&path, "a:1", &[1; 32], "2026-11-22").unwrap();
            assert_eq!(find(&path, "a:1"), Some([1; 32]));
        }
        assert_eq!(fs::read_to_string(folder.path().join("keys.json.broken")).unwrap(), "not JSON 0");
        assert_eq!(fs::read_to_string(folder.path().join("keys.json.broken-1")).unwrap(), "not JSON 1");
    }
}
