//! What others see as somebody's host: what stands for their address, or what an operator of the server has given them or their account.

use std::sync::Arc;

use super::State;
use crate::cloak;
use crate::event::{AccountChange, Effect};
use crate::{Refusal, UserId};

impl State {
    /// Gives somebody a host, or takes it away again: the account, if there is one, which keeps it.
    pub(super) fn set_host(&mut self, id: UserId, host: Option<String>) -> Result<Effect, Refusal> {
        let account = self.known_user(id)?.account_id;
        if let Some(account) = account {
            return self.change_account(account, AccountChange::Host(host));
        }
        may_be_given(host.as_deref())?;
        self.show_as(id, host);
        Ok(Effect::Nothing)
    }

    /// Somebody's account gives them a host, or none.
    pub(super) fn take_hosts_of_accounts(&mut self, users: &[UserId]) {
        for id in users {
            let account = self.users.get(id).and_then(|user| user.account_id);
            let host = account.and_then(|account| self.account(account)).and_then(|it| it.host.clone());
            self.show_as(*id, host);
        }
    }

    /// From now on others see this host, or else what stands for the address. That is told if it is another one.
    fn show_as(&mut self, id: UserId, host: Option<String>) {
        let Some(user) = self.users.get_mut(&id) else { return };
        let host = host.map_or_else(|| Arc::clone(&user.own_host), Arc::from);
        if user.host != host {
            let source = Arc::clone(&user.source);
            user.host = host;
            user.refresh_source();
            self.also.push(Effect::HostSet { user: id, source });
        }
    }
}

/// Whether a host may be given to somebody.
pub(super) fn may_be_given(host: Option<&str>) -> Result<(), Refusal> {
    match host {
        Some(host) if !cloak::may_be_given(host) => Err(Refusal::BadHost(host.to_owned())),
        _ => Ok(()),
    }
}
