//! The socket in the data folder through which the owner gives orders to the running server. Its mode lets nobody use it but the folder's owner.
//!
//! One order a connection: a line (see `order.rs`). The answer is lines that begin with `- `, each something to be told, and then `ok`, or `no ` and why. Nothing of an
//! order is ever logged: there are passwords in some.

use std::fs::{self, Permissions};
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use chat::Order;

use super::{OwnerError, order};
use crate::StartError;
use crate::mail::ToCore;
use crate::mailbox::Sender;

/// The socket's name in the data folder.
const FILE: &str = "control.sock";
/// How it is called until nobody else may use it.
const NEW_FILE: &str = "control.sock.new";
/// The most bytes of an order.
const MOST_BYTES: u64 = 4096;
/// How long whoever has connected may take to say what is wanted.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the server may take to do it: a password may have to wait for others.
const LONG_PATIENCE: Duration = Duration::from_secs(60);

/// The socket; it is taken away when this is dropped.
#[derive(Debug)]
pub(crate) struct Socket(Option<PathBuf>);

impl Socket {
    /// Opens the socket and a thread that listens there. A server that cannot have one runs without: then it must be stopped for what is done through it.
    pub(crate) fn open(data: &Path, core: Sender<ToCore>) -> Result<Self, StartError> {
        let path = data.join(FILE);
        let listener = match listen(data, &path) {
            Ok(listener) => listener,
            Err(error) => {
                tracing::warn!("`chinwag account` needs this server stopped: {}: {error}", path.display());
                return Ok(Self(None));
            }
        };
        std::thread::Builder::new()
            .name("owner".into())
            .spawn(move || {
                for connection in listener.incoming() {
                    let served = connection.and_then(|connection| serve(connection, &core));
                    if let Err(error) = served {
                        tracing::debug!("the owner's socket: {error}");
                    }
                }
            })
            .map_err(|source| StartError::System { what: "a thread", source })?;
        Ok(Self(Some(path)))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            // One that is left behind does no harm: nobody listens there.
            let _ = fs::remove_file(path);
        }
    }
}

/// Listens. The socket gets its name when it has its mode, so there is no moment in which others may use it.
fn listen(data: &Path, path: &Path) -> io::Result<UnixListener> {
    let new = data.join(NEW_FILE);
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&new)?;
    fs::set_permissions(&new, Permissions::from_mode(0o600))?;
    // The folder is ours alone, so what has the name is what an earlier server left behind.
    fs::rename(&new, path)?;
    Ok(listener)
}

/// Reads an order, has it obeyed, and says what came of it.
fn serve(connection: UnixStream, core: &Sender<ToCore>) -> io::Result<()> {
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new((&connection).take(MOST_BYTES)).read_line(&mut line)?;
    let mut answer = String::new();
    match line.strip_suffix('\n').and_then(order::read) {
        None => answer.push_str("no That is no order\n"),
        Some(order) => {
            let (sender, receiver) = mpsc::sync_channel(1);
            let sent = core.send(ToCore::Order(order, sender));
            match sent.ok().and_then(|()| receiver.recv_timeout(LONG_PATIENCE).ok()) {
                Some(Ok(lines)) => {
                    lines.iter().for_each(|line| answer.push_str(&format!("- {line}\n")));
                    answer.push_str("ok\n");
                }
                Some(Err(error)) => answer.push_str(&format!("no {error}\n")),
                None => answer.push_str("no The server is stopping, or has too much to do\n"),
            }
        }
    }
    (&connection).write_all(answer.as_bytes())
}

/// Asks the server that runs with this data folder; nothing, if none does that could be asked.
///
/// # Errors
/// When the server says why it cannot be done, or does not answer.
pub fn ask_running(data: &Path, order: &Order) -> Result<Option<Vec<String>>, OwnerError> {
    let mut connection = match UnixStream::connect(data.join(FILE)) {
        Ok(connection) => connection,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        // A path that is too long for a socket: the server has none either.
        Err(error) if error.kind() == ErrorKind::InvalidInput => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    connection.set_read_timeout(Some(LONG_PATIENCE + PATIENCE))?;
    connection.write_all(format!("{}\n", order::write(order)).as_bytes())?;
    let mut told = Vec::new();
    for line in BufReader::new(connection).lines() {
        let line = line?;
        match line.split_once(' ') {
            Some(("-", text)) => told.push(text.to_owned()),
            Some(("no", why)) => return Err(OwnerError::Said(why.to_owned())),
            _ if line == "ok" => return Ok(Some(told)),
            _ => break,
        }
    }
    Err(io::Error::from(ErrorKind::UnexpectedEof).into())
}
