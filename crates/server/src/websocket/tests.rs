//! The examples of RFC 6455, and every way to break its rules.

use super::*;

/// What came, as owned values.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Got {
    Message(Vec<u8>),
    Ping(Vec<u8>),
    Close(Option<u16>),
    Broken(u16),
}

fn take(decoder: &mut Decoder, mut bytes: &[u8], got: &mut Vec<Got>) {
    loop {
        got.push(match decoder.next(&mut bytes) {
            Ok(None) => return,
            Ok(Some(Event::Message(message))) => Got::Message(message.to_vec()),
            Ok(Some(Event::Ping(payload))) => Got::Ping(payload.to_vec()),
            Ok(Some(Event::Close(code))) => Got::Close(code),
            Err(broken) => {
                got.push(Got::Broken(broken.code));
                return;
            }
        });
    }
}

fn decode(bytes: &[u8]) -> Vec<Got> {
    let mut got = Vec::new();
    take(&mut Decoder::default(), bytes, &mut got);
    got
}

/// A frame as a client sends it.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut out = Vec::new();
    frame(first & 0x0F, payload, &mut out);
    let head = out.len() - payload.len();
    out.truncate(head);
    out[0] = first;
    out[1] |= 0x80;
    out.extend(MASK);
    out.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    out
}

const HELLO: [u8; 11] = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];

