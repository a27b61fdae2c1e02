//! The codec of lines: however bytes are cut, the same lines come out, and little is held.

use irc::{Framed, Limits, LineBuffer};

const LIMITS: Limits = Limits { tags: 64, message: 128 };

pub(crate) fn feed(bytes: &[u8]) {
    let (size, bytes) = bytes.split_first().map_or((1, bytes), |(size, rest)| (usize::from(*size) + 1, rest));
    let whole = cut(bytes, bytes.len().max(1));
    assert_eq!(cut(bytes, size), whole, "pieces of {size}");
    assert_eq!(cut(bytes, 1), whole);
}

fn cut(bytes: &[u8], size: usize) -> Vec<String> {
    let mut buffer = LineBuffer::new(LIMITS);
    let mut out = Vec::new();
    for piece in bytes.chunks(size) {
        buffer.push(piece);
        while let Some(framed) = buffer.next_line() {
            out.push(match framed {
                Framed::Line(line) => {
                    assert!(!line.is_empty() && !line.contains('\n') && line.len() <= 64 + 128);
                    format!("line {line}")
                }
                Framed::TooLong { bytes } => format!("{bytes} bytes"),
                Framed::NotUtf8(line) => format!("{line:?}"),
            });
        }
        assert!(buffer.len() <= 64 + 128, "holds {} bytes", buffer.len());
    }
    out.push(format!("{} bytes unfinished", buffer.unfinished()));
    out
}
