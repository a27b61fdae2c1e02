//! For how long something holds, as people type it: `90` (minutes), `30m`, `12h`, `7d`, `1w2d`.

/// The milliseconds of a unit.
fn unit(letter: char) -> Option<u64> {
    const SECOND: u64 = 1000;
    Some(match letter {
        's' => SECOND,
        'm' => 60 * SECOND,
        'h' => 3600 * SECOND,
        'd' => 86_400 * SECOND,
        'w' => 7 * 86_400 * SECOND,
        'y' => 365 * 86_400 * SECOND,
        _ => return None,
    })
}

/// The milliseconds that a text stands for; nothing, if it stands for none. A number alone is minutes.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let mut total: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let count: u64 = rest[..digits].parse().ok()?;
        let letter = rest[digits..].chars().next();
        let millis = match letter {
            Some(letter) => unit(letter.to_ascii_lowercase())?,
            None if digits == text.len() => unit('m')?,
            None => return None,
        };
        total = total.checked_add(count.checked_mul(millis)?)?;
        rest = &rest[digits + letter.map_or(0, char::len_utf8)..];
    }
    Some(total).filter(|total| *total > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_minutes_and_letters_say_otherwise() {
        for (text, seconds) in [
            ("90", 5400),
            ("90s", 90),
            ("30m", 1800),
            ("12h", 43_200),
            ("1d12h", 129_600),
            ("1W", 604_800),
            ("1y", 31_536_000),
        ] {
            assert_eq!(parse(text), Some(seconds * 1000), "{text}");
        }
        for bad in ["", "0", "0h", "h", "1x", "1h30", "-5", "5é", "99999999999999999999", "9999999999999y"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
