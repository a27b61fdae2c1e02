//! MODE: what holds for a channel, or for oneself (Modern IRC, "MODE message").

use irc::{Message, numeric};

use super::{Command, MAX_MODES};
use crate::channel_modes::{ACCOUNT, Flag, MUTE, MaskList, Role};
use crate::event::{Event, ModeChange};
use crate::operators::Deed;
use crate::user_modes::UserMode;
use crate::{ChannelId, Context, Refusal, UserId};

pub(super) const COMMAND: Command = Command { name: "MODE", params: 1, early: false, run };

/// The most bytes of a channel's key.
const MAX_KEY_BYTES: usize = 32;
/// The most bytes of a mask.
const MAX_MASK_BYTES: usize = 128;

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let target = message.param(0).unwrap_or_default();
    if !target.starts_with('#') {
        own_modes(ctx, target, message);
        return;
    }
    let Some(channel) = ctx.core.state.channel_by_name(target) else {
        ctx.refuse(&Refusal::NoSuchChannel(target.to_owned()));
        return;
    };
    let id = channel.id;
    match message.param(1) {
        None => show_modes(ctx, id),
        Some(letters) => change(ctx, id, letters, &message.params()[2..]),
    }
}

fn own_modes(ctx: &mut Context<'_>, target: &str, message: &Message<'_>) {
    let Ok(user) = ctx.user() else { return };
    match ctx.core.state.user_by_nick(target) {
        None => ctx.refuse(&Refusal::NoSuchNick(target.to_owned())),
        Some(other) if other.id != user.id => {
            ctx.numeric(numeric::ERR_USERSDONTMATCH, &[], "You can change your own modes only");
        }
        Some(_) => {
            let (user, modes) = (user.id, user.modes);
            match message.param(1) {
                None => ctx.numeric_bare(numeric::RPL_UMODEIS, &[&modes.letters()]),
                Some(letters) => change_own(ctx, user, letters),
            }
        }
    }
}

fn change_own(ctx: &mut Context<'_>, user: UserId, letters: &str) {
    let (mut on, mut unknown, mut lays_down, mut changes) = (true, false, false, Vec::new());
    for letter in letters.chars() {
        match (letter, UserMode::from_letter(letter)) {
            ('+' | '-', _) => on = letter == '+',
            // It cannot be taken by asking, but laid down; laying down what one has not is no error.
            (_, Some(UserMode::Operator)) => lays_down |= !on,
            (_, Some(mode)) => changes.push((mode, on)),
            (_, None) => unknown = true,
        }
    }
    if unknown {
        ctx.numeric(numeric::ERR_UMODEUNKNOWNFLAG, &[], "There is no such mode");
    }
    if lays_down && ctx.user().is_ok_and(|user| user.powers.is_some()) {
        ctx.note(Deed::Ended);
        ctx.propose(Event::SetPowers { user, powers: None });
    }
    if !changes.is_empty() {
        ctx.propose(Event::SetUserModes { user, changes });
    }
}

fn show_modes(ctx: &mut Context<'_>, id: ChannelId) {
    let Some(channel) = ctx.core.state.channel(id) else { return };
    let name = channel.name.to_string();
    let inside = ctx.session.user.is_some_and(|user| channel.members.contains_key(&user));
    let mut letters = String::from("+");
    let mut params = Vec::new();
    letters.extend(Flag::ALL.iter().filter(|flag| channel.modes.flag(**flag)).map(|flag| flag.letter()));
    if let Some(forward) = channel.modes.forward.and_then(|id| ctx.core.state.channel(id)) {
        letters.push('f');
        params.push(forward.name.to_string());
    }
    if let Some(key) = &channel.modes.key {
        letters.push('k');
        params.push(if inside { key.clone() } else { "*".into() });
    }
    if let Some(limit) = channel.modes.limit {
        letters.push('l');
        params.push(limit.to_string());
    }
    let created = channel.created.seconds().to_string();
    let mut all = vec![name.as_str(), &letters];
    all.extend(params.iter().map(String::as_str));
    ctx.numeric_bare(numeric::RPL_CHANNELMODEIS, &all);
    ctx.numeric_bare(numeric::RPL_CREATIONTIME, &[&name, &created]);
}

fn change(ctx: &mut Context<'_>, id: ChannelId, letters: &str, params: &[&str]) {
    let Some(by) = ctx.session.user else { return };
    let mut params = params.iter().copied();
    let mut changes = Vec::new();
    let mut on = true;
    for letter in letters.chars() {
        if letter == '+' || letter == '-' {
            on = letter == '+';
            continue;
        }
        if changes.len() >= MAX_MODES {
            break;
        }
        changes.extend(read(ctx, id, on, letter, &mut params));
    }
    if !changes.is_empty() {
        ctx.propose(Event::SetModes { by, channel: id, changes });
    }
}

