//! The engine's door: what goes in, what comes out.

use crate::model::{BufferId, EntryId, Failure};

/// What the engine is told at its birth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The address that the person typed, as `host:port`.
    pub address: String,
    /// The server's host, for people to read until the network's name is known.
    pub host: String,
    /// The name that the person wants.
    pub nick: String,
    /// Channels to join once in the chat. None: the server's lobby, if it has one.
    pub channels: Vec<String>,
}

/// What the person wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Sign in.
    Connect,
    /// Say goodbye, and stay away.
    Disconnect,
    /// Say something, or a command that starts with a slash. Two slashes at the start stand for one that is no command.
    Say {
        /// Where.
        buffer: BufferId,
        /// The words as typed; may be many lines.
        text: String,
    },
    /// Come into a channel.
    Join {
        /// Its name; a `#` is put before it, if it lacks one.
        channel: String,
    },
    /// Leave a channel; its buffer stays for reading.
    Part {
        /// The channel's buffer.
        buffer: BufferId,
    },
    /// Open the conversation with a person.
    OpenPerson {
        /// Whom.
        nick: String,
    },
    /// Close a buffer: a channel is left first. The server's own stays.
    Close {
        /// Which.
        buffer: BufferId,
    },
    /// Load what is older than the first entry.
    LoadOlder {
        /// Of which buffer.
        buffer: BufferId,
    },
    /// The buffer in front of the person now; none, while the window has not the person's attention.
    Look {
        /// Which.
        buffer: Option<BufferId>,
    },
    /// Send a message again that failed.
    Retry {
        /// Its buffer.
        buffer: BufferId,
        /// The message.
        entry: EntryId,
    },
    /// Forget a message that failed or still waits.
    Discard {
        /// Its buffer.
        buffer: BufferId,
        /// The message.
        entry: EntryId,
    },
}

/// Whatever can happen to the engine.
#[derive(Debug)]
pub enum Input<'a> {
    /// The person wants something.
    Intent(Intent),
    /// The connection asked for by [`Output::Connect`] stands, TLS included.
    Connected {
        /// This end's address, as `ip:port`.
        own_address: String,
        /// Whether it is encrypted.
        encrypted: bool,
    },
    /// The connection asked for by [`Output::Connect`] did not come about.
    ConnectFailed(Failure),
    /// Bytes came.
    Bytes(&'a [u8]),
    /// The connection is gone, for the reason given.
    Closed {
        /// Why, for a person.
        why: String,
    },
    /// The time of [`Engine::next_wake`](crate::Engine::next_wake) has come (or any other; it does no harm).
    Tick,
}

/// Whatever the engine wants done, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send these bytes on the connection.
    Send(Vec<u8>),
    /// Close the connection once all bytes are sent. Nothing more is heard of it: no [`Input::Closed`].
    Disconnect,
    /// Open a connection to the server.
    Connect,
    /// The model changed.
    Changed(Change),
}

/// What changed in the model.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// The status, the own name or addresses, the network's name.
    Status,
    /// Which buffers there are, or what the list shows of them: name, unread, joined.
    Buffers,
    /// Something in a buffer.
    Buffer(BufferId),
    /// The other end of a conversation took another name, and the buffer's id went with it.
    Renamed {
        /// The id that is gone.
        from: BufferId,
        /// The id that it has now.
        to: BufferId,
    },
    /// The person asked to be in this buffer: bring it to the front.
    Front(BufferId),
}
