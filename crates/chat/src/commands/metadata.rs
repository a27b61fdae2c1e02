//! METADATA: what people tell of themselves, and operators of their channels (ircv3.net/specs/extensions/metadata). The second draft and the third differ
//! in the codes of what fails, and in how news is told, which the gateway knows.

use std::sync::Arc;

use irc::{Message, numeric};

use super::Command;
use crate::event::Event;
use crate::gateway::{Entry, NO_KEY, Scope, is_newer_form, key_lines, no_key};
use crate::metadata::{MetadataKey, MetadataTarget};
use crate::{Config, Context, Refusal, UserId};

pub(super) const COMMAND: Command = Command { name: "METADATA", params: 0, early: true, run };

/// The keys that WHOIS tells: those that a person reads.
pub(super) const TOLD_BY_WHOIS: [&str; 5] = ["display-name", "homepage", "location", "pronouns", "status"];

/// What `CAP LS` tells of it.
pub(super) fn capability_value(config: &Config) -> String {
    let limits = &config.metadata;
    format!(
        "before-connect,max-subs={},max-keys={},max-key-bytes={},max-value-bytes={}",
        limits.subscriptions,
        limits.keys,
        MetadataKey::MAX_BYTES,
        limits.value_bytes
    )
}

/// Of what a command is.
#[derive(Clone, Copy)]
enum About {
    /// Whoever sends it, before signing in.
    OneselfEarly,
    /// Somebody or something that is here.
    Target(MetadataTarget),
    /// `*ALL`: everything that one sees.
    All,
}

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    if ctx.session.user.is_none() && !ctx.knows_metadata() {
        return ctx.numeric(numeric::ERR_NOTREGISTERED, &[], "You have not registered");
    }
    let subcommand = message.param(1).unwrap_or_default().to_ascii_uppercase();
    let name = message.param(0).unwrap_or_default();
    let rest = message.params().get(2..).unwrap_or_default();
    let needed = match subcommand.as_str() {
        "GET" | "SET" | "SUB" | "UNSUB" => 1,
        "LIST" | "CLEAR" | "SUBS" | "SYNC" => 0,
        _ => return refuse_subcommand(ctx, message.param(1)),
    };
    if rest.len() < needed {
        return refuse_short(ctx, &subcommand);
    }
    let Some(about) = find(ctx, name).filter(|about| fits(ctx, *about, &subcommand)) else {
        let text = "There is nobody and nothing of that name to tell of";
        return ctx.fail("METADATA", "INVALID_TARGET", &[name], text);
    };
    match subcommand.as_str() {
        "GET" => get(ctx, about, rest),
        "LIST" => list(ctx, about),
        "SET" => set(ctx, about, rest[0], rest.get(1).copied()),
        "CLEAR" => clear(ctx, about),
        "SUB" => subscribe(ctx, rest),
        "UNSUB" => unsubscribe(ctx, rest),
        "SUBS" => subscriptions(ctx),
        _ => sync(ctx, about),
    }
}

fn refuse_subcommand(ctx: &mut Context<'_>, asked: Option<&str>) {
    let asked = asked.filter(|asked| !asked.is_empty() && !asked.contains([' ', ':'])).unwrap_or("*");
    let code = if is_newer_form(&ctx.session) { "INVALID_PARAMS" } else { "SUBCOMMAND_INVALID" };
    ctx.fail("METADATA", code, &[asked], "There is no such subcommand");
}

fn refuse_short(ctx: &mut Context<'_>, subcommand: &str) {
    if is_newer_form(&ctx.session) {
        ctx.fail("METADATA", "INVALID_PARAMS", &[subcommand], "Not enough parameters");
    } else {
        ctx.numeric(numeric::ERR_NEEDMOREPARAMS, &["METADATA"], "Not enough parameters");
    }
}

/// Whom or what a name means, as far as whoever asks may know of it.
fn find(ctx: &Context<'_>, name: &str) -> Option<About> {
    let state = &ctx.core.state;
    let Some(own) = ctx.session.user else { return (name == "*").then_some(About::OneselfEarly) };
    match name {
        "*" => Some(About::Target(MetadataTarget::User(own))),
        "*ALL" => Some(About::All),
        name if name.starts_with('#') => {
            let channel = state.channel_by_name(name)?;
            let visible = state.may_read_metadata(own, channel) || ctx.sees_all();
            visible.then_some(About::Target(MetadataTarget::Channel(channel.id)))
        }
        name => state.user_by_nick(name).map(|user| About::Target(MetadataTarget::User(user.id))),
    }
}

