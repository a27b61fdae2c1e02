//! CHANSERV, CS and what is said to ChanServ: channels that belong to accounts. It changes nothing but by the events that do so.

mod settings;

use irc::{CaseMapping, Message, mask_matches};

use super::{Command, services};
use crate::channel_modes::Role;
use crate::event::Event;
use crate::ownership::OwnershipChange;
use crate::state::Channel;
use crate::{AccountId, ChannelId, Context, Refusal, UserId};

pub(super) const CHANSERV: Command = Command { name: "CHANSERV", params: 0, early: false, run };
pub(super) const CS: Command = Command { name: "CS", params: 0, early: false, run };

const HELP: &[&str] = &[
    "REGISTER #channel: makes a channel yours in which you are an operator",
    "INFO #channel: tells of a channel",
    "LIST [mask]: the registered channels",
    "OP, HALFOP, VOICE, ADMIN, OWNER #channel [nickname]: gives a role; with DE before it, takes it",
    "AMODE #channel [+o account | -o account]: what accounts are given when they come in (q a o h v)",
    "SET #channel HISTORY-CUTOFF none|registration-time|join-time|default: from when on members read what was said",
    "SET #channel RETENTION days|default: for how long what was said is kept",
    "GET #channel: tells of these settings",
    "TRANSFER #channel account: gives a channel of yours to somebody else",
    "DROP #channel: makes a channel of yours nobody's",
];

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    obey(ctx, &services::words(message));
}

/// Whether somebody talks to ChanServ: then it hears, and nobody else, and nothing is kept.
pub(super) fn hears(ctx: &mut Context<'_>, target: &str, text: &str) -> bool {
    let words = services::said_to("chanserv", target, text);
    if let Some(words) = &words {
        obey(ctx, words);
    }
    words.is_some()
}

fn obey(ctx: &mut Context<'_>, words: &[&str]) {
    let command = words.first().copied().unwrap_or("HELP").to_ascii_uppercase();
    let result = match (command.as_str(), words.get(1..).unwrap_or_default()) {
        ("REGISTER", [channel, ..]) => register(ctx, channel),
        ("INFO", [channel]) => info(ctx, channel),
        ("LIST", rest) => {
            list(ctx, rest.first().copied().unwrap_or("*"));
            Ok(())
        }
        ("AMODE" | "ACCESS", [channel]) => show_access(ctx, channel),
        ("AMODE", [channel, change, account]) => set_access(ctx, channel, change, account),
        ("SET", [channel, what, value]) => settings::set(ctx, channel, what, value),
        ("GET", [channel, ..]) => settings::get(ctx, channel),
        ("TRANSFER", [channel, account, rest @ ..]) => transfer(ctx, channel, account, rest.first().copied()),
        ("DROP" | "UNREGISTER", [channel, rest @ ..]) => drop(ctx, channel, rest.first().copied()),
        ("HELP", _) => {
            HELP.iter().for_each(|line| ctx.chanserv(line));
            Ok(())
        }
        (command, [channel, rest @ ..]) if role_of(command).is_some() => {
            give(ctx, command, channel, rest.first().copied())
        }
        _ => {
            ctx.chanserv("I do not understand that. Say HELP to hear what I know.");
            Ok(())
        }
    };
    if let Err(refusal) = result {
        ctx.chanserv(&format!("{refusal}."));
    }
}

/// The channel of a name, as far as the client may know of it.
fn channel<'a>(ctx: &'a Context<'_>, name: &str) -> Result<&'a Channel, Refusal> {
    let found = ctx.core.state.channel_by_name(name);
    found.filter(|channel| is_visible(ctx, channel)).ok_or_else(|| Refusal::NoSuchChannel(name.to_owned()))
}

fn is_visible(ctx: &Context<'_>, channel: &Channel) -> bool {
    let is_in = ctx.session.user.is_some_and(|user| channel.members.contains_key(&user));
    let account = ctx.account();
    let has_a_say = account.is_some_and(|account| {
        channel.ownership.as_ref().is_some_and(|ownership| ownership.role_of(account).is_some())
    });
    !channel.modes.secret || is_in || has_a_say || ctx.sees_all()
}

/// Who asks, and the key of the channel that they name.
fn both(ctx: &Context<'_>, name: &str) -> Result<(UserId, ChannelId, String), Refusal> {
    let by = ctx.user()?.id;
    channel(ctx, name).map(|channel| (by, channel.id, channel.name.to_string()))
}

/// The same, if the channel belongs to who asks.
fn owned(ctx: &Context<'_>, name: &str) -> Result<(UserId, ChannelId, String), Refusal> {
    let found = channel(ctx, name)?;
    let name = found.name.to_string();
    match &found.ownership {
        None => Err(Refusal::ChannelNotOwned(name)),
        Some(ownership) if ctx.account() != Some(ownership.founder) => Err(Refusal::FounderNeeded(name)),
        Some(_) => both(ctx, &name),
    }
}

fn register(ctx: &mut Context<'_>, name: &str) -> Result<(), Refusal> {
    let (by, channel, name) = both(ctx, name)?;
    ctx.try_propose(Event::ChangeOwnership { by, channel, change: OwnershipChange::Claimed })?;
    ctx.chanserv(&format!("{name} is yours now."));
    Ok(())
}

fn info(ctx: &mut Context<'_>, name: &str) -> Result<(), Refusal> {
    let channel = channel(ctx, name)?;
    let (name, created) = (&channel.name, channel.created);
    let text = match &channel.ownership {
        Some(ownership) => {
            let since = irc::Timestamp(ownership.since);
            format!("{name} is registered to {} since {since}.", account_name(ctx, ownership.founder))
        }
        None => format!("{name} is there since {created}, and not registered."),
    };
    ctx.chanserv(&text);
    Ok(())
}

