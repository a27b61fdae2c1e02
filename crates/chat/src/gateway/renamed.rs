//! A channel's new name, for those who know RENAME, and for those who do not (ircv3.net/specs/extensions/channel-rename).

use std::sync::Arc;

use irc::{Capability, CapabilitySet, ChannelName};

use super::{Core, Session};
use crate::{Body, ChannelId, Fanout, Output, Seq, SessionId, UserId};

const CHANNEL_RENAME: CapabilitySet = CapabilitySet::of(&[Capability::ChannelRename]);

impl Core {
    pub(super) fn show_channel_renamed(
        &mut self,
        mut origin: Option<&mut Session>,
        by: UserId,
        id: ChannelId,
        before: &ChannelName,
        seq: Seq,
        reason: &str,
    ) {
        let (Some(user), Some(channel)) = (self.state.user(by), self.state.channel(id)) else { return };
        let params = vec![before.as_str().into(), channel.name.as_str().into(), reason.into()];
        let body = Body::Plain { command: "RENAME", params };
        let message = Fanout {
            require: CHANNEL_RENAME,
            seq: Some(seq),
            account: user.account.clone(),
            ..Fanout::new(self.now, Arc::clone(&user.source), body)
        };
        // Who does not know RENAME would take another case for another channel's name, or for none.
        let fallback = before.folded() != channel.name.folded();
        let members: Vec<UserId> = channel.members.keys().copied().collect();
        self.tell(origin.as_deref_mut(), vec![id], message);
        if !fallback {
            return;
        }
        let others: Vec<SessionId> =
            members.iter().flat_map(|member| self.sessions_of(*member)).copied().collect();
        if let Some(session) = origin {
            self.lead_over(session, id, before, reason);
        }
        for other in others {
            let Some(mut session) = self.sessions.take(other) else { continue };
            // What answers the session's own command is another matter.
            let replies = std::mem::take(&mut session.replies);
            self.lead_over(&mut session, id, before, reason);
            let bytes = self.take_replies(&mut session);
            session.replies = replies;
            self.sessions.put(session);
            if !bytes.is_empty() {
                self.push(Output::Send { session: other, bytes });
            }
        }
    }

    /// Has a session that does not know RENAME leave the old name and come in under the new one.
    fn lead_over(&mut self, session: &mut Session, id: ChannelId, before: &ChannelName, reason: &str) {
        let capabilities = session.capabilities;
        if capabilities.has(Capability::ChannelRename) {
            return;
        }
        let user = session.user.and_then(|user| self.state.user(user));
        let (Some(user), Some(channel)) = (user, self.state.channel(id)) else { return };
        let mut params: Vec<Arc<str>> = vec![before.as_str().into()];
        params.extend((!reason.is_empty()).then(|| reason.into()));
        let part = Body::Plain { command: "PART", params };
        let join = Body::Join { channel: channel.name.as_str().into(), realname: Arc::clone(&user.realname) };
        for body in [part, join] {
            let message = Fanout {
                account: user.account.clone(),
                ..Fanout::new(self.now, Arc::clone(&user.source), body)
            };
            session.replies.line(|out| message.render(capabilities, out));
        }
        self.introduce_channel(session, id);
    }
}