/// The change that a letter with its parameter means. Says what is wrong with it, or what was asked for, if it is none.
fn read<'a>(
    ctx: &mut Context<'_>,
    id: ChannelId,
    on: bool,
    letter: char,
    params: &mut impl Iterator<Item = &'a str>,
) -> Option<ModeChange> {
    if let Some(flag) = Flag::ALL.iter().find(|flag| flag.letter() == letter) {
        return Some(ModeChange::Flag(*flag, on));
    }
    if let Some(list) = MaskList::ALL.iter().find(|list| list.letter() == letter) {
        return match params.next().filter(|mask| !mask.is_empty()) {
            Some(mask) => Some(ModeChange::Mask(*list, on, whole_mask(mask))),
            None => {
                show_list(ctx, id, *list);
                None
            }
        };
    }
    if let Some(role) = Role::ALL.iter().find(|role| role.letter() == letter) {
        let nick = needed(ctx, letter, params)?;
        return match ctx.core.state.user_by_nick(nick) {
            Some(user) => Some(ModeChange::Role(*role, on, user.id)),
            None => {
                ctx.refuse(&Refusal::NoSuchNick(nick.to_owned()));
                None
            }
        };
    }
    match letter {
        'k' if on => {
            let key = needed(ctx, letter, params)?;
            let fits = !key.is_empty() && key.len() <= MAX_KEY_BYTES && !key.contains([',', ' ', ':']);
            if !fits {
                let channel = channel_name(ctx, id);
                // What was meant for a key is not shown again.
                ctx.numeric(numeric::ERR_INVALIDMODEPARAM, &[&channel, "k", "*"], "That is no key");
                return None;
            }
            Some(ModeChange::Key(Some(key.to_owned())))
        }
        'k' => {
            // The key is given again by habit, and not needed.
            let _ = params.next();
            Some(ModeChange::Key(None))
        }
        'f' if on => {
            let name = needed(ctx, letter, params)?;
            match ctx.core.state.channel_by_name(name).filter(|target| target.id != id) {
                Some(target) => Some(ModeChange::Forward(Some(target.id))),
                None => {
                    let channel = channel_name(ctx, id);
                    ctx.numeric(
                        numeric::ERR_INVALIDMODEPARAM,
                        &[&channel, "f", name],
                        "There is no such channel",
                    );
                    None
                }
            }
        }
        'f' => Some(ModeChange::Forward(None)),
        'l' if on => {
            let text = needed(ctx, letter, params)?;
            match text.parse::<u32>().ok().filter(|limit| *limit > 0) {
                Some(limit) => Some(ModeChange::Limit(Some(limit))),
                None => {
                    let channel = channel_name(ctx, id);
                    let text = if text.is_empty() { "*" } else { text };
                    ctx.numeric(numeric::ERR_INVALIDMODEPARAM, &[&channel, "l", text], "That is no number");
                    None
                }
            }
        }
        'l' => Some(ModeChange::Limit(None)),
        _ => {
            ctx.numeric(
                numeric::ERR_UNKNOWNMODE,
                &[&letter.to_string()],
                "is a mode that this server does not know",
            );
            None
        }
    }
}

fn needed<'a>(
    ctx: &mut Context<'_>,
    letter: char,
    params: &mut impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let param = params.next();
    if param.is_none() {
        let text = format!("Mode {letter} needs a parameter");
        ctx.numeric(numeric::ERR_NEEDMOREPARAMS, &["MODE"], &text);
    }
    param
}

fn channel_name(ctx: &Context<'_>, id: ChannelId) -> String {
    ctx.core.state.channel(id).map_or_else(|| "*".into(), |channel| channel.name.to_string())
}

/// A mask with all of its three parts: `john` is `john!*@*`, `@host` is `*!*@host`. What stands before it stays.
pub(super) fn whole_mask(mask: &str) -> String {
    let mask = super::cut(mask, MAX_MASK_BYTES);
    if let Some(rest) = mask.strip_prefix(MUTE) {
        return format!("{MUTE}{}", whole_mask(rest));
    }
    if mask.starts_with(ACCOUNT) {
        return mask.to_owned();
    }
    let (nick, rest) = match mask.split_once('!') {
        Some((nick, rest)) => (nick, rest),
        None if mask.contains('@') => ("", mask),
        None => (mask, ""),
    };
    let (user, host) = rest.split_once('@').unwrap_or((rest, ""));
    let star = |part: &str| if part.is_empty() { "*".to_owned() } else { part.to_owned() };
    format!("{}!{}@{}", star(nick), star(user), star(host))
}

fn show_list(ctx: &mut Context<'_>, id: ChannelId, list: MaskList) {
    let Some(channel) = ctx.core.state.channel(id) else { return };
    let name = channel.name.to_string();
    let inside = ctx.session.user.is_some_and(|user| channel.members.contains_key(&user));
    let entries =
        if inside || !channel.modes.secret { channel.modes.list(list).to_vec() } else { Vec::new() };
    let (entry_code, end_code) = match list {
        MaskList::Bans => (numeric::RPL_BANLIST, numeric::RPL_ENDOFBANLIST),
        MaskList::BanExceptions => (numeric::RPL_EXCEPTLIST, numeric::RPL_ENDOFEXCEPTLIST),
        MaskList::InviteExceptions => (numeric::RPL_INVEXLIST, numeric::RPL_ENDOFINVEXLIST),
    };
    for entry in entries {
        let at = (entry.at / 1000).to_string();
        ctx.numeric_bare(entry_code, &[&name, &entry.mask, &entry.setter, &at]);
    }
    ctx.numeric(end_code, &[&name], "End of list");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_is_made_whole() {
        for (given, whole) in [
            ("john", "john!*@*"),
            ("@10.0.0.1", "*!*@10.0.0.1"),
            ("j*@h", "*!j*@h"),
            ("a!b", "a!b@*"),
            ("a!b@c", "a!b@c"),
            ("*!*@*", "*!*@*"),
            ("m:john", "m:john!*@*"),
            ("a:john", "a:john"),
            ("m:a:john", "m:a:john"),
        ] {
            assert_eq!(whole_mask(given), whole, "{given}");
        }
    }
}
