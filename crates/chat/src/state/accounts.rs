//! Accounts: names that outlive whoever bears them. Who is first in the log owns the name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use irc::{Nickname, Timestamp, folded};

use super::{State, User, hosts};
use crate::event::{AccountChange, Effect, ToVerify};
use crate::log::Fact;
use crate::lookalike::Lookalikes;
use crate::metadata::LastingKeeper;
use crate::{AccountId, CodeHash, PersonId, Refusal, Secret, UserId, Verifier};

/// Names that nobody may bear, nor what looks like them: the server answers to them itself.
static SERVICES: LazyLock<Lookalikes<()>> = LazyLock::new(|| {
    let mut names = Lookalikes::default();
    names.add("chanserv", ());
    names.add("nickserv", ());
    names
});

/// Whether a name is one of those, or looks like it.
fn is_service(name: &Nickname) -> bool {
    !SERVICES.owners(name.as_str()).is_empty()
}

/// An account.
#[derive(Debug, Clone)]
pub struct Account {
    /// The key.
    pub id: AccountId,
    /// The name as its maker wrote it.
    pub name: Nickname,
    /// When it was made.
    pub created: Timestamp,
    /// What is kept of the password.
    pub verifier: Verifier,
    /// The fingerprints of the certificates that may sign in without a password.
    pub certificates: BTreeSet<[u8; 32]>,
    /// Whether nobody may sign in to it.
    pub banned: bool,
    /// What its people want otherwise than the server has it.
    pub wishes: Wishes,
    /// What others see as the host of whoever is signed in to it, if it was given one.
    pub host: Option<String>,
    /// What must be verified before anybody may.
    pub to_verify: Option<Box<ToVerify>>,
}

/// What the people of an account want; what they have said nothing of is as the server has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wishes {
    /// Whether their presence is kept when no device is here.
    pub always_on: Option<bool>,
    /// Whether several devices are one person.
    pub multiple_sessions: Option<bool>,
}

/// All accounts, and how they are found.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    by_id: BTreeMap<AccountId, Account>,
    /// By folded name; those of accounts that ended as well, since history names them and nobody may pass for them.
    names: BTreeMap<String, AccountId>,
    /// What those names look like.
    looks: Lookalikes<AccountId>,
    certificates: BTreeMap<[u8; 32], AccountId>,
    /// Who is signed in to which.
    users: BTreeMap<AccountId, BTreeSet<UserId>>,
    secret: Option<Secret>,
}

