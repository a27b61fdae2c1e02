//! Opens the sockets on which the server listens.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

use crate::StartError;

/// Connections that may wait to be taken; the system has a limit of its own below which it stays.
const BACKLOG: i32 = 4096;

/// Listens on an address. `[::]` takes both kinds of address, and is `0.0.0.0` where the computer has no IPv6.
pub(crate) fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    match open(address) {
        Ok(listener) => Ok(listener),
        Err(error) if is_everywhere_v6(address) && lacks_v6(&error) => {
            let v4 = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port());
            open(v4).map_err(|error| explain(v4, error))
        }
        Err(error) => Err(explain(address, error)),
    }
}

fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if is_everywhere_v6(address) {
        socket.set_only_v6(false)?;
    }
    // So that a server can be started again while connections of the last one still end. On Windows the option means something else.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn is_everywhere_v6(address: SocketAddr) -> bool {
    matches!(address.ip(), IpAddr::V6(ip) if ip.is_unspecified())
}

/// Whether an error says that the computer has no IPv6 (address family not supported; cannot assign address).
fn lacks_v6(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::AddrNotAvailable)
        || error.raw_os_error() == Some(97)
}

fn explain(address: SocketAddr, source: io::Error) -> StartError {
    match source.kind() {
        ErrorKind::AddrInUse => StartError::PortInUse(address),
        ErrorKind::PermissionDenied => StartError::PortForbidden(address),
        ErrorKind::AddrNotAvailable => StartError::NoSuchAddress(address),
        _ => StartError::Listen { address, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_said_to_be_so() {
        let first = bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("any port");
        let address = first.local_addr().expect("bound");
        let error = bind(address).expect_err("in use");
        assert!(matches!(error, StartError::PortInUse(_)));
        let sentence = error.to_string();
        assert!(
            sentence
                .starts_with(&format!("Port {} is in use: another server may be running.", address.port())),
            "{sentence}"
        );
    }

    #[test]
    fn an_address_of_another_computer_is_said_to_be_so() {
        let error = bind(SocketAddr::from(([192, 0, 2, 1], 0))).expect_err("a documentation address");
        assert!(matches!(error, StartError::NoSuchAddress(_)));
    }
}
