//! The command line.

use std::path::PathBuf;

use crate::Error;
use crate::servers::Kind;
use crate::work::{Scale, WORKS, Work};

/// What is to be measured.
#[derive(Debug)]
pub struct Options {
    pub(crate) works: Vec<&'static Work>,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) ours: PathBuf,
    pub(crate) scale: Scale,
    pub(crate) rounds: Option<usize>,
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// What the arguments are.
#[must_use]
pub fn help() -> String {
    let mut text =
        "[WORK…] [--quick] [--against SERVER,…] [--rounds N] [--messages N] [--ours PROGRAM]\n\n".to_owned();
    text += "  --quick     little of everything, this server alone: seconds, to see that it works\n";
    text += "  --against   the servers beside this one: those of inspircd, ngircd and ircd-hybrid that are here, or none\n";
    text += "  --rounds    how often each work is done with each server, in turn; the middle counts\n";
    text += "  --messages  how many are kept for the work `kept`\n\nWork:\n";
    for work in WORKS {
        text += &format!("  {:<14}{}\n", work.name, work.says);
    }
    text
}

impl Options {
    /// Little of everything, with this server alone.
    #[must_use]
    pub fn quick(ours: PathBuf) -> Self {
        Self { kinds: vec![Kind::Chinwag], scale: Scale { quick: true, kept: 0 }, ..Self::whole(ours) }
    }

    fn whole(ours: PathBuf) -> Self {
        let scale = Scale { quick: false, kept: 1_000_000 };
        Self { works: WORKS.iter().collect(), kinds: Kind::ALL.to_vec(), ours, scale, rounds: None }
    }

    /// Reads arguments.
    ///
    /// # Errors
    /// When they make no sense.
    pub fn read(args: &[String]) -> Result<Self, Error> {
        let mut options = Self::whole("target/release/chinwag".into());
        let mut works = Vec::new();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| wrong(&format!("`{arg}` needs a value")));
            match arg.as_str() {
                "--quick" => {
                    options.scale.quick = true;
                    options.kinds = vec![Kind::Chinwag];
                }
                "--against" => options.kinds = kinds(value()?)?,
                "--ours" => options.ours = value()?.into(),
                "--rounds" => options.rounds = Some(number(value()?)? as usize),
                "--messages" => options.scale.kept = number(value()?)?,
                name => works.push(
                    WORKS
                        .iter()
                        .find(|work| work.name == name)
                        .ok_or_else(|| wrong(&format!("there is no work `{name}`")))?,
                ),
            }
        }
        if !works.is_empty() {
            options.works = works;
        }
        Ok(options)
    }
}

fn wrong(why: &str) -> Error {
    Error::Arguments(format!("{why}\n\n{}", help()))
}

fn number(word: &str) -> Result<u64, Error> {
    word.parse().ok().filter(|number| *number > 0).ok_or_else(|| wrong(&format!("`{word}` is no number")))
}

fn kinds(names: &str) -> Result<Vec<Kind>, Error> {
    let others = names.split(',').filter(|name| !matches!(*name, "" | "none" | "chinwag"));
    let others = others.map(|name| {
        let found = Kind::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| wrong(&format!("there is no server `{name}`")))
    });
    std::iter::once(Ok(Kind::Chinwag)).chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options, Error> {
        Options::read(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn without_arguments_everything_is_measured() {
        let options = read("").unwrap();
        assert_eq!((options.works.len(), options.kinds.len()), (WORKS.len(), Kind::ALL.len()));
    }

    #[test]
    fn works_and_servers_are_chosen_by_name() {
        let options = read("fanout storm --against ngircd --rounds 5").unwrap();
        assert_eq!(options.works.iter().map(|work| work.name).collect::<Vec<_>>(), ["fanout", "storm"]);
        assert_eq!(options.kinds, [Kind::Chinwag, Kind::NgIrcd]);
        assert_eq!(options.rounds, Some(5));
        assert_eq!(read("--against none").unwrap().kinds, [Kind::Chinwag]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in ["fanot", "--against irc2", "--rounds", "--rounds 0", "--messages many"] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