/// Whether a subcommand can be about that.
fn fits(ctx: &Context<'_>, about: About, subcommand: &str) -> bool {
    let own = |user: UserId| ctx.session.user == Some(user);
    match (subcommand, about) {
        ("SUB" | "UNSUB" | "SUBS", About::Target(MetadataTarget::User(user))) => own(user),
        ("SUB" | "UNSUB" | "SUBS", about) => matches!(about, About::OneselfEarly),
        // It tells of all who are in it.
        ("SYNC", About::Target(MetadataTarget::Channel(id))) => {
            ctx.user().is_ok_and(|user| user.channels.contains(&id))
        }
        ("SYNC", about) => !matches!(about, About::OneselfEarly),
        (_, about) => !matches!(about, About::All),
    }
}

/// What a target is called in answers.
fn name_of(ctx: &Context<'_>, about: About) -> Arc<str> {
    match about {
        About::Target(target) => ctx.core.target_name(target).unwrap_or_else(|| "*".into()),
        About::OneselfEarly => "*".into(),
        About::All => "*ALL".into(),
    }
}

fn value_of(ctx: &Context<'_>, about: About, key: &MetadataKey) -> Option<Arc<str>> {
    let known = match about {
        About::Target(target) => ctx.core.state.metadata(target)?,
        _ => &ctx.session.introduction.metadata,
    };
    known.get(key).cloned()
}

fn get(ctx: &mut Context<'_>, about: About, asked: &[&str]) {
    let name = name_of(ctx, about);
    let entry = |text: &&str| match MetadataKey::new(text) {
        Some(key) => {
            let value = value_of(ctx, about, &key);
            Entry::Value(Arc::clone(&name), key, value)
        }
        None => Entry::NoKey((*text).to_owned()),
    };
    let entries: Vec<Entry> = asked.iter().map(entry).collect();
    ctx.metadata_batch("metadata", Some(&name), &entries);
}

fn list(ctx: &mut Context<'_>, about: About) {
    let name = name_of(ctx, about);
    let known = match about {
        About::Target(target) => ctx.core.state.metadata(target),
        _ => Some(&ctx.session.introduction.metadata),
    };
    let entry = |(key, value): (&MetadataKey, &Arc<str>)| {
        Entry::Value(Arc::clone(&name), key.clone(), Some(Arc::clone(value)))
    };
    let entries: Vec<Entry> = known.into_iter().flatten().map(entry).collect();
    ctx.metadata_batch("metadata", Some(&name), &entries);
}

fn set(ctx: &mut Context<'_>, about: About, text: &str, value: Option<&str>) {
    let newer = is_newer_form(&ctx.session);
    let Some(key) = MetadataKey::new(text) else {
        let (_, code) = no_key(newer);
        return ctx.fail("METADATA", code, &[text], NO_KEY);
    };
    let value: Option<Arc<str>> = value.filter(|value| !value.is_empty()).map(Arc::from);
    if let About::Target(target) = about {
        let Some(by) = ctx.session.user else { return };
        if !may_change_now(ctx, about, key.as_str(), 1) {
            return;
        }
        let event = Event::SetMetadata { by, target, key: key.clone(), value };
        if let Err(refusal) = ctx.try_propose(event) {
            refuse(ctx, about, key.as_str(), &refusal);
        }
    } else {
        set_early(ctx, key, value);
    }
}

/// Keeps what is told before signing in until then, within the same limits.
fn set_early(ctx: &mut Context<'_>, key: MetadataKey, value: Option<Arc<str>>) {
    let limits = ctx.core.config.metadata;
    let known = &ctx.session.introduction.metadata;
    let full = known.len() >= limits.keys && !known.contains_key(&key);
    if value.as_ref().is_some_and(|value| value.len() > limits.value_bytes) {
        return refuse(ctx, About::OneselfEarly, key.as_str(), &Refusal::MetadataTooLong);
    } else if value.is_some() && full {
        return refuse(ctx, About::OneselfEarly, key.as_str(), &Refusal::MetadataFull(limits.keys));
    }
    match value.clone() {
        Some(value) => ctx.session.introduction.metadata.insert(key.clone(), value),
        None => ctx.session.introduction.metadata.remove(&key),
    };
    match value {
        Some(value) => ctx.numeric(numeric::RPL_KEYVALUE, &["*", key.as_str(), "*"], &value),
        None => ctx.numeric(numeric::RPL_KEYNOTSET, &["*", key.as_str()], "Key not set"),
    }
}

fn clear(ctx: &mut Context<'_>, about: About) {
    let About::Target(target) = about else {
        ctx.session.introduction.metadata.clear();
        return ctx.metadata_batch("metadata", Some("*"), &[]);
    };
    let Some(by) = ctx.session.user else { return };
    let keys = ctx.core.state.metadata(target).map_or(0, |known| known.len());
    if may_change_now(ctx, about, "*", keys)
        && let Err(refusal) = ctx.try_propose(Event::ClearMetadata { by, target })
    {
        refuse(ctx, about, "*", &refusal);
    }
}

