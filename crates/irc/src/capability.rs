//! The capabilities that this project speaks, in one table (ircv3.net/specs/extensions/capability-negotiation).

use std::fmt;

macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A capability, by the name under which `CAP` negotiates it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Capability { $($(#[$doc])* $variant,)* }

        impl Capability {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name on the wire.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

capabilities! {
    /// Tells of members who sign in to an account, or out of it.
    AccountNotify = "account-notify",
    /// Tells the account of who sends.
    AccountTag = "account-tag",
    /// Tells of members who go away and come back.
    AwayNotify = "away-notify",
    /// Groups messages.
    Batch = "batch",
    /// Tells when the list of capabilities changes. Implied by `CAP LS 302`.
    CapNotify = "cap-notify",
    /// Tells of members whose host changes.
    Chghost = "chghost",
    /// Sends back what the client itself said.
    EchoMessage = "echo-message",
    /// Tells account and real name with JOIN.
    ExtendedJoin = "extended-join",
    /// Tells more of those whom MONITOR watches.
    ExtendedMonitor = "extended-monitor",
    /// Tells members who is invited.
    InviteNotify = "invite-notify",
    /// Marks an answer with the label of its question.
    LabeledResponse = "labeled-response",
    /// Tags on messages, and TAGMSG.
    MessageTags = "message-tags",
    /// All prefixes of a member in NAMES and WHO, not only the highest.
    MultiPrefix = "multi-prefix",
    /// No NAMES after one's own JOIN.
    NoImplicitNames = "no-implicit-names",
    /// Signing in to an account.
    Sasl = "sasl",
    /// Tells when each message was sent.
    ServerTime = "server-time",
    /// Real names can be changed.
    Setname = "setname",
    /// FAIL, WARN and NOTE.
    StandardReplies = "standard-replies",
    /// Tells clients to keep to encryption. Nobody asks for it.
    Sts = "sts",
    /// `nick!user@host` in NAMES.
    UserhostInNames = "userhost-in-names",
    /// `REGISTER` and `VERIFY`.
    AccountRegistration = "draft/account-registration",
    /// `RENAME`: channels that are called otherwise from now on.
    ChannelRename = "draft/channel-rename",
    /// `CHATHISTORY`.
    Chathistory = "draft/chathistory",
    /// Membership events in history.
    EventPlayback = "draft/event-playback",
    /// `ISUPPORT`, and its answer in a batch.
    ExtendedIsupport = "draft/extended-isupport",
    /// `REDACT`: messages that are taken back.
    MessageRedaction = "draft/message-redaction",
    /// `METADATA`: what people tell of themselves, and operators of channels. What is new comes as `METADATA`.
    Metadata2 = "draft/metadata-2",
    /// The same in its newer form: what is new comes as numerics.
    Metadata3 = "draft/metadata-3",
    /// Messages of several lines.
    Multiline = "draft/multiline",
    /// `PERSISTENCE`: whether one stays when no device is connected.
    Persistence = "draft/persistence",
    /// `AWAY` before signing in.
    PreAway = "draft/pre-away",
    /// `MARKREAD`: how far one has read, for all of one's devices.
    ReadMarker = "draft/read-marker",
    /// `RELAYMSG`: messages that a program passes on from elsewhere.
    Relaymsg = "draft/relaymsg",
    /// `SEARCH`, as IRCv3 drafts it.
    Search = "draft/search",
    /// `SEARCH`, as soju named it first.
    SojuSearch = "soju.im/search",
    /// Ours: an id that the client gives its message, so that sending it again stores it once. See docs/IRC.md.
    ClientId = "chinwag/client-id",
}

impl Capability {
    /// The capability of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.name() == name)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct CapabilitySet(u64);

impl CapabilitySet {
    /// No capability.
    pub const EMPTY: Self = Self(0);

    /// The set of those given.
    #[must_use]
    pub const fn of(capabilities: &[Capability]) -> Self {
        let (mut bits, mut i) = (0, 0);
        while i < capabilities.len() {
            bits |= 1 << capabilities[i] as u8;
            i += 1;
        }
        Self(bits)
    }

    /// Whether it holds one.
    #[must_use]
    pub const fn has(self, capability: Capability) -> bool {
        self.0 & (1 << capability as u8) != 0
    }

    /// Whether it holds all of another set.
    #[must_use]
    pub const fn has_all(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// What both hold.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What either holds.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Adds one.
    pub fn insert(&mut self, capability: Capability) {
        self.0 |= 1 << capability as u8;
    }

    /// Takes one away.
    pub fn remove(&mut self, capability: Capability) {
        self.0 &= !(1 << capability as u8);
    }

    /// Those that it holds, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL.iter().copied().filter(move |c| self.has(*c))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_capability_is_found_by_its_name_and_the_set_has_room() {
        assert!(Capability::ALL.len() <= 64);
        for capability in Capability::ALL {
            assert_eq!(Capability::from_name(capability.name()), Some(*capability));
        }
        assert_eq!(Capability::from_name("no-such"), None);
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let mut set = CapabilitySet::of(&[Capability::Batch, Capability::Setname]);
        set.insert(Capability::ServerTime);
        set.remove(Capability::Setname);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Capability::Batch, Capability::ServerTime]);
        assert!(set.has_all(CapabilitySet::of(&[Capability::Batch])));
        assert!(!set.has_all(CapabilitySet::of(&[Capability::Batch, Capability::Setname])));
    }
}
