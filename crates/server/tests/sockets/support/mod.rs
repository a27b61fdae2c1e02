//! A server in this process with a disk in memory, and clients that are sockets, for tests that see every byte.
//!
//! Nothing here sleeps for a while and hopes: everything waits for what it wants, and gives up after [`PATIENCE`].

// Each test file is a program of its own and uses a part of this; nobody else reaches what is public in it.
#![allow(dead_code, unreachable_pub)]

pub mod certificate;
pub mod web;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chat::log::{Answer, Append, History, Log, LogError, Query, Restored};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};
use server::{Config, Counter, ListenAddress, Options, Reread, Server, Sink};
use tempfile::TempDir;

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A disk that takes everything, or from some place on nothing.
pub struct Disk {
    /// How many groups fit.
    pub room: usize,
}

impl Log for Disk {
    fn append(&mut self, groups: &[Append]) -> Result<(), LogError> {
        self.room = self.room.checked_sub(groups.len()).ok_or(LogError::DiskFull)?;
        Ok(())
    }
}

/// A history that remembers nothing.
pub struct Nothing;

impl History for Nothing {
    fn answer(&mut self, query: &Query) -> Answer {
        match query {
            Query::Targets { .. } => Answer::Targets(Vec::new()),
            _ => Answer::Rows(Vec::new()),
        }
    }
}

/// A running server with its data folder.
pub struct TestServer {
    pub server: Server,
    pub data: TempDir,
}

/// A server on loopback, with changes to its settings.
pub fn start(change: impl FnOnce(&mut Config)) -> TestServer {
    start_with_room(usize::MAX, change)
}

/// The same with a disk that becomes full.
pub fn start_with_room(room: usize, change: impl FnOnce(&mut Config)) -> TestServer {
    start_in(tempfile::tempdir().expect("a folder"), room, None, change)
}

/// The same with a data folder that has something in it, and a way to read the settings again.
pub fn start_in(
    data: TempDir,
    room: usize,
    reread: Option<Reread>,
    change: impl FnOnce(&mut Config),
) -> TestServer {
    let mut config = test_config();
    change(&mut config);
    let options = Options { data: data.path().to_owned(), config, console: Sink::Nowhere, reread };
    let server = Server::start(options, Disk { room }, vec![Box::new(Nothing)], Restored::default());
    TestServer { server: server.expect("the server starts"), data }
}

/// Settings for a server on loopback.
pub fn test_config() -> Config {
    let mut config = Config::default();
    config.listen.addresses = vec![ListenAddress(SocketAddr::from(([127, 0, 0, 1], 0)))];
    config.server.name = "Test".into();
    // More than the machine may have, so that what goes from one worker to another is tested everywhere.
    config.listen.workers = 3;
    config
}

impl TestServer {
    pub fn address(&self) -> SocketAddr {
        self.server.local_addr()
    }

    pub fn connect(&self) -> Client {
        Client::new(Stream::Plain(dial(self.address())))
    }

    pub fn connect_tls(&self) -> Client {
        Client::new(Stream::Tls(Box::new(StreamOwned::new(tls_session(), dial(self.address())))))
    }

    /// Waits until a counter has a value.
    pub fn wait_for(&self, what: &str, wanted: u64, counter: impl Fn(&server::Counters) -> &Counter) {
        let counters = self.server.counters();
        let deadline = Instant::now() + PATIENCE;
        while counter(&counters).get() != wanted {
            assert!(Instant::now() < deadline, "{what} is {}, not {wanted}", counter(&counters).get());
            std::thread::yield_now();
        }
    }

    pub fn stop(self) {
        self.server.stop("bye").expect("the server ends well");
    }
}

/// A socket to the server, with deadlines.
pub fn dial(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).expect("the server listens");
    socket.set_read_timeout(Some(PATIENCE)).expect("a time that is not zero");
    socket.set_write_timeout(Some(PATIENCE)).expect("a time that is not zero");
    socket
}

/// The client's side of TLS; it trusts every key.
pub fn tls_session() -> ClientConnection {
    tls_session_for(b"irc")
}

/// The same for another protocol inside.
pub fn tls_session_for(protocol: &[u8]) -> ClientConnection {
    let mut config = tls_config(rustls::DEFAULT_VERSIONS).with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    tls_session_with(Arc::new(config))
}

/// The beginning of a client's TLS settings; it lacks what the client shows.
pub fn tls_config(
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert> {
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(versions)
        .expect("the provider has them")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(TrustsAll))
}

pub fn tls_session_with(config: Arc<ClientConfig>) -> ClientConnection {
    ClientConnection::new(config, "localhost".try_into().expect("a name")).expect("a session")
}

#[derive(Debug)]
struct TrustsAll;

impl ServerCertVerifier for TrustsAll {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}

pub enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// A client that sends what it is told and reads lines.
pub struct Client {
    stream: BufReader<Stream>,
}

impl Client {
    pub fn new(stream: Stream) -> Self {
        Self { stream: BufReader::new(stream) }
    }

    /// Sends bytes as they are. The server may have closed already, which is for the reader to find.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let stream = self.stream.get_mut();
        let _ = stream.write_all(bytes).and_then(|()| stream.flush());
    }

    pub fn send(&mut self, line: &str) {
        self.send_bytes(format!("{line}\r\n").as_bytes());
    }

    /// The next line; nothing, when the server has closed. Panics when neither comes.
    pub fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        match self.stream.read_until(b'\n', &mut line) {
            Err(error)
                if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) =>
            {
                panic!("the server says nothing and does not close")
            }
            Ok(0) | Err(_) => None,
            Ok(_) => Some(String::from_utf8_lossy(&line).trim_end().to_owned()),
        }
    }

    /// Reads up to a line with this in it, and returns that.
    pub fn expect(&mut self, part: &str) -> String {
        let mut seen = Vec::new();
        while let Some(line) = self.line() {
            if line.contains(part) {
                return line;
            }
            seen.push(line);
        }
        panic!("{part:?} did not come, but {seen:#?}");
    }

    /// All lines until the server closes.
    pub fn rest(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.line()).collect()
    }

    pub fn sign_in(&mut self, nick: &str) {
        self.send(&format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}"));
        self.expect(" 422 ");
    }
}