impl State {
    /// An account.
    #[must_use]
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.by_id.get(&id)
    }

    /// An account, by name.
    #[must_use]
    pub fn account_by_name(&self, name: &str) -> Option<&Account> {
        self.accounts.names.get(&*folded(name)).and_then(|id| self.account(*id))
    }

    /// The account that a client's certificate belongs to.
    #[must_use]
    pub fn account_by_certificate(&self, fingerprint: &[u8; 32]) -> Option<&Account> {
        self.accounts.certificates.get(fingerprint).and_then(|id| self.account(*id))
    }

    /// Those who are signed in to an account, in the order in which they came.
    pub fn users_of(&self, account: AccountId) -> impl Iterator<Item = &User> {
        let users = self.accounts.users.get(&account).into_iter().flatten();
        users.filter_map(|id| self.users.get(id))
    }

    /// What a person is called now: somebody who is here, or an account.
    #[must_use]
    pub fn name_of(&self, person: PersonId) -> Option<&Nickname> {
        let account = AccountId(person.0);
        if let Some(user) = self.users.get(&UserId(person.0)).or_else(|| self.users_of(account).next()) {
            return Some(&user.nick);
        }
        self.account(account).map(|account| &account.name)
    }

    /// The person whom a name means: somebody who is here, or else an account.
    #[must_use]
    pub fn person_by_name(&self, name: &str) -> Option<(PersonId, &Nickname)> {
        match self.user_by_nick(name) {
            Some(user) => Some((user.person(), &user.nick)),
            None => self.account_by_name(name).map(|account| (PersonId(account.id.0), &account.name)),
        }
    }

    /// What only this server knows, once it has been set.
    #[must_use]
    pub fn secret(&self) -> Option<&Secret> {
        self.accounts.secret.as_ref()
    }

    /// Whether somebody, perhaps here already, may bear a nickname.
    ///
    /// # Errors
    /// When somebody else is here under it or under one that looks like it, or it is kept for somebody else.
    pub(crate) fn may_be_called(
        &self,
        nick: &Nickname,
        account: Option<AccountId>,
        who: Option<UserId>,
    ) -> Result<(), Refusal> {
        if self.nicks.get(&nick.folded()).is_some_and(|owner| Some(*owner) != who) {
            return Err(Refusal::NickInUse(nick.to_string()));
        }
        if self.nick_looks.owners(nick.as_str()).iter().any(|owner| Some(*owner) != who) {
            return Err(Refusal::NickLookalike(nick.to_string()));
        }
        // The names of accounts that ended are free to be borne, though not to be registered.
        let alike = self.accounts.looks.owners(nick.as_str());
        let mut owners = alike.into_iter().filter(|owner| self.account(*owner).is_some());
        let reserved = self.rules.reserve_names && owners.any(|owner| Some(owner) != account);
        if reserved || is_service(nick) {
            return Err(Refusal::NickReserved(nick.to_string()));
        }
        // An account that is older than the limit keeps its name.
        let own = account.is_some() && self.account_by_name(nick.as_str()).map(|owner| owner.id) == account;
        if own { Ok(()) } else { self.is_short(nick) }
    }

    /// The guest who bears a name.
    pub(crate) fn guest_called(&self, name: &Nickname) -> Option<UserId> {
        let user = self.user_by_nick(name.as_str()).filter(|user| user.account_id.is_none());
        user.map(|user| user.id)
    }

    /// Whether a name is free for a new account.
    ///
    /// # Errors
    /// When it is, or was, another one's, or somebody else is here under it, or one of these looks like it, or it is too long.
    pub(crate) fn may_be_account(&self, name: &Nickname, by: Option<UserId>) -> Result<(), Refusal> {
        let taken = !self.accounts.looks.owners(name.as_str()).is_empty() || is_service(name);
        if taken || self.nick_looks.owners(name.as_str()).iter().any(|user| Some(*user) != by) {
            return Err(Refusal::AccountExists(name.to_string()));
        }
        self.is_short(name)
    }

    fn is_short(&self, nick: &Nickname) -> Result<(), Refusal> {
        let most = self.rules.max_nick;
        if nick.as_str().len() <= most {
            return Ok(());
        }
        Err(Refusal::NickTooLong { nick: nick.to_string(), most })
    }

    /// All accounts, the oldest first.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.by_id.values()
    }

    /// An account to which one may sign in.
    pub(crate) fn open_account(&self, id: AccountId) -> Result<&Account, Refusal> {
        let account = self.account(id).ok_or(Refusal::NoSuchAccount)?;
        match &account.to_verify {
            _ if account.banned || self.ban_on_account(account.name.as_str()).is_some() => {
                Err(Refusal::AccountLocked)
            }
            Some(_) => Err(Refusal::NotVerified),
            None => Ok(account),
        }
    }

    pub(super) fn set_secret(&mut self, secret: Secret) -> Effect {
        // Another node may have been first.
        if self.accounts.secret.is_none() {
            let seq = self.take_seq();
            self.keep_fact(seq, Fact::SecretSet { secret: secret.clone() });
            self.accounts.secret = Some(secret);
        }
        Effect::Nothing
    }

    /// Makes an account whose name is free.
    pub(super) fn create_account(
        &mut self,
        by: Option<UserId>,
        name: Nickname,
        verifier: Verifier,
        invitation: Option<CodeHash>,
        to_verify: Option<Box<ToVerify>>,
    ) -> Result<Effect, Refusal> {
        if let Some(code) = &invitation {
            self.may_come(code)?;
        }
        if let Some(by) = by {
            self.known_user(by)?;
        }
        let seq = self.take_seq();
        let id = AccountId(seq);
        self.keep_fact(
            seq,
            Fact::AccountCreated {
                name: name.to_string(),
                verifier: verifier.clone(),
                invitation,
                to_verify: to_verify.clone(),
            },
        );
        let waits = to_verify.is_some();
        let created = self.now;
        let certificates = BTreeSet::new();
        if let Some(code) = &invitation {
            self.use_invitation(code);
        }
        let wishes = Wishes::default();
        self.insert_account(Account {
            id,
            name,
            created,
            verifier,
            certificates,
            banned: false,
            wishes,
            host: None,
            to_verify,
        });
        if waits {
            return Ok(Effect::AccountAwaits(id));
        }
        if let Some(by) = by {
            self.give_metadata_to_account(by, id);
            self.move_to_account(by, Some(id));
        }
        Ok(Effect::AccountCreated { account: id, by })
    }

    pub(super) fn insert_account(&mut self, account: Account) {
        self.accounts.names.insert(account.name.folded(), account.id);
        self.accounts.looks.add(account.name.as_str(), account.id);
        self.accounts.by_id.insert(account.id, account);
    }

    pub(super) fn change_account(&mut self, id: AccountId, change: AccountChange) -> Result<Effect, Refusal> {
        self.account(id).ok_or(Refusal::NoSuchAccount)?;
        if let AccountChange::Certificate(fingerprint, true) = &change
            && self.accounts.certificates.contains_key(fingerprint)
        {
            return Err(Refusal::CertificateInUse);
        }
        if let AccountChange::Host(host) = &change {
            hosts::may_be_given(host.as_deref())?;
        }
        let seq = self.take_seq();
        self.keep_fact(seq, Fact::AccountChanged { account: id, change: change.clone() });
        self.touched.insert(id);
        let out = match change {
            AccountChange::Ended | AccountChange::Banned(true) => {
                let users: Vec<UserId> = self.users_of(id).map(|user| user.id).collect();
                users.iter().for_each(|user| self.move_to_account(*user, None));
                users
            }
            _ => Vec::new(),
        };
        self.fold_account_change(id, &change);
        let here: Vec<UserId> = self.users_of(id).map(|user| user.id).collect();
        self.take_hosts_of_accounts(&here);
        Ok(Effect::AccountChanged { logged_out: out })
    }

    /// What a change does to the account itself, now and when the log is read again.
    pub(super) fn fold_account_change(&mut self, id: AccountId, change: &AccountChange) {
        let Some(account) = self.accounts.by_id.get_mut(&id) else { return };
        match change {
            AccountChange::Password(verifier) => account.verifier = verifier.clone(),
            AccountChange::Certificate(fingerprint, true) => {
                account.certificates.insert(*fingerprint);
                self.accounts.certificates.insert(*fingerprint, id);
            }
            AccountChange::Certificate(fingerprint, false) => {
                if account.certificates.remove(fingerprint) {
                    self.accounts.certificates.remove(fingerprint);
                }
            }
            AccountChange::Banned(banned) => account.banned = *banned,
            AccountChange::AlwaysOn(wish) => account.wishes.always_on = *wish,
            AccountChange::MultipleSessions(wish) => account.wishes.multiple_sessions = *wish,
            AccountChange::Host(host) => account.host.clone_from(host),
            AccountChange::Verified => account.to_verify = None,
            AccountChange::Ended => {
                // Nobody was ever here as one that was not verified, so history does not name it.
                if account.to_verify.is_some() {
                    self.accounts.names.remove(&account.name.folded());
                    self.accounts.looks.remove(account.name.as_str(), id);
                }
                self.accounts.certificates.retain(|_, owner| *owner != id);
                self.accounts.by_id.remove(&id);
                self.forget_owner(id);
                self.forget_founder(id);
                self.forget_metadata(LastingKeeper::Account(id));
            }
        }
    }

    pub(super) fn restore_secret(&mut self, secret: Secret) {
        self.accounts.secret = Some(secret);
    }

    pub(super) fn log_in(&mut self, user: UserId, account: AccountId) -> Result<Effect, Refusal> {
        self.known_user(user)?;
        self.open_account(account)?;
        self.move_to_account(user, Some(account));
        Ok(Effect::LoggedIn(user))
    }

    pub(super) fn log_out(&mut self, id: UserId) -> Result<Effect, Refusal> {
        if self.known_user(id)?.account_id.is_none() {
            return Ok(Effect::Nothing);
        }
        self.move_to_account(id, None);
        Ok(Effect::AccountChanged { logged_out: vec![id] })
    }

    /// Somebody comes or goes, or belongs to another account: keeps count of who is signed in to which.
    pub(super) fn note_account(&mut self, user: UserId, before: Option<AccountId>, now: Option<AccountId>) {
        self.touched.extend(before.into_iter().chain(now));
        if let Some(before) = before
            && let Some(users) = self.accounts.users.get_mut(&before)
        {
            users.remove(&user);
            if users.is_empty() {
                self.accounts.users.remove(&before);
            }
        }
        if let Some(now) = now {
            self.accounts.users.entry(now).or_default().insert(user);
        }
    }

    /// Somebody who is here belongs to another account now, or to none.
    fn move_to_account(&mut self, id: UserId, account: Option<AccountId>) {
        let Some(user) = self.users.get(&id) else { return };
        let (before, keeper, person) = (user.account_id, user.keeper(), user.person());
        self.note_account(id, before, account);
        let name = account.and_then(|id| self.account(id)).map(|account| Arc::from(account.name.as_str()));
        if let Some(user) = self.users.get_mut(&id) {
            user.account_id = account;
            user.account = name;
        }
        self.carry_let_in(id, person);
        self.compare_metadata(id, keeper);
        self.take_hosts_of_accounts(&[id]);
        self.lay_down_ownership(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::log::{Record, Restored};
    use crate::state::Rules;

    fn restored(restored: Restored) -> State {
        State::new(Rules::few(), restored)
    }

    fn john() -> Event {
        let name = Nickname::new("John").expect("a name");
        let verifier = Verifier::new(vec![1], 2, &Secret([3; 32]));
        let for_another = false;
        Event::CreateAccount { by: None, name, for_another, verifier, invitation: None, to_verify: None }
    }

    fn guest(nick: &str, account: Option<AccountId>) -> Event {
        Event::SignIn {
            nick: Nickname::new(nick).expect("a name"),
            username: "u".into(),
            realname: "r".into(),
            host: "h".into(),
            account,
        }
    }

    /// Applies an event, adds to `facts` what is kept of it, and gives the effect.
    fn apply(state: &mut State, facts: &mut Restored, event: Event) -> Effect {
        let applied = state.apply(Timestamp(7), event).expect("it applies");
        for record in applied.records {
            facts.last = record.seq();
            if let Record::Fact { seq, at, fact } = record {
                facts.facts.push((seq, at, fact));
            }
        }
        applied.effect
    }

    #[test]
    fn what_changes_of_an_account_is_there_when_the_log_is_read_again() {
        let (mut state, mut facts) = (restored(Restored::default()), Restored::default());
        let Effect::AccountCreated { account, .. } = apply(&mut state, &mut facts, john()) else {
            panic!("there is one")
        };
        let other = Verifier::new(vec![4], 5, &Secret([6; 32]));
        for change in [
            AccountChange::Password(other.clone()),
            AccountChange::Certificate([1; 32], true),
            AccountChange::Certificate([2; 32], true),
            AccountChange::Certificate([1; 32], false),
            AccountChange::Banned(true),
        ] {
            apply(&mut state, &mut facts, Event::ChangeAccount { account, change });
        }
        let again = restored(facts.clone());
        let account = again.account_by_name("JOHN").expect("it is there");
        assert_eq!((account.created, account.name.as_str()), (Timestamp(7), "John"));
        assert_eq!((&account.verifier, account.banned), (&other, true));
        assert_eq!(again.account_by_certificate(&[2; 32]).map(|it| it.id), Some(account.id));
        assert!(again.account_by_certificate(&[1; 32]).is_none());
        let id = account.id;
        apply(&mut state, &mut facts, Event::ChangeAccount { account: id, change: AccountChange::Ended });
        let mut again = restored(facts);
        assert!(again.account(id).is_none() && again.account_by_certificate(&[2; 32]).is_none());
        assert!(again.apply(Timestamp(8), john()).is_err(), "its name is given to nobody");
    }

    #[test]
    fn facts_are_written_as_they_always_were() {
        let written = |fact: &Fact| serde_json::to_string(fact).expect("it can be written");
        let account = AccountId(crate::Seq(9));
        let change = |change| written(&Fact::AccountChanged { account, change });
        assert_eq!(change(AccountChange::Ended), r#"{"account_changed":{"account":9,"change":"ended"}}"#);
        for host in [None, Some("a.b".to_owned())] {
            let written = change(AccountChange::Host(host.clone()));
            let value = host.as_ref().map_or("null".to_owned(), |host| format!("\"{host}\""));
            assert_eq!(
                written,
                format!(r#"{{"account_changed":{{"account":9,"change":{{"host":{value}}}}}}}"#)
            );
            let read = serde_json::from_str(&written).expect("it can be read");
            assert_eq!(Fact::AccountChanged { account, change: AccountChange::Host(host) }, read);
        }
        assert_eq!(
            change(AccountChange::Banned(true)),
            r#"{"account_changed":{"account":9,"change":{"banned":true}}}"#
        );
        let certificate = change(AccountChange::Certificate([0; 32], true));
        assert!(certificate.contains(r#""change":{"certificate":[[0,0,"#), "{certificate}");
        let secret = written(&Fact::SecretSet { secret: Secret([0; 32]) });
        assert_eq!(secret, format!(r#"{{"secret_set":{{"secret":"{}="}}}}"#, "A".repeat(43)));
        // Those of the first servers had no more than this.
        let first = r#"{"account_created":{"name":"John","verifier":"SCRAM-SHA-256$2:AQ==$KEY:KEY"}}"#
            .replace("KEY", &format!("{}=", "A".repeat(43)));
        let fact: Fact = serde_json::from_str(&first).expect("it can be read");
        assert_eq!(written(&fact), first);
        let code = CodeHash::of("abcd");
        assert_eq!(
            written(&Fact::InvitationAdded { code, by: None, until: 7 }),
            r#"{"invitation_added":{"code":"iNQmb9TmM40TuEX88olXnSCciXgjuSF9o+Fhk28DFYk=","until":7}}"#
        );
        assert_eq!(written(&Fact::OwnerSet { account }), r#"{"owner_set":{"account":9}}"#);
        let fact: Fact = serde_json::from_str(&secret).expect("it can be read");
        assert_eq!(fact, Fact::SecretSet { secret: Secret([0; 32]) });
    }

    #[test]
    fn a_person_is_the_account_from_signing_in_to_signing_out() {
        let (mut state, mut facts) = (restored(Restored::default()), Restored::default());
        let Effect::AccountCreated { account, .. } = apply(&mut state, &mut facts, john()) else {
            panic!("there is one")
        };
        let Effect::SignedIn(user) = apply(&mut state, &mut facts, guest("Guest", None)) else {
            panic!("let in")
        };
        let person = |state: &State| state.user(user).expect("here").person();
        assert_eq!(person(&state), PersonId(user.0));
        apply(&mut state, &mut facts, Event::LogIn { user, account });
        assert_eq!(person(&state), PersonId(account.0));
        assert_eq!(state.users_of(account).map(|user| user.id).collect::<Vec<_>>(), [user]);
        assert_eq!(state.name_of(PersonId(account.0)).map(Nickname::as_str), Some("Guest"));
        // Who may no longer sign in is a guest again, and cannot come back.
        let change = AccountChange::Banned(true);
        apply(&mut state, &mut facts, Event::ChangeAccount { account, change });
        assert_eq!(person(&state), PersonId(user.0));
        assert_eq!(state.users_of(account).count(), 0);
        assert_eq!(state.name_of(PersonId(account.0)).map(Nickname::as_str), Some("John"));
        assert_eq!(
            state.apply(Timestamp(8), Event::LogIn { user, account }).err(),
            Some(Refusal::AccountLocked)
        );
        assert!(state.apply(Timestamp(8), guest("John", Some(account))).is_err());
    }
}
