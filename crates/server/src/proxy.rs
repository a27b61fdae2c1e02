//! The PROXY protocol, versions 1 and 2: a line or a few bytes with which a proxy says for whom it connects
//! (<https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt>). Pure functions of bytes.
//!
//! Who may say so is decided elsewhere: nobody but addresses that the configuration trusts.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The most bytes of version 1, its CR LF included.
const MOST_V1: usize = 107;
/// What version 2 begins with.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// The most bytes of version 2 behind its first sixteen: addresses, and what else a proxy has to tell.
const MOST_V2: usize = 4096;
/// The extension that tells of the client's TLS, and its bit for "the client used it".
const SSL: u8 = 0x20;
const CLIENT_USED_SSL: u8 = 0x01;

/// What the first bytes of a connection are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Header {
    /// Not enough to tell, or not all of it.
    Unfinished,
    /// No header: the connection speaks for itself.
    Absent,
    /// A header.
    Present(Announced),
    /// Something that begins like a header and is none.
    Malformed,
}

/// What a proxy said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Announced {
    /// How many bytes the header has.
    pub(crate) length: usize,
    /// For whom it connects; nothing, if for itself, or if it does not know.
    pub(crate) peer: Option<SocketAddr>,
    /// Whether its client's connection is encrypted.
    pub(crate) encrypted: bool,
}

/// Reads the first bytes of a connection.
pub(crate) fn read(bytes: &[u8]) -> Header {
    let begins_like = |pattern: &[u8]| pattern.iter().zip(bytes).all(|(a, b)| a == b);
    if begins_like(SIGNATURE) {
        if bytes.len() < SIGNATURE.len() { Header::Unfinished } else { version_2(bytes) }
    } else if begins_like(b"PROXY ") {
        if bytes.len() < 6 { Header::Unfinished } else { version_1(bytes) }
    } else {
        Header::Absent
    }
}

fn version_1(bytes: &[u8]) -> Header {
    let Some(end) = bytes.iter().take(MOST_V1).position(|byte| *byte == b'\n') else {
        return if bytes.len() >= MOST_V1 { Header::Malformed } else { Header::Unfinished };
    };
    let present = |peer| Header::Present(Announced { length: end + 1, peer, encrypted: false });
    let Some(line) = bytes[..end].strip_suffix(b"\r").and_then(|line| std::str::from_utf8(line).ok()) else {
        return Header::Malformed;
    };
    let words: Vec<_> = line.split(' ').collect();
    match words.as_slice() {
        ["PROXY", "UNKNOWN", ..] => present(None),
        ["PROXY", family @ ("TCP4" | "TCP6"), from, to, from_port, to_port] => {
            let parsed: Option<(IpAddr, IpAddr, u16, u16)> =
                (|| Some((from.parse().ok()?, to.parse().ok()?, port(from_port)?, port(to_port)?)))();
            match parsed {
                Some((from, to, from_port, _))
                    if from.is_ipv4() == (*family == "TCP4") && to.is_ipv4() == from.is_ipv4() =>
                {
                    present(Some(SocketAddr::new(from, from_port)))
                }
                _ => Header::Malformed,
            }
        }
        _ => Header::Malformed,
    }
}

/// A port in plain digits.
fn port(text: &str) -> Option<u16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn version_2(bytes: &[u8]) -> Header {
    let Some((head, rest)) = bytes.split_at_checked(16) else { return Header::Unfinished };
    let length = usize::from(u16::from_be_bytes([head[14], head[15]]));
    let (version, command) = (head[12] >> 4, head[12] & 0x0F);
    if version != 2 || command > 1 || length > MOST_V2 {
        return Header::Malformed;
    }
    let Some(body) = rest.get(..length) else { return Header::Unfinished };
    let present = |peer, encrypted| Header::Present(Announced { length: 16 + length, peer, encrypted });
    let (family, size) = (head[13] >> 4, body.len());
    // A health check of the proxy speaks for itself, and so does what comes from no network.
    match (command, family) {
        (0, _) | (1, 0 | 3) => present(None, false),
        (1, 1) if size >= 12 => {
            let ip = [0, 1, 2, 3].map(|at| body[at]);
            let port = u16::from_be_bytes([body[8], body[9]]);
            present(Some(SocketAddr::from((ip, port))), used_tls(&body[12..]))
        }
        (1, 2) if size >= 36 => {
            let mut ip = [0; 16];
            ip.copy_from_slice(&body[..16]);
            let ip = Ipv6Addr::from(ip).to_canonical();
            let port = u16::from_be_bytes([body[32], body[33]]);
            present(Some(SocketAddr::new(ip, port)), used_tls(&body[36..]))
        }
        _ => Header::Malformed,
    }
}

