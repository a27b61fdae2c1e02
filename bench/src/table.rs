//! What came of it, as a table that people read.

use crate::servers::Kind;
use crate::work::{Row, Target, Work};

/// The rows of each round, or why there are none.
pub(crate) type Rounds = Result<Vec<Vec<Row>>, String>;

/// The numbers of one work, for each server.
#[derive(Debug)]
pub(crate) struct Results {
    pub(crate) work: &'static Work,
    pub(crate) columns: Vec<(Kind, Rounds)>,
}

impl Results {
    /// The middle of what the rounds gave for a measure.
    fn middle(&self, kind: Kind, measure: &str) -> Option<f64> {
        let (_, rounds) = self.columns.iter().find(|(of, _)| *of == kind)?;
        let mut values: Vec<f64> = rounds
            .as_ref()
            .ok()?
            .iter()
            .flatten()
            .filter(|row| row.measure == measure)
            .map(|row| row.value)
            .collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    }

    fn measures(&self) -> Vec<&'static str> {
        let rounds = self.columns.iter().filter_map(|(_, rounds)| rounds.as_ref().ok());
        let mut measures: Vec<&'static str> = Vec::new();
        for row in rounds.flatten().flatten() {
            if !measures.contains(&row.measure) {
                measures.push(row.measure);
            }
        }
        measures
    }

    /// What is to be reached, and whether it is.
    fn verdict(&self, measure: &str) -> String {
        let Some((_, target)) = self.work.targets.iter().find(|(of, _)| *of == measure) else {
            return String::new();
        };
        let (goal, most, says) = match target {
            Target::ShareOf(kind, share) => {
                let Some(other) = self.middle(*kind, measure) else { return String::new() };
                (other * share, true, format!("{share} of {}'s: ", kind.name()))
            }
            Target::AtMost(most) => (*most, true, String::new()),
            Target::AtLeast(least) => (*least, false, String::new()),
            Target::Above(base, more) => {
                let Some(base) = self.middle(Kind::Chinwag, base) else { return String::new() };
                (base + more, true, "the disk and 1: ".to_owned())
            }
        };
        let Some(value) = self.middle(Kind::Chinwag, measure) else { return String::new() };
        let reached = if most { value <= goal } else { value >= goal };
        let sign = if most { '≤' } else { '≥' };
        let verdict = if reached { "reached" } else { "NOT reached" };
        format!("{says}{sign} {}, {verdict}", short(goal))
    }

    /// The table of this work.
    pub(crate) fn show(&self) -> String {
        let mut text = format!("\n{}: {}\n  {:<26}", self.work.name, self.work.says, "");
        for (kind, _) in &self.columns {
            text += &format!("{:>12}", kind.name());
        }
        for measure in self.measures() {
            text += &format!("\n  {measure:<26}");
            for (kind, _) in &self.columns {
                let value = self.middle(*kind, measure).map_or_else(|| "-".to_owned(), short);
                text += &format!("{value:>12}");
            }
            text += &format!("   {}", self.verdict(measure));
            text.truncate(text.trim_end().len());
        }
        for (kind, rounds) in &self.columns {
            if let Err(why) = rounds {
                text += &format!("\n  {}: {why}", kind.name());
            }
        }
        text
    }
}

/// A number with as many digits as it deserves.
fn short(value: f64) -> String {
    match value.abs() {
        _ if value.is_nan() => "-".to_owned(),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::{CPU, WORKS};

    #[test]
    fn the_middle_round_counts_and_is_held_to_the_target() {
        let rounds = |values: &[f64]| {
            Ok(values.iter().map(|value| vec![Row { measure: CPU, value: *value }]).collect::<Vec<_>>())
        };
        let results = |ours: &[f64]| Results {
            work: &WORKS[0],
            columns: vec![
                (Kind::Chinwag, rounds(ours)),
                (Kind::InspIrcd, rounds(&[0.4])),
                (Kind::NgIrcd, Err("it is gone".to_owned())),
            ],
        };
        assert!(results(&[0.1, 9.0, 0.2]).show().contains("≤ 0.200, reached"));
        assert!(results(&[0.1, 9.0, 0.3]).show().contains("NOT reached"));
        assert!(results(&[0.1]).show().contains("ngircd: it is gone"));
    }
}
