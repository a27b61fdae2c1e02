//! Passwords on their way to a hash, which somebody else makes, and what is done when it is there. Until then the session waits, as it does for history.

use std::net::IpAddr;

use irc::{Nickname, numeric};

use super::{Context, Core};
use crate::event::{AccountChange, Event};
use crate::io::QueryId;
use crate::verifier::sign;
use crate::{AccountId, Output, Password, Secret, SessionId, Verifier, commands};

/// What a hash is for.
#[derive(Debug)]
pub(crate) enum Deriving {
    /// To sign in, if there is such an account and the verifier, which nobody can tell from a real one, accepts it.
    LogIn {
        /// The account, if there is one.
        account: Option<AccountId>,
        /// What must accept the hash.
        verifier: Verifier,
        /// Who answers.
        voice: Voice,
    },
    /// To become an operator of the server.
    Oper {
        /// The operator's name, if there is one of that name.
        name: Option<String>,
        /// What must accept the hash.
        verifier: Verifier,
    },
    /// To make an account.
    Register {
        /// Its name.
        name: Nickname,
        /// What the password is hashed with.
        salt: Vec<u8>,
        /// Who answers.
        voice: Voice,
    },
    /// To give an account another password.
    SetPassword {
        /// Which account.
        account: AccountId,
        /// What the password is hashed with.
        salt: Vec<u8>,
    },
}

/// Who answers: what was asked decides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voice {
    /// AUTHENTICATE, with numerics.
    Sasl,
    /// REGISTER, with standard replies.
    Register,
    /// NickServ, in words.
    NickServ,
}

/// A password that is being hashed.
#[derive(Debug)]
pub(super) struct Derivation {
    session: SessionId,
    from: IpAddr,
    what_for: Deriving,
}

/// How many passwords from one address may wait at once: half of those that the server lets wait, so that nobody alone keeps all others out. A
/// class behind one address has room.
const MOST_FROM_ONE_ADDRESS: usize = 64;
/// How often a connection may fail to sign in.
const MOST_FAILED_LOGINS: u32 = 10;
/// The bytes of a salt.
const SALT_BYTES: usize = 16;

