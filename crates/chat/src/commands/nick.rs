//! NICK: taking a name (Modern IRC, "NICK message").

use irc::{Message, Nickname, numeric};

use super::{Command, cut};
use crate::event::Event;
use crate::{Context, Refusal};

/// The most bytes of a wrong nickname that are told back.
const SHOWN_BYTES: usize = 128;

pub(super) const COMMAND: Command = Command { name: "NICK", params: 0, early: true, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(asked) = message.param(0).filter(|nick| !nick.is_empty()) else {
        ctx.numeric(numeric::ERR_NONICKNAMEGIVEN, &[], "No nickname given");
        return;
    };
    let nick = match Nickname::new(asked) {
        Ok(nick) => nick,
        Err(why) => {
            // So much of it that a client finds its own question in the answer.
            let shown = cut(asked, SHOWN_BYTES);
            ctx.numeric(numeric::ERR_ERRONEUSNICKNAME, &[shown], &format!("That is no nickname: {why}"));
            return;
        }
    };
    match ctx.session.user {
        Some(user) => ctx.propose(Event::Rename { user, nick }),
        // Who still negotiates may turn out to be the same person on another device.
        None if !ctx.session.introduction.negotiating
            && ctx.core.state.user_by_nick(nick.as_str()).is_some() =>
        {
            ctx.session.introduction.wanted = Some(nick.clone());
            ctx.refuse(&Refusal::NickInUse(nick.to_string()));
        }
        None => {
            ctx.session.introduction.wanted = None;
            ctx.session.introduction.nick = Some(nick);
            ctx.sign_in_when_ready();
        }
    }
}
