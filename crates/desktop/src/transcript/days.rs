//! Local days and times of day, and the words for them.
//!
//! Must never read the clock by itself: the moment that is "now" is handed in. Knows no widget.

use client::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Turns points in time into a zone's days and hours.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
}

impl Calendar {
    /// The calendar of this computer's zone.
    #[must_use]
    pub fn local() -> Self {
        Self { zone: TimeZone::system() }
    }

    /// The calendar of a zone.
    #[must_use]
    pub fn of(zone: TimeZone) -> Self {
        Self { zone }
    }

    fn civil(&self, at: Timestamp) -> jiff::civil::DateTime {
        let millis = i64::try_from(at.0).unwrap_or(i64::MAX);
        // The last moment of the library's calendar stands for all later ones.
        jiff::Timestamp::from_millisecond(millis)
            .unwrap_or(jiff::Timestamp::MAX)
            .to_zoned(self.zone.clone())
            .datetime()
    }

    /// The day on which something happened.
    #[must_use]
    pub fn date(&self, at: Timestamp) -> Date {
        self.civil(at).date()
    }

    /// The time of day, such as `14:02`.
    #[must_use]
    pub fn time(&self, at: Timestamp) -> String {
        let at = self.civil(at);
        format!("{:02}:{:02}", at.hour(), at.minute())
    }

    /// The first and the last moment of a day.
    #[must_use]
    pub fn span(&self, date: Date) -> Option<(Timestamp, Timestamp)> {
        let moment = |date: Date| {
            let zoned = date.to_zoned(self.zone.clone()).ok()?;
            u64::try_from(zoned.timestamp().as_millisecond()).ok()
        };
        let (start, next) = (moment(date)?, moment(date.tomorrow().ok()?)?);
        Some((Timestamp(start), Timestamp(next.saturating_sub(1))))
    }
}

/// Remembers the day of the last question, for entries come in the order of time and most share a day with the one before.
#[derive(Debug, Default)]
pub struct DayFinder {
    last: Option<(Timestamp, Timestamp, Date)>,
}

impl DayFinder {
    /// The day on which something happened.
    pub fn date(&mut self, calendar: &Calendar, at: Timestamp) -> Date {
        if let Some((from, to, date)) = self.last
            && from <= at
            && at <= to
        {
            return date;
        }
        let date = calendar.date(at);
        self.last = calendar.span(date).map(|(from, to)| (from, to, date));
        date
    }
}

/// What the line between two days says.
#[must_use]
pub fn label(date: Date, today: Date) -> String {
    if date == today {
        "Today".to_owned()
    } else if date.tomorrow().is_ok_and(|next| next == today) {
        "Yesterday".to_owned()
    } else {
        date.strftime("%A, %-d %B %Y").to_string()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn berlin() -> Calendar {
        // Spelled out, so that the test needs no zone database.
        Calendar::of(TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a zone as POSIX writes it"))
    }

    #[test]
    fn days_have_the_words_that_people_use() {
        let today = date(2026, 11, 22);
        assert_eq!(label(today, today), "Today");
        assert_eq!(label(date(2026, 11, 21), today), "Yesterday");
        assert_eq!(label(date(2026, 11, 20), today), "Friday, 20 November 2026");
        assert_eq!(label(date(2026, 11, 23), today), "Monday, 23 November 2026");
    }

    #[test]
    fn midnight_is_the_zone_s_own() {
        let calendar = berlin();
        // 23:30 in Greenwich is half past midnight in Berlin.
        let at = Timestamp(1_795_390_200_000);
        assert_eq!(at.to_string(), "2026-11-22T23:30:00.000Z");
        assert_eq!(calendar.date(at), date(2026, 11, 23));
        assert_eq!(calendar.time(at), "00:30");
    }

    #[test]
    fn a_finder_agrees_with_the_calendar_across_a_change_of_clocks() {
        let (calendar, mut finder) = (berlin(), DayFinder::default());
        for quarter in 0..(4 * 24 * 4) {
            // From 24 October 2026, over the end of summer time.
            let at = Timestamp(1_792_800_000_000 + quarter * 900_000);
            assert_eq!(finder.date(&calendar, at), calendar.date(at));
        }
    }

    #[test]
    fn the_end_of_time_does_not_panic() {
        assert!(!Calendar::local().time(Timestamp(u64::MAX)).is_empty());
        DayFinder::default().date(&Calendar::local(), Timestamp(u64::MAX));
    }
}
