//! What the server's owner has done from outside of IRC, such as by `chinwag account add`: whoever can give an order has the server's files anyway, so there is
//! nothing to be permitted. What comes of it is the same as if it had been done from inside.

use crate::{Password, Refusal};

/// Names an order in its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub u64);

/// Something that the owner wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// An account is made. Nobody has to verify it.
    AddAccount {
        /// Its name.
        name: String,
        /// Its password.
        password: Password,
    },
    /// An account gets another password.
    SetPassword {
        /// Which account.
        name: String,
        /// The password.
        password: Password,
    },
    /// Nobody may sign in to an account any more, or somebody may again.
    Ban {
        /// Which account.
        name: String,
        /// Whether nobody may.
        banned: bool,
    },
    /// An account that waits to be verified is.
    Verify {
        /// Which account.
        name: String,
    },
    /// An account ends.
    Remove {
        /// Which account.
        name: String,
    },
    /// All accounts are told, one a line.
    List,
    /// A code is made with which somebody may make an account.
    Invite,
}

/// Why an order was not obeyed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// No name.
    #[error("`{0}` is no name for an account")]
    BadName(String),
    /// Somebody has the name, or had it.
    #[error(
        "The name {0} is taken: it is, or was, an account's, or somebody is here under it who has another"
    )]
    Taken(String),
    /// No such account.
    #[error("There is no account {0}")]
    NoSuchAccount(String),
    /// It does not wait.
    #[error("The account {0} does not wait to be verified")]
    Verified(String),
    /// Another reason.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// Too many passwords wait to be hashed.
    #[error("The server is busy with others who sign in; try again in a moment")]
    Busy,
}
