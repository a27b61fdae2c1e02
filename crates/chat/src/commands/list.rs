//! LIST: which channels there are (Modern IRC, "LIST message", "ELIST").

use irc::{CaseMapping, Message, Timestamp, mask_matches, numeric};

use super::{Command, targets};
use crate::Context;
use crate::state::Channel;

pub(super) const COMMAND: Command = Command { name: "LIST", params: 0, early: false, run };

/// One condition of those that ELIST tells of.
enum Condition {
    /// `M` and `N`: the name matches a mask, or does not.
    Name { mask: String, matches: bool },
    /// `U`: more members than, or fewer.
    Members { count: usize, more: bool },
    /// `C`: made longer ago than so many minutes, or less long.
    Created { minutes: u64, longer: bool },
    /// `T`: the topic set longer ago than so many minutes, or less long.
    Topic { minutes: u64, longer: bool },
}

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(user) = ctx.session.user else { return };
    let (state, now) = (&ctx.core.state, ctx.core.now);
    let visible = |channel: &&Channel| !channel.modes.secret || channel.members.contains_key(&user);
    let asked = message.param(0).unwrap_or_default();
    let named: Vec<&str> =
        targets(asked).filter(|name| name.starts_with('#') && !name.contains(['*', '?'])).collect();
    let conditions: Vec<Condition> =
        asked.split(',').filter(|part| !named.contains(part)).filter_map(Condition::read).collect();
    let channels: Vec<&Channel> = if named.is_empty() {
        // A channel that nobody is in is there for those who know it, and not an offer.
        let offered = state.channels().filter(visible).filter(|channel| !channel.members.is_empty());
        offered.filter(|channel| conditions.iter().all(|condition| condition.holds(channel, now))).collect()
    } else {
        named.iter().filter_map(|name| state.channel_by_name(name)).filter(visible).collect()
    };
    let rows: Vec<_> = channels
        .iter()
        .map(|channel| {
            let topic = channel.topic.as_ref().map(|topic| topic.text.to_string()).unwrap_or_default();
            (channel.name.to_string(), channel.members.len().to_string(), topic)
        })
        .collect();
    ctx.numeric(numeric::RPL_LISTSTART, &["Channel"], "Users  Name");
    for (name, members, topic) in rows {
        ctx.numeric(numeric::RPL_LIST, &[&name, &members], &topic);
    }
    ctx.numeric(numeric::RPL_LISTEND, &[], "End of /LIST");
}

impl Condition {
    /// Reads one; what is none is passed over, as everywhere.
    fn read(text: &str) -> Option<Self> {
        let minutes = |rest: &str| rest.get(1..).and_then(|number| number.parse().ok());
        match text.chars().next()? {
            '<' => Some(Self::Members { count: text[1..].parse().ok()?, more: false }),
            '>' => Some(Self::Members { count: text[1..].parse().ok()?, more: true }),
            // `C>60` asks for those made more than an hour ago, `C<60` for those made within the hour.
            'C' | 'c' => {
                Some(Self::Created { minutes: minutes(&text[1..])?, longer: text[1..].starts_with('>') })
            }
            'T' | 't' => {
                Some(Self::Topic { minutes: minutes(&text[1..])?, longer: text[1..].starts_with('>') })
            }
            '!' => Some(Self::Name { mask: CaseMapping::Ascii.fold(&text[1..]), matches: false }),
            _ => Some(Self::Name { mask: CaseMapping::Ascii.fold(text), matches: true }),
        }
    }

    fn holds(&self, channel: &Channel, now: Timestamp) -> bool {
        let age = |since: Timestamp, minutes: u64, longer: bool| {
            (now.millis_since(since) / 60_000 > minutes) == longer
        };
        match self {
            Self::Name { mask, matches } => mask_matches(mask, &channel.name.folded()) == *matches,
            Self::Members { count, more: true } => channel.members.len() > *count,
            Self::Members { count, more: false } => channel.members.len() < *count,
            Self::Created { minutes, longer } => age(channel.created, *minutes, *longer),
            Self::Topic { minutes, longer } => {
                channel.topic.as_ref().is_some_and(|topic| age(topic.at, *minutes, *longer))
            }
        }
    }
}
