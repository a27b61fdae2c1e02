//! What a program passes on from elsewhere (RELAYMSG): said by somebody who is not here, and kept as said by whoever passes it on.

use std::sync::Arc;

use super::State;
use super::messages::{is_passing, no_ctcp};
use crate::event::Effect;
use crate::kept_tags::KeptTags;
use crate::log::{Conversation, Row, RowKind};
use crate::relayed::RelayedName;
use crate::user_modes::UserMode;
use crate::{ChannelId, Refusal, TagText, UserId};

impl State {
    pub(super) fn relay(
        &mut self,
        by: UserId,
        channel_id: ChannelId,
        name: &RelayedName,
        text: Arc<str>,
        tags: TagText,
    ) -> Result<Effect, Refusal> {
        let user = self.known_user(by)?;
        let channel = self.known_channel(channel_id)?;
        self.may_relay(by, channel)?;
        no_ctcp(channel, &text)?;
        // Whoever passes it on answers for it: by their host it can be ignored, and they may take it back.
        let source: Arc<str> = format!("{name}!{}@{}", user.username, user.host).into();
        let (sender, relayed_by) = (user.person(), Arc::from(user.nick.as_str()));
        let kept = KeptTags {
            bot: user.modes.has(UserMode::Bot),
            relayed_by: Some(relayed_by),
            of_client: tags.clone(),
        };
        let seq = (!is_passing(RowKind::Privmsg, &text, &tags)).then(|| self.take_seq());
        if let Some(seq) = seq {
            self.keep_row(Row {
                seq,
                at: self.now,
                conversation: Conversation::Channel(channel_id),
                sender,
                source: Arc::clone(&source),
                // The account is not that of whose words they are.
                account: None,
                kind: RowKind::Privmsg,
                text: Arc::clone(&text),
                tags: kept.write(),
                client_id: None,
            });
            self.awaited = true;
        }
        Ok(Effect::Relayed { by, channel: channel_id, source, seq, text, tags })
    }
}
