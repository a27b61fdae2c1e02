//! The bridge to AT-SPI, over D-Bus, as screen readers on Linux and the BSDs use it.

use accesskit::{ActionHandler, ActionRequest, ActivationHandler, DeactivationHandler, TreeUpdate};
use iced::futures::channel::mpsc::UnboundedSender;

use super::Asked;

/// The bridge. It looks for a screen reader on a thread of its own.
pub(super) struct Adapter(accesskit_unix::Adapter);

struct Ear(UnboundedSender<Asked>);

impl ActivationHandler for Ear {
    fn request_initial_tree(&mut self) -> Option<TreeUpdate> {
        // Asked on another thread, which does not have the state: the window answers as soon as it hears of it.
        let _ = self.0.unbounded_send(Asked::Tree);
        None
    }
}

impl ActionHandler for Ear {
    fn do_action(&mut self, request: ActionRequest) {
        let _ = self.0.unbounded_send(Asked::Action(request));
    }
}

impl DeactivationHandler for Ear {
    fn deactivate_accessibility(&mut self) {}
}

impl Adapter {
    /// Offers the window to whoever looks.
    pub(super) fn new(asked: UnboundedSender<Asked>) -> Self {
        let ear = || Ear(asked.clone());
        Self(accesskit_unix::Adapter::new(ear(), ear(), ear()))
    }

    /// Tells the tree, if somebody looks.
    pub(super) fn update(&mut self, tree: impl FnOnce() -> TreeUpdate) {
        self.0.update_if_active(tree);
    }

    /// Tells whether the window has the keyboard.
    pub(super) fn focused(&mut self, focused: bool) {
        self.0.update_window_focus_state(focused);
    }
}
