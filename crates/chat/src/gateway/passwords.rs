//! What passwords are hashed for, and what is done when the hash is there. Until then the session waits, as it does for history.

use irc::{CaseMapping, Nickname, numeric};

use super::orders::for_another;
use super::{Announced, Context, Core};
use crate::attempts::Attempt;
use crate::event::{AccountChange, Event, ToVerify};
use crate::operators::{Deed, Right};
use crate::verifier::sign;
use crate::{AccountId, Code, CodeHash, Notice, Output, Password, Refusal, Secret, Verifier, commands};

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
    /// To believe a gateway that says for whom it connects.
    Gateway {
        /// What must accept the hash.
        verifier: Verifier,
        /// For whom.
        client: Box<Announced>,
    },
    /// To make an account.
    Register {
        /// What is wanted.
        account: Box<NewAccount>,
        /// How the password is hashed.
        how: How,
        /// Who answers.
        voice: Voice,
    },
    /// To make an account for somebody else, as an operator of the server.
    MakeAccount {
        /// Its name.
        name: Nickname,
        /// How the password is hashed.
        how: How,
    },
    /// To give an account another password.
    SetPassword {
        /// Which account.
        account: AccountId,
        /// How the password is hashed.
        how: How,
    },
}

/// An account as somebody asks for it.
#[derive(Debug)]
pub(crate) struct NewAccount {
    /// Its name.
    pub(crate) name: Nickname,
    /// The invitation that was shown.
    pub(crate) invitation: Option<CodeHash>,
    /// The address of e-mail that is to be verified.
    pub(crate) email: Option<String>,
}

/// How a new password is hashed: settings may change until it is.
#[derive(Debug)]
pub(crate) struct How {
    /// With what.
    pub(super) salt: Vec<u8>,
    /// How many times.
    pub(super) iterations: u32,
}

impl How {
    /// What is kept of the password.
    pub(super) fn verifier(self, salted: &Secret) -> Verifier {
        Verifier::new(self.salt, self.iterations, salted)
    }
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

/// How often a connection may fail to sign in.
const MOST_FAILED_LOGINS: u32 = 10;
/// The bytes of a salt.
const SALT_BYTES: usize = 16;

impl Context<'_> {
    /// Has a password checked that came with the name of an account. Whoever asks learns from neither time nor answer whether there is one.
    pub(crate) fn check_password(&mut self, name: &str, password: Password, voice: Voice) {
        if let Err(why) = self.may_try(Attempt::Login) {
            return self.put_off_login(voice, &why);
        }
        let (account, verifier) = self.core.verifier_of(name);
        let (salt, iterations) = (verifier.salt.clone(), verifier.iterations);
        self.derive(password, salt, iterations, Deriving::LogIn { account, verifier, voice });
    }

    /// Has the password of an operator of the server checked. Whoever asks does not learn which names there are.
    pub(crate) fn check_operator(&mut self, name: &str, password: Password) {
        if let Err(why) = self.may_try(Attempt::Login) {
            return self.put_off_powers(&why);
        }
        let known = self.core.config.operators.iter().find(|operator| operator.name == name);
        let (name, verifier) = match (known, self.own_server_account()) {
            (Some(operator), _) => (Some(operator.name.clone()), operator.verifier.clone()),
            (None, Some(own)) if own.name.folded() == CaseMapping::Ascii.fold(name) => {
                (Some(own.name.to_string()), own.verifier.clone())
            }
            (None, _) => (None, self.core.verifier_of_nobody(name)),
        };
        let (salt, iterations) = (verifier.salt.clone(), verifier.iterations);
        self.derive(password, salt, iterations, Deriving::Oper { name, verifier });
    }

    /// Has a new password hashed.
    pub(crate) fn hash_password(&mut self, password: Password, what_for: impl FnOnce(How) -> Deriving) {
        let how = self.core.how_to_hash();
        let (salt, iterations) = (how.salt.clone(), how.iterations);
        self.derive(password, salt, iterations, what_for(how));
    }

    /// Whether the client's address may try something once more.
    ///
    /// # Errors
    /// When it must wait, said in words.
    pub(crate) fn may_try(&mut self, what: Attempt) -> Result<(), String> {
        let (address, now) = (self.session.peer.ip(), self.core.now);
        let waits = self.core.tried.attempt(what, address, now, &self.core.config.attempts);
        waits.map_err(|millis| {
            format!("Too many attempts from your address; try again in {} seconds", millis.div_ceil(1000))
        })
    }

    /// Has the password of a gateway checked that says for whom it connects.
    pub(crate) fn check_gateway(&mut self, password: Password, verifier: Verifier, client: Announced) {
        let (salt, iterations) = (verifier.salt.clone(), verifier.iterations);
        let client = Box::new(client);
        self.derive(password, salt, iterations, Deriving::Gateway { verifier, client });
    }

