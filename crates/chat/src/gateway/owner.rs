//! How the server gets its owner, and what the owner may do. The code with which it is claimed is shown to whoever sees the server's console, and to nobody else.

use irc::numeric;

use super::{Context, Core};
use crate::event::Event;
use crate::operators::{Deed, Rights};
use crate::state::{Account, Powers};
use crate::{AccountId, CodeHash, Refusal};

impl Core {
    /// What whoever claims the server must say, as long as nobody owns it. It is another one after each start.
    #[must_use]
    pub fn claim_code(&self) -> Option<&str> {
        self.claim.as_ref().map(crate::Code::as_str)
    }
}

impl Context<'_> {
    /// Makes an account the server's owner, if the code is right.
    ///
    /// # Errors
    /// When the code is wrong, or there is an owner.
    pub(crate) fn claim_server(&mut self, account: AccountId, code: &str) -> Result<(), Refusal> {
        if self.core.state.owner().is_some() {
            return Err(Refusal::Owned);
        }
        // Hashes are compared, so how long it takes tells nothing of the code.
        if self.core.claim.as_ref().is_none_or(|claim| claim.hash() != CodeHash::of(code)) {
            self.note(Deed::ClaimRefused);
            return Err(Refusal::BadInvitation);
        }
        self.try_propose(Event::ClaimServer { account })?;
        self.core.claim = None;
        let name = self.core.state.account(account).map(|account| account.name.to_string());
        self.note(Deed::Claimed(name.unwrap_or_default()));
        Ok(())
    }

    /// The account that owns the server, if the client is signed in to it.
    pub(super) fn own_server_account(&self) -> Option<&Account> {
        let owner = self.core.state.owner().filter(|owner| self.account() == Some(*owner));
        owner.and_then(|owner| self.core.state.account(owner))
    }

    /// Makes the client an operator with all rights, if it is signed in to the account that owns the server.
    pub(crate) fn take_owners_powers(&mut self) -> bool {
        let own = self.own_server_account().map(|account| (account.id, account.name.to_string()));
        let (Some((owner, name)), Some(user)) = (own, self.session.user) else { return false };
        self.note(Deed::Began(name.clone()));
        let powers = Powers { name: name.into(), owner: Some(owner), rights: Rights::all() };
        self.propose(Event::SetPowers { user, powers: Some(powers) });
        self.numeric(numeric::RPL_YOUREOPER, &[], "You are now an operator of the server");
        true
    }
}
