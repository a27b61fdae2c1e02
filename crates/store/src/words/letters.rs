//! Plain letters, eight at a time: most of what people say is made of them.

use crate::index::segment::key_of;

/// The letters and digits of ASCII that stand at a place in the bytes, as they count, up to eight of them, the first one highest; and how many.
/// They are looked at together, in one number; what is not there is zero.
pub(super) fn letters(bytes: &[u8], at: usize) -> (u64, usize) {
    /// The same in each byte.
    const fn each(byte: u8) -> u64 {
        u64::from_be_bytes([byte; 8])
    }
    let rest = &bytes[at..];
    let all = match (rest.first_chunk(), bytes.last_chunk()) {
        (Some(all), _) => u64::from_be_bytes(*all),
        // What is before is pushed out.
        (None, Some(last)) => u64::from_be_bytes(*last) << (8 * (8 - rest.len())),
        (None, None) => key_of(rest),
    };
    let low = all & each(0x7f);
    // This changes no digit.
    let lower = low | each(0x20);
    // The highest bit of each byte says whether the byte is so high at least.
    let (not_below, digits) = (lower + each(0x80 - b'a'), low + each(0x80 - b'0'));
    let (above, above_digits) = (lower + each(0x7f - b'z'), low + each(0x7f - b'9'));
    let letter = (not_below & !above | digits & !above_digits) & !all & each(0x80);
    let count = (letter ^ each(0x80)).leading_zeros() as usize / 8;
    (if count == 8 { lower } else { lower & !(u64::MAX >> (8 * count)) }, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_are_looked_at_together_are_the_same_as_one_by_one() {
        for byte in 0..=u8::MAX {
            for length in 1..20 {
                for odd in 0..length {
                    let mut bytes = vec![b'Q'; length];
                    bytes[odd] = byte;
                    for at in 0..length {
                        let rest = bytes[at..].iter().take(8);
                        let known: Vec<u8> = rest
                            .take_while(|byte| byte.is_ascii_alphanumeric())
                            .map(u8::to_ascii_lowercase)
                            .collect();
                        assert_eq!(letters(&bytes, at), (key_of(&known), known.len()), "{bytes:?} from {at}");
                    }
                }
            }
        }
    }
}
