//! The table at the end of `cargo xtask test`: each step, what came of it, and how long it took.

use std::fmt;
use std::time::Duration;

use super::Outcome;

/// What became of the steps so far.
#[derive(Default)]
pub(super) struct Report {
    rows: Vec<Row>,
}

struct Row {
    step: &'static str,
    verdict: &'static str,
    took: Duration,
    reason: Option<String>,
}

impl Report {
    /// Notes a step that ran.
    pub(super) fn ran(&mut self, step: &'static str, result: &Result<Outcome, String>, took: Duration) {
        let (verdict, reason) = match result {
            Ok(Outcome::Passed) => ("passed", None),
            Ok(Outcome::Skipped(why)) => ("SKIPPED", Some(why.clone())),
            Err(_) => ("FAILED", None),
        };
        self.rows.push(Row { step, verdict, took, reason });
    }

    /// Notes a step that an earlier failure left no turn.
    pub(super) fn not_run(&mut self, step: &'static str) {
        self.rows.push(Row { step, verdict: "not run", took: Duration::ZERO, reason: None });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<10}{:<10}{:>8}", "step", "result", "seconds")?;
        for row in &self.rows {
            writeln!(f, "{:<10}{:<10}{:>8.1}", row.step, row.verdict, row.took.as_secs_f64())?;
        }
        let whole: Duration = self.rows.iter().map(|row| row.took).sum();
        writeln!(f, "{:<20}{:>8.1}", "together", whole.as_secs_f64())?;
        for row in &self.rows {
            if let Some(reason) = &row.reason {
                writeln!(f, "SKIPPED `{}`: {reason}", row.step)?;
            }
        }
        let all = |verdict| self.rows.iter().all(|row| row.verdict == verdict);
        let any = |verdict| self.rows.iter().any(|row| row.verdict == verdict);
        f.write_str(match () {
            () if any("FAILED") => "A step failed.",
            () if all("passed") => "Every step passed.",
            () => "Every step that could run passed; not every step could run.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skipped_step_is_never_counted_as_passed() {
        let mut report = Report::default();
        report.ran("fmt", &Ok(Outcome::Passed), Duration::from_millis(1300));
        report.ran("deny", &Ok(Outcome::Skipped("no network".to_owned())), Duration::ZERO);
        let text = report.to_string();
        assert!(text.contains("fmt       passed         1.3\n"), "{text}");
        assert!(text.contains("SKIPPED `deny`: no network"), "{text}");
        assert!(!text.contains("Every step passed"), "{text}");
    }

    #[test]
    fn a_failure_is_the_last_word() {
        let mut report = Report::default();
        report.ran("fmt", &Err("badly formatted".to_owned()), Duration::ZERO);
        report.not_run("clippy");
        assert!(report.to_string().ends_with("A step failed."));
    }
}
