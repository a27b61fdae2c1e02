//! Signals: those that ask the server to stop, the first one politely, the second one at once; and the one that has it read its settings again.

use std::io::IsTerminal as _;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};

use crate::StartError;
use crate::console::Console;
use crate::mail::ToCore;
use crate::mailbox::Sender;
use crate::reload::Reloader;

/// What clients are told.
const REASON: &str = "The server is stopping";

/// Watches for signals until dropped.
#[derive(Debug)]
pub(crate) struct SignalThread(Handle);

impl SignalThread {
    /// Starts to watch.
    pub(crate) fn start(
        core: Sender<ToCore>,
        reloader: Reloader,
        console: Console,
    ) -> Result<Self, StartError> {
        let system = |source| StartError::System { what: "to tell of signals", source };
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).map_err(system)?;
        let handle = signals.handle();
        std::thread::Builder::new()
            .name("signals".into())
            .spawn(move || {
                let mut asked = false;
                let had_terminal = std::io::stdout().is_terminal();
                for signal in signals.forever() {
                    // The same signal comes when somebody closes the window in which the server runs. They mean to end it.
                    let window_closed = had_terminal && !std::io::stdout().is_terminal();
                    if signal == SIGHUP && !window_closed {
                        console.say(reloader.reload_in_words());
                        continue;
                    }
                    if std::mem::replace(&mut asked, true) {
                        // Somebody is in a hurry. What was said to be kept is on disk already.
                        std::process::exit(128 + signal);
                    }
                    console.say("Stopping. Everybody is told.");
                    let _ = core.send(ToCore::Shutdown(REASON.into()));
                }
            })
            .map_err(system)?;
        Ok(Self(handle))
    }
}

impl Drop for SignalThread {
    fn drop(&mut self) {
        self.0.close();
    }
}