/// Whether there were not too many changes in the last minute. Says so if there were.
fn may_change_now(ctx: &mut Context<'_>, about: About, key: &str, changes: usize) -> bool {
    match ctx.count_changes(changes) {
        Ok(()) => true,
        Err(seconds) => {
            let name = name_of(ctx, about);
            let text = "You change too much; try again later";
            ctx.fail("METADATA", "RATE_LIMITED", &[&name, key, &seconds.to_string()], text);
            false
        }
    }
}

fn refuse(ctx: &mut Context<'_>, about: About, key: &str, refusal: &Refusal) {
    let name = name_of(ctx, about);
    let newer = is_newer_form(&ctx.session);
    let text = refusal.to_string();
    match refusal {
        Refusal::MetadataTooLong if newer => ctx.fail("METADATA", "INVALID_VALUE", &[key], &text),
        Refusal::MetadataTooLong => ctx.fail("METADATA", "VALUE_INVALID", &[], &text),
        Refusal::MetadataFull(most) if newer => {
            ctx.fail("METADATA", "LIMIT_REACHED", &[&name, &most.to_string()], &text);
        }
        Refusal::MetadataFull(_) => ctx.fail("METADATA", "LIMIT_REACHED", &[&name], &text),
        _ => ctx.fail("METADATA", "KEY_NO_PERMISSION", &[&name, key], &text),
    }
}

fn subscribe(ctx: &mut Context<'_>, asked: &[&str]) {
    let newer = is_newer_form(&ctx.session);
    let most = ctx.core.config.metadata.subscriptions;
    let (mut done, mut new, mut bad, mut beyond) = (Vec::new(), Vec::new(), Vec::new(), None);
    for text in asked {
        let Some(key) = MetadataKey::new(text) else {
            bad.push(*text);
            continue;
        };
        let known = ctx.session.metadata.subscriptions.contains(&key);
        if !known && ctx.session.metadata.subscriptions.len() >= most {
            beyond = Some(key);
            break;
        }
        if ctx.subscribe(&key) {
            new.push(key.clone());
        }
        if !done.contains(&key) {
            done.push(key);
        }
    }
    say_keys(ctx, numeric::RPL_METADATASUBOK, &done);
    say_bad(ctx, &bad);
    if let Some(key) = beyond {
        let text = "You want to hear of as many keys as you may";
        match newer {
            true => ctx.fail("METADATA", "LIMIT_REACHED", &[key.as_str(), &most.to_string()], text),
            false => ctx.fail("METADATA", "TOO_MANY_SUBS", &[key.as_str()], text),
        }
    }
    ctx.sync_new_subscriptions(&new);
}

fn unsubscribe(ctx: &mut Context<'_>, asked: &[&str]) {
    let (mut done, mut bad) = (Vec::new(), Vec::new());
    for text in asked {
        match MetadataKey::new(text) {
            Some(key) => {
                ctx.unsubscribe(&key);
                if !done.contains(&key) {
                    done.push(key);
                }
            }
            None => bad.push(*text),
        }
    }
    say_keys(ctx, numeric::RPL_METADATAUNSUBOK, &done);
    say_bad(ctx, &bad);
}

fn say_keys(ctx: &mut Context<'_>, code: u16, keys: &[MetadataKey]) {
    for line in key_lines(keys) {
        let names: Vec<&str> = line.iter().map(MetadataKey::as_str).collect();
        ctx.numeric_bare(code, &names);
    }
}

fn say_bad(ctx: &mut Context<'_>, keys: &[&str]) {
    let (verb, code) = no_key(is_newer_form(&ctx.session));
    for key in keys {
        let key = crate::gateway::as_middle(key);
        ctx.reply(|writer| {
            writer.command(verb).param("METADATA").param(code).param(&key).trailing(NO_KEY).end();
        });
    }
}

fn subscriptions(ctx: &mut Context<'_>) {
    let keys: Vec<MetadataKey> = ctx.session.metadata.subscriptions.iter().cloned().collect();
    if is_newer_form(&ctx.session) {
        let entries: Vec<Entry> = key_lines(&keys).into_iter().map(Entry::Subscriptions).collect();
        ctx.metadata_batch("metadata-subs", None, &entries);
    } else {
        say_keys(ctx, numeric::RPL_METADATASUBS, &keys);
    }
}

fn sync(ctx: &mut Context<'_>, about: About) {
    let name = name_of(ctx, about);
    let scope = match about {
        About::Target(MetadataTarget::User(user)) => Scope::User(user),
        About::Target(MetadataTarget::Channel(channel)) => Scope::Channel(channel),
        _ => Scope::All,
    };
    ctx.sync_metadata(scope, &name);
}
