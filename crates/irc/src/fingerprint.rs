//! Fingerprints of servers' keys, in the one form in which people compare them.
//!
//! A fingerprint is the SHA-256 of the certificate's SubjectPublicKeyInfo, so a renewed certificate with the same key keeps it.

/// The bytes of a fingerprint.
pub const BYTES: usize = 32;

/// Sixteen groups of four hexadecimal digits: `3F2A 90C1 …`.
#[must_use]
pub fn format(fingerprint: &[u8; BYTES]) -> String {
    let groups: Vec<String> =
        fingerprint.chunks(2).map(|pair| pair.iter().map(|b| format!("{b:02X}")).collect()).collect();
    groups.join(" ")
}

/// Reads a fingerprint, however its digits are grouped and written. Nothing, if it is anything else.
#[must_use]
pub fn parse(text: &str) -> Option<[u8; BYTES]> {
    let mut digits = Vec::with_capacity(2 * BYTES);
    for c in text.chars().filter(|c| !c.is_whitespace() && !matches!(c, ':' | '-')) {
        digits.push(u8::try_from(c.to_digit(16)?).ok()?);
    }
    if digits.len() != 2 * BYTES {
        return None;
    }
    let mut fingerprint = [0; BYTES];
    for (byte, pair) in fingerprint.iter_mut().zip(digits.chunks(2)) {
        *byte = pair[0] << 4 | pair[1];
    }
    Some(fingerprint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_however_it_is_written() {
        let mut fingerprint = [0; BYTES];
        for (i, byte) in fingerprint.iter_mut().enumerate() {
            *byte = (i * 7 % 256) as u8;
        }
        let written = format(&fingerprint);
        assert_eq!(written.split(' ').count(), 16);
        assert!(written.split(' ').all(|group| group.len() == 4));
        assert!(written.starts_with("0007 0E15"));
        for form in [
            written.clone(),
            written.to_lowercase(),
            written.replace(' ', ":"),
            format!(" {}\n", written.replace(' ', "")),
        ] {
            assert_eq!(parse(&form), Some(fingerprint), "{form}");
        }
    }

    #[test]
    fn what_is_no_fingerprint_is_none() {
        for bad in ["", "3F2A", &"F".repeat(63), &"F".repeat(65), &"G".repeat(64), &"é".repeat(64)] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
