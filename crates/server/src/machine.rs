//! The shape of the core as its thread sees it, so that tests and a simulation can run another one under real sockets.

use chat::{Core, Input, Output};
use irc::Timestamp;

/// A state machine that the server can run: [`chat::Core`], or a stand-in.
pub trait Machine: Send + 'static {
    /// Takes in what happened, and adds what is to be done about it.
    fn handle(&mut self, now: Timestamp, input: Input, out: &mut Vec<Output>);
}

impl Machine for Core {
    fn handle(&mut self, now: Timestamp, input: Input, out: &mut Vec<Output>) {
        Core::handle(self, now, input, out);
    }
}
