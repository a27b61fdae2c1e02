//! The same work for this server and for others, side by side in one run, in turn: what it costs the server in time of the processor and in memory, how much it does
//! in a second, and how long a message takes. Everybody who gets messages checks that each came once and in order.
//!
//! It knows servers as programs that speak IRC, and imports no other house.

mod crowd;
mod error;
mod gather;
mod meter;
mod options;
mod servers;
mod table;
mod talk;
mod tls;
mod work;

use std::path::PathBuf;

pub use error::Error;
pub use options::{Options, help};
pub use servers::Kind;

use servers::Server;
use table::Results;

/// Does all the work and hands each line of what came of it to `say`.
///
/// # Errors
/// When this server cannot do what it is asked to; what another one cannot do is said in the table.
pub fn run(options: &Options, mut say: impl FnMut(&str)) -> Result<(), Error> {
    have_many_sockets();
    let mut programs = Vec::new();
    for kind in &options.kinds {
        match kind.program(&options.ours) {
            Some(program) => {
                say(&format!("{}: {}", kind.name(), kind.version(&program)));
                programs.push((*kind, program));
            }
            None => say(&format!("SKIPPED: {} is not on this machine", kind.name())),
        }
    }
    let mut failure = None;
    for work in &options.works {
        let mut results = Results { work, columns: Vec::new() };
        let able: Vec<&(Kind, PathBuf)> = programs.iter().filter(|(kind, _)| work.suits(*kind)).collect();
        results.columns.extend(able.iter().map(|(kind, _)| (*kind, Ok(Vec::new()))));
        let rounds = options.rounds.unwrap_or(if options.scale.quick { 1 } else { work.rounds });
        for round in 0..rounds {
            for turn in 0..able.len() {
                // Whoever begins is another one in each round.
                let at = (round + turn) % able.len();
                let (kind, program) = able[at];
                let (_, Ok(rows)) = &mut results.columns[at] else { continue };
                let outcome =
                    Server::start(*kind, program).and_then(|mut server| work.run(&mut server, options.scale));
                match outcome {
                    Ok(new) => rows.push(new),
                    Err(error) => {
                        if *kind == Kind::Chinwag && !error.is_absence() {
                            failure.get_or_insert_with(|| format!("{}: {error}", work.name));
                        }
                        results.columns[at].1 = Err(error.to_string());
                    }
                }
            }
        }
        say(&results.show());
    }
    failure.map_or(Ok(()), |failure| Err(Error::Server(failure)))
}

/// As many files and sockets as the system lets one have, for us and for the servers that we start.
fn have_many_sockets() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // If it is refused, whatever needs more says so.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}
