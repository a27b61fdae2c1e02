//! CHGHOST: giving somebody another host, or with `*` their own again (ircv3.net/specs/extensions/chghost). For operators of the server. An account keeps
//! what it was given, and may be given it while nobody is here.

use irc::Message;

use super::Command;
use crate::event::{AccountChange, Event};
use crate::operators::{Deed, Right};
use crate::{Context, Refusal};

pub(super) const COMMAND: Command = Command { name: "CHGHOST", params: 2, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    if ctx.permitted(Right::Hosts).is_none() {
        return;
    }
    let (asked, given) = (message.param(0).unwrap_or_default(), message.param(1).unwrap_or_default());
    let host = (given != "*").then(|| given.to_owned());
    let state = &ctx.core.state;
    let (nick, event) = match (state.user_by_nick(asked), state.account_by_name(asked)) {
        (Some(user), _) => (user.nick.to_string(), Event::SetHost { user: user.id, host }),
        (None, Some(account)) => {
            let change = AccountChange::Host(host);
            (account.name.to_string(), Event::ChangeAccount { account: account.id, change })
        }
        (None, None) => return ctx.refuse(&Refusal::NoSuchNick(asked.to_owned())),
    };
    match ctx.try_propose(event) {
        Ok(()) => {
            ctx.note(Deed::HostGiven { nick: nick.clone(), host: given.to_owned() });
            ctx.reply(|writer| {
                let writer = writer.command("NOTE").param("CHGHOST").param("HOST_SET");
                writer.param(&nick).param(given).trailing("So be it").end();
            });
        }
        Err(Refusal::BadHost(host)) => {
            let text = "A host is of letters, digits and _:.-, has a dot, and is no address and no cloak";
            ctx.fail("CHGHOST", "INVALID_HOST", &[&host], text);
        }
        Err(refusal) => ctx.refuse(&refusal),
    }
}
