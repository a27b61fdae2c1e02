//! WHO: who is in a channel, or whose name matches (Modern IRC, "WHO message").

use irc::{Capability, CaseMapping, Message, mask_matches, numeric};

use super::Command;
use crate::Context;
use crate::state::{Channel, User};

pub(super) const COMMAND: Command = Command { name: "WHO", params: 0, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let Some(asker) = ctx.session.user else { return };
    let mask = message.param(0).unwrap_or("*");
    let state = &ctx.core.state;
    let all = ctx.has(Capability::MultiPrefix);
    let mut rows = Vec::new();
    if mask.starts_with('#') {
        if let Some(channel) = state.channel_by_name(mask)
            && (!channel.modes.secret || channel.members.contains_key(&asker))
        {
            let members = channel.members.keys().filter_map(|id| state.user(*id));
            rows.extend(members.map(|user| row(ctx, user, Some(channel), all)));
        }
    } else if let Some(user) = state.user_by_nick(mask) {
        rows.push(row(ctx, user, None, all));
    } else {
        let folded = CaseMapping::Ascii.fold(mask);
        let matching = state.users().filter(|user| mask_matches(&folded, &user.nick.folded()));
        rows.extend(matching.map(|user| row(ctx, user, None, all)));
    }
    for (params, text) in rows {
        let params: Vec<&str> = params.iter().map(String::as_str).collect();
        ctx.numeric(numeric::RPL_WHOREPLY, &params, &text);
    }
    ctx.numeric(numeric::RPL_ENDOFWHO, &[mask], "End of WHO list");
}

fn row(ctx: &Context<'_>, user: &User, channel: Option<&Channel>, all: bool) -> (Vec<String>, String) {
    let here = if user.away.is_some() { "G" } else { "H" };
    let prefixes = channel.and_then(|c| c.members.get(&user.id)).map(|roles| roles.prefixes(all));
    let params = vec![
        channel.map_or_else(|| "*".into(), |channel| channel.name.to_string()),
        user.username.clone(),
        user.host.clone(),
        ctx.core.config.server_name.clone(),
        user.nick.to_string(),
        format!("{here}{}", prefixes.unwrap_or_default()),
    ];
    (params, format!("0 {}", user.realname))
}
