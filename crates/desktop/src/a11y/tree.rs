//! The tree itself, and what an action on one of its nodes means.

use accesskit::{Action, ActionData, Live, Node, NodeId, Role, TreeId, TreeInfo, TreeUpdate};
use client::Timestamp;
use client::model::{BufferId, Status};

use super::Asked;
use crate::app::{Message, Screen};
use crate::screen::chat::{self, Chat};
use crate::screen::signin::{self, Phase, Problem, SignIn};
use crate::screen::{composer, notice};

const WINDOW: NodeId = NodeId(1);
const STATUS: NodeId = NodeId(2);
const LOG: NodeId = NodeId(3);
const COMPOSER: NodeId = NodeId(4);
const SEND: NodeId = NodeId(5);
const DISCONNECT: NodeId = NodeId(6);
const CHANNELS: NodeId = NodeId(7);
const MEMBERS: NodeId = NodeId(8);
const TITLE: NodeId = NodeId(9);
const USER: NodeId = NodeId(20);
const SERVER: NodeId = NodeId(21);
const PORT: NodeId = NodeId(22);
const CONNECT: NodeId = NodeId(23);
const CANCEL: NodeId = NodeId(24);
const SUGGESTION: NodeId = NodeId(25);
const TRUST: NodeId = NodeId(26);
/// Buffers, members and messages: by their place, or by their entry's id.
const BUFFERS: u64 = 1 << 40;
const PEOPLE: u64 = 2 << 40;
const ENTRIES: u64 = 1 << 60;
/// So many messages are told; older ones by scrolling.
const TOLD: usize = 50;
/// So many members are told.
const MEMBERS_TOLD: usize = 200;

/// What somebody who listens wants.
#[derive(Debug, Clone)]
pub enum Meaning {
    /// As if the person did this.
    Do(Message),
    /// The keyboard goes there.
    Focus(&'static str),
    /// Nothing but the tree, which comes with every change.
    Nothing,
}

struct Builder {
    nodes: Vec<(NodeId, Node)>,
    top: Vec<NodeId>,
}

impl Builder {
    fn add(&mut self, id: NodeId, node: Node) {
        self.top.push(id);
        self.nodes.push((id, node));
    }

    fn button(&mut self, id: NodeId, label: &str) {
        let mut node = Node::new(Role::Button);
        node.set_label(label);
        node.add_action(Action::Click);
        self.add(id, node);
    }

    fn field(&mut self, id: NodeId, role: Role, label: &str, value: &str) {
        let mut node = Node::new(role);
        node.set_label(label);
        node.set_value(value);
        node.add_action(Action::Focus);
        node.add_action(Action::SetValue);
        self.add(id, node);
    }

    /// Words that are read out when they change.
    fn live(&mut self, id: NodeId, role: Role, words: String) {
        let mut node = Node::new(role);
        node.set_value(words.clone());
        node.set_label(words);
        node.set_live(if role == Role::Alert { Live::Assertive } else { Live::Polite });
        self.add(id, node);
    }

    fn list(&mut self, id: NodeId, role: Role, label: &str, items: Vec<(NodeId, Node)>) {
        let mut node = Node::new(role);
        node.set_label(label);
        node.set_children(items.iter().map(|(id, _)| *id).collect::<Vec<_>>());
        if role == Role::Log {
            node.set_live(Live::Polite);
        }
        self.nodes.extend(items);
        self.add(id, node);
    }

