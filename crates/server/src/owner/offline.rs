//! An order to a server that is stopped: its core with its log, and nobody connected. What the core does is what it does in a running server.

use std::collections::VecDeque;
use std::time::{SystemTime, UNIX_EPOCH};

use chat::log::{Log, LogError, Restored};
use chat::{Core, Input, Order, OrderId, Output};
use irc::Timestamp;

use super::OwnerError;
use crate::config::Config;
use crate::{password_thread, start};

/// Does what the owner wants, and returns what is to be told when it is on disk.
///
/// # Errors
/// When it cannot be done.
pub fn obey(
    config: &Config,
    mut log: impl Log,
    restored: Restored,
    order: Order,
) -> Result<Vec<String>, OwnerError> {
    let mut core = Core::new(config.for_core(), restored, &start::seed()?);
    let mut inputs = VecDeque::from([Input::Ordered { id: OrderId(0), order }]);
    let mut out = Vec::new();
    while let Some(input) = inputs.pop_front() {
        core.handle(now(), input, &mut out);
        for output in out.drain(..) {
            match output {
                Output::Append(append) => {
                    let upto = append.last();
                    log.append(&[append])?;
                    inputs.push_back(Input::Committed(upto));
                }
                Output::Derive { id, password, salt, iterations } => {
                    let salted = Some(password_thread::derive(&password, &salt, iterations));
                    inputs.push_back(Input::Derived { id, salted });
                }
                Output::Obeyed { answer, .. } => return Ok(answer?),
                // Nobody is connected, and whoever ordered it is told.
                _ => {}
            }
        }
    }
    // The core answers each order once all that it wanted kept is.
    Err(LogError::Storage("it has not kept what it was given".into()).into())
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat::log::{Append, Record};
    use chat::{OrderError, Password};

    /// A log in memory.
    #[derive(Default)]
    struct Memory(std::sync::Arc<std::sync::Mutex<Vec<Record>>>);

    impl Log for Memory {
        fn append(&mut self, groups: &[Append]) -> Result<(), LogError> {
            let mut records = self.0.lock().expect("nobody panics with it");
            records.extend(groups.iter().flat_map(|group| group.records.iter().cloned()));
            Ok(())
        }
    }

    struct Full;

    impl Log for Full {
        fn append(&mut self, _: &[Append]) -> Result<(), LogError> {
            Err(LogError::DiskFull)
        }
    }

    fn add(name: &str) -> Order {
        Order::AddAccount { name: name.into(), password: Password::new("x").expect("short") }
    }

    fn cheap() -> Config {
        let mut config = Config::default();
        config.accounts.iterations = 2;
        config
    }

    #[test]
    fn an_account_is_in_the_log_before_it_is_said_to_be_made() {
        let log = Memory::default();
        let records = std::sync::Arc::clone(&log.0);
        let told = obey(&cheap(), log, Restored::default(), add("John")).expect("it can be done");
        assert_eq!(told, ["You have made the account John."]);
        let records = records.lock().expect("nobody panics with it");
        let made = |record: &Record| matches!(record, Record::Fact { fact: chat::log::Fact::AccountCreated { name, .. }, .. } if name == "John");
        assert_eq!(records.iter().filter(|record| made(record)).count(), 1);
    }

    #[test]
    fn what_cannot_be_is_told_and_so_is_a_full_disk() {
        let refused = obey(&cheap(), Memory::default(), Restored::default(), add("a b"));
        assert!(matches!(refused, Err(OwnerError::Refused(OrderError::BadName(_)))), "{refused:?}");
        let full = obey(&cheap(), Full, Restored::default(), add("John"));
        assert!(matches!(full, Err(OwnerError::Log(LogError::DiskFull))), "{full:?}");
    }
}
