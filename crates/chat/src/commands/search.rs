//! SEARCH: finding what was said (ircv3.net/specs/extensions/search, IRCv3 pull request 496; soju.im/search).

use irc::{Capability, CaseMapping, Message, Tags, Timestamp};

use super::{Command, chathistory};
use crate::gateway::Asked;
use crate::log::{Answer, Conversation, Query, Words};
use crate::{Context, Seq};

pub(super) const COMMAND: Command = Command { name: "SEARCH", params: 0, early: false, run };

/// How many messages come back if no limit is given.
const DEFAULT_LIMIT: usize = 50;
/// The most words in one search.
const MOST_WORDS: usize = 32;
/// How many conversations with others are searched at most, when none is named.
const MOST_PAIRS: usize = 10_000;

/// What is looked for, without where.
#[derive(Debug)]
pub(crate) struct Request {
    words: Words,
    sender: Option<String>,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
    limit: usize,
}

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let attributes = Tags::from_raw(message.param(0).unwrap_or_default());
    let request = match read(ctx, attributes) {
        Ok(request) => request,
        Err((attribute, why)) => {
            ctx.fail("SEARCH", "INVALID_PARAMS", &[&attribute], why);
            return;
        }
    };
    if let Some(name) = attributes.get("in") {
        match chathistory::conversation(ctx, &name) {
            Ok(readable) => search(ctx, request, vec![readable]),
            Err(_) => {
                ctx.fail("SEARCH", "INVALID_PARAMS", &["in"], "There is nothing there that you may read")
            }
        }
        return;
    }
    // With whom somebody has talked is known to history alone.
    let Ok(user) = ctx.user() else { return };
    let query = Query::Targets {
        person: user.person(),
        channels: Vec::new(),
        after: Timestamp(0),
        before: ctx.core.now.plus_millis(1),
        limit: MOST_PAIRS,
    };
    ctx.ask(query, Asked::Pairs(request));
}

/// Goes on with the conversations that somebody has had with others.
pub(crate) fn pairs_known(ctx: &mut Context<'_>, request: Request, answer: Answer) {
    let Answer::Targets(pairs) = answer else {
        failed(ctx);
        return;
    };
    // The channels are those of now: somebody may have been removed while history answered.
    let channels = ctx.readable_channels().into_iter();
    let channels = channels.map(|(channel, from)| (Conversation::Channel(channel), from));
    let within = channels.chain(pairs.into_iter().map(|(pair, _)| (pair, Seq::default()))).collect();
    search(ctx, request, within);
}

fn search(ctx: &mut Context<'_>, request: Request, within: Vec<(Conversation, Seq)>) {
    let Request { words, sender, after, before, limit } = request;
    ctx.ask(Query::Search { within, words, sender, after, before, limit }, Asked::Search);
}

/// Tells what was found.
pub(crate) fn found(ctx: &mut Context<'_>, answer: Answer) {
    let Answer::Rows(mut rows) = answer else {
        failed(ctx);
        return;
    };
    // The newest were looked for first; within the answer the specification wants the oldest first.
    rows.reverse();
    let soju = ctx.has(Capability::SojuSearch) && !ctx.has(Capability::Search);
    ctx.show_found(if soju { Capability::SojuSearch.name() } else { "search" }, rows);
}

fn failed(ctx: &mut Context<'_>) {
    ctx.fail("SEARCH", "INTERNAL_ERROR", &[], "The search could not be run");
}

/// Reads the attributes, or says which one is wrong and why.
fn read(ctx: &Context<'_>, attributes: Tags<'_>) -> Result<Request, (String, &'static str)> {
    let known = ["after", "before", "from", "in", "limit", "text"];
    if attributes.iter_raw().next().is_none() {
        return Err(("*".into(), "Say what to look for: text=…, from=…, in=…, after=…, before=…, limit=…"));
    }
    if let Some((unknown, _)) = attributes.iter_raw().find(|(key, _)| !known.contains(key)) {
        return Err((unknown.chars().take(32).collect(), "There is no such attribute"));
    }
    let time = |key: &str| {
        let Some(text) = attributes.get(key) else { return Ok(None) };
        let text = text.strip_prefix("timestamp=").unwrap_or(&text).to_owned();
        let wrong = (key.to_owned(), "A time is written YYYY-MM-DDThh:mm:ss.sssZ");
        Timestamp::parse(&text).map(Some).ok_or(wrong)
    };
    let limit = match attributes.get("limit") {
        None => DEFAULT_LIMIT,
        Some(text) => {
            let limit = text.parse().ok().filter(|limit| *limit > 0);
            limit.ok_or_else(|| ("limit".to_owned(), "The limit is a number from 1 on"))?
        }
    };
    let words = words(&attributes.get("text").unwrap_or_default());
    if words.phrases.len() + words.prefixes.len() > MOST_WORDS {
        return Err(("text".into(), "These are too many words"));
    }
    Ok(Request {
        words,
        sender: attributes.get("from").map(|nick| CaseMapping::Ascii.fold(&nick)),
        // Both times are part of what is looked for, while history takes bounds to be outside.
        after: time("after")?.and_then(|time| time.0.checked_sub(1)).map(Timestamp),
        before: time("before")?.map(|time| time.plus_millis(1)),
        limit: limit.min(ctx.core.config.max_history),
    })
}

/// What a person typed: words, phrases in quotes, and beginnings of words, which end in a star.
fn words(text: &str) -> Words {
    let mut words = Words::default();
    for (i, part) in text.split('"').enumerate() {
        if i % 2 == 1 {
            words.phrases.push(part.trim().to_owned());
            continue;
        }
        for word in part.split_whitespace() {
            match word.strip_suffix('*') {
                Some(prefix) => words.prefixes.push(prefix.trim_end_matches('*').to_owned()),
                None => words.phrases.push(word.to_owned()),
            }
        }
    }
    // What holds no letter and no digit is no word, and would be found nowhere.
    let worded = |text: &String| text.contains(char::is_alphanumeric);
    words.phrases.retain(worded);
    words.prefixes.retain(worded);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_make_phrases_and_stars_beginnings() {
        for (text, phrases, prefixes) in [
            ("hello", &["hello"][..], &[][..]),
            ("hello  there", &["hello", "there"], &[]),
            ("\"hello there\" you", &["hello there", "you"], &[]),
            ("hel* there", &["there"], &["hel"]),
            ("\"open end", &["open end"], &[]),
            ("* - \"\" **", &[], &[]),
        ] {
            let words = words(text);
            assert_eq!((words.phrases, words.prefixes), (to_vec(phrases), to_vec(prefixes)), "{text}");
        }
    }

    fn to_vec(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }
}
