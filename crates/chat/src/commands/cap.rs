//! CAP: which capabilities the server has and which the client wants (ircv3.net/specs/extensions/capability-negotiation).

use irc::{Capability, CapabilitySet, Message, numeric};

use super::{Command, authenticate, lines_of, metadata, register, relaymsg};
use crate::gateway::{Core, Session};
use crate::{Config, Context, Output, TransportSecurity};

pub(super) const COMMAND: Command = Command { name: "CAP", params: 1, early: true, run };

/// Room for names in one line: 512 bytes less the longest head.
const LINE_BYTES: usize = 400;

fn run(ctx: &mut Context<'_>, message: &Message<'_>) {
    let subcommand = message.param(0).unwrap_or_default().to_ascii_uppercase();
    match subcommand.as_str() {
        "LS" => list(ctx, message.param(1)),
        "LIST" => {
            let names: Vec<String> = ctx.session.capabilities.iter().map(|c| c.name().to_owned()).collect();
            say_names(ctx, "LIST", &names);
        }
        "REQ" => request(ctx, message.param(1).unwrap_or_default()),
        "END" => {
            ctx.session.introduction.negotiating = false;
            ctx.sign_in_when_ready();
        }
        _ => {
            let sent: String = message.param(0).unwrap_or("*").chars().take(32).collect();
            ctx.numeric(numeric::ERR_INVALIDCAPCMD, &[&sent], "Invalid CAP command");
        }
    }
}

fn list(ctx: &mut Context<'_>, version: Option<&str>) {
    let version: u32 = version.and_then(|v| v.parse().ok()).unwrap_or(301);
    if ctx.session.user.is_none() {
        ctx.session.introduction.negotiating = true;
    }
    if version >= 302 {
        ctx.session.capabilities.insert(Capability::CapNotify);
    }
    let mut names = Vec::new();
    for capability in Capability::ALL {
        match offer(ctx.core, &ctx.session, *capability) {
            // It is nothing without its value, which older clients are not told.
            Some(_) if *capability == Capability::Sts && version < 302 => {}
            Some(value) if version >= 302 && !value.is_empty() => names.push(format!("{capability}={value}")),
            Some(_) => names.push(capability.name().to_owned()),
            None => {}
        }
    }
    say_names(ctx, "LS", &names);
}

/// A capability that the settings decide about, and the value that it has by them; nothing, if it cannot be had.
pub(crate) type Offer = (Capability, Option<String>);

/// All that the settings decide about.
pub(crate) fn offers(config: &Config) -> Vec<Offer> {
    vec![
        (Capability::AccountRegistration, register::capability_value(config)),
        (Capability::Metadata2, Some(metadata::capability_value(config))),
        (Capability::Metadata3, Some(metadata::capability_value(config))),
        (Capability::Multiline, Some(multiline_value(config))),
    ]
}

fn multiline_value(config: &Config) -> String {
    format!("max-bytes={},max-lines={}", config.max_multiline_bytes, config.max_multiline_lines)
}

/// Whether a capability can be had here and now, and the value that `CAP LS 302` tells; most have none.
fn offer(core: &Core, session: &Session, capability: Capability) -> Option<String> {
    match capability {
        Capability::AccountRegistration => register::capability_value(&core.config),
        Capability::Sasl => Some(authenticate::mechanisms(session).into()),
        Capability::Metadata2 | Capability::Metadata3 => Some(metadata::capability_value(&core.config)),
        Capability::Multiline => Some(multiline_value(&core.config)),
        Capability::Relaymsg => Some(relaymsg::capability_value()),
        Capability::Sts => transport_security(&core.config, session),
        _ => Some(String::new()),
    }
}

/// What a client is told of encryption: one that came without, at which port there is TLS; one that came with it, for how long to keep to that. From this computer
/// one may come without, and how one comes through a gateway is the gateway's business, so nothing is told there.
fn transport_security(config: &Config, session: &Session) -> Option<String> {
    let TransportSecurity { port, duration } = config.transport_security?;
    match session.peer.encrypted {
        true => Some(format!("duration={duration}")),
        false if session.peer.ip().is_loopback() || session.gateway.is_some() => None,
        false => Some(format!("port={port}")),
    }
}

/// Says names in as many lines as they need; all but the last one are marked with `*`.
fn say_names(ctx: &mut Context<'_>, subcommand: &str, names: &[String]) {
    let mut lines = lines_of(names, ' ', LINE_BYTES);
    if lines.is_empty() {
        // That there are none is said as well.
        lines.push(String::new());
    }
    if !ctx.has(Capability::CapNotify) {
        // Before version 302 an answer has one line: what stands first is what the oldest clients know.
        lines.truncate(1);
    }
    let own_name = ctx.own_name();
    for (i, line) in lines.iter().enumerate() {
        let more = i + 1 < lines.len();
        ctx.reply(|writer| {
            let writer = writer.command("CAP").param(&own_name).param(subcommand);
            let writer = if more { writer.param("*") } else { writer };
            writer.trailing(line).end();
        });
    }
}

/// Takes on all that is asked for, or nothing.
fn request(ctx: &mut Context<'_>, asked: &str) {
    if ctx.session.user.is_none() {
        ctx.session.introduction.negotiating = true;
    }
    let mut wanted = ctx.session.capabilities;
    let known = asked.split_ascii_whitespace().all(|word| change(ctx, &mut wanted, word));
    let own_name = ctx.own_name();
    let verdict = if known { "ACK" } else { "NAK" };
    ctx.reply(|writer| writer.command("CAP").param(&own_name).param(verdict).trailing(asked).end());
    if known && wanted != ctx.session.capabilities {
        let knew_metadata = ctx.knows_metadata();
        ctx.session.capabilities = wanted;
        let session = ctx.session.id;
        ctx.core.push(Output::Capabilities { session, capabilities: wanted });
        ctx.metadata_was_negotiated(knew_metadata);
    }
}

fn change(ctx: &Context<'_>, set: &mut CapabilitySet, word: &str) -> bool {
    match word.strip_prefix('-') {
        Some(name) => match Capability::from_name(name) {
            // It belongs to version 302 and cannot be laid down.
            Some(Capability::CapNotify | Capability::Sts) | None => false,
            Some(capability) => {
                set.remove(capability);
                true
            }
        },
        None => match Capability::from_name(word) {
            // Clients act by it, and never ask for it.
            Some(Capability::Sts) => false,
            Some(capability) if offer(ctx.core, &ctx.session, capability).is_some() => {
                set.insert(capability);
                true
            }
            _ => false,
        },
    }
}