impl Context<'_> {
    /// Has a password checked that came with the name of an account. Whoever asks learns from neither time nor answer whether there is one.
    pub(crate) fn check_password(&mut self, name: &str, password: Password, voice: Voice) {
        let (account, verifier) = self.core.verifier_of(name);
        let (salt, iterations) = (verifier.salt.clone(), verifier.iterations);
        self.derive(password, salt, iterations, Deriving::LogIn { account, verifier, voice });
    }

    /// Has the password of an operator of the server checked. Whoever asks does not learn which names there are.
    pub(crate) fn check_operator(&mut self, name: &str, password: Password) {
        let known = self.core.config.operators.iter().find(|operator| operator.name == name);
        let (name, verifier) = match known {
            Some(operator) => (Some(operator.name.clone()), operator.verifier.clone()),
            None => (None, self.core.verifier_of_nobody(name)),
        };
        let (salt, iterations) = (verifier.salt.clone(), verifier.iterations);
        self.derive(password, salt, iterations, Deriving::Oper { name, verifier });
    }

    /// Has a new password hashed.
    pub(crate) fn hash_password(&mut self, password: Password, what_for: impl FnOnce(Vec<u8>) -> Deriving) {
        let salt = self.core.chance.bytes()[..SALT_BYTES].to_vec();
        let iterations = self.core.config.accounts.iterations;
        self.derive(password, salt.clone(), iterations, what_for(salt));
    }

    /// Has a password hashed. The command's answer, and the session's next line, wait for the hash.
    fn derive(&mut self, password: Password, salt: Vec<u8>, iterations: u32, what_for: Deriving) {
        let from = self.session.peer.ip();
        if self.core.derivations.values().filter(|it| it.from == from).count() >= MOST_FROM_ONE_ADDRESS {
            return self.use_hash(what_for, None);
        }
        self.core.last_query += 1;
        let id = QueryId(self.core.last_query);
        let session = self.session.id;
        self.core.derivations.insert(id, Derivation { session, from, what_for });
        self.session.waiting = Some(id);
        // Nobody is told anything by it, so it need not wait for the disk.
        self.core.gate.at_once(Output::Derive { id, password, salt, iterations });
    }

    fn use_hash(&mut self, what_for: Deriving, salted: Option<Secret>) {
        let iterations = self.core.config.accounts.iterations;
        match (what_for, salted) {
            (Deriving::LogIn { account: Some(account), verifier, voice }, Some(salted))
                if verifier.accepts(&salted) =>
            {
                self.log_in(account, voice);
            }
            (Deriving::LogIn { voice, .. }, Some(_)) => self.refuse_login(voice, "Authentication failed"),
            (Deriving::LogIn { voice, .. }, None) => self.refuse_login(voice, BUSY),
            (Deriving::Oper { name: Some(name), verifier }, Some(salted)) if verifier.accepts(&salted) => {
                self.give_powers(&name);
            }
            (Deriving::Oper { .. }, Some(_)) => self.refuse_powers(),
            (Deriving::Oper { .. }, None) => self.put_off_powers(),
            (Deriving::Register { name, salt, voice }, Some(salted)) => {
                let verifier = Verifier::new(salt, iterations, &salted);
                let event = Event::CreateAccount { by: self.session.user, name: name.clone(), verifier };
                match self.try_propose(event) {
                    Ok(()) => commands::show_registered(self, &name, voice),
                    Err(refusal) => {
                        let why = refusal.to_string();
                        commands::refuse_registration(self, name.as_str(), voice, ("ACCOUNT_EXISTS", &why));
                    }
                }
            }
            (Deriving::Register { name, voice, .. }, None) => {
                commands::refuse_registration(self, name.as_str(), voice, ("TEMPORARILY_UNAVAILABLE", BUSY));
            }
            (Deriving::SetPassword { account, salt }, Some(salted)) => {
                let verifier = Verifier::new(salt, iterations, &salted);
                let change = AccountChange::Password(verifier);
                match self.try_propose(Event::ChangeAccount { account, change }) {
                    Ok(()) => self.nickserv("Your password is changed."),
                    Err(refusal) => self.nickserv(&refusal.to_string()),
                }
            }
            (Deriving::SetPassword { .. }, None) => self.nickserv(BUSY),
        }
    }

    /// Signs in to an account, since the client has shown that it is its own.
    pub(crate) fn log_in(&mut self, account: AccountId, voice: Voice) {
        if self.core.state.open_account(account).is_err() {
            if voice == Voice::Sasl {
                self.numeric(numeric::ERR_NICKLOCKED, &[], "This account is locked");
            } else {
                self.nickserv("This account is locked.");
            }
            return;
        }
        match self.session.user {
            None => {
                self.session.account = Some(account);
                self.core.show_own_login(&mut self.session);
            }
            Some(_) if self.account() == Some(account) => self.core.show_own_login(&mut self.session),
            // Another device has shown that it belongs to the account that they share; it is not taken along to another.
            Some(user) if self.core.sessions_of(user).len() > 1 => {
                self.refuse_login(
                    voice,
                    "Other devices of yours are here; sign in on a connection of its own",
                );
                return;
            }
            Some(user) => {
                if let Err(refusal) = self.try_propose(Event::LogIn { user, account }) {
                    self.refuse_login(voice, &refusal.to_string());
                    return;
                }
            }
        }
        if voice == Voice::Sasl {
            self.numeric(numeric::RPL_SASLSUCCESS, &[], "SASL authentication successful");
        } else {
            let name = self.core.state.account(account).map(|account| account.name.to_string());
            self.nickserv(&format!("You are signed in as {}.", name.unwrap_or_default()));
        }
    }

    /// Says that somebody is not signed in. The connection may be closed then: the command must do no more.
    pub(crate) fn refuse_login(&mut self, voice: Voice, why: &str) {
        if voice == Voice::Sasl {
            self.numeric(numeric::ERR_SASLFAIL, &[], &format!("SASL authentication failed: {why}"));
        } else {
            self.nickserv(&format!("{why}."));
        }
        if why != BUSY {
            self.count_failed_login();
        }
    }

    /// One more failure; who has too many is closed.
    pub(super) fn count_failed_login(&mut self) {
        self.session.failed_logins += 1;
        if self.session.failed_logins >= MOST_FAILED_LOGINS {
            self.close("Too many failed attempts to sign in");
        }
    }
}

/// What is said when too many wait for a hash.
pub(super) const BUSY: &str = "The server is busy with others who sign in; try again in a moment";

impl Core {
    /// The account of a name, and what its passwords are checked with. For a name without account it is one that fits no password, always the same
    /// for the same name, so that nobody can find out which names there are.
    pub(crate) fn verifier_of(&self, name: &str) -> (Option<AccountId>, Verifier) {
        if let Some(account) = self.state.account_by_name(name) {
            return (Some(account.id), account.verifier.clone());
        }
        (None, self.verifier_of_nobody(name))
    }

    /// What fits no password, always the same for the same name.
    fn verifier_of_nobody(&self, name: &str) -> Verifier {
        let secret = self.state.secret().map_or([0; 32], |secret| secret.0);
        let folded = irc::CaseMapping::Ascii.fold(name);
        let drawn = |what: &str| sign(&secret, format!("{what} {folded}").as_bytes());
        let salt = drawn("salt")[..SALT_BYTES].to_vec();
        Verifier::new(salt, self.config.accounts.iterations, &Secret(drawn("key")))
    }

    /// A hash is there, or is not to be had.
    pub(super) fn derived(&mut self, id: QueryId, salted: Option<Secret>) {
        let Some(Derivation { session, what_for, .. }) = self.derivations.remove(&id) else { return };
        if let Some(mut waiting) = self.sessions.remove(&session) {
            waiting.waiting = None;
            let mut ctx = Context::new(self, waiting);
            ctx.use_hash(what_for, salted);
            ctx.finish();
            self.work_off_backlog(session);
        }
    }
}
