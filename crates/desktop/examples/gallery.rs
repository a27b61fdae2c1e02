//! Opens the real window with made-up content, for pictures: `gallery VIEW [light|dark]`.

use std::time::{SystemTime, UNIX_EPOCH};

use client::model::{BufferId, Delivery, Failure, History, MessageKind, Model, Status, What};
use desktop::app::{App, Screen};
use desktop::screen::chat::Chat;
use desktop::screen::signin::{Phase, Problem, SignIn};
use desktop::session::Session;
use desktop::settings::Settings;
use desktop::theme::Choice;
use desktop::{StartOptions, fixture};

const VIEWS: &str = "live signin signin-error taken changed connecting trust chat reconnecting failed empty chat-100k scripts";

fn main() {
    let mut args = std::env::args().skip(1);
    let view = args.next().unwrap_or_else(|| "chat".to_owned());
    let theme = match args.next().as_deref() {
        Some("dark") => Some(Choice::Dark),
        Some("light") => Some(Choice::Light),
        _ => None,
    };
    let options = StartOptions { theme, ..StartOptions::default() };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |t| t.as_millis() as u64);
    let app = match view.as_str() {
        "live" => App::new(&options),
        "chat" => chat(&options, fixture::chat(now)),
        "reconnecting" => chat(&options, reconnecting(now)),
        "failed" => chat(&options, failed(now)),
        "empty" => chat(&options, fixture::model(fixture::buffer("#general", Vec::new()))),
        "chat-100k" => chat(&options, fixture::many(100_000, now)),
        "scripts" => chat(&options, fixture::scripts(now)),
        view => match phase(view) {
            Some(phase) => signin(&options, phase),
            None => {
                eprintln!("no view {view}; there are: {VIEWS}");
                std::process::exit(2);
            }
        },
    };
    if let Err(error) = desktop::run_app(app) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn chat(options: &StartOptions, model: Model) -> App {
    let session = Session::fixture(model);
    let screen = Screen::Chat(Box::new(Chat::new(session.model())));
    App::with(options, screen, Some(session))
}

fn reconnecting(now: u64) -> Model {
    let at = client::Timestamp(now + 60_000);
    Model {
        status: Status::Reconnecting { at, attempts: 2, why: "the line broke".into() },
        own_address: None,
        ..fixture::chat(now)
    }
}

fn failed(now: u64) -> Model {
    let mut model = fixture::chat(now);
    let id = BufferId::Channel("#general".into());
    if let Some(buffer) = model.buffers.get_mut(&id) {
        let buffer = std::sync::Arc::make_mut(buffer);
        let message = |text: &str, kind, delivery| What::Message {
            from: "Brandon".into(),
            own: true,
            text: text.into(),
            kind,
            delivery,
            mention: false,
        };
        buffer.entries.push_back(fixture::entry(
            20,
            now,
            message(
                "This one was refused",
                MessageKind::Text,
                Delivery::Failed("you may not speak here".into()),
            ),
        ));
        buffer.entries.push_back(fixture::entry(
            21,
            now,
            message("waves at everyone", MessageKind::Action, Delivery::Delivered),
        ));
        buffer.entries.push_back(fixture::entry(
            22,
            now,
            What::Notice("Alice set the topic to: Welcome! https://chat.example".into()),
        ));
        buffer.history = History::More;
    }
    model
}

fn phase(view: &str) -> Option<Phase> {
    let address = || "localhost:9898".to_owned();
    let failure = |failure| Phase::Editing(Some(Problem::Failure(failure)));
    let (old, new) = (
        "3b1f90ce5d2a7784aa10c3e9b6d4f5027e81bb6d9cf0a2415c63d8e7f9a0b1c2",
        "aa10c3e9b6d4f5027e81bb6d9cf0a2415c63d8e7f9a0b1c23b1f90ce5d2a7784",
    );
    Some(match view {
        "signin" => Phase::Editing(None),
        "signin-error" => failure(Failure::NothingAnswers { address: address() }),
        "taken" => failure(Failure::NameTaken { nick: "Brandon".into(), suggestion: "Brandon_".into() }),
        "changed" => {
            failure(Failure::KeyChanged { address: address(), pinned: old.into(), shown: new.into() })
        }
        "connecting" => Phase::Connecting,
        "trust" => Phase::Trust(old.into()),
        _ => return None,
    })
}

fn signin(options: &StartOptions, phase: Phase) -> App {
    let settings =
        Settings { user: "Brandon".into(), server: "localhost".into(), port: 9898, ..Settings::default() };
    App::with(options, Screen::SignIn(SignIn { phase, ..SignIn::new(&settings) }), None)
}
