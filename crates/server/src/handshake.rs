//! How a WebSocket begins: one HTTP request, and the answer to it (RFC 6455, section 4). Pure functions of bytes.
//!
//! This server speaks no other HTTP, so whatever is not a clean upgrade gets a short answer and is closed: nothing that comes
//! after a request is ever taken for a second one, which leaves nothing to be smuggled.

use httparse::{EMPTY_HEADER, Header, Request, Status};
use irc::base64;

use crate::websocket::Kind;

/// The most bytes of a request.
pub(crate) const MOST: usize = 8 * 1024;
/// The most header fields of a request. A browser sends about twenty.
const MOST_FIELDS: usize = 64;
/// What is hashed together with the client's key (section 1.3).
const MAGIC: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// What the first bytes of an HTTP connection are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// Not all of a request yet.
    Unfinished,
    /// The beginning of a WebSocket.
    Upgrade(Upgrade),
    /// Something else, and why it is not taken.
    Refused(Refusal),
}

/// The beginning of a WebSocket.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Upgrade {
    /// The page that asked, if a browser did.
    pub(crate) origin: Option<String>,
    /// How lines are to be sent.
    pub(crate) kind: Kind,
    /// The answer.
    pub(crate) answer: Vec<u8>,
}

/// Why an HTTP request is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It asks for no WebSocket.
    NoWebSocket,
    /// It is no proper request.
    Malformed(&'static str),
    /// It is too long.
    TooLong,
    /// It asks for another version of WebSocket.
    Version,
    /// The page that asks may not.
    Origin,
    /// It is not encrypted and should be.
    Unencrypted,
    /// Nobody speaks HTTP here.
    NotHere,
    /// Too many connections come from there.
    TooMany,
}

impl Refusal {
    /// The answer: a status, a sentence, and the end.
    pub(crate) fn answer(self) -> Vec<u8> {
        let (status, more, words) = match self {
            Self::NoWebSocket => (
                "400 Bad Request",
                "",
                "This is a chat server, not a web page. Connect to the same address and port with Chinwag, or with any IRC client that speaks TLS.",
            ),
            Self::Malformed(why) => ("400 Bad Request", "", why),
            Self::TooLong => ("431 Request Header Fields Too Large", "", "The request is too long."),
            Self::Version => (
                "426 Upgrade Required",
                "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
                "This server speaks version 13 of WebSocket.",
            ),
            Self::Origin => ("403 Forbidden", "", "This page may not connect to this chat server."),
            Self::Unencrypted => {
                ("403 Forbidden", "", "This server speaks TLS only: use wss:// with the same port.")
            }
            Self::NotHere => ("403 Forbidden", "", "This port is for IRC alone."),
            Self::TooMany => (
                "429 Too Many Requests",
                "Retry-After: 60\r\n",
                "Too many connections come from your address.",
            ),
        };
        format!(
            "HTTP/1.1 {status}\r\n{more}Content-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{words}\n",
            words.len() + 1
        )
        .into_bytes()
    }
}

/// Reads what came of a request.
pub(crate) fn read(bytes: &[u8]) -> Head {
    // Whatever is not a GET need not be waited for.
    if !bytes.starts_with(b"GET ") {
        return Head::Refused(Refusal::NoWebSocket);
    }
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
    match end {
        None if bytes.len() > MOST => Head::Refused(Refusal::TooLong),
        None => Head::Unfinished,
        Some(end) if end > MOST => Head::Refused(Refusal::TooLong),
        Some(end) => match upgrade(&bytes[..end], end < bytes.len()) {
            Ok(upgrade) => Head::Upgrade(upgrade),
            Err(refusal) => Head::Refused(refusal),
        },
    }
}

