//! The servers that are measured: how each is started, with limits so high that nobody is slowed down, each in a folder of its own.
//!
//! They must never differ in more than they have to: all ask no DNS or ident of anyone, and keep no log of
//! what is said but for the history that is this server's own nature.

mod chinwag;
mod hybrid;
mod inspircd;
mod ngircd;

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Error;
use crate::crowd::Door;
use crate::meter::Meter;

/// How long a server may take to listen, or to end.
const PATIENCE: Duration = Duration::from_secs(30);
/// Somebody without rights, for servers that refuse to run as root.
const NOBODY: u32 = 65534;

/// A server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// This one.
    Chinwag,
    /// InspIRCd.
    InspIrcd,
    /// ngIRCd.
    NgIrcd,
    /// ircd-hybrid.
    Hybrid,
}

/// What one server is called and how it is run.
struct Make {
    kind: Kind,
    /// Its name in tables and arguments, and that of its program, but for ours.
    name: &'static str,
    /// Whether it can tag messages with time, id and account.
    tags: bool,
    /// Whether it keeps what is said.
    keeps: bool,
    /// How many clients may come at once so that none waits for long: ngIRCd lets ten wait to be accepted, others let people in once a second.
    at_once: usize,
    /// What it says of its version.
    version: &'static [&'static str],
    command: fn(&Place<'_>) -> Result<Command, Error>,
}

/// What a server is told of where it is to run.
struct Place<'a> {
    program: &'a Path,
    folder: &'a Path,
    plain: u16,
    encrypted: u16,
}

const MAKES: &[Make] = &[chinwag::MAKE, inspircd::MAKE, ngircd::MAKE, hybrid::MAKE];

impl Kind {
    /// All of them, ours first.
    pub const ALL: [Self; 4] = [Self::Chinwag, Self::InspIrcd, Self::NgIrcd, Self::Hybrid];

    /// Its name in tables and arguments.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.make().name
    }

    pub(crate) fn tags(self) -> bool {
        self.make().tags
    }

    pub(crate) fn keeps(self) -> bool {
        self.make().keeps
    }

    fn make(self) -> &'static Make {
        // Each kind has a row; a test looks.
        MAKES.iter().find(|make| make.kind == self).unwrap_or(&MAKES[0])
    }

    /// The program, if this machine has it.
    #[must_use]
    pub fn program(self, ours: &Path) -> Option<PathBuf> {
        if self == Self::Chinwag {
            return Some(ours.to_owned());
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
        folders.map(|folder| folder.join(self.name())).find(|program| program.is_file())
    }

    /// What it says of its version, in one line.
    #[must_use]
    pub fn version(self, program: &Path) -> String {
        let mut ask = Command::new(program);
        ask.args(self.make().version).stdin(Stdio::null());
        if self != Self::Chinwag {
            as_nobody(&mut ask);
        }
        let told = ask.output().map(|told| [told.stdout, told.stderr].concat()).unwrap_or_default();
        let told = String::from_utf8_lossy(&told);
        told.lines().find(|line| line.contains(|c: char| c.is_ascii_digit())).unwrap_or("?").to_owned()
    }
}

/// A server that runs. It is ended when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) kind: Kind,
    program: PathBuf,
    child: Child,
    ports: (u16, u16),
    folder: TempDir,
}

impl Server {
    /// Starts a server with nothing in it, and waits until it listens.
    pub(crate) fn start(kind: Kind, program: &Path) -> Result<Self, Error> {
        let folder = tempfile::Builder::new().prefix("chinwag-bench-").tempdir()?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777))?;
        let ports = (free_port()?, free_port()?);
        let child = spawn(kind, program, folder.path(), ports)?;
        let mut server = Self { kind, program: program.to_owned(), child, ports, folder };
        server.wait_until_it_listens()?;
        Ok(server)
    }

    /// Starts it again, with what it has kept. How long it took to listen.
    pub(crate) fn start_again(&mut self) -> Result<Duration, Error> {
        let begun = Instant::now();
        self.child = spawn(self.kind, &self.program, self.folder.path(), self.ports)?;
        self.wait_until_it_listens()?;
        Ok(begun.elapsed())
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(&mut self) -> Result<(), Error> {
        rustix::process::kill_process(
            rustix::process::Pid::from_child(&self.child),
            rustix::process::Signal::TERM,
        )
        .map_err(std::io::Error::from)?;
        let until = Instant::now() + PATIENCE;
        while self.child.try_wait()?.is_none() {
            if Instant::now() > until {
                return Err(Error::Server(format!("{} does not end", self.kind.name())));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    pub(crate) fn meter(&self) -> Meter {
        Meter::new(self.child.id())
    }

    /// Where it keeps its files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn door(&self, encrypted: bool) -> Door {
        let port = if encrypted { self.ports.1 } else { self.ports.0 };
        // Ours decides by the first byte.
        let port = if self.kind == Kind::Chinwag { self.ports.0 } else { port };
        Door {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            encrypted,
            at_once: self.kind.make().at_once,
        }
    }

    fn wait_until_it_listens(&mut self) -> Result<(), Error> {
        let until = Instant::now() + PATIENCE;
        let address = self.door(false).address;
        while TcpStream::connect(address).is_err() {
            if self.child.try_wait()?.is_some() || Instant::now() > until {
                let said = fs::read_to_string(self.folder.path().join("output")).unwrap_or_default();
                let why = if said.is_empty() { "and says nothing" } else { said.trim() };
                return Err(Error::Server(format!("{} does not start: {why}", self.kind.name())));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(kind: Kind, program: &Path, folder: &Path, ports: (u16, u16)) -> Result<Child, Error> {
    let place = Place { program, folder, plain: ports.0, encrypted: ports.1 };
    let mut command = (kind.make().command)(&place)?;
    let output = File::options().create(true).append(true).open(folder.join("output"))?;
    command.current_dir(folder).stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    if kind != Kind::Chinwag {
        as_nobody(&mut command);
    }
    Ok(command.spawn()?)
}

/// Some servers refuse to run as root, so then none does.
fn as_nobody(command: &mut Command) {
    if rustix::process::getuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
}

fn free_port() -> Result<u16, Error> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A key and a certificate for servers that make none themselves: ECDSA with P-256, as ours.
fn certificate(folder: &Path) -> Result<(PathBuf, PathBuf), Error> {
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    if key.is_file() {
        return Ok((certificate, key));
    }
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]);
    openssl.args(["-days", "30", "-subj", "/CN=bench", "-keyout"]).arg(&key).arg("-out").arg(&certificate);
    let made = openssl.stdin(Stdio::null()).output();
    if !made.is_ok_and(|made| made.status.success()) {
        return Err(Error::Absent("there is no openssl to make a certificate with".into()));
    }
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644))?;
    Ok((certificate, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_row() {
        for kind in Kind::ALL {
            assert_eq!(MAKES.iter().filter(|make| make.kind == kind).count(), 1, "{kind:?}");
        }
    }
}
