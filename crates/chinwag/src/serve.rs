//! `chinwag serve`: the server, joined with its storage.

use std::path::PathBuf;

use chat::log::History;
use clap::Args;
use etcetera::BaseStrategy as _;
use server::{Config, ListenAddress, Options, Reread, Sink, StartError};
use store::{OpenError, SqliteHistory};

use crate::Failure;
use crate::indexing::IndexedLog;

/// Readers of history that work side by side.
const READERS: usize = 2;

/// Run a server.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chinwag serve                            on port 9898 of all addresses
  chinwag serve --listen 7000              on another port
  chinwag serve --listen 127.0.0.1:9898    for this computer alone
  chinwag serve --data ./second --listen 9899   a second server beside the first")]
pub(crate) struct Arguments {
    /// The folder for everything that the server keeps: its key, its settings, all messages. Made if it is not there
    /// [default: chinwag/server where the system keeps data, such as ~/.local/share/chinwag/server]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// An address and port to listen on, or a port alone; may be given several times [default: port 9898 of every
    /// address of this computer]
    #[arg(long, value_name = "ADDRESS")]
    listen: Vec<ListenAddress>,

    /// The settings [default: chinwag.toml in the data folder, if it is there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// What people call the server [default: the computer's name]
    #[arg(long)]
    name: Option<String>,

    /// Tell more on the standard error; -vv and -vvv tell everything
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// Runs the server until it is stopped.
pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    let data = match arguments.data {
        Some(folder) => folder,
        None => default_data_folder()?,
    };
    let reread =
        Said { config: arguments.config, listen: arguments.listen, name: arguments.name, data: data.clone() };
    let config = reread.settings().map_err(start_failure)?;
    server::prepare_data_folder(&data).map_err(start_failure)?;
    let (log, restored) = store::open(&data).map_err(store_failure)?;
    let histories = (0..READERS)
        .map(|_| SqliteHistory::open(&data).map(|reader| Box::new(reader) as Box<dyn History>))
        .collect::<Result<_, _>>()
        .map_err(store_failure)?;
    let log = IndexedLog::start(log, &data).map_err(store_failure)?;
    let reread = Some(Reread::new(move || reread.settings()));
    let options = Options { data, config, console: Sink::Stdout, reread };
    server::run(options, log, histories, restored).map_err(|error| Failure::new(&error, error.exit_code()))
}

/// What the command line says of the settings. It holds for as long as the server runs, whatever the file says later.
struct Said {
    config: Option<PathBuf>,
    listen: Vec<ListenAddress>,
    name: Option<String>,
    data: PathBuf,
}

impl Said {
    /// The settings of the file, but for what the command line says.
    fn settings(&self) -> Result<Config, StartError> {
        let mut config = Config::load(self.config.as_deref(), &self.data)?;
        if !self.listen.is_empty() {
            // Whoever names addresses means these and no others.
            config.listen.addresses.clone_from(&self.listen);
            config.listener.clear();
        }
        if let Some(name) = &self.name {
            config.server.name.clone_from(name);
        }
        Ok(config)
    }
}

/// Where a server keeps things if nobody says where.
pub(crate) fn default_data_folder() -> Result<PathBuf, Failure> {
    let base = etcetera::choose_base_strategy()
        .map_err(|_| Failure::new("There is no home folder to keep data in. Name a folder with --data", 2))?;
    Ok(base.data_dir().join("chinwag").join("server"))
}

pub(crate) fn start_failure(error: StartError) -> Failure {
    Failure::new(&error, error.exit_code())
}

/// A folder in use is helped by naming another one; everything else by no command line.
pub(crate) fn store_failure(error: OpenError) -> Failure {
    match error {
        OpenError::InUse(_) => Failure::new(format!("{error}. Choose another with --data"), 2),
        _ => Failure::new(error, 1),
    }
}
