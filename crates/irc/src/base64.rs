//! Base64 (RFC 4648, section 4), as SASL and stored keys use it: with padding, nothing around it, and one way to write each value.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Bytes as text.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Text as bytes; nothing, if it is not what [`encode`] writes.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard_are_written_and_read() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
        }
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&all)), Some(all));
    }

    #[test]
    fn what_is_no_base64_is_none() {
        for bad in ["Zg", "Zg=", "Zh==", "Z===", "====", "Zm9v\n", "Zm9 ", "Zm-_", "é===", "=Zm9"] {
            assert_eq!(decode(bad), None, "{bad:?}");
        }
    }
}
