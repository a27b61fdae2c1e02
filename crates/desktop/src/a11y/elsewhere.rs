//! No bridge, on systems for which there is none yet.

use accesskit::TreeUpdate;
use iced::futures::channel::mpsc::UnboundedSender;

use super::Asked;

/// Nobody to tell.
pub struct Adapter;

impl Adapter {
    /// Nothing.
    pub fn new(_asked: UnboundedSender<Asked>) -> Self {
        Self
    }

    /// Nobody looks.
    pub fn update(&mut self, _tree: impl FnOnce() -> TreeUpdate) {}

    /// Nobody cares.
    pub fn focused(&mut self, _focused: bool) {}
}
