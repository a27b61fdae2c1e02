//! TBAN: a ban in a channel for a time, after which the server takes it back. What MODE says of masks holds here: `m:` before one makes it a mute, `a:` names an account.

use irc::{Message, numeric};

use super::{Command, mode};
use crate::channel_modes::MaskList;
use crate::event::{Event, ModeChange};
use crate::{ChannelId, Context, Refusal, duration};

pub(super) const COMMAND: Command = Command { name: "TBAN", params: 3, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(by) = ctx.session.user else { return };
    let param = |index| message.param(index).unwrap_or_default();
    let (name, lasts, mask) = (param(0), param(1), param(2));
    let Some(channel) = ctx.core.state.channel_by_name(name).map(|channel| channel.id) else {
        ctx.refuse(&Refusal::NoSuchChannel(name.to_owned()));
        return;
    };
    let Some(millis) = duration::parse(lasts) else {
        let text = "Say for how long, such as 90 (minutes), 30m, 12h or 7d";
        return ctx.fail(
            "TBAN",
            "INVALID_DURATION",
            &[name, if lasts.is_empty() { "*" } else { lasts }],
            text,
        );
    };
    if mask.is_empty() {
        return ctx.numeric(numeric::ERR_NEEDMOREPARAMS, &["TBAN"], "Not enough parameters");
    }
    let until = ctx.core.now.plus_millis(millis);
    let mask = mode::whole_mask(mask);
    let held = held_until(ctx, channel, &mask);
    let changes = vec![ModeChange::MaskUntil(MaskList::Bans, mask.clone(), until)];
    ctx.propose(Event::SetModes { by, channel, changes });
    // MODE tells nothing of an entry that was there already.
    if held.is_some() && held != held_until(ctx, channel, &mask) {
        ctx.server_notice(&format!("{mask} holds until {until}"));
    }
}

/// Until when a ban holds, if it is there; nothing inside means for ever.
fn held_until(ctx: &Context<'_>, channel: ChannelId, mask: &str) -> Option<Option<u64>> {
    let bans = ctx.core.state.channel(channel)?.modes.list(MaskList::Bans);
    bans.iter().find(|entry| entry.mask.eq_ignore_ascii_case(mask)).map(|entry| entry.until)
}
