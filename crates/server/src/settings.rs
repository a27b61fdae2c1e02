//! What the workers act by: the configuration, the listening sockets' rules and their certificates.
//!
//! It is made as a whole and replaced as a whole, so nobody ever sees half of a change; what cannot be made leaves the old one in force.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;

use crate::StartError;
use crate::config::{Config, ListenAddress, Listener, PlainText, Speaks};
use crate::identity::Identity;
use crate::worker::Rate;

/// What the workers act by.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) config: Config,
    /// How fast somebody may send.
    pub(crate) rate: Rate,
    /// How fast new connections may come from one address; nothing, if as fast as they like.
    pub(crate) arrivals: Option<Rate>,
    /// One for each listening socket, in their order.
    doors: Vec<Door>,
}

/// The rules of one listening socket.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    /// Where it is, as it was configured.
    pub(crate) address: ListenAddress,
    pub(crate) plain_text: PlainText,
    pub(crate) speaks: Speaks,
    pub(crate) identity: Arc<Identity>,
}

impl Door {
    /// How TLS is spoken there.
    pub(crate) fn tls(&self) -> &Arc<ServerConfig> {
        match self.speaks {
            Speaks::WebSocket => &self.identity.tls_for_pages,
            Speaks::Everything | Speaks::Irc => &self.identity.tls,
        }
    }
}

impl Settings {
    /// Makes them for sockets that are about to be opened, one for each listener.
    pub(crate) fn first(config: Config, data: &Path) -> Result<Self, StartError> {
        let own = Identity::load_or_create(data)?;
        let doors = doors(&config, data, own)?;
        Ok(Self::new(config, doors))
    }

    /// Makes them again for sockets that are open already. A socket of which the configuration knows nothing any more keeps its rules.
    pub(crate) fn again(&self, config: Config, data: &Path) -> Result<Self, StartError> {
        let offered = doors(&config, data, Identity::load(data)?)?;
        let addresses = |doors: &[Door]| doors.iter().map(|door| door.address).collect::<Vec<_>>();
        let keep = |old: &Door| offered.iter().find(|new| new.address == old.address).unwrap_or(old).clone();
        let doors = if addresses(&offered) == addresses(&self.doors) {
            offered
        } else {
            self.doors.iter().map(keep).collect()
        };
        Ok(Self::new(config, doors))
    }

    fn new(config: Config, doors: Vec<Door>) -> Self {
        let connections = &config.connections;
        let arrivals = (connections.new_per_minute > 0)
            .then(|| Rate::per_minute(connections.new_at_once, connections.new_per_minute));
        Self { rate: Rate::new(config.flood.burst, config.flood.rate), arrivals, config, doors }
    }

    /// The rules of a socket.
    pub(crate) fn door(&self, index: u16) -> &Door {
        // Sockets have the numbers that they have from this list.
        &self.doors[usize::from(index)]
    }

    /// The time in which a connection must say what it is.
    pub(crate) fn opening_timeout(&self) -> Duration {
        Duration::from_secs(self.config.limits.registration_timeout.into())
    }
}

/// Looks over the keys and certificates of a data folder as a server would that starts on it, and changes nothing.
///
/// # Errors
/// When one of them cannot be used, as it is told to whoever starts the server.
pub fn examine(data: &Path, config: &Config) -> Result<(), StartError> {
    match Identity::look(data)? {
        Some(own) => doors(config, data, own).map(drop),
        None => Ok(()),
    }
}

/// The rules for each listener, with certificates read once for all that name the same.
fn doors(config: &Config, data: &Path, own: Identity) -> Result<Vec<Door>, StartError> {
    let own = Arc::new(own);
    let mut read: Vec<(String, String, Arc<Identity>)> = Vec::new();
    let mut identity = |certificate: &str, key: &str| {
        if certificate.is_empty() {
            return Ok(Arc::clone(&own));
        }
        if let Some((_, _, known)) = read.iter().find(|(a, b, _)| a == certificate && b == key) {
            return Ok(Arc::clone(known));
        }
        let new = Arc::new(Identity::from_files(&data.join(certificate), &data.join(key))?);
        read.push((certificate.into(), key.into(), Arc::clone(&new)));
        Ok(new)
    };
    let door = |Listener { address, plain_text, speaks, certificate, key }: Listener| {
        Ok(Door { address, plain_text, speaks, identity: identity(&certificate, &key)? })
    };
    config.listeners().into_iter().map(door).collect()
}
