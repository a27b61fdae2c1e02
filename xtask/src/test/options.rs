//! What may stand after `cargo xtask test`.

/// What is asked for.
#[derive(Debug, PartialEq)]
pub(super) enum Request {
    /// Name the steps and run none.
    List,
    /// Run steps.
    Run(Options),
}

/// How the steps are to be run.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Options {
    /// The steps to run; all of them if none is named.
    only: Vec<String>,
    /// Everything after `--`.
    pub(super) for_nextest: Vec<String>,
}

impl Options {
    /// Whether a step is to be run.
    pub(super) fn wants(&self, step: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == step)
    }
}

/// Reads the arguments; an error says what is wrong with them and what the steps are called.
pub(super) fn read(args: &[String], steps: &[&str]) -> Result<Request, String> {
    let mut options = Options::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--list" => return Ok(Request::List),
            "--only" => {
                let named =
                    args.next().ok_or("`--only` needs the names of steps, as in `--only fmt,clippy`")?;
                options.only.extend(named.split(',').map(str::to_owned));
            }
            "--" => options.for_nextest.extend(args.by_ref().cloned()),
            other => {
                let known = "`--list`, `--only STEP[,STEP]` and, after `--`, what nextest knows";
                return Err(format!("`cargo xtask test` does not know `{other}`; it knows {known}"));
            }
        }
    }
    match options.only.iter().find(|name| !steps.contains(&name.as_str())) {
        Some(unknown) => Err(format!("there is no step `{unknown}`; the steps are {}", steps.join(", "))),
        None => Ok(Request::Run(options)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_words(line: &str) -> Result<Request, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        read(&words, &["fmt", "clippy", "nextest"])
    }

    #[test]
    fn without_arguments_every_step_is_wanted() {
        let Ok(Request::Run(options)) = read_words("") else { panic!("nothing is wrong with no arguments") };
        assert!(options.wants("fmt") && options.wants("nextest"));
    }

    #[test]
    fn only_the_named_steps_are_wanted_and_the_rest_goes_to_nextest() {
        let Ok(Request::Run(options)) = read_words("--only fmt,nextest -- --no-capture e2e") else {
            panic!("nothing is wrong with these arguments")
        };
        assert!(options.wants("fmt") && options.wants("nextest") && !options.wants("clippy"));
        assert_eq!(options.for_nextest, ["--no-capture", "e2e"]);
    }

    #[test]
    fn an_unknown_step_is_refused_with_the_names_of_the_known_ones() {
        assert_eq!(
            read_words("--only frmt"),
            Err("there is no step `frmt`; the steps are fmt, clippy, nextest".to_owned())
        );
    }

    #[test]
    fn an_unknown_option_is_refused() {
        assert!(read_words("--fast").is_err());
        assert!(read_words("--only").is_err());
    }
}
