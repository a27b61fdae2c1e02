//! Bugs that are planted on purpose, to see that they are caught. They stand between the core and its world, never in the product: each is what
//! the outside would see of such a bug.

macro_rules! sabotage {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal,)*) => {
        /// A planted bug.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Sabotage { $($(#[doc = $doc])* $variant,)* }

        impl Sabotage {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name by which the command line knows it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

sabotage! {
    /// The gate opens before the disk has answered: the echo comes before the commit.
    EchoBeforeCommit = "echo-before-commit",
    /// What was acknowledged is not there after a crash.
    AcknowledgedThenLost = "acknowledged-then-lost",
    /// Read markers are not written.
    MarkerLost = "marker-lost",
    /// History asks nobody who may read it.
    AclSkipped = "acl-skipped",
    /// An answer holds lines of other conversations.
    WrongConversation = "wrong-conversation",
    /// Everything is delivered twice.
    DeliveredTwice = "delivered-twice",
    /// After a restart the ids of clients are forgotten, so that what is sent again is stored again.
    ClientIdsForgotten = "client-ids-forgotten",
    /// After a restart the ids of what was taken back are forgotten, so that it is stored again when it is sent again.
    IdsErasedWithWords = "ids-erased-with-words",
    /// Whoever is removed from a channel goes on hearing it.
    KickedStillHears = "kicked-still-hears",
    /// A member is left out of the audience now and then.
    MemberLeftOut = "member-left-out",
    /// A redaction is told, and the disk keeps the text.
    RedactionNotOnDisk = "redaction-not-on-disk",
    /// Two deliveries change places.
    Reordered = "reordered",
    /// Places that were handed out before a crash are handed out again.
    PlaceReused = "place-reused",
    /// An echo is dropped now and then.
    EchoDropped = "echo-dropped",
    /// A page of history lacks a line.
    HoleInPage = "hole-in-page",
    /// A search passes a message over.
    SearchMisses = "search-misses",
    /// A worker goes on reading from a session that the core has paused.
    PauseIgnored = "pause-ignored",
    /// A write is half done: of a group of records one is missing.
    GroupTorn = "group-torn",
}

impl Sabotage {
    /// The bug of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|sabotage| sabotage.name() == name)
    }
}
