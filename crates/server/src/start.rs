//! Puts a server together, in the order in which things can go wrong without harm: first what may be refused, then the threads.

use std::io::{IsTerminal as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::mpsc;
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chat::Core;
use chat::log::{History, Log, Restored};
use mio::{Poll, Waker};
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::banner::Banner;
use crate::config::Config;
use crate::console::{Console, Sink};
use crate::control::Controls;
use crate::counters::Counters;
use crate::desk::{Aside, Desk};
use crate::engine::Engine;
use crate::history_threads::Histories;
use crate::log_thread::LogHandle;
use crate::machine::Machine;
use crate::mail::{Post, ToCore};
use crate::mailbox::{Sender, mailbox};
use crate::password_thread::Passwords;
use crate::reload::{Reloader, Reread};
use crate::session_ids::MAX_WORKERS;
use crate::settings::Settings;
use crate::shared::Shared;
use crate::worker::{WAKER, Worker};
use crate::{Error, RunError, StartError, descriptors, listen};

/// Messages that may wait for the core; who has more waits with them.
const MOST_WAITING: usize = 4096;

/// How long the console may take to show its last lines.
const CONSOLE_PATIENCE: Duration = Duration::from_millis(500);

/// What a server needs to start.
#[derive(Debug)]
pub struct Options {
    /// The folder with the server's key, which [`prepare_data_folder`](crate::prepare_data_folder) has made.
    pub data: PathBuf,
    /// The settings.
    pub config: Config,
    /// Where the console's lines go.
    pub console: Sink,
    /// How to read the settings again; nothing, if they stay as they are.
    pub reread: Option<Reread>,
}

/// A running server. Dropping it does not stop it; [`stop`](Self::stop) does.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    addresses: Vec<SocketAddr>,
    fingerprint: String,
    claim: Option<String>,
    reloader: Reloader,
    core: Sender<ToCore>,
    console: Console,
    console_thread: Option<JoinHandle<()>>,
    thread: JoinHandle<Result<(), RunError>>,
}

/// Runs a server as a program: shows the banner, obeys Ctrl-C and SIGTERM, and returns when all is told and kept.
///
/// # Errors
/// When it cannot start, or cannot go on.
pub fn run(
    options: Options,
    log: impl Log,
    histories: Vec<Box<dyn History>>,
    restored: Restored,
) -> Result<(), Error> {
    let (data, name) = (options.data.clone(), options.config.name());
    let server = Server::start(options, log, histories, restored)?;
    #[cfg(unix)]
    let _signals =
        crate::signals::SignalThread::start(server.core.clone(), server.reloader(), server.console.clone())?;
    #[cfg(unix)]
    let _socket = crate::owner::Socket::open(&data, server.core.clone())?;
    let banner = Banner {
        name: &name,
        listening: server.addresses(),
        fingerprint: server.fingerprint(),
        data: &std::path::absolute(&data).unwrap_or_else(|_| data.clone()),
        claim: server.claim_code(),
        colour: std::io::stdout().is_terminal(),
    };
    // A server whose output nobody reads serves just as well.
    let _ = writeln!(std::io::stdout(), "{}", banner.text());
    Ok(server.wait()?)
}

impl Server {
    /// Starts a server around the real core.
    ///
    /// # Errors
    /// When it cannot start.
    pub fn start(
        options: Options,
        log: impl Log,
        histories: Vec<Box<dyn History>>,
        restored: Restored,
    ) -> Result<Self, StartError> {
        let core = Core::new(options.config.for_core(), restored, &seed()?);
        let claim = core.claim_code().map(str::to_owned);
        Ok(Self { claim, ..Self::start_with(core, options, log, histories)? })
    }

    /// Starts a server around any machine.
    ///
    /// # Errors
    /// When it cannot start.
    pub fn start_with(
        machine: impl Machine,
        options: Options,
        log: impl Log,
        histories: Vec<Box<dyn History>>,
    ) -> Result<Self, StartError> {
        let Options { data, config, console, reread } = options;
        let descriptors = descriptors::raise_limit();
        tracing::info!(?descriptors, "file descriptors");
        let listeners: Vec<_> = config
            .listeners()
            .iter()
            .map(|listener| listen::bind(listener.address.0))
            .collect::<Result<_, _>>()?;
        if listeners.is_empty() {
            return Err(StartError::NoAddress);
        }
        let addresses = listeners
            .iter()
            .map(TcpListener::local_addr)
            .collect::<Result<_, _>>()
            .map_err(system("a port"))?;
        let workers = worker_count(&config);
        let settings = Arc::new(Settings::first(config, &data)?);
        let (console, console_thread) = Console::start(console)?;

        let shared = Arc::new(Shared::new(descriptors));
        let (core, inbox) = mailbox(MOST_WAITING);
        start_workers(workers, (&shared, &settings), listeners, &core)?;
        let log = LogHandle::start(log, core.clone(), Arc::clone(&shared))?;
        let histories = Histories::start(histories, core.clone(), &shared)?;
        let fingerprint = settings.door(0).identity.fingerprint.clone();
        let reloader = Reloader::new(Arc::clone(&shared), core.clone(), settings, data, reread);
        let passwords = Passwords::start(core.clone())?;
        let controls = Controls::start(reloader.clone(), console.clone())?;
        let engine =
            Engine::new(machine, log, histories, (passwords, controls), Arc::clone(&shared), console.clone());
        let desk = Desk::new(engine, inbox, core.clone());
        let weak: Weak<dyn Aside> = Arc::downgrade(&desk) as _;
        if shared.desk.set(weak).is_err() {
            unreachable!("the desk is set here alone, once");
        }
        let thread = thread("core".into(), move || desk.run())?;
        let claim = None;
        Ok(Self { shared, addresses, fingerprint, claim, reloader, core, console, console_thread, thread })
    }

