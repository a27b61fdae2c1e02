//! What operators of the server have done to it from inside of IRC. Settings are read again on a thread of its own, since that reads files.

use std::sync::mpsc::{self, SyncSender};

use crate::StartError;
use crate::console::Console;
use crate::reload::Reloader;

/// The core's side of the thread.
#[derive(Debug)]
pub(crate) struct Controls {
    reloads: SyncSender<()>,
}

impl Controls {
    /// Starts the thread. It ends when this is dropped.
    pub(crate) fn start(reloader: Reloader, console: Console) -> Result<Self, StartError> {
        let (reloads, wanted) = mpsc::sync_channel(1);
        std::thread::Builder::new()
            .name("reload".into())
            .spawn(move || {
                for () in wanted {
                    console.say(reloader.reload_in_words());
                }
            })
            .map_err(|source| StartError::System { what: "a thread", source })?;
        Ok(Self { reloads })
    }

    /// Has the settings read again. If that waits to be done already, it is done once for both.
    pub(crate) fn reload(&self) {
        let _ = self.reloads.try_send(());
    }
}
