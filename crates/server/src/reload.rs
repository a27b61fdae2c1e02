//! Reads the settings and the certificates again while the server runs, and has everybody act by them. Nobody is dropped.
//!
//! Either all of it can be read and holds, or everything stays as it was.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::StartError;
use crate::config::Config;
use crate::mail::{ToCore, ToWorker};
use crate::mailbox::Sender;
use crate::settings::Settings;
use crate::shared::Shared;

/// What waits for a restart. The server's lines carry its name, and the sockets and their threads are made once. Everything else takes effect at once;
/// of a listener too, but for its address, which is looked at by itself.
const WAITS: [&str; 4] = ["server.name", "listen.addresses", "listen.workers", "listen.write_together"];

/// How to read the settings again: the file, and what the command line says instead.
#[derive(Clone)]
pub struct Reread(Arc<dyn Fn() -> Result<Config, StartError> + Send + Sync>);

impl Reread {
    /// Settings are read again by calling this.
    pub fn new(read: impl Fn() -> Result<Config, StartError> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }
}

impl fmt::Debug for Reread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reread(…)")
    }
}

/// What came of reading the settings again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reloaded {
    /// Settings that changed and are in force, such as `flood.rate`.
    pub applied: Vec<String>,
    /// Settings that changed in the file and need a restart.
    pub waiting: Vec<String>,
}

/// Reads the settings again. Cheap to clone, and of use from any thread but the core's: it reads files.
#[derive(Debug, Clone)]
pub struct Reloader {
    shared: Arc<Shared>,
    core: Sender<ToCore>,
    data: PathBuf,
    reread: Option<Reread>,
    now: Arc<Mutex<Now>>,
}

#[derive(Debug)]
struct Now {
    /// What the workers act by.
    settings: Arc<Settings>,
    /// What the sockets were started with.
    started: Config,
}

impl Reloader {
    pub(crate) fn new(
        shared: Arc<Shared>,
        core: Sender<ToCore>,
        settings: Arc<Settings>,
        data: PathBuf,
        reread: Option<Reread>,
    ) -> Self {
        let started = settings.config.clone();
        Self { shared, core, data, reread, now: Arc::new(Mutex::new(Now { settings, started })) }
    }

    /// Reads the settings and the certificates again.
    ///
    /// # Errors
    /// When they cannot be read, or make no sense: then all stays as it was.
    pub fn reload(&self) -> Result<Reloaded, StartError> {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let config = match &self.reread {
            Some(Reread(read)) => read()?,
            None => now.settings.config.clone(),
        };
        let at_once = |key: &String| !WAITS.contains(&key.as_str());
        let applied = now.settings.config.differences(&config).into_iter().filter(at_once).collect();
        let mut waiting: Vec<_> =
            now.started.differences(&config).into_iter().filter(|key| !at_once(key)).collect();
        let places = |config: &Config| config.listener.iter().map(|one| one.address).collect::<Vec<_>>();
        if places(&now.started) != places(&config) {
            waiting.push("listener.address".into());
        }
        let settings = Arc::new(now.settings.again(config, &self.data)?);
        for post in self.shared.posts() {
            post.send(vec![ToWorker::Settings(Arc::clone(&settings))]);
        }
        // A core that has ended acts by nothing any more.
        let _ = self.core.send(ToCore::Configure(Box::new(settings.config.for_core())));
        now.settings = settings;
        Ok(Reloaded { applied, waiting })
    }

    /// The same, told in a line.
    #[must_use]
    pub fn reload_in_words(&self) -> String {
        match self.reload() {
            Ok(Reloaded { waiting, .. }) if waiting.is_empty() => {
                "Read the settings and the certificates again.".into()
            }
            Ok(Reloaded { waiting, .. }) => format!(
                "Read the settings and the certificates again. These need a restart: {}.",
                waiting.join(", ")
            ),
            Err(error) => format!("The settings stay as they were. {error}"),
        }
    }
}