    pub(super) fn use_hash(&mut self, what_for: Deriving, salted: Option<Secret>) {
        match (what_for, salted) {
            (Deriving::LogIn { account: Some(account), verifier, voice }, Some(salted))
                if verifier.accepts(&salted) =>
            {
                self.log_in(account, voice);
            }
            (Deriving::LogIn { voice, .. }, Some(_)) => self.refuse_login(voice, "Authentication failed"),
            (Deriving::LogIn { voice, .. }, None) => self.put_off_login(voice, BUSY),
            (Deriving::Oper { name: Some(name), verifier }, Some(salted)) if verifier.accepts(&salted) => {
                self.give_powers(&name);
            }
            (Deriving::Oper { .. }, Some(_)) => self.refuse_powers(),
            (Deriving::Oper { .. }, None) => self.put_off_powers(BUSY),
            (Deriving::Gateway { verifier, client }, Some(salted)) if verifier.accepts(&salted) => {
                self.believe_gateway(*client);
            }
            (Deriving::Gateway { .. }, _) => self.close(commands::BAD_GATEWAY),
            (Deriving::Register { account, how, voice }, Some(salted)) => {
                self.make_own_account(*account, how.verifier(&salted), voice);
            }
            (Deriving::Register { account, voice, .. }, None) => {
                let fault = ("TEMPORARILY_UNAVAILABLE", BUSY);
                commands::refuse_registration(self, account.name.as_str(), voice, fault);
            }
            (Deriving::MakeAccount { name, how }, Some(salted)) => {
                self.make_account(name, how.verifier(&salted));
            }
            (Deriving::MakeAccount { .. }, None) => self.nickserv(BUSY),
            (Deriving::SetPassword { account, how }, Some(salted)) => {
                let change = AccountChange::Password(how.verifier(&salted));
                match self.try_propose(Event::ChangeAccount { account, change }) {
                    Ok(()) => self.nickserv("Your password is changed."),
                    Err(refusal) => self.nickserv(&refusal.to_string()),
                }
            }
            (Deriving::SetPassword { .. }, None) => self.nickserv(BUSY),
        }
    }

    /// Makes the account that the client has asked for.
    fn make_own_account(&mut self, account: NewAccount, verifier: Verifier, voice: Voice) {
        let NewAccount { name, invitation, email } = account;
        let code = email.as_ref().map(|_| Code::draw(&self.core.chance.bytes()));
        let to_verify = email
            .clone()
            .zip(code.clone())
            .map(|(email, code)| ToVerify { email, code: code.hash() })
            .map(Box::new);
        let by = self.session.user;
        match self.try_propose(Event::CreateAccount {
            by,
            name: name.clone(),
            for_another: false,
            verifier,
            invitation,
            to_verify,
        }) {
            Ok(()) => {
                if let Some((email, code)) = email.zip(code) {
                    let (account, code) = (name.to_string(), code.as_str().to_owned());
                    self.core.push(Output::notice(Notice::ToVerify { account, email, code }));
                    return commands::show_to_verify(self, &name, voice);
                }
                commands::show_registered(self, &name, voice);
            }
            Err(refusal) => {
                let code = if refusal == Refusal::BadInvitation { "INVALID_CODE" } else { "ACCOUNT_EXISTS" };
                let why = refusal.to_string();
                commands::refuse_registration(self, name.as_str(), voice, (code, &why));
            }
        }
    }

    /// Makes an account for somebody else, if whoever asked for it still may.
    fn make_account(&mut self, name: Nickname, verifier: Verifier) {
        if self.permitted(Right::Accounts).is_none() {
            return;
        }
        match self.try_propose(for_another(name.clone(), verifier)) {
            Ok(()) => {
                self.note(Deed::MadeAccount(name.to_string()));
                self.nickserv(&format!("There is an account {name} now."));
            }
            Err(refusal) => self.nickserv(&format!("{refusal}.")),
        }
    }

    /// Signs in to an account, since the client has shown that it is its own.
    pub(crate) fn log_in(&mut self, account: AccountId, voice: Voice) {
        if let Err(refusal) = self.core.state.open_account(account) {
            match voice {
                Voice::Sasl => self.numeric(numeric::ERR_NICKLOCKED, &[], &refusal.to_string()),
                Voice::NickServ => self.nickserv(&format!("{refusal}.")),
                Voice::Register => self.fail("VERIFY", "TEMPORARILY_UNAVAILABLE", &[], &refusal.to_string()),
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
        let name = self.core.state.account(account).map(|account| account.name.to_string());
        let name = name.unwrap_or_default();
        match voice {
            Voice::Sasl => self.numeric(numeric::RPL_SASLSUCCESS, &[], "SASL authentication successful"),
            Voice::NickServ => self.nickserv(&format!("You are signed in as {name}.")),
            Voice::Register => self.reply(|writer| {
                let writer = writer.command("VERIFY").param("SUCCESS").param(&name);
                writer.trailing("The account is yours").end();
            }),
        }
    }

    /// Says that somebody is not signed in. The connection may be closed then: the command must do no more.
    pub(crate) fn refuse_login(&mut self, voice: Voice, why: &str) {
        self.put_off_login(voice, why);
        self.count_failed_login();
    }

    /// Says that somebody is not signed in, through no fault of theirs.
    pub(crate) fn put_off_login(&mut self, voice: Voice, why: &str) {
        match voice {
            Voice::Sasl => {
                self.numeric(numeric::ERR_SASLFAIL, &[], &format!("SASL authentication failed: {why}"));
            }
            Voice::NickServ => self.nickserv(&format!("{why}.")),
            Voice::Register => self.fail("VERIFY", "TEMPORARILY_UNAVAILABLE", &[], why),
        }
    }

    /// One more failure; who has too many is closed.
    pub(crate) fn count_failed_login(&mut self) {
        self.session.failed_logins += 1;
        if self.session.failed_logins >= MOST_FAILED_LOGINS {
            self.close("Too many failed attempts to sign in");
        }
    }
}

/// What is said when too many wait for a hash.
pub(super) const BUSY: &str = "The server is busy with others who sign in; try again in a moment";

impl Core {
    /// How the next new password is hashed.
    pub(super) fn how_to_hash(&mut self) -> How {
        let salt = self.chance.bytes()[..SALT_BYTES].to_vec();
        How { salt, iterations: self.config.accounts.iterations }
    }

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
        let folded = CaseMapping::Ascii.fold(name);
        let drawn = |what: &str| sign(&secret, format!("{what} {folded}").as_bytes());
        let salt = drawn("salt")[..SALT_BYTES].to_vec();
        Verifier::new(salt, self.config.accounts.iterations, &Secret(drawn("key")))
    }
}
