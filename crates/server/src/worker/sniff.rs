//! What the first bytes of a connection say that it is. Pure functions of bytes.

/// The first byte of every TLS connection: a handshake record (RFC 8446, section 5.1).
const TLS_HANDSHAKE: u8 = 0x16;
/// What an HTTP request begins with (RFC 9110, section 9; the last one is HTTP/2's).
const METHODS: [&str; 10] =
    ["GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "CONNECT ", "OPTIONS ", "TRACE ", "PATCH ", "PRI * "];

/// What speaks inside of a connection, encrypted or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speech {
    /// Too early to tell.
    Unknown,
    /// HTTP.
    Http,
    /// IRC, or nothing that anybody knows, which the parser will say.
    Irc,
}

/// Whether a connection that begins so is encrypted.
pub(crate) fn is_tls(first: u8) -> bool {
    first == TLS_HANDSHAKE
}

/// What it is that begins so.
pub(crate) fn speech(first: &[u8]) -> Speech {
    let Some(method) =
        METHODS.iter().map(|m| m.as_bytes()).find(|m| m.iter().zip(first).all(|(a, b)| a == b))
    else {
        return Speech::Irc;
    };
    if first.len() >= method.len() { Speech::Http } else { Speech::Unknown }
}

/// What somebody gets who speaks plain IRC from where that is not allowed.
pub(crate) fn plain_refusal(port: u16, fingerprint: &str) -> Vec<u8> {
    let line = format!(
        "ERROR :This server speaks TLS only. Connect with TLS to the same port, {port}. Its key's fingerprint: {fingerprint}\r\n"
    );
    line.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_known_by_its_methods() {
        assert_eq!(speech(b"GET / HTTP/1.1\r\n"), Speech::Http);
        assert_eq!(speech(b"PRI * HTTP/2.0\r\n"), Speech::Http);
        assert_eq!(speech(b"OPTIONS "), Speech::Http);
    }

    #[test]
    fn what_could_become_either_is_waited_for() {
        for first in [&b""[..], b"P", b"PO", b"GET", b"PU"] {
            assert_eq!(speech(first), Speech::Unknown, "{first:?}");
        }
    }

    #[test]
    fn everything_else_goes_to_the_parser() {
        for first in
            [&b"CAP LS 302\r\n"[..], b"NICK", b"PASS", b"PING", b"PRIV", b"\r\n", b"\0", b"GETX", b"\xff"]
        {
            assert_eq!(speech(first), Speech::Irc, "{first:?}");
        }
    }

    #[test]
    fn the_refusal_is_one_line_that_says_what_to_do() {
        let line = plain_refusal(9898, &["ABCD"; 16].join(" "));
        assert!(line.len() <= irc::MAX_MESSAGE_BYTES && line.ends_with(b"\r\n"));
        let line = String::from_utf8(line).expect("UTF-8");
        assert!(
            line.starts_with("ERROR :")
                && line.contains("TLS")
                && line.contains("9898")
                && line.contains("ABCD ABCD")
        );
    }
}