    /// The addresses to which the server is bound, as configured, with the real ports.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The first of them.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        // A server without an address does not start.
        self.addresses[0]
    }

    /// SHA-256 over the public key that the server showed at the first of its addresses when it started, as people read it.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// What whoever wants to own the server must say, if nobody owned it when it started.
    #[must_use]
    pub fn claim_code(&self) -> Option<&str> {
        self.claim.as_deref()
    }

    /// What reads the settings again.
    #[must_use]
    pub fn reloader(&self) -> Reloader {
        self.reloader.clone()
    }

    /// What the server counts.
    #[must_use]
    pub fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.shared.counters)
    }

    /// Tells everybody, keeps what was accepted, and ends.
    ///
    /// # Errors
    /// When the server could not go on before that, or did not end as it should.
    pub fn stop(self, reason: &str) -> Result<(), RunError> {
        // A core that has ended already says why below.
        let _ = self.core.send(ToCore::Shutdown(reason.to_owned()));
        self.wait()
    }

    /// Waits until the server ends.
    ///
    /// # Errors
    /// When it could not go on.
    pub fn wait(self) -> Result<(), RunError> {
        let Self { core, console, console_thread, thread, .. } = self;
        drop(core);
        let result = thread.join().unwrap_or_else(|_| Err(RunError::Thread("core".into())));
        if result.is_ok() {
            console.say("Stopped. All that was delivered is on disk.");
        }
        console.end();
        if let Some(thread) = console_thread {
            join_within(thread, CONSOLE_PATIENCE);
        }
        result
    }
}

/// Random numbers for a core.
pub(crate) fn seed() -> Result<[u8; 32], StartError> {
    let mut seed = [0; 32];
    let source = || std::io::Error::other("the system has none");
    SystemRandom::new()
        .fill(&mut seed)
        .map_err(|_| StartError::System { what: "random numbers", source: source() })?;
    Ok(seed)
}

/// Makes the workers and the ways to them, and lets them run.
fn start_workers(
    count: usize,
    (shared, settings): (&Arc<Shared>, &Arc<Settings>),
    listeners: Vec<TcpListener>,
    core: &Sender<ToCore>,
) -> Result<(), StartError> {
    let (mut posts, mut made) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for _ in 0..count {
        let poll = Poll::new().map_err(system("to watch sockets"))?;
        let waker = Waker::new(poll.registry(), WAKER).map_err(system("to watch sockets"))?;
        let (sender, mail) = mpsc::channel();
        posts.push(Post::new(sender, waker));
        made.push((poll, mail));
    }
    if shared.posts.set(posts).is_err() {
        unreachable!("the ways to the workers are set here alone, once");
    }
    // The first worker accepts for all: if each did, each would be woken by everybody who comes, and most of them for nothing.
    let mut listeners = Some(listeners);
    for (index, (poll, mail)) in made.into_iter().enumerate() {
        let own = listeners.take().unwrap_or_default();
        let both = (Arc::clone(shared), Arc::clone(settings));
        let worker =
            Worker::new(index, both, poll, own, mail, core.clone()).map_err(system("to watch sockets"))?;
        let core = core.clone();
        thread(format!("worker {index}"), move || {
            // However it ends, the core hears of it.
            let told = TellOfEnd { index, core };
            if let Err(error) = worker.run() {
                tracing::error!("worker {index}: {error}");
            }
            drop(told);
        })?;
    }
    Ok(())
}

/// Tells the core that a worker has ended, even if by a panic.
struct TellOfEnd {
    index: usize,
    core: Sender<ToCore>,
}

impl Drop for TellOfEnd {
    fn drop(&mut self) {
        let _ = self.core.send(ToCore::WorkerEnded(self.index));
    }
}

fn worker_count(config: &Config) -> usize {
    let wanted = match config.listen.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        count => count,
    };
    wanted.clamp(1, MAX_WORKERS)
}

/// Waits for a thread to end, for a time.
pub(crate) fn join_within<T>(thread: JoinHandle<T>, patience: Duration) {
    let deadline = Instant::now() + patience;
    while !thread.is_finished() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(1));
    }
    if thread.is_finished() {
        // Whoever fell over said so on the way.
        let _ = thread.join();
    }
}

fn thread<T: Send + 'static>(
    name: String,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, StartError> {
    std::thread::Builder::new().name(name).spawn(work).map_err(system("a thread"))
}

fn system(what: &'static str) -> impl FnOnce(std::io::Error) -> StartError + Copy {
    move |source| StartError::System { what, source }
}
