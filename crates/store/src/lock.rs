//! The lock that keeps a second server out of a data folder. The operating system lets go of it when the process ends, however it
//! ends, so nothing is ever left behind to be cleared away by hand.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::OpenError;

/// The file that is locked. It stays empty: not the database itself, since SQLite has locks of its own on that.
const FILE: &str = "chat.lock";

/// A data folder that is ours for as long as this lives.
#[derive(Debug)]
pub(crate) struct FolderLock {
    file: File,
}

impl FolderLock {
    /// Takes the folder, or says who has it.
    pub(crate) fn take(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join(FILE);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| OpenError::from_io(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse(dir.to_owned())),
            Err(TryLockError::Error(error)) => Err(OpenError::from_io(&path, &error)),
        }
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Closing the file is not enough: a program that this one is just about to start holds a copy of it until it has begun. There is
        // nothing to be done should it fail, and no harm, since the file is closed next.
        let _ = self.file.unlock();
    }
}
