//! What screen readers and other helpers see: a tree made from the state of the program, and what they ask for in return.
//!
//! Must never depend on how a screen is drawn: iced has no such tree, so ours comes from the same state beside it.

mod tree;

#[cfg(all(unix, not(target_os = "macos")))]
#[path = "unix.rs"]
mod platform;
// Windows and macOS have adapters of their own, which must be made before the window is shown; until they are, nothing is told there.
#[cfg(not(all(unix, not(target_os = "macos"))))]
#[path = "elsewhere.rs"]
mod platform;

use accesskit::ActionRequest;
use iced::Task;
use iced::futures::channel::mpsc;

use crate::app::Screen;

pub use tree::{Meaning, understood};

/// What comes from the other side.
#[derive(Debug, Clone)]
pub enum Asked {
    /// Somebody began to look: the tree is wanted.
    Tree,
    /// Somebody wants something done.
    Action(ActionRequest),
}

/// The bridge to the system's service. Does nothing, and costs nothing, until [`Bridge::open`].
#[derive(Default)]
pub struct Bridge {
    adapter: Option<platform::Adapter>,
}

impl Bridge {
    /// Opens it. The task gives what is asked, for as long as the program runs.
    pub fn open(&mut self) -> Task<Asked> {
        let (sender, receiver) = mpsc::unbounded();
        self.adapter = Some(platform::Adapter::new(sender));
        Task::stream(receiver)
    }

    /// Tells what is on the screen now, if somebody looks. Costs nothing if nobody does.
    pub fn publish(&mut self, screen: &Screen) {
        if let Some(adapter) = &mut self.adapter {
            adapter.update(|| tree::tree(screen));
        }
    }

    /// Tells whether the window has the keyboard.
    pub fn window_focused(&mut self, focused: bool) {
        if let Some(adapter) = &mut self.adapter {
            adapter.focused(focused);
        }
    }
}
