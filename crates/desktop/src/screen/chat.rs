//! The chat: what is at the left, the messages, who is here, and where one writes.
//!
//! Must never change the model: what the person wants goes out as an [`Intent`].

use std::collections::HashMap;
use std::sync::Arc;

use client::Timestamp;
use client::model::{Buffer, BufferId, History, Model, Status};
use iced::widget::text_editor::Action as EditorAction;
use iced::widget::{Space, column, container, row, space, stack, text};
use iced::{Bottom, Center, Element, Fill, Size};
use lucide_icons::Icon;

use super::composer::{self, Draft};
use super::sidebar::Group;
use super::{header, members, notice, sidebar};
use crate::session::{Change, Intent};
use crate::theme;
use crate::theme::style::{self, Kind};
use crate::theme::tokens::{LINE, SIZE_LABEL, Tokens};
use crate::transcript::{Action, Log, Look, Outcome, Transcript};
use crate::widget::{icon, press};

/// A window narrower than this has no room for the list of members.
const MEMBERS_FROM: f32 = 900.0;

/// What the chat shows.
pub struct Chat {
    model: Arc<Model>,
    /// The buffer in front.
    pub front: BufferId,
    logs: HashMap<BufferId, Log>,
    drafts: HashMap<BufferId, Draft>,
    opener: Option<(Group, String)>,
    /// Whether an input method composes.
    pub composing: bool,
    /// The person that was asked for, to be shown once their buffer is there.
    awaited: Option<String>,
}

/// A direction through the buffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Up.
    Previous,
    /// Down.
    Next,
}

/// What the person does here.
#[derive(Debug, Clone)]
pub enum Message {
    /// Brings a buffer to the front.
    Show(BufferId),
    /// Brings the neighbouring buffer to the front.
    Walk(Step),
    /// Opens the field that opens a channel or a conversation; or closes it.
    Open(Group),
    /// Types in that field.
    OpenerTyped(String),
    /// Is done with it.
    OpenerDone,
    /// Wants to talk to someone.
    OpenPerson(String),
    /// Leaves a channel or closes a conversation.
    Close(BufferId),
    /// Writes.
    Edit(EditorAction),
    /// Writes something else in place of what is written.
    Rewrite(String),
    /// Sends.
    Send,
    /// Looks through what was sent before; `true` is further back.
    Recall(bool),
    /// Did something in the messages.
    Transcript(Outcome),
    /// Scrolls by so many windows.
    Page(f32),
    /// Goes to the newest message.
    Latest,
    /// Goes to the oldest message.
    Oldest,
    /// Copies what is selected.
    Copy,
    /// Selects all messages.
    SelectAll,
    /// Selects nothing, and closes what is open.
    Escape,
    /// Leaves the server.
    Disconnect,
}

/// What the program has to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Tell the engine.
    Tell(Intent),
    /// Open this address in a browser.
    Browse(String),
    /// Put this on the clipboard.
    Copy(String),
    /// Give the keyboard to this widget.
    Focus(&'static str),
    /// Leave the server.
    Disconnect,
}

impl Chat {
    /// A chat that shows that model.
    #[must_use]
    pub fn new(model: Arc<Model>) -> Self {
        let mut chat = Self {
            front: BufferId::Server,
            model,
            logs: HashMap::new(),
            drafts: HashMap::new(),
            opener: None,
            composing: false,
            awaited: None,
        };
        let first = chat.model.buffers.keys().find(|id| matches!(id, BufferId::Channel(_))).cloned();
        chat.bring(first.unwrap_or(BufferId::Server));
        chat
    }

    /// What is left to do once it is shown first.
    #[must_use]
    pub fn opened(&self) -> Vec<Wish> {
        vec![Wish::Tell(Intent::Look { buffer: Some(self.front.clone()) }), Wish::Focus(composer::COMPOSER)]
    }

    /// What it shows.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The buffer in front.
    #[must_use]
    pub fn buffer(&self) -> Option<&Arc<Buffer>> {
        self.model.buffers.get(&self.front)
    }

    /// The message list in front.
    #[must_use]
    pub fn log(&self) -> Option<&Log> {
        self.logs.get(&self.front)
    }

    /// The draft in front.
    #[must_use]
    pub fn draft(&self) -> Option<&Draft> {
        self.drafts.get(&self.front)
    }

    /// Writes into the draft in front.
    pub fn write(&mut self, words: &str) {
        self.drafts.entry(self.front.clone()).or_default().insert(words);
    }

    /// The field that opens a channel or a conversation, if it is open.
    #[must_use]
    pub fn opener(&self) -> Option<&(Group, String)> {
        self.opener.as_ref()
    }

