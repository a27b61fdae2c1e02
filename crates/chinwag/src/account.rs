//! `chinwag account`: what the owner does with accounts, while the server runs or not. A running server is asked to do it; a stopped one's folder is opened as the
//! server would, so that no server can start meanwhile.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chat::Order;
use clap::{Args, Subcommand};
use server::{Config, OwnerError};
use store::OpenError;

use crate::Failure;
use crate::password::read_password;
use crate::serve::{default_data_folder, start_failure, store_failure};

/// How long a server that is just starting may take until it can be asked.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is asked whether it can be.
const PAUSE: Duration = Duration::from_millis(50);

/// What is done with accounts.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,

    /// The server's data folder [default: the one that `chinwag serve` takes]
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,

    /// The server's settings, if it is stopped [default: chinwag.toml in the data folder, if it is there]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make an account. Its password comes from the standard input, up to 1,000 bytes.
    Add {
        /// Its name.
        name: String,
    },
    /// List all accounts.
    List,
    /// Give an account another password, from the standard input.
    Password {
        /// Its name.
        name: String,
    },
    /// Let nobody sign in to an account.
    Ban {
        /// Its name.
        name: String,
    },
    /// Let its people sign in to an account again.
    Unban {
        /// Its name.
        name: String,
    },
    /// Say that an account's address of e-mail is its owner's, where the settings want one.
    Verify {
        /// Its name.
        name: String,
    },
    /// End an account. What its people wrote stays, and nobody can have the name again.
    Remove {
        /// Its name.
        name: String,
    },
    /// Print a code with which somebody may make an account, once.
    Invite,
}

impl What {
    fn order(self) -> Result<Order, Failure> {
        Ok(match self {
            Self::Add { name } => Order::AddAccount { name, password: read_password()? },
            Self::List => Order::List,
            Self::Password { name } => Order::SetPassword { name, password: read_password()? },
            Self::Ban { name } => Order::Ban { name, banned: true },
            Self::Unban { name } => Order::Ban { name, banned: false },
            Self::Verify { name } => Order::Verify { name },
            Self::Remove { name } => Order::Remove { name },
            Self::Invite => Order::Invite,
        })
    }
}

/// Does it, and prints what came of it.
pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { what, data, config } = arguments;
    let data = data.map_or_else(default_data_folder, Ok)?;
    let order = what.order()?;
    let told = obey(&data, config.as_deref(), order)?;
    let mut out = std::io::stdout().lock();
    told.iter().try_for_each(|line| writeln!(out, "{line}")).map_err(|error| Failure::new(error, 1))
}

fn obey(data: &Path, config: Option<&Path>, order: Order) -> Result<Vec<String>, Failure> {
    // A folder is made for a first account, and not by a mistyped name.
    if !data.exists() && !matches!(order, Order::AddAccount { .. } | Order::Invite) {
        return Err(Failure::new(format!("There is no data folder {}", data.display()), 2));
    }
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(told) = server::ask_running(data, &order).map_err(owner_failure)? {
            return Ok(told);
        }
        let config = Config::load(config, data).map_err(start_failure)?;
        server::prepare_data_folder(data).map_err(start_failure)?;
        match store::open(data) {
            Ok((log, restored)) => {
                return server::obey(&config, log, restored, order).map_err(owner_failure);
            }
            // It has the folder and cannot be asked yet, or not at all.
            Err(OpenError::InUse(_)) if cfg!(unix) && Instant::now() < deadline => std::thread::sleep(PAUSE),
            Err(error @ OpenError::InUse(_)) => {
                return Err(Failure::new(
                    format!("{error}. It cannot be asked while it runs: stop it, and try again"),
                    1,
                ));
            }
            Err(error) => return Err(store_failure(error)),
        }
    }
}

fn owner_failure(error: OwnerError) -> Failure {
    Failure::new(error, 1)
}