#[test]
fn the_examples_of_the_standard_are_read() {
    assert_eq!(decode(&HELLO), [Got::Message(b"Hello".to_vec())]);
    let ping = [0x89, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    assert_eq!(decode(&ping), [Got::Ping(b"Hello".to_vec())]);
    assert_eq!(masked(0x81, b"Hello"), HELLO);
}

#[test]
fn the_examples_of_the_standard_are_written() {
    assert_eq!(messages(Kind::Text, b"Hello\r\n"), [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
    assert_eq!(pong(b"Hello"), [0x8a, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
    assert_eq!(messages(Kind::Binary, &[7; 256])[..4], [0x82, 0x7e, 0x01, 0x00]);
    assert_eq!(messages(Kind::Binary, &[7; 65536])[..10], [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]);
    assert_eq!(close(code::NORMAL), [0x88, 2, 0x03, 0xe8]);
}

#[test]
fn it_does_not_matter_where_the_bytes_are_split() {
    let bytes = [
        masked(0x01, b"PRIVMSG "),
        masked(0x89, b"still there?"),
        masked(0x00, b"#x :"),
        masked(0x8A, b"nobody asked"),
        masked(0x80, "é".as_bytes()),
        masked(0x82, &[0xFF; 200]),
        masked(0x81, &[]),
        masked(0x88, b"\x03\xe8bye"),
    ]
    .concat();
    let whole = decode(&bytes);
    assert_eq!(
        whole,
        [
            Got::Ping(b"still there?".to_vec()),
            Got::Message("PRIVMSG #x :é".into()),
            Got::Message(vec![0xFF; 200]),
            Got::Message(Vec::new()),
            Got::Close(Some(1000)),
        ]
    );
    for at in 0..bytes.len() {
        let (mut decoder, mut got) = (Decoder::default(), Vec::new());
        take(&mut decoder, &bytes[..at], &mut got);
        take(&mut decoder, &bytes[at..], &mut got);
        assert_eq!(got, whole, "split at {at}");
    }
    let (mut decoder, mut got) = (Decoder::default(), Vec::new());
    bytes.iter().for_each(|byte| take(&mut decoder, &[*byte], &mut got));
    assert_eq!(got, whole, "a byte at a time");
    assert_eq!(decoder.message.capacity(), 0);
}

#[test]
fn a_character_may_be_split_between_frames_but_must_be_whole_at_the_end() {
    let split = [masked(0x01, &[0xC3]), masked(0x80, &[0xA9])].concat();
    assert_eq!(decode(&split), [Got::Message("é".into())]);
    assert_eq!(decode(&masked(0x81, &[0xC3])), [Got::Broken(code::INVALID)]);
    assert_eq!(decode(&masked(0x82, &[0xC3])), [Got::Message(vec![0xC3])]);
}

#[test]
fn whoever_breaks_the_rules_is_told_the_code() {
    let unmasked = messages(Kind::Text, b"Hello\n");
    for (what, bytes) in [
        ("no mask", unmasked),
        ("an extension's bit", masked(0xC1, b"x")),
        ("an unknown kind", masked(0x83, b"x")),
        ("an unknown control frame", masked(0x8B, b"x")),
        ("a continuation of nothing", masked(0x80, b"x")),
        ("a message inside of another", [masked(0x01, b"x"), masked(0x81, b"y")].concat()),
        ("a ping in pieces", masked(0x09, b"x")),
        ("a long ping", masked(0x89, &[0; 126])),
        ("half a code", masked(0x88, b"\x03")),
        ("a code that is never sent", masked(0x88, &1006u16.to_be_bytes())),
        ("a code of nobody", masked(0x88, &999u16.to_be_bytes())),
        ("a short length in many bytes", vec![0x81, 0xFE, 0, 5, 1, 2, 3, 4]),
        ("a middling length in eight bytes", vec![0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 1, 2, 3, 4]),
        ("a negative length", vec![0x81, 0xFF, 0x80, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4]),
    ] {
        assert_eq!(decode(&bytes), [Got::Broken(code::PROTOCOL)], "{what}");
    }
    assert_eq!(decode(&masked(0x88, b"\x03\xe8\xff")), [Got::Broken(code::INVALID)]);
}

#[test]
fn what_is_too_big_is_refused_before_it_comes() {
    assert_eq!(decode(&masked(0x81, &[b'x'; MOST])), [Got::Message(vec![b'x'; MOST])]);
    let huge = [0x81, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4];
    assert_eq!(decode(&huge), [Got::Broken(code::TOO_BIG)]);
    let (mut decoder, mut got) = (Decoder::default(), Vec::new());
    take(&mut decoder, &masked(0x01, &[b'x'; 1000]), &mut got);
    for _ in 0..100 {
        take(&mut decoder, &masked(0x00, &[b'x'; 1000]), &mut got);
        if !got.is_empty() {
            break;
        }
    }
    assert_eq!(got, [Got::Broken(code::TOO_BIG)], "in pieces as well");
    assert!(decoder.message.len() <= MOST);
}

#[test]
fn each_line_becomes_a_message_and_text_is_always_utf8() {
    let text = messages(Kind::Text, b"one\r\ntw\xff\r\n");
    assert_eq!(text, [&b"\x81\x03one\x81\x05tw"[..], "\u{FFFD}".as_bytes()].concat());
    assert_eq!(messages(Kind::Binary, b"one\r\ntw\xff\r\n"), b"\x82\x03one\x82\x03tw\xff");
    assert_eq!(messages(Kind::Text, b""), b"");
}

#[test]
fn no_bytes_whatever_bring_it_down_or_make_it_hold_more_than_a_message() {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..3000 {
        // Mostly garbage that begins like a frame, since other garbage ends at its second byte.
        let mut bytes: Vec<u8> = (0..random() % 300).map(|_| random() as u8).collect();
        if let [first, second, ..] = bytes.as_mut_slice() {
            *first &= 0x8B;
            *second |= 0x80;
        }
        let (mut decoder, mut got) = (Decoder::default(), Vec::new());
        for chunk in bytes.chunks(1 + random() as usize % 40) {
            take(&mut decoder, chunk, &mut got);
            if matches!(got.last(), Some(Got::Broken(_))) {
                break;
            }
            assert!(decoder.message.len() <= MOST && decoder.control.len() <= MOST_CONTROL);
        }
        // The same bytes are read by the others that read what anybody may send.
        let _ = crate::proxy::read(&[&b"\r\n\r\n\0\r\nQUIT\n"[..], &bytes].concat());
        let _ = crate::proxy::read(&[&b"PROXY "[..], &bytes, b"\r\n"].concat());
        let _ = crate::handshake::read(&[&b"GET / HTTP/1.1\r\nUpgrade: "[..], &bytes, b"\r\n\r\n"].concat());
    }
}
