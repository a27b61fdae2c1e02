//! INVITE: asking somebody into a channel, or, without a parameter, where one is asked to (Modern IRC, "INVITE message"; ircv3.net/specs/extensions/invite-notify).

use irc::{Message, numeric};

use super::Command;
use crate::event::Event;
use crate::{Context, Refusal};

pub(super) const COMMAND: Command = Command { name: "INVITE", params: 0, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    match message.params() {
        [] => list(ctx),
        [_] => ctx.numeric(numeric::ERR_NEEDMOREPARAMS, &["INVITE"], "Not enough parameters"),
        [nick, channel, ..] => {
            if let Err(refusal) = invite(ctx, nick, channel) {
                ctx.refuse(&refusal);
            }
        }
    }
}

fn list(ctx: &mut Context<'_>) {
    let Ok(user) = ctx.user() else { return };
    let invited = user.invited.keys().filter_map(|id| ctx.core.state.channel(*id));
    let names: Vec<String> = invited.map(|channel| channel.name.to_string()).collect();
    for name in names {
        ctx.numeric_bare(numeric::RPL_INVITELIST, &[&name]);
    }
    ctx.numeric(numeric::RPL_ENDOFINVITELIST, &[], "End of /INVITE list");
}

fn invite(ctx: &mut Context<'_>, nick: &str, channel: &str) -> Result<(), Refusal> {
    let by = ctx.user()?.id;
    let state = &ctx.core.state;
    let user = state.user_by_nick(nick).ok_or_else(|| Refusal::NoSuchNick(nick.to_owned()))?.id;
    let found = state.channel_by_name(channel).ok_or_else(|| Refusal::NoSuchChannel(channel.to_owned()))?;
    let channel = found.id;
    ctx.try_propose(Event::Invite { by, channel, user })
}
