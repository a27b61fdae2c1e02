//! RELAYMSG: passing on what somebody said elsewhere (the draft `relaymsg` of ircv3-specifications, and Ergo's manual). For operators of the channel.

use irc::Message;

use super::{Command, privmsg};
use crate::event::Event;
use crate::relayed::RelayedName;
use crate::{Context, Refusal};

pub(super) const COMMAND: Command = Command { name: "RELAYMSG", params: 2, early: false, run };

/// What `CAP LS` tells: the characters of which one stands in every name that is passed on, and in no nickname.
pub(super) fn capability_value() -> String {
    RelayedName::SEPARATOR.to_string()
}

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(by) = ctx.session.user else { return };
    let (target, name) = (message.param(0).unwrap_or_default(), message.param(1).unwrap_or_default());
    let Some(channel) = ctx.core.state.channel_by_name(target).map(|channel| channel.id) else {
        return ctx.refuse(&Refusal::NoSuchChannel(target.to_owned()));
    };
    let Some(text) = message.param(2).filter(|text| !text.is_empty()) else {
        return ctx.fail("RELAYMSG", "BLANK_MSG", &[], "There is nothing to pass on");
    };
    let Some(name) = RelayedName::new(name) else {
        let text =
            "The name must hold a / with something on either side, and nothing that means something in IRC";
        return ctx.fail("RELAYMSG", "INVALID_NICK", &[], text);
    };
    let now = ctx.core.now;
    ctx.session.last_said = now;
    let tags = privmsg::relayed_tags(ctx, message);
    match ctx.try_propose(Event::Relay { by, channel, name, text: text.into(), tags }) {
        Ok(()) => {}
        Err(Refusal::OperatorNeeded { .. } | Refusal::NotOnChannel(_)) => {
            let text = "Only operators of the channel may pass messages on";
            ctx.fail("RELAYMSG", "PRIVS_NEEDED", &[], text);
        }
        Err(refusal) => ctx.refuse(&refusal),
    }
}
