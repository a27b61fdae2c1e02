//! Somebody with the desktop client's own engine and socket; only the window is missing.

use std::path::Path;
use std::sync::{Arc, Mutex};

use client::Intent;
use client::model::{Buffer, BufferId, Delivery, Model, Status, What};
use dial::{Event, Handle, Options};

use super::{wait_for, wait_for_value};

/// Somebody at a client.
pub struct Person {
    handle: Handle,
    asked: Arc<Mutex<Option<String>>>,
}

impl Person {
    /// Connects; says nothing to the question of trust yet.
    pub fn connect(nick: &str, port: u16, home: &Path) -> Self {
        let options = Options {
            nick: nick.into(),
            host: "127.0.0.1".into(),
            port,
            channels: Vec::new(),
            pins: home.join(format!("{nick}-pins.json")),
        };
        let asked = Arc::new(Mutex::new(None));
        let question = Arc::clone(&asked);
        let handle = dial::connect(options, move |event| {
            if let Event::TrustNeeded { fingerprint } = event {
                *question.lock().expect("nobody panics with it") = Some(fingerprint);
            }
        });
        Self { handle, asked }
    }

    /// Connects, trusts the server if it shows the fingerprint that its console shows, and waits to be in the lobby.
    pub fn arrive(nick: &str, port: u16, home: &Path, fingerprint: &str) -> Self {
        let person = Self::connect(nick, port, home);
        person.trust(fingerprint);
        person.wait_for_lobby();
        person
    }

    /// Waits to be asked, and trusts the server if it shows the fingerprint that its console shows.
    pub fn trust(&self, fingerprint: &str) {
        let shown = wait_for_value("the question whether to trust the server", || self.question());
        assert_eq!(shown, fingerprint, "the window shows another key than the console");
        self.handle.trust(&shown);
    }

    pub fn question(&self) -> Option<String> {
        self.asked.lock().expect("nobody panics with it").clone()
    }

    pub fn model(&self) -> Arc<Model> {
        self.handle.model()
    }

    pub fn intent(&self, intent: Intent) {
        self.handle.intent(intent);
    }

    pub fn wait_for_status(&self, what: &str, is: impl Fn(&Status) -> bool) {
        wait_for(what, || is(&self.model().status));
    }

    pub fn wait_for_lobby(&self) {
        wait_for("being in the lobby", || {
            self.model().status == Status::Online && self.buffer(&lobby()).is_some_and(|buffer| buffer.joined)
        });
    }

    pub fn buffer(&self, id: &BufferId) -> Option<Buffer> {
        self.model().buffers.get(id).map(|buffer| Buffer::clone(buffer))
    }

    pub fn say(&self, text: &str) {
        self.intent(Intent::Say { buffer: lobby(), text: text.into() });
    }

    /// What has been said in the lobby as far as it has arrived, with who said it; what still waits is left out.
    pub fn heard(&self) -> Vec<(String, String)> {
        let Some(buffer) = self.buffer(&lobby()) else { return Vec::new() };
        let entries = buffer.entries.iter();
        let said = entries.filter_map(|entry| match &entry.what {
            What::Message { from, text, delivery: Delivery::Delivered, .. } => {
                Some((from.clone(), text.clone()))
            }
            _ => None,
        });
        said.collect()
    }

    pub fn wait_to_hear(&self, from: &str, text: &str) {
        let wanted = (from.to_owned(), text.to_owned());
        wait_for(&format!("{from} saying {text:?}"), || self.heard().contains(&wanted));
    }

    pub fn leave(self) {
        self.handle.close();
    }
}

/// The channel where people meet who named none.
pub fn lobby() -> BufferId {
    BufferId::Channel("#lobby".into())
}
