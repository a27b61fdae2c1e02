//! Reaching a server: its name looked up, its addresses tried one after another, on a thread of its own since both may take long.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::thread;
use std::time::Duration;

/// How long an address may take while others are left to try.
const WHILE_OTHERS_WAIT: Duration = Duration::from_secs(3);
/// How long the last one may take.
const THE_LAST: Duration = Duration::from_secs(10);

/// Starts to reach a server, and tells what came of it: a connection, or nothing.
pub(crate) fn start(host: String, port: u16, tell: impl FnOnce(Option<TcpStream>) + Send + 'static) {
    let work = move || tell(reach(&host, port));
    if let Err(why) = thread::Builder::new().name("reach".to_owned()).spawn(work) {
        // Dropping the work drops what it would tell with, and the driver hears of that.
        tracing::error!("no thread could be started: {why}");
    }
}

fn reach(host: &str, port: u16) -> Option<TcpStream> {
    let addresses: Vec<SocketAddr> = match (host, port).to_socket_addrs() {
        Ok(addresses) => addresses.collect(),
        Err(why) => {
            tracing::info!("{host} was not found: {why}");
            return None;
        }
    };
    for (index, address) in addresses.iter().enumerate() {
        let patience = if index + 1 < addresses.len() { WHILE_OTHERS_WAIT } else { THE_LAST };
        match TcpStream::connect_timeout(address, patience) {
            Ok(stream) => return Some(stream),
            Err(why) => tracing::info!("{address} does not answer: {why}"),
        }
    }
    None
}
