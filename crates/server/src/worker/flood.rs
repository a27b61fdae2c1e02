//! How fast one connection may send: a bucket that fills with time and from which each line takes one.

use std::time::{Duration, Instant};

/// One connection's allowance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    /// When the bucket was empty, or would have been, had nothing limited it: all that is known of the past.
    empty_at: Instant,
}

/// What all buckets share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    /// The time that one line takes to be earned.
    per_line: Duration,
    /// The time in which an empty bucket is full.
    full: Duration,
}

impl Rate {
    /// `burst` lines at once, `rate` lines a second for ever. Both at least one.
    pub(crate) fn new(burst: u32, rate: u32) -> Self {
        Self::of(burst, Duration::from_secs(1) / rate.max(1))
    }

    /// The same by the minute.
    pub(crate) fn per_minute(burst: u32, rate: u32) -> Self {
        Self::of(burst, Duration::from_secs(60) / rate.max(1))
    }

    fn of(burst: u32, per_line: Duration) -> Self {
        Self { per_line, full: per_line * burst.max(1) }
    }
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn full(now: Instant, rate: Rate) -> Self {
        // A machine that started less than a full bucket's time ago has no earlier moment: then it is a little emptier.
        Self { empty_at: now.checked_sub(rate.full).unwrap_or(now) }
    }

    /// Whether nothing is missing.
    pub(crate) fn is_full(&self, now: Instant, rate: Rate) -> bool {
        now.saturating_duration_since(self.empty_at) >= rate.full
    }

    /// Takes one line from it; else says when there will be one.
    pub(crate) fn take(&mut self, now: Instant, rate: Rate) -> Result<(), Instant> {
        let oldest = now.checked_sub(rate.full).unwrap_or(self.empty_at);
        let after = self.empty_at.max(oldest) + rate.per_line;
        if after > now {
            return Err(after);
        }
        self.empty_at = after;
        Ok(())
    }

    /// Takes more for a line that was let through, whether it is there or not: then the next has to wait the longer.
    pub(crate) fn owe(&mut self, rate: Rate, lines: u32) {
        self.empty_at += (rate.per_line * lines).min(rate.full);
    }
}

/// How many lines a line is worth beyond one. What goes to many targets at once makes the work of many lines, each of them for others too;
/// half of it is asked, so that whoever comes back with all their channels need not wait.
pub(crate) fn worth_more(line: &str) -> u32 {
    let mut words = line.split(' ').filter(|word| !word.is_empty());
    let command = words.find(|word| !word.starts_with(['@', ':']));
    let targets = command.and_then(|_| words.next()).filter(|word| !word.starts_with(':'));
    let more = targets.map_or(0, |targets| targets.bytes().filter(|byte| *byte == b',').count());
    u32::try_from(more / 2).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_to_many_targets_is_worth_several() {
        for (line, more) in [
            ("JOIN #a", 0),
            ("JOIN #a,#b", 0),
            ("JOIN #a,#b,#c", 1),
            ("@a=b,c,d,e,f  :me,you,them,all  JOIN  #a,#b,#c,#d,#e k,k,k", 2),
            ("PRIVMSG #a :one, two, three, four, five", 0),
            ("QUIT :a,b,c,d,e,f", 0),
            ("", 0),
            ("@a,b,c,d", 0),
        ] {
            assert_eq!(worth_more(line), more, "{line}");
        }
    }

    #[test]
    fn what_is_owed_is_waited_for_and_no_longer_than_an_empty_bucket() {
        let rate = Rate::new(5, 10);
        let now = Instant::now() + Duration::from_secs(3600);
        let mut bucket = Bucket::full(now, rate);
        assert_eq!(bucket.take(now, rate), Ok(()));
        bucket.owe(rate, 4);
        let tenth = Duration::from_millis(100);
        assert_eq!(bucket.take(now, rate), Err(now + tenth));
        bucket.owe(rate, u32::MAX);
        assert_eq!(bucket.take(now, rate), Err(now + tenth * 6));
    }

    #[test]
    fn a_burst_passes_and_then_one_line_for_each_interval() {
        let rate = Rate::new(5, 10);
        let mut now = Instant::now() + Duration::from_secs(3600);
        let mut bucket = Bucket::full(now, rate);
        for _ in 0..5 {
            assert_eq!(bucket.take(now, rate), Ok(()));
        }
        let ready = bucket.take(now, rate).expect_err("empty");
        assert_eq!(ready, now + Duration::from_millis(100));
        assert_eq!(bucket.take(ready, rate), Ok(()));
        now = ready + Duration::from_secs(60);
        let passed = (0..100).filter(|_| bucket.take(now, rate).is_ok()).count();
        assert_eq!(passed, 5, "a long silence earns a burst and no more");
    }
}
