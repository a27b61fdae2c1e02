//! CS SET and GET: what members see of a channel's past, and for how long it is kept.

use super::{both, channel};
use crate::event::Event;
use crate::past::{ChannelSettings, Cutoff};
use crate::{Context, Refusal};

/// A day in milliseconds.
const DAY: u64 = 24 * 60 * 60 * 1000;

pub(super) fn set(ctx: &mut Context<'_>, name: &str, what: &str, value: &str) -> Result<(), Refusal> {
    let (by, id, _) = both(ctx, name)?;
    let mut settings = channel(ctx, name)?.settings;
    let default = value.eq_ignore_ascii_case("default");
    match what.to_ascii_uppercase().as_str() {
        "HISTORY-CUTOFF" => {
            let known = Cutoff::ALL.iter().copied().find(|cutoff| cutoff.name().eq_ignore_ascii_case(value));
            if known.is_none() && !default {
                ctx.chanserv("Say none, registration-time, join-time or default.");
                return Ok(());
            }
            settings.cutoff = known;
        }
        "RETENTION" => {
            let days = value.parse().ok().filter(|days| *days > 0);
            if days.is_none() && !default {
                ctx.chanserv("Say a number of days from 1 on, or default.");
                return Ok(());
            }
            settings.keep_days = days;
        }
        _ => {
            ctx.chanserv("There is no such setting. There are HISTORY-CUTOFF and RETENTION.");
            return Ok(());
        }
    }
    ctx.try_propose(Event::SetChannel { by, channel: id, settings })?;
    get(ctx, name)
}

/// Tells how it is, wherever that was settled.
pub(super) fn get(ctx: &mut Context<'_>, name: &str) -> Result<(), Refusal> {
    let found = channel(ctx, name)?;
    let (name, ChannelSettings { cutoff, keep_days }) = (found.name.to_string(), found.settings);
    let by = |own: bool| if own { "" } else { ", as the server has it" };
    let members = match ctx.core.state.cutoff_of(found) {
        Cutoff::None => "Members see everything that was said",
        Cutoff::RegistrationTime => "Members see what was said since their account was made",
        Cutoff::JoinTime => "Members see what was said since they were let in",
    };
    let kept = match ctx.core.keeps(&found.settings).map(|millis| millis / DAY) {
        None => "It is kept for ever".to_owned(),
        Some(days) => format!("It is kept for {days} days"),
    };
    let own_days =
        keep_days.is_some_and(|days| ctx.core.keeps(&found.settings) == Some(crate::past::days(days)));
    ctx.chanserv(&format!("{name}, HISTORY-CUTOFF: {members}{}.", by(cutoff.is_some())));
    ctx.chanserv(&format!("{name}, RETENTION: {kept}{}.", by(own_days)));
    Ok(())
}
