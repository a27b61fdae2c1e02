//! WHOIS: all that is told of one person (Modern IRC, "WHOIS message").

use irc::{Capability, Message, numeric};

use super::metadata::TOLD_BY_WHOIS;
use super::{Command, targets};
use crate::gateway::address;
use crate::metadata::MetadataTarget;
use crate::user_modes::UserMode;
use crate::{Context, Refusal};

pub(super) const COMMAND: Command = Command { name: "WHOIS", params: 0, early: false, run };

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    // `WHOIS server nick` asks the server that the person is on; there is one.
    let asked = message.param(1).or(message.param(0)).and_then(|list| targets(list).next());
    let Some(asked) = asked else {
        ctx.numeric(numeric::ERR_NONICKNAMEGIVEN, &[], "No nickname given");
        return;
    };
    match ctx.core.state.user_by_nick(asked).map(|user| user.id) {
        Some(id) => show(ctx, id),
        None => ctx.refuse(&Refusal::NoSuchNick(asked.to_owned())),
    }
    ctx.numeric(numeric::RPL_ENDOFWHOIS, &[asked], "End of /WHOIS list");
}

fn show(ctx: &mut Context<'_>, id: crate::UserId) {
    let Some(user) = ctx.core.state.user(id).cloned() else { return };
    let nick = user.nick.to_string();
    ctx.numeric(numeric::RPL_WHOISUSER, &[&nick, &user.username, &user.host, "*"], &user.realname);
    let channels = shared_or_open_channels(ctx, &user);
    if !channels.is_empty() {
        ctx.numeric(numeric::RPL_WHOISCHANNELS, &[&nick], &channels);
    }
    let (server, network) = (ctx.core.config.server_name.clone(), ctx.core.config.network.clone());
    ctx.numeric(numeric::RPL_WHOISSERVER, &[&nick, &server], &network);
    if user.powers.is_some() {
        ctx.numeric(numeric::RPL_WHOISOPERATOR, &[&nick], "is an operator of the server");
    }
    let may_see = ctx.session.user == Some(id) || ctx.sees_all();
    let (mut addresses, mut gateways) = (Vec::new(), Vec::new());
    if let Some(away) = &user.away {
        ctx.numeric(numeric::RPL_AWAY, &[&nick], away);
    }
    if let Some(account) = &user.account {
        ctx.numeric(numeric::RPL_WHOISACCOUNT, &[&nick, account], "is logged in as");
    }
    tell_metadata(ctx, &user);
    if user.modes.has(UserMode::Bot) {
        ctx.numeric(numeric::RPL_WHOISBOT, &[&nick], "is a bot");
    }
    let (mut encrypted, mut said) = (!ctx.core.sessions_of(id).is_empty(), user.since);
    for session in ctx.core.sessions_of(id) {
        let session =
            if *session == ctx.session.id { Some(&*ctx.session) } else { ctx.core.session(*session) };
        if let Some(session) = session {
            addresses.push(address(session.peer.ip()));
            gateways.extend(session.gateway.clone());
            encrypted &= session.peer.encrypted;
            said = said.max(session.last_said);
        }
    }
    addresses.sort();
    addresses.dedup();
    for from in addresses.iter().filter(|_| may_see) {
        let text = format!("is connecting from {}@{from} {from}", user.username);
        ctx.numeric(numeric::RPL_WHOISHOST, &[&nick], &text);
        let host = format!("{}@{from}", user.username);
        ctx.numeric(numeric::RPL_WHOISACTUALLY, &[&nick, &host, from], "Actual user@host, Actual IP");
    }
    for gateway in gateways.iter().filter(|_| may_see) {
        ctx.numeric(numeric::RPL_WHOISSPECIAL, &[&nick], &format!("connects through the gateway {gateway}"));
    }
    if encrypted {
        ctx.numeric(numeric::RPL_WHOISSECURE, &[&nick], "is using a secure connection");
    }
    let idle = (ctx.core.now.millis_since(said) / 1000).to_string();
    let since = user.since.seconds().to_string();
    ctx.numeric(numeric::RPL_WHOISIDLE, &[&nick, &idle, &since], "seconds idle, signon time");
}

/// What the person tells of themselves, to those whose clients know what that is.
fn tell_metadata(ctx: &mut Context<'_>, user: &crate::state::User) {
    if !ctx.knows_metadata() {
        return;
    }
    let known = ctx.core.state.metadata(MetadataTarget::User(user.id)).cloned().unwrap_or_default();
    for (key, value) in known.iter().filter(|(key, _)| TOLD_BY_WHOIS.contains(&key.as_str())) {
        ctx.numeric(numeric::RPL_WHOISKEYVALUE, &[user.nick.as_str(), key.as_str(), "*"], value);
    }
}

/// The person's channels that the asker may know of, each with the person's prefixes.
fn shared_or_open_channels(ctx: &Context<'_>, user: &crate::state::User) -> String {
    let asker = ctx.session.user;
    let all = ctx.has(Capability::MultiPrefix);
    let sees_all = ctx.sees_all();
    let channels = user.channels.iter().filter_map(|id| ctx.core.state.channel(*id));
    let visible = channels.filter(|channel| {
        let hidden = channel.modes.secret || (user.modes.has(UserMode::Invisible) && asker != Some(user.id));
        !hidden || sees_all || asker.is_some_and(|asker| channel.members.contains_key(&asker))
    });
    let visible =
        visible.filter(|channel| channel.shows(user.id, asker) || sees_all || asker == Some(user.id));
    let named = visible.map(|channel| {
        let roles = channel.members.get(&user.id).copied().unwrap_or_default();
        format!("{}{}", roles.prefixes(all), channel.name)
    });
    named.collect::<Vec<_>>().join(" ")
}