fn list(ctx: &mut Context<'_>, mask: &str) {
    let mask = CaseMapping::Ascii.fold(mask);
    let channels = ctx.core.state.channels().filter(|channel| is_visible(ctx, channel));
    let channels = channels.filter(|channel| mask_matches(&mask, &channel.name.folded()));
    let lines: Vec<String> = channels
        .filter_map(|channel| {
            let founder = channel.ownership.as_ref()?.founder;
            Some(format!("{} belongs to {}", channel.name, account_name(ctx, founder)))
        })
        .collect();
    lines.iter().for_each(|line| ctx.chanserv(line));
    ctx.chanserv(&format!("That is {} of them.", lines.len()));
}

fn account_name(ctx: &Context<'_>, id: AccountId) -> String {
    ctx.core.state.account(id).map_or_else(|| "*".into(), |account| account.name.to_string())
}

fn account_of(ctx: &Context<'_>, name: &str) -> Result<AccountId, Refusal> {
    ctx.core.state.account_by_name(name).map(|account| account.id).ok_or(Refusal::NoSuchAccount)
}

fn show_access(ctx: &mut Context<'_>, name: &str) -> Result<(), Refusal> {
    let channel = channel(ctx, name)?;
    let ownership =
        channel.ownership.clone().ok_or_else(|| Refusal::ChannelNotOwned(channel.name.to_string()))?;
    // Who keeps order is told to those who do, and to those who see it anyway.
    let is_in = ctx.session.user.is_some_and(|user| channel.members.contains_key(&user));
    let has_a_say = ctx.account().is_some_and(|account| ownership.role_of(account).is_some());
    if !(is_in || has_a_say || ctx.sees_all()) {
        return Err(Refusal::NotOnChannel(channel.name.to_string()));
    }
    let founder = (ownership.founder, Role::Founder);
    let entries = std::iter::once(founder).chain(ownership.access.clone());
    let lines: Vec<String> =
        entries.map(|(account, role)| format!("+{} {}", role.letter(), account_name(ctx, account))).collect();
    lines.iter().for_each(|line| ctx.chanserv(line));
    ctx.chanserv(&format!("That is {} of them.", lines.len()));
    Ok(())
}

fn set_access(ctx: &mut Context<'_>, name: &str, change: &str, account: &str) -> Result<(), Refusal> {
    let (by, channel, name) = both(ctx, name)?;
    let mut letters = change.chars();
    let (sign, role, rest) = (letters.next(), letters.next().and_then(Role::from_letter), letters.next());
    let (Some(sign @ ('+' | '-')), Some(role), None) = (sign, role, rest) else {
        ctx.chanserv("Say + or -, one of the letters q a o h v, and an account.");
        return Ok(());
    };
    let account = account_of(ctx, account)?;
    let change = OwnershipChange::Access(account, (sign == '+').then_some(role));
    ctx.try_propose(Event::ChangeOwnership { by, channel, change })?;
    let shown = account_name(ctx, account);
    let what = if sign == '+' { format!("now +{}", role.letter()) } else { "nothing any more".to_owned() };
    ctx.chanserv(&format!("{shown} is {what} in {name}."));
    Ok(())
}

/// The role that a command gives or takes, and whether it gives it.
fn role_of(command: &str) -> Option<(Role, bool)> {
    let (name, on) = command.strip_prefix("DE").map_or((command, true), |name| (name, false));
    let role = match name {
        "VOICE" => Role::Voice,
        "HALFOP" => Role::HalfOperator,
        "OP" => Role::Operator,
        "ADMIN" => Role::Admin,
        "OWNER" => Role::Founder,
        _ => return None,
    };
    Some((role, on))
}

fn give(ctx: &mut Context<'_>, command: &str, name: &str, nick: Option<&str>) -> Result<(), Refusal> {
    let Some((role, on)) = role_of(command) else { return Ok(()) };
    let (by, channel, _) = both(ctx, name)?;
    let nick = nick.map_or_else(|| ctx.own_name(), str::to_owned);
    let user = ctx.core.state.user_by_nick(&nick).ok_or(Refusal::NoSuchNick(nick))?.id;
    ctx.try_propose(Event::GiveRole { by, channel, user, role, on })?;
    if !ctx.user()?.channels.contains(&channel) {
        ctx.chanserv("So be it.");
    }
    Ok(())
}

fn transfer(ctx: &mut Context<'_>, name: &str, to: &str, code: Option<&str>) -> Result<(), Refusal> {
    let (by, channel, name) = owned(ctx, name)?;
    let to = account_of(ctx, to)?;
    let shown = account_name(ctx, to);
    if confirmed(ctx, format!("TRANSFER {name} {shown}"), code) {
        let change = OwnershipChange::Given(to);
        ctx.try_propose(Event::ChangeOwnership { by, channel, change })?;
        ctx.chanserv(&format!("{name} belongs to {shown} now."));
    }
    Ok(())
}

fn drop(ctx: &mut Context<'_>, name: &str, code: Option<&str>) -> Result<(), Refusal> {
    let (by, channel, name) = owned(ctx, name)?;
    if confirmed(ctx, format!("DROP {name}"), code) {
        ctx.try_propose(Event::ChangeOwnership { by, channel, change: OwnershipChange::Dropped })?;
        ctx.chanserv(&format!("{name} belongs to nobody now. What was said there stays."));
    }
    Ok(())
}

/// Whether the client has said something once more, with the code that it was told the first time. If not, tells it one.
fn confirmed(ctx: &mut Context<'_>, what: String, code: Option<&str>) -> bool {
    let Some(drawn) = services::code_to_confirm(ctx, &what, code) else { return true };
    ctx.chanserv(&format!("If that is what you want, say: {what} {drawn}"));
    false
}
