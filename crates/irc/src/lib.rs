//! The wire: IRCv3 messages, tags, capabilities, numerics, names and lines, as the server and the clients share them.
//!
//! Everything here is a value or a pure function of bytes. Nothing here knows a user, a channel or a connection, does
//! input or output, or keeps state beyond half a line. The references are the specifications at ircv3.net and the
//! document "Modern IRC" (modern.ircdocs.horse); comments name their sections.

pub mod base64;
mod capability;
mod codec;
pub mod fingerprint;
mod isupport;
mod mask;
mod message;
mod msgid;
mod names;
pub mod numeric;
pub mod tags;
mod time;
mod writer;

pub use capability::{Capability, CapabilitySet};
pub use codec::{Framed, Limits, LineBuffer};
pub use isupport::{Isupport, parse_token as parse_isupport_token};
pub use mask::matches as mask_matches;
pub use message::{MAX_PARAMS, Message, ParseError};
pub use msgid::Msgid;
pub use names::{CaseMapping, ChannelName, NameError, Nickname, folded};
pub use tags::Tags;
pub use time::Timestamp;
pub use writer::MessageWriter;

/// The bytes of a message without its tags, CR and LF included (RFC 1459, section 2.3).
pub const MAX_MESSAGE_BYTES: usize = 512;
/// The bytes of tags that a client may send, `@` and the space included (message-tags, "Size limit").
pub const MAX_CLIENT_TAG_BYTES: usize = 4096;
/// The bytes of tags that a client must be able to read from a server, `@` and the space included.
pub const MAX_SERVER_TAG_BYTES: usize = 8191;