fn upgrade(head: &[u8], more_follows: bool) -> Result<Upgrade, Refusal> {
    let malformed = |why| Err(Refusal::Malformed(why));
    // Line ends are CR LF and nothing else, so that no two readers see different lines.
    let lone = |at: usize| match head[at] {
        b'\n' => at == 0 || head[at - 1] != b'\r',
        b'\r' => head.get(at + 1) != Some(&b'\n'),
        byte => byte == 0,
    };
    if (0..head.len()).any(lone) {
        return malformed("The request has a line end that is none.");
    }
    let mut fields = [EMPTY_HEADER; MOST_FIELDS];
    let mut request = Request::new(&mut fields);
    match request.parse(head) {
        Ok(Status::Complete(length)) if length == head.len() => {}
        Err(httparse::Error::TooManyHeaders) => return Err(Refusal::TooLong),
        _ => return malformed("This is no HTTP request."),
    }
    if request.version != Some(1) || !request.path.is_some_and(|path| path.starts_with('/')) {
        return malformed("This is no request of HTTP/1.1.");
    }
    let fields = &*request.headers;
    if has(fields, "Content-Length") || has(fields, "Transfer-Encoding") {
        return malformed("The request has a body.");
    }
    if !names(fields, "Upgrade", "websocket") {
        return Err(Refusal::NoWebSocket);
    }
    if !names(fields, "Connection", "upgrade") {
        return malformed("The request does not say Connection: Upgrade.");
    }
    let (Some(_), Some(key)) = (single(fields, "Host")?, single(fields, "Sec-WebSocket-Key")?) else {
        return malformed("The request lacks Host or Sec-WebSocket-Key.");
    };
    if single(fields, "Sec-WebSocket-Version")? != Some("13") {
        return Err(Refusal::Version);
    }
    if base64::decode(key).is_none_or(|nonce| nonce.len() != 16) {
        return malformed("The request's Sec-WebSocket-Key is no key.");
    }
    if more_follows {
        return malformed("The request is followed by something before it is answered.");
    }
    let protocol = protocol(fields);
    Ok(Upgrade {
        origin: single(fields, "Origin")?.map(str::to_owned),
        // Who names no protocol gets text, as browsers' scripts expect it.
        kind: protocol.map_or(Kind::Text, |(_, kind)| kind),
        answer: answer(key, protocol.map(|(name, _)| name)),
    })
}

fn answer(key: &str, protocol: Option<&str>) -> Vec<u8> {
    let digest =
        ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, format!("{key}{MAGIC}").as_bytes());
    let accept = base64::encode(digest.as_ref());
    let protocol = protocol.map(|name| format!("Sec-WebSocket-Protocol: {name}\r\n")).unwrap_or_default();
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{protocol}\r\n"
    )
    .into_bytes()
}

/// The first of the client's protocols that this server speaks.
fn protocol(fields: &[Header<'_>]) -> Option<(&'static str, Kind)> {
    const OURS: [(&str, Kind); 2] = [("text.ircv3.net", Kind::Text), ("binary.ircv3.net", Kind::Binary)];
    all(fields, "Sec-WebSocket-Protocol")
        .flat_map(|value| value.split(','))
        .find_map(|wanted| OURS.into_iter().find(|(name, _)| *name == wanted.trim()))
}

/// The values of a field that may come several times. One that is not text is as good as none.
fn all<'a>(fields: &'a [Header<'a>], name: &'a str) -> impl Iterator<Item = &'a str> {
    let named = fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name));
    named.filter_map(|field| std::str::from_utf8(field.value).ok()).map(str::trim)
}