    fn bring(&mut self, id: BufferId) -> Vec<Wish> {
        self.logs.entry(id.clone()).or_default();
        self.drafts.entry(id.clone()).or_default();
        self.front = id;
        self.catch_up();
        self.opened()
    }

    /// The engine has changed the model.
    pub fn follow(&mut self, model: Arc<Model>, changes: &[Change]) -> Vec<Wish> {
        self.model = model;
        let mut wishes = Vec::new();
        for change in changes {
            match change {
                Change::Front(id) => wishes = self.bring(id.clone()),
                Change::Renamed { from, to } => {
                    if let Some(log) = self.logs.remove(from) {
                        self.logs.insert(to.clone(), log);
                    }
                    if let Some(draft) = self.drafts.remove(from) {
                        self.drafts.insert(to.clone(), draft);
                    }
                    if self.front == *from {
                        self.front = to.clone();
                    }
                }
                _ => {}
            }
        }
        if let Some(wanted) = &self.awaited {
            let id = self
                .model
                .buffers
                .iter()
                .find(|(id, b)| matches!(id, BufferId::Person(_)) && b.name.eq_ignore_ascii_case(wanted));
            if let Some((id, _)) = id {
                let id = id.clone();
                self.awaited = None;
                wishes = self.bring(id);
            }
        }
        if !self.model.buffers.contains_key(&self.front) {
            // It was closed: its neighbour comes to the front.
            let next = self
                .model
                .buffers
                .range(..&self.front)
                .next_back()
                .or_else(|| self.model.buffers.iter().next());
            if let Some(id) = next.map(|(id, _)| id.clone()) {
                wishes = self.bring(id);
            }
        }
        let buffers = &self.model.buffers;
        self.logs.retain(|id, _| buffers.contains_key(id));
        self.drafts.retain(|id, _| buffers.contains_key(id));
        self.catch_up();
        wishes
    }

    /// Has the list in front know what the model has come to hold. It would when it is drawn; but those who listen are told before.
    fn catch_up(&self) {
        if let (Some(log), Some(buffer)) = (self.log(), self.buffer()) {
            log.sync(buffer);
        }
    }

    /// Does what can be done here, and says what is left to do.
    pub fn update(&mut self, message: Message) -> Vec<Wish> {
        match message {
            Message::Show(id) => return self.bring(id),
            Message::Walk(step) => return self.walk(step),
            Message::Open(group) => {
                let open = self.opener.as_ref().is_some_and(|(open, _)| *open == group);
                self.opener = (!open).then(|| (group, String::new()));
                return vec![Wish::Focus(if open { composer::COMPOSER } else { sidebar::OPENER })];
            }
            Message::OpenerTyped(name) => {
                if let Some((_, typed)) = &mut self.opener {
                    *typed = name;
                }
            }
            Message::OpenerDone => return self.opener_done(),
            Message::OpenPerson(nick) => return self.open_person(nick),
            Message::Close(buffer) => return vec![Wish::Tell(Intent::Close { buffer })],
            Message::Edit(action) => self.drafts.entry(self.front.clone()).or_default().edit(action),
            Message::Rewrite(words) => {
                self.drafts.insert(self.front.clone(), Draft::default());
                self.write(&words);
            }
            Message::Recall(older) => self.drafts.entry(self.front.clone()).or_default().recall(older),
            Message::Send => {
                if let Some(text) = self.drafts.entry(self.front.clone()).or_default().take() {
                    self.latest();
                    let say = Intent::Say { buffer: self.front.clone(), text };
                    return vec![Wish::Tell(say), Wish::Focus(composer::COMPOSER)];
                }
                return vec![Wish::Focus(composer::COMPOSER)];
            }
            Message::Transcript(outcome) => return self.transcript(outcome),
            Message::Page(windows) => {
                self.logs.get(&self.front).inspect(|log| log.page(windows));
            }
            Message::Latest => self.latest(),
            Message::Oldest => {
                self.logs.get(&self.front).inspect(|log| log.jump_to_first());
            }
            Message::SelectAll => {
                self.logs.get(&self.front).inspect(|log| log.select_all());
            }
            Message::Copy => {
                return self.log().and_then(Log::selected_text).map(Wish::Copy).into_iter().collect();
            }
            Message::Escape => {
                let selected = self.log().is_some_and(Log::clear_selection);
                if !selected && self.opener.take().is_some() {
                    return vec![Wish::Focus(composer::COMPOSER)];
                }
            }
            Message::Disconnect => return vec![Wish::Disconnect],
        }
        Vec::new()
    }

    fn latest(&self) {
        self.logs.get(&self.front).inspect(|log| log.jump_to_latest());
    }