    fn done(mut self, title: &str, focus: NodeId) -> TreeUpdate {
        let mut window = Node::new(Role::Window);
        window.set_label(title);
        window.set_children(self.top);
        self.nodes.push((WINDOW, window));
        TreeUpdate { nodes: self.nodes, tree: Some(TreeInfo::new(WINDOW)), tree_id: TreeId::ROOT, focus }
    }
}

/// What is on the screen.
#[must_use]
pub(super) fn tree(screen: &Screen) -> TreeUpdate {
    let builder = Builder { nodes: Vec::new(), top: Vec::new() };
    match screen {
        Screen::SignIn(signin) => signin_tree(builder, signin),
        Screen::Chat(chat) => chat_tree(builder, chat),
    }
}

fn signin_tree(mut b: Builder, signin: &SignIn) -> TreeUpdate {
    if let Phase::Trust(fingerprint) = &signin.phase {
        let question = format!(
            "First time on this server. Compare this fingerprint with the one on the server's console: {}",
            signin::grouped(fingerprint)
        );
        b.live(STATUS, Role::Alert, question);
        b.button(TRUST, "Trust this server");
        b.button(CANCEL, "Cancel");
        return b.done("Chinwag: is this your server?", TRUST);
    }
    b.field(USER, Role::TextInput, "Username", &signin.user);
    b.field(SERVER, Role::TextInput, "Server", &signin.server);
    b.field(PORT, Role::TextInput, "Port", &signin.port);
    match &signin.phase {
        Phase::Connecting => {
            b.live(STATUS, Role::Status, "Connecting…".to_owned());
            b.button(CANCEL, "Cancel");
        }
        Phase::Editing(problem) => {
            if let Some(problem) = problem {
                b.live(STATUS, Role::Alert, problem.to_string());
            }
            if let Some(name) = suggestion(signin) {
                b.button(SUGGESTION, &format!("Use {name}"));
            }
            b.button(CONNECT, "Connect");
        }
        Phase::Trust(_) => {}
    }
    b.done("Chinwag: join the chat", USER)
}

fn suggestion(signin: &SignIn) -> Option<&str> {
    match &signin.phase {
        Phase::Editing(Some(Problem::Failure(client::model::Failure::NameTaken { suggestion, .. }))) => {
            Some(suggestion)
        }
        _ => None,
    }
}

fn chat_tree(mut b: Builder, chat: &Chat) -> TreeUpdate {
    let model = chat.model();
    let status = notice::words(&model.status, Timestamp(0)).map_or_else(
        || format!("Connected to {} as {}", model.network, model.nick.as_str()),
        |_| match &model.status {
            // Not the countdown: nobody wants to have it read out each second.
            Status::Reconnecting { .. } => "The connection is lost. Reconnecting.".to_owned(),
            _ => "Not connected.".to_owned(),
        },
    );
    b.live(STATUS, Role::Status, status);
    let buffers = model.buffers.iter().enumerate().map(|(at, (id, buffer))| {
        let mut node = Node::new(Role::ListItem);
        let unread = if buffer.unread > 0 { format!(", {} unread", buffer.unread) } else { String::new() };
        node.set_label(format!("{}{unread}", buffer.name));
        node.set_selected(*id == chat.front);
        node.add_action(Action::Click);
        (NodeId(BUFFERS + at as u64), node)
    });
    b.list(CHANNELS, Role::List, "Channels and people", buffers.collect());
    if let Some(buffer) = chat.buffer() {
        let mut title = Node::new(Role::Heading);
        title.set_label(if buffer.topic.is_empty() {
            buffer.name.clone()
        } else {
            format!("{}: {}", buffer.name, buffer.topic)
        });
        b.add(TITLE, title);
        let told = chat.log().map(|log| log.spoken(TOLD)).unwrap_or_default();
        let items = told.into_iter().map(|(entry, words)| {
            let mut node = Node::new(Role::ListItem);
            node.set_label(words);
            (NodeId(ENTRIES + entry.0), node)
        });
        b.list(LOG, Role::Log, "Messages", items.collect());
        let draft = chat.draft().map(composer::Draft::text).unwrap_or_default();
        b.field(
            COMPOSER,
            Role::MultilineTextInput,
            &format!("Message {}", buffer.name),
            draft.trim_end_matches('\n'),
        );
        b.button(SEND, "Send");
        let members = buffer.members.values().take(MEMBERS_TOLD).enumerate().map(|(at, member)| {
            let mut node = Node::new(Role::ListItem);
            node.set_label(format!("{}{}", member.nick.as_str(), if member.away { ", away" } else { "" }));
            (NodeId(PEOPLE + at as u64), node)
        });
        b.list(MEMBERS, Role::List, &format!("{} members", buffer.members.len()), members.collect());
    }
    b.button(DISCONNECT, "Disconnect");
    let title = format!("Chinwag: {}", chat.buffer().map_or("", |buffer| buffer.name.as_str()));
    b.done(&title, if chat.draft().is_some() { COMPOSER } else { WINDOW })
}

/// What an action on a node means on that screen.
#[must_use]
pub fn understood(asked: &Asked, screen: &Screen) -> Meaning {
    let Asked::Action(request) = asked else { return Meaning::Nothing };
    let value = match &request.data {
        Some(ActionData::Value(value)) => Some(value.to_string()),
        _ => None,
    };
    match screen {
        Screen::SignIn(signin) => signin_meaning(request.action, request.target_node, value, signin),
        Screen::Chat(chat) => chat_meaning(request.action, request.target_node, value, chat),
    }
}

fn signin_meaning(action: Action, node: NodeId, value: Option<String>, signin: &SignIn) -> Meaning {
    use signin::Message as M;
    let message = match (action, node, value) {
        (Action::Focus, USER, _) => return Meaning::Focus(signin::USER),
        (Action::Focus, SERVER, _) => return Meaning::Focus(signin::SERVER),
        (Action::Focus, PORT, _) => return Meaning::Focus(signin::PORT),
        (Action::SetValue, USER, Some(value)) => M::User(value),
        (Action::SetValue, SERVER, Some(value)) => M::Server(value),
        (Action::SetValue, PORT, Some(value)) => M::Port(value),
        (Action::Click, CONNECT, _) => M::Submit,
        (Action::Click, CANCEL, _) => M::Cancel,
        (Action::Click, TRUST, _) => M::Trust,
        (Action::Click, SUGGESTION, _) => match suggestion(signin) {
            Some(name) => M::Suggestion(name.to_owned()),
            None => return Meaning::Nothing,
        },
        _ => return Meaning::Nothing,
    };
    Meaning::Do(Message::SignIn(message))
}

fn chat_meaning(action: Action, node: NodeId, value: Option<String>, chat: &Chat) -> Meaning {
    use chat::Message as M;
    let message = match (action, node, value) {
        (Action::Focus, COMPOSER, _) => return Meaning::Focus(composer::COMPOSER),
        (Action::SetValue, COMPOSER, Some(value)) => M::Rewrite(value),
        (Action::Click, SEND, _) => M::Send,
        (Action::Click, DISCONNECT, _) => M::Disconnect,
        (Action::Click, NodeId(node), _) if (BUFFERS..PEOPLE).contains(&node) => {
            match chat.model().buffers.keys().nth((node - BUFFERS) as usize) {
                Some(id) => M::Show(BufferId::clone(id)),
                None => return Meaning::Nothing,
            }
        }
        _ => return Meaning::Nothing,
    };
    Meaning::Do(Message::Chat(message))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
