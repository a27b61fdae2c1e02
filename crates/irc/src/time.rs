//! Points in time, as tags and parameters carry them (ircv3.net/specs/extensions/server-time).

use std::fmt;

/// Milliseconds since 1970 began, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// Reads `YYYY-MM-DDThh:mm:ss.sssZ`. Nothing, if it is anything else or before 1970.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let time: jiff::Timestamp = text.parse().ok()?;
        u64::try_from(time.as_millisecond()).ok().map(Self)
    }

    /// Whole seconds since 1970 began, as older commands want them.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.0 / 1000
    }

    /// This time and so many milliseconds more.
    #[must_use]
    pub fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The milliseconds from an earlier time to this one; none, if it is not earlier.
    #[must_use]
    pub fn millis_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Timestamp {
    /// As the `time` tag has it, such as `2026-11-22T14:02:33.120Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The last millisecond that the calendar of the library holds, which reads it again, stands for all later ones.
        let last = u64::try_from(jiff::Timestamp::MAX.as_millisecond()).unwrap_or(u64::MAX);
        let millis = self.0.min(last);
        let (year, month, day) = date(millis / 86_400_000);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        // From the last digit of each number to its first.
        for (last, digits, mut number) in [
            (3, 4, year),
            (6, 2, month),
            (9, 2, day),
            (12, 2, millis / 3_600_000 % 24),
            (15, 2, millis / 60_000 % 60),
            (18, 2, millis / 1000 % 60),
            (22, 3, millis % 1000),
        ] {
            for place in 0..digits {
                text[last - place] = b'0' + (number % 10) as u8;
                number /= 10;
            }
        }
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

/// Year, month and day, so many days after 1970 began. Each message has its time on it, so this is done without the library, which does more and takes its time.
///
/// Years are counted from March, so that a leap day is the last one, and months have lengths that repeat every five; every 400 years, 146,097 days, all is the same again.
fn date(days: u64) -> (u64, u64, u64) {
    // From the first of March of the year 0.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * day + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day - (153 * from_march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_and_read_with_three_decimals() {
        let time = Timestamp(1_795_356_153_120);
        assert_eq!(time.to_string(), "2026-11-22T14:02:33.120Z");
        assert_eq!(Timestamp::parse("2026-11-22T14:02:33.120Z"), Some(time));
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn each_day_is_written_as_the_library_writes_it() {
        // After 400 years all is the same again.
        for day in 0..146_097 {
            let time = day * 86_400_000 + day * 997 % 86_400_000;
            let by_library = jiff::Timestamp::from_millisecond(time as i64).unwrap();
            assert_eq!(Timestamp(time).to_string(), format!("{by_library:.3}"));
        }
        assert_eq!(Timestamp(u64::MAX).to_string(), format!("{:.3}", jiff::Timestamp::MAX));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for bad in ["", "yesterday", "2026-13-01T00:00:00.000Z", "1960-01-01T00:00:00.000Z"] {
            assert_eq!(Timestamp::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_far_future_does_not_panic() {
        assert!(!Timestamp(u64::MAX).to_string().is_empty());
    }
}