    fn transcript(&mut self, outcome: Outcome) -> Vec<Wish> {
        let buffer = self.front.clone();
        vec![match outcome {
            Outcome::Link(link) => Wish::Browse(link),
            Outcome::Act(Action::Retry(entry)) => Wish::Tell(Intent::Retry { buffer, entry }),
            Outcome::Act(Action::Discard(entry)) => Wish::Tell(Intent::Discard { buffer, entry }),
            Outcome::Older => Wish::Tell(Intent::LoadOlder { buffer }),
            Outcome::Scrolled => return Vec::new(),
        }]
    }

    fn opener_done(&mut self) -> Vec<Wish> {
        let Some((group, name)) = self.opener.take() else { return Vec::new() };
        let name = name.trim().to_owned();
        match group {
            _ if name.is_empty() => vec![Wish::Focus(composer::COMPOSER)],
            Group::Channels => {
                vec![Wish::Tell(Intent::Join { channel: name }), Wish::Focus(composer::COMPOSER)]
            }
            Group::People => self.open_person(name),
        }
    }

    fn open_person(&mut self, nick: String) -> Vec<Wish> {
        self.awaited = Some(nick.clone());
        vec![Wish::Tell(Intent::OpenPerson { nick })]
    }

    fn walk(&mut self, step: Step) -> Vec<Wish> {
        let ids: Vec<&BufferId> = self.model.buffers.keys().collect();
        let at = ids.iter().position(|id| **id == self.front).unwrap_or(0);
        let count = ids.len().max(1);
        let next = match step {
            Step::Previous => (at + count - 1) % count,
            Step::Next => (at + 1) % count,
        };
        match ids.get(next).map(|id| (*id).clone()) {
            Some(id) => self.bring(id),
            None => Vec::new(),
        }
    }

    /// Draws it.
    pub fn view(&self, t: &'static Tokens, size: Size, now: Timestamp) -> Element<'_, Message> {
        let upright =
            || container(space::vertical()).width(1).height(Fill).style(move |_| style::fill(t.border));
        let mut all = row![sidebar::view(t, self), upright(), self.middle(t, now)];
        if let Some(buffer) = self.buffer().filter(|b| size.width >= MEMBERS_FROM && !b.members.is_empty()) {
            all = all.push(upright()).push(members::view(t, buffer));
        }
        // The window's own background is the surface: another one over all of it would be drawn with every scroll step.
        all.width(Fill).height(Fill).into()
    }

    fn middle(&self, t: &'static Tokens, now: Timestamp) -> Element<'_, Message> {
        let (Some(buffer), Some(log)) = (self.buffer(), self.log()) else {
            return space().width(Fill).height(Fill).into();
        };
        let look = Look {
            tokens: t,
            width: 0.0,
            own: self.model.nick.as_str().to_owned(),
            today: log.date_of(now),
            offline: self.model.status != Status::Online,
        };
        let list = Transcript::new(log, buffer, look, Message::Transcript);
        let rule = container(Space::new().width(Fill).height(1)).style(move |_| style::fill(t.border));
        let mut middle = column![header::view(t, &self.front, buffer), rule];
        if let Some(bar) = notice::view(t, &self.model.status, now) {
            middle = middle.push(bar);
        }
        middle =
            middle.push(stack![list, loading(t, buffer, log), self.pill(t, log)].width(Fill).height(Fill));
        if let Some(draft) = self.draft() {
            let copies = log.selected_text().is_some();
            middle = middle.push(composer::view(t, draft, &buffer.name, self.composing, copies));
        }
        middle.width(Fill).height(Fill).into()
    }

    /// The way back to the newest message, once one has scrolled away from it.
    fn pill(&self, t: &'static Tokens, log: &Log) -> Element<'_, Message> {
        if log.follows() {
            return space().into();
        }
        let words = match log.missed() {
            0 => "Jump to latest".to_owned(),
            1 => "1 new message".to_owned(),
            many => format!("{many} new messages"),
        };
        let inside = row![
            icon(Icon::ArrowDown, 14.0),
            text(words).size(SIZE_LABEL).font(theme::SEMIBOLD).line_height(LINE)
        ]
        .spacing(6)
        .align_y(Center);
        let pill = press(t, Kind::Pill, inside, Message::Latest).padding([6, 14]);
        container(pill).align_y(Bottom).center_x(Fill).height(Fill).padding(10).into()
    }
}

/// Says that older messages are on their way, where they will appear.
fn loading<'a>(t: &'static Tokens, buffer: &Buffer, log: &Log) -> Element<'a, Message> {
    if buffer.history != History::Loading || !log.at_beginning() {
        return space().into();
    }
    let words = text("Loading older messages…").size(SIZE_LABEL).line_height(LINE).color(t.text_muted);
    let pill =
        container(words).padding([5, 14]).style(move |_| style::boxed(t.border, t.surface_raised, 16.0));
    container(pill).center_x(Fill).padding(10).into()
}
