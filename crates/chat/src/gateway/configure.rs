//! Settings that change while everybody is here: they hold from now on, and whoever was told of the old ones is told what is different.

use irc::{Capability, MessageWriter};

use super::Core;
use super::isupport::{self, Isupport};
use crate::commands::{self, Offer};
use crate::state::Rules;
use crate::{Config, Output, SessionId};

impl Core {
    /// Acts by other settings from now on.
    ///
    /// What the server is called stays until it starts again: its lines carry the name, and clients know by it what the server itself said.
    pub(super) fn configure(&mut self, new: Config) {
        let offered = commands::offers(&self.config);
        let Config { server_name, network, version, lobby, .. } = self.config.clone();
        self.config = Config { server_name, network, version, ..new };
        self.state.set_rules(rules(&self.config));
        if self.config.lobby != lobby {
            self.make_lobby();
        }
        self.review_presences();
        self.bring_deadlines_forward();
        self.tell_of_offers(&offered);
        self.tell_of_tokens();
    }

    /// What comes too late for new, shorter times comes in time; what comes too early is looked at and put off.
    fn bring_deadlines_forward(&mut self) {
        let (sign_in, silence) = (self.config.registration_timeout, self.config.ping_after);
        let sessions = &self.sessions;
        let at = |id: SessionId| {
            let is_in = sessions.get(id).is_some_and(|session| session.user.is_some());
            self.now.plus_millis(if is_in { silence } else { sign_in })
        };
        self.deadlines = self.deadlines.iter().map(|(due, id)| ((*due).min(at(*id)), *id)).collect();
    }

    /// Tells those who want to know which capabilities came, went, or have other values (capability-negotiation, "cap-notify").
    fn tell_of_offers(&mut self, before: &[Offer]) {
        let now = commands::offers(&self.config);
        let changed: Vec<_> = now.into_iter().filter(|offer| !before.contains(offer)).collect();
        if changed.is_empty() {
            return;
        }
        for id in self.sessions.iter().map(|session| session.id).collect::<Vec<_>>() {
            let told =
                self.sessions.get(id).is_some_and(|session| session.capabilities.has(Capability::CapNotify));
            if told {
                self.aside(id, |core, session| {
                    let own_name = core.own_name(session);
                    for (capability, value) in &changed {
                        let name = capability.name();
                        let (verb, text) = match value {
                            Some(value) if value.is_empty() => ("NEW", name.to_owned()),
                            Some(value) => ("NEW", format!("{name}={value}")),
                            None => ("DEL", name.to_owned()),
                        };
                        session.replies.line(|out| {
                            let writer = MessageWriter::new(out).source(&core.name).command("CAP");
                            writer.param(&own_name).param(verb).trailing(&text).end();
                        });
                        if value.is_none() && session.capabilities.has(*capability) {
                            session.capabilities.remove(*capability);
                            let capabilities = session.capabilities;
                            core.push(Output::Capabilities { session: session.id, capabilities });
                        }
                    }
                });
            }
        }
    }

    /// Tells everybody who is in what the server supports now and did not before, and what it does no more.
    fn tell_of_tokens(&mut self) {
        let now = Isupport::of(&self.config);
        let before = std::mem::replace(&mut self.isupport, now);
        let changed = isupport::lines(&difference(&before.tokens, &self.isupport.tokens));
        if changed.is_empty() {
            return;
        }
        let here: Vec<SessionId> = self.by_user.values().flatten().copied().collect();
        for id in here {
            self.aside(id, |core, session| core.tell_isupport(session, &changed));
        }
    }
}

/// What of the settings decides whether an event applies.
pub(super) fn rules(config: &Config) -> Rules {
    Rules {
        max_nick: config.lengths.nick,
        max_channel: config.lengths.channel,
        max_channels: config.max_channels,
        max_masks: config.max_masks,
        redact_within: config.redact_within,
        lobby: config.lobby.clone(),
        reserve_names: config.accounts.reserve_names,
        cutoff: config.cutoff,
        always_on: config.accounts.always_on,
        max_owned: config.max_owned_channels,
        max_metadata_keys: config.metadata.keys,
        max_metadata_bytes: config.metadata.value_bytes,
    }
}

/// The tokens that lead from one list to another.
fn difference(before: &[String], now: &[String]) -> Vec<String> {
    let name = |token: &String| token.split('=').next().unwrap_or_default().to_owned();
    let known: Vec<String> = now.iter().map(name).collect();
    let gone = before.iter().map(name).filter(|name| !known.contains(name)).map(|name| format!("-{name}"));
    now.iter().filter(|token| !before.contains(token)).cloned().chain(gone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told_and_what_is_gone_is_negated() {
        let list = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let (before, now) = (list("A=1 B=2 C D=4"), list("A=1 B=3 D=4 E"));
        assert_eq!(difference(&before, &now), ["B=3", "E", "-C"]);
        assert!(difference(&now, &now).is_empty());
    }
}