/// Whether the extensions say that the client's connection to the proxy is encrypted.
fn used_tls(mut extensions: &[u8]) -> bool {
    while let [kind, high, low, rest @ ..] = extensions {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some((value, after)) = rest.split_at_checked(length) else { return false };
        if *kind == SSL {
            return value.first().is_some_and(|flags| flags & CLIENT_USED_SSL != 0);
        }
        extensions = after;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(bytes: &[u8]) -> (usize, Option<String>) {
        match read(bytes) {
            Header::Present(found) => (found.length, found.peer.map(|peer| peer.to_string())),
            other => panic!("{bytes:?}: {other:?}"),
        }
    }

    fn v2(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([0x20 | command, family]);
        bytes.extend((body.len() as u16).to_be_bytes());
        bytes.extend(body);
        bytes
    }

    const V4: [u8; 12] = [192, 0, 2, 7, 127, 0, 0, 1, 0x1F, 0x90, 0x26, 0xAA];

    #[test]
    fn version_1_names_the_client() {
        let line = b"PROXY TCP4 192.0.2.7 127.0.0.1 8080 9898\r\n";
        let bytes = [&line[..], b"NICK john\r\n"].concat();
        assert_eq!(peer(&bytes), (line.len(), Some("192.0.2.7:8080".into())));
        let line = b"PROXY TCP6 2001:db8::7 ::1 65535 9898\r\n";
        assert_eq!(peer(line), (line.len(), Some("[2001:db8::7]:65535".into())));
        assert_eq!(peer(b"PROXY UNKNOWN\r\n"), (15, None));
        assert_eq!(peer(b"PROXY UNKNOWN ff ff 1 2\r\n"), (25, None));
        for end in 0..line.len() {
            assert_eq!(read(&line[..end]), Header::Unfinished, "{end}");
        }
    }

    #[test]
    fn version_2_names_the_client() {
        let bytes = v2(1, 0x11, &V4);
        assert_eq!(peer(&[&bytes[..], b"x"].concat()), (28, Some("192.0.2.7:8080".into())));
        let mut v6 = [0; 36];
        v6[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
        v6[32..34].copy_from_slice(&7000u16.to_be_bytes());
        assert_eq!(peer(&v2(1, 0x21, &v6)), (52, Some("[2001:db8::]:7000".into())));
        assert_eq!(peer(&v2(0, 0, &[])), (16, None), "a health check");
        assert_eq!(peer(&v2(0, 0x11, &V4)), (28, None), "a health check with addresses");
        assert_eq!(peer(&v2(1, 0x31, &[0; 216])), (232, None), "a Unix socket");
        for end in 0..bytes.len() {
            assert_eq!(read(&bytes[..end]), Header::Unfinished, "{end}");
        }
    }

    #[test]
    fn version_2_tells_of_the_clients_encryption() {
        let encrypted = |extensions: &[u8]| match read(&v2(1, 0x11, &[&V4, extensions].concat())) {
            Header::Present(found) => found.encrypted,
            other => panic!("{other:?}"),
        };
        assert!(encrypted(&[0x04, 0, 1, 9, SSL, 0, 5, 1, 0, 0, 0, 0]));
        assert!(!encrypted(&[SSL, 0, 5, 0, 0, 0, 0, 0]));
        assert!(!encrypted(&[SSL, 0, 9, 1]), "cut short");
        assert!(!encrypted(&[]));
    }

    #[test]
    fn whatever_else_begins_like_a_header_is_malformed() {
        let long = format!("PROXY TCP4 {}\r\n", "1".repeat(MOST_V1));
        for bad in [
            &b"PROXY TCP4 192.0.2.7 127.0.0.1 8080\r\n"[..],
            b"PROXY TCP4 192.0.2.7 127.0.0.1 8080 9898\n",
            b"PROXY TCP4 2001:db8::7 ::1 8080 9898\r\n",
            b"PROXY TCP6 192.0.2.7 127.0.0.1 8080 9898\r\n",
            b"PROXY TCP4 192.0.2.7 127.0.0.1 +80 9898\r\n",
            b"PROXY TCP4 192.0.2.7 127.0.0.1 80 99999\r\n",
            b"PROXY TCP4  192.0.2.7 127.0.0.1 80 9\r\n",
            b"PROXY \xff\r\n",
            long.as_bytes(),
            &v2(2, 0x11, &V4),
            &v2(1, 0x11, &V4[..11]),
            &v2(1, 0x21, &V4),
            &v2(1, 0x41, &V4),
            &v2(0, 0, &[0; MOST_V2 + 1]),
        ] {
            assert_eq!(read(bad), Header::Malformed, "{bad:?}");
        }
        for other in [&b"NICK john\r\n"[..], b"\x16\x03\x01", b"PROXYING", b"\r\nNICK"] {
            assert_eq!(read(other), Header::Absent, "{other:?}");
        }
    }
}
