//! What the owner has done from outside of IRC: the same events as from inside, and an answer in lines.

use irc::Nickname;

use super::Core;
use super::passwords::How;
use crate::event::{AccountChange, Event};
use crate::io::QueryId;
use crate::state::Account;
use crate::{
    AccountId, Code, Notice, Order, OrderError, OrderId, Output, Password, Refusal, Secret, Verifier,
};

/// An order that waits for a password to be hashed.
#[derive(Debug)]
pub(super) struct PendingOrder {
    id: OrderId,
    how: How,
    whose: Whose,
}

/// Whose password it is.
#[derive(Debug)]
enum Whose {
    /// That of a new account.
    New(Nickname),
    /// That of an account.
    Known(AccountId),
}

impl Core {
    /// Does what the owner wants, or begins to.
    pub(super) fn obey(&mut self, id: OrderId, order: Order) {
        let done = match order {
            Order::AddAccount { name, password } => match self.name_for_account(&name) {
                Ok(name) => return self.hash_for_order(id, password, Whose::New(name)),
                Err(error) => Err(error),
            },
            Order::SetPassword { name, password } => match self.account_named(&name) {
                Ok(account) => return self.hash_for_order(id, password, Whose::Known(account)),
                Err(error) => Err(error),
            },
            Order::Ban { name, banned } => {
                let what = if banned { "banned the account" } else { "lifted the ban of the account" };
                self.change_named(&name, AccountChange::Banned(banned), what)
            }
            Order::Verify { name } => self.verify_named(&name),
            Order::Remove { name } => self.change_named(&name, AccountChange::Ended, "ended the account"),
            Order::List => Ok(self.state.accounts().map(|account| self.account_in_words(account)).collect()),
            Order::Invite => self.invite_from_outside(),
        };
        self.push(Output::Obeyed { id, answer: done });
    }

    /// The password that an order waited for is hashed, or is not.
    pub(super) fn finish_order(&mut self, order: PendingOrder, salted: Option<Secret>) {
        let PendingOrder { id, how, whose } = order;
        let answer = match (salted, whose) {
            (None, _) => Err(OrderError::Busy),
            (Some(salted), Whose::New(name)) => {
                let event = for_another(name.clone(), how.verifier(&salted));
                self.propose_order(name.as_str(), event, "made the account")
            }
            (Some(salted), Whose::Known(account)) => {
                let name = self.state.account(account).map(|account| account.name.to_string());
                let change = AccountChange::Password(how.verifier(&salted));
                let event = Event::ChangeAccount { account, change };
                self.propose_order(&name.unwrap_or_default(), event, "changed the password of the account")
            }
        };
        self.push(Output::Obeyed { id, answer });
    }

    fn hash_for_order(&mut self, id: OrderId, password: Password, whose: Whose) {
        let how = self.how_to_hash();
        let (salt, iterations) = (how.salt.clone(), how.iterations);
        self.last_query += 1;
        let query = QueryId(self.last_query);
        self.orders.insert(query, PendingOrder { id, how, whose });
        self.push_at_once(Output::Derive { id: query, password, salt, iterations });
    }

    fn name_for_account(&self, text: &str) -> Result<Nickname, OrderError> {
        let name = Nickname::new(text).map_err(|_| OrderError::BadName(text.to_owned()))?;
        match self.state.may_be_account(&name, self.state.guest_called(&name)) {
            Ok(()) => Ok(name),
            Err(_) => Err(OrderError::Taken(text.to_owned())),
        }
    }

    fn account_named(&self, name: &str) -> Result<AccountId, OrderError> {
        let account = self.state.account_by_name(name).map(|account| account.id);
        account.ok_or_else(|| OrderError::NoSuchAccount(name.to_owned()))
    }

    fn change_named(
        &mut self,
        name: &str,
        change: AccountChange,
        what: &str,
    ) -> Result<Vec<String>, OrderError> {
        let account = self.account_named(name)?;
        self.propose_order(name, Event::ChangeAccount { account, change }, what)
    }

    fn verify_named(&mut self, name: &str) -> Result<Vec<String>, OrderError> {
        let account = self.account_named(name)?;
        if self.state.account(account).is_none_or(|account| account.to_verify.is_none()) {
            return Err(OrderError::Verified(name.to_owned()));
        }
        self.change_named(name, AccountChange::Verified, "verified the account")
    }

    /// Proposes what was ordered, and has the console tell of it.
    fn propose_order(&mut self, name: &str, event: Event, what: &str) -> Result<Vec<String>, OrderError> {
        self.propose(None, event).map_err(|refusal| match refusal {
            Refusal::AccountExists(name) => OrderError::Taken(name),
            Refusal::NoSuchAccount => OrderError::NoSuchAccount(name.to_owned()),
            other => OrderError::Refused(Box::new(other)),
        })?;
        let told = format!("{what} {name}");
        self.note_order(&told);
        Ok(vec![format!("You have {told}.")])
    }

    /// Has the console and the register tell of what was done.
    fn note_order(&mut self, told: &str) {
        // Nobody is named who could be gone, so it is not refused.
        let _ = self.propose(None, Event::NoteDeed { by: None, deed: told.to_owned() });
        self.push(Output::notice(Notice::Ordered(told.to_owned())));
    }

    fn invite_from_outside(&mut self) -> Result<Vec<String>, OrderError> {
        let code = self.make_invitation(None).map_err(|refusal| OrderError::Refused(Box::new(refusal)))?;
        self.note_order("made an invitation");
        Ok(vec![code.as_str().to_owned()])
    }

    /// Makes a code with which somebody may make an account.
    pub(crate) fn make_invitation(&mut self, by: Option<AccountId>) -> Result<Code, Refusal> {
        let code = Code::draw(&self.chance.bytes());
        let until = self.now.plus_millis(self.config.accounts.invitation_lasts);
        self.propose(None, Event::AddInvitation { code: code.hash(), by, until })?;
        Ok(code)
    }

    fn account_in_words(&self, account: &Account) -> String {
        let mut words = vec![account.name.to_string(), format!("since {}", account.created)];
        if self.state.owner() == Some(account.id) {
            words.push("owns the server".into());
        }
        if account.banned {
            words.push("banned".into());
        }
        if let Some(waits) = &account.to_verify {
            words.push(format!("waits to be verified: {}", waits.email));
        }
        if let Some(user) = self.state.users_of(account.id).next() {
            words.push(format!("here as {}", user.nick));
        }
        words.join(", ")
    }
}

/// An account that its owner has not made: nobody is invited, nothing verified, and a guest of the name has to give way when they have left.
pub(super) fn for_another(name: Nickname, verifier: Verifier) -> Event {
    let (by, invitation, to_verify) = (None, None, None);
    Event::CreateAccount { by, name, for_another: true, verifier, invitation, to_verify }
}
