//! WHO: who is in a channel, or whose name matches; and WHOX, which says what is wanted of each (Modern IRC, "WHO message"; ircv3.net/specs/extensions/whox).

use irc::{Capability, CaseMapping, Message, mask_matches, numeric};

use super::Command;
use crate::state::{Channel, User};
use crate::user_modes::UserMode;
use crate::{Context, UserId};

pub(super) const COMMAND: Command = Command { name: "WHO", params: 0, early: false, run };

/// What is wanted of each: letters, and a token that comes back.
struct Wanted<'a> {
    fields: &'a str,
    token: &'a str,
}

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(asker) = ctx.session.user else { return };
    let mask = message.param(0).unwrap_or("*");
    let wanted = message.param(1).and_then(|options| options.split_once('%')).map(|(_, rest)| {
        let (fields, token) = rest.split_once(',').unwrap_or((rest, "0"));
        Wanted { fields, token }
    });
    let state = &ctx.core.state;
    let sees_all = ctx.sees_all();
    let mut found: Vec<(&User, Option<&Channel>)> = Vec::new();
    if mask.starts_with('#') {
        if let Some(channel) = state.channel_by_name(mask)
            && (!channel.modes.secret || sees_all || channel.members.contains_key(&asker))
        {
            let shown = |id: &&UserId| channel.shows(**id, Some(asker)) || **id == asker || sees_all;
            let members = channel.members.keys().filter(shown).filter_map(|id| state.user(*id));
            found.extend(members.map(|user| (user, Some(channel))));
        }
    } else if let Some(user) = state.user_by_nick(mask) {
        found.push((user, None));
    } else {
        let folded = CaseMapping::Ascii.fold(mask);
        let asking = state.user(asker).map(|user| user.channels.clone()).unwrap_or_default();
        let matching = state.users().filter(|user| {
            // Who does not want to be found is found by those who share a channel.
            !user.modes.has(UserMode::Invisible)
                || sees_all
                || user.id == asker
                || !user.channels.is_disjoint(&asking)
        });
        let matching = matching.filter(|user| {
            mask_matches(&folded, &user.nick.folded())
                || mask_matches(&folded, &CaseMapping::Ascii.fold(&user.host))
        });
        found.extend(matching.map(|user| (user, None)));
    }
    // `WHO mask o` asks for operators of the server alone.
    if message.param(1) == Some("o") {
        found.retain(|(user, _)| user.powers.is_some());
    }
    let rows: Vec<_> = found
        .into_iter()
        .map(|(user, channel)| match &wanted {
            None => (numeric::RPL_WHOREPLY, row(ctx, user, channel)),
            Some(wanted) => (numeric::RPL_WHOSPCRPL, special_row(ctx, user, channel, wanted)),
        })
        .collect();
    for (code, (params, text)) in rows {
        let params: Vec<&str> = params.iter().map(String::as_str).collect();
        match text {
            Some(text) => ctx.numeric(code, &params, &text),
            None => ctx.numeric_bare(code, &params),
        }
    }
    ctx.numeric(numeric::RPL_ENDOFWHO, &[mask], "End of WHO list");
}

type Row = (Vec<String>, Option<String>);

fn row(ctx: &Context<'_>, user: &User, channel: Option<&Channel>) -> Row {
    let params = vec![
        channel_name(channel),
        user.username.clone(),
        user.host.to_string(),
        ctx.core.config.server_name.clone(),
        user.nick.to_string(),
        flags(ctx, user, channel),
    ];
    (params, Some(format!("0 {}", user.realname)))
}

/// The fields come in the order of the specification, whatever the order in which they were asked for.
fn special_row(ctx: &Context<'_>, user: &User, channel: Option<&Channel>, wanted: &Wanted<'_>) -> Row {
    let mut params = Vec::new();
    for field in "tcuihsnfdlao".chars().filter(|field| wanted.fields.contains(*field)) {
        params.push(match field {
            't' => wanted.token.to_owned(),
            'c' => channel_name(channel),
            'u' => user.username.clone(),
            // The address is what the host shows, and no more.
            'i' | 'h' => user.host.to_string(),
            's' => ctx.core.config.server_name.clone(),
            'n' => user.nick.to_string(),
            'f' => flags(ctx, user, channel),
            'd' => "0".into(),
            'l' => idle_seconds(ctx, user).to_string(),
            'a' => user.account.as_deref().unwrap_or("0").to_owned(),
            _ => "n/a".into(),
        });
    }
    (params, wanted.fields.contains('r').then(|| user.realname.to_string()))
}

fn channel_name(channel: Option<&Channel>) -> String {
    channel.map_or_else(|| "*".into(), |channel| channel.name.to_string())
}

fn flags(ctx: &Context<'_>, user: &User, channel: Option<&Channel>) -> String {
    let here = if user.away.is_some() { "G" } else { "H" };
    let operator = if user.powers.is_some() { "*" } else { "" };
    let roles = channel.and_then(|channel| channel.members.get(&user.id));
    let prefixes = roles.map(|roles| roles.prefixes(ctx.has(Capability::MultiPrefix)));
    let bot = if user.modes.has(UserMode::Bot) { "B" } else { "" };
    format!("{here}{operator}{}{bot}", prefixes.unwrap_or_default())
}

fn idle_seconds(ctx: &Context<'_>, user: &User) -> u64 {
    let sessions = ctx.core.sessions_of(user.id).iter();
    let said = sessions.filter_map(|id| {
        if *id == ctx.session.id {
            Some(ctx.session.last_said)
        } else {
            ctx.core.session(*id).map(|s| s.last_said)
        }
    });
    ctx.core.now.millis_since(said.max().unwrap_or(user.since)) / 1000
}
