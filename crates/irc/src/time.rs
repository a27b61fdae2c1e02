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
        let millis = i64::try_from(self.0).unwrap_or(i64::MAX);
        // The last millisecond that the calendar of the library holds stands for all later ones.
        let time = jiff::Timestamp::from_millisecond(millis).unwrap_or(jiff::Timestamp::MAX);
        write!(f, "{time:.3}")
    }
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
