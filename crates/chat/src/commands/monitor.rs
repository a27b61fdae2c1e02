//! MONITOR: being told when people come and go (ircv3.net/specs/extensions/monitor, extended-monitor).

use irc::{CaseMapping, Message, Nickname, numeric};

use super::{Command, lines_of};
use crate::Context;

pub(super) const COMMAND: Command = Command { name: "MONITOR", params: 1, early: false, run };

/// The most people that one may watch (`MONITOR`).
pub(crate) const MAX_MONITORED: usize = 100;
/// Room for names in one line.
const LINE_BYTES: usize = 380;

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let list = message.param(1).unwrap_or_default();
    match message.param(0).unwrap_or_default() {
        "+" => add(ctx, list),
        "-" => {
            for nick in list.split(',') {
                ctx.unwatch(&CaseMapping::Ascii.fold(nick));
            }
        }
        "C" | "c" => {
            for folded in ctx.session.watched.clone().into_keys() {
                ctx.unwatch(&folded);
            }
        }
        "L" | "l" => {
            let nicks: Vec<String> = ctx.session.watched.values().map(ToString::to_string).collect();
            say_names(ctx, numeric::RPL_MONLIST, &nicks);
            ctx.numeric(numeric::RPL_ENDOFMONLIST, &[], "End of MONITOR list");
        }
        "S" | "s" => {
            let watched: Vec<Nickname> = ctx.session.watched.values().cloned().collect();
            tell_status(ctx, &watched);
        }
        _ => {}
    }
}

fn add(ctx: &mut Context<'_>, list: &str) {
    let mut added = Vec::new();
    for nick in list.split(',').filter_map(|nick| Nickname::new(nick).ok()) {
        if ctx.session.watched.contains_key(&nick.folded()) {
            continue;
        }
        if ctx.session.watched.len() >= MAX_MONITORED {
            tell_status(ctx, &added);
            let rest = nick.to_string();
            let most = MAX_MONITORED.to_string();
            ctx.numeric(numeric::ERR_MONLISTFULL, &[&most, &rest], "Monitor list is full");
            return;
        }
        ctx.watch(&nick);
        added.push(nick);
    }
    tell_status(ctx, &added);
}

/// Says of each whether they are here.
fn tell_status(ctx: &mut Context<'_>, nicks: &[Nickname]) {
    let (mut here, mut gone) = (Vec::new(), Vec::new());
    for nick in nicks {
        match ctx.core.state.user_by_nick(nick.as_str()) {
            Some(user) => here.push(user.source.to_string()),
            None => gone.push(nick.to_string()),
        }
    }
    say_names(ctx, numeric::RPL_MONONLINE, &here);
    say_names(ctx, numeric::RPL_MONOFFLINE, &gone);
    let mut told = 0;
    for nick in nicks {
        ctx.sync_watched(nick.as_str(), &mut told);
    }
}

/// Says names in as many lines as they need.
fn say_names(ctx: &mut Context<'_>, code: u16, names: &[String]) {
    for line in lines_of(names, ',', LINE_BYTES) {
        ctx.numeric(code, &[], &line);
    }
}