fn has(fields: &[Header<'_>], name: &str) -> bool {
    fields.iter().any(|field| field.name.eq_ignore_ascii_case(name))
}

/// Whether a list holds a word.
fn names(fields: &[Header<'_>], name: &str, word: &str) -> bool {
    all(fields, name).flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(word))
}

/// The value of a field that may come once.
fn single<'a>(fields: &'a [Header<'a>], name: &'a str) -> Result<Option<&'a str>, Refusal> {
    let mut values = all(fields, name);
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(Refusal::Malformed("The request says something twice.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

    fn with(field: &str) -> String {
        GOOD.replacen("\r\n", &format!("\r\n{field}\r\n"), 1)
    }

    fn upgraded(request: &str) -> Upgrade {
        match read(request.as_bytes()) {
            Head::Upgrade(upgrade) => upgrade,
            other => panic!("{request:?}: {other:?}"),
        }
    }

    #[test]
    fn the_example_of_the_standard_is_answered() {
        let upgrade = upgraded(GOOD);
        let answer = String::from_utf8(upgrade.answer).expect("text");
        assert!(answer.starts_with("HTTP/1.1 101 ") && answer.ends_with("\r\n\r\n"), "{answer}");
        assert!(answer.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{answer}");
        assert!(!answer.contains("Protocol:"), "nothing was asked for");
        assert_eq!((upgrade.origin, upgrade.kind), (None, Kind::Text));
        for end in 4..GOOD.len() {
            assert_eq!(read(&GOOD.as_bytes()[..end]), Head::Unfinished, "{end}");
        }
    }

    #[test]
    fn the_protocol_is_the_first_that_both_know() {
        for (wanted, named, kind) in [
            ("text.ircv3.net", Some("text.ircv3.net"), Kind::Text),
            ("binary.ircv3.net", Some("binary.ircv3.net"), Kind::Binary),
            ("binary.ircv3.net, text.ircv3.net", Some("binary.ircv3.net"), Kind::Binary),
            ("chat, text.ircv3.net, binary.ircv3.net", Some("text.ircv3.net"), Kind::Text),
            ("chat", None, Kind::Text),
        ] {
            let upgrade = upgraded(&with(&format!("Sec-WebSocket-Protocol: {wanted}")));
            let answer = String::from_utf8(upgrade.answer).expect("text");
            let line = answer.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Protocol: "));
            assert_eq!((line, upgrade.kind), (named, kind), "{wanted}");
        }
    }

    #[test]
    fn names_of_fields_and_words_in_lists_are_in_any_case() {
        let request = GOOD.replace("Connection: Upgrade", "connection: keep-alive, UPGRADE");
        upgraded(&request.replace("websocket", "WebSocket").replace("Host", "host"));
        assert_eq!(upgraded(&with("ORIGIN: https://a.example")).origin.as_deref(), Some("https://a.example"));
    }

    #[test]
    fn what_is_not_a_clean_upgrade_is_refused() {
        let status = |request: &str| match read(request.as_bytes()) {
            Head::Refused(refusal) => String::from_utf8(refusal.answer()).expect("text")[9..12].to_owned(),
            other => panic!("{request:?}: {other:?}"),
        };
        for request in [
            "POST / HTTP/1.1\r\n".to_owned(),
            "PRI * HTTP/2.0\r\n\r\n".into(),
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n".into(),
            GOOD.replace("HTTP/1.1", "HTTP/1.0"),
            GOOD.replace("/chat", "http://other.example/"),
            GOOD.replace("Connection: Upgrade", "Connection: close"),
            GOOD.replace("Host: server.example.com\r\n", ""),
            GOOD.replace("dGhlIHNhbXBsZSBub25jZQ==", "dGhl"),
            GOOD.replace("dGhlIHNhbXBsZSBub25jZQ==", "not base64"),
            with("Content-Length: 0"),
            with("Content-Length: 5"),
            with("Transfer-Encoding: chunked"),
            with("Host: other.example"),
            with("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
            with("Sec-WebSocket-Version: 13"),
            with("X: a\nContent-Length: 5"),
            with("X: a\rb"),
            with("X: a\r\n folded"),
            with("X : a"),
            with("X: \0"),
            format!("{GOOD}GET /second HTTP/1.1\r\n"),
        ] {
            assert_eq!(status(&request), "400", "{request:?}");
        }
        assert_eq!(status(&GOOD.replace("Version: 13", "Version: 8")), "426");
        assert_eq!(status(&GOOD.replace("Sec-WebSocket-Version: 13\r\n", "")), "426");
        assert_eq!(status(&with(&format!("X: {}", "x".repeat(MOST)))), "431");
        assert_eq!(status(&format!("GET /{}", "x".repeat(MOST))), "431");
        assert_eq!(status(&with(&vec!["X: y"; MOST_FIELDS + 1].join("\r\n"))), "431");
    }
}
