//! What those who listen are told, and that what they ask for is understood.

use accesskit::{ActionRequest, NodeId, Role};
use client::Timestamp;

use super::*;
use crate::fixture;
use crate::settings::Settings;

fn chat() -> Screen {
    let session = crate::session::Session::fixture(fixture::chat(1_795_356_153_000));
    let chat = Chat::new(session.model());
    let buffer = std::sync::Arc::clone(chat.buffer().expect("a channel is in front"));
    chat.log().expect("it has a list").sync(&buffer);
    Screen::Chat(Box::new(chat))
}

fn signin(phase: Phase) -> Screen {
    Screen::SignIn(SignIn { phase, ..SignIn::new(&Settings { user: "Mei".into(), ..Settings::default() }) })
}

fn labels(screen: &Screen, role: Role) -> Vec<String> {
    let tree = tree(screen);
    tree.nodes
        .iter()
        .filter(|(_, node)| node.role() == role)
        .filter_map(|(_, node)| node.label().map(ToString::to_string))
        .collect()
}

fn ask(screen: &Screen, action: Action, node: NodeId, value: Option<&str>) -> String {
    let data = value.map(|value| ActionData::Value(value.into()));
    let request = ActionRequest { action, target_tree: TreeId::ROOT, target_node: node, data };
    format!("{:?}", understood(&Asked::Action(request), screen))
}

#[test]
fn every_node_has_a_parent_and_the_focus_is_one_of_them() {
    for screen in
        [chat(), signin(Phase::Editing(None)), signin(Phase::Connecting), signin(Phase::Trust("ab".into()))]
    {
        let tree = tree(&screen);
        let mut ids: Vec<NodeId> = tree.nodes.iter().map(|(id, _)| *id).collect();
        let children: Vec<NodeId> =
            tree.nodes.iter().flat_map(|(_, node)| node.children().to_vec()).collect();
        assert!(ids.contains(&tree.focus));
        assert!(ids.iter().all(|id| *id == WINDOW || children.contains(id)));
        assert!(children.iter().all(|id| ids.contains(id)));
        let count = ids.len();
        ids.sort_unstable_by_key(|id| id.0);
        ids.dedup();
        assert_eq!(ids.len(), count);
    }
}

#[test]
fn the_sign_in_card_can_be_filled_in_and_sent_by_ear() {
    let screen = signin(Phase::Editing(None));
    assert_eq!(labels(&screen, Role::TextInput), ["Username", "Server", "Port"]);
    assert!(ask(&screen, Action::SetValue, USER, Some("Ann")).contains("User(\"Ann\")"));
    assert!(ask(&screen, Action::Click, CONNECT, None).contains("Submit"));
    assert!(ask(&screen, Action::Click, NodeId(999), None).contains("Nothing"));
}

#[test]
fn what_went_wrong_is_read_out() {
    let screen = signin(Phase::Editing(Some(Problem::BadPort("x".into()))));
    assert!(labels(&screen, Role::Alert)[0].starts_with("x is not a port number"));
}

#[test]
fn a_conversation_is_told_with_times_and_names() {
    let screen = chat();
    let items = labels(&screen, Role::ListItem);
    assert!(items.iter().any(|item| {
        item.ends_with("Alice: Not any more 🎉 port 9898 is TLS only now, 我试过了, مرحبا بالجميع")
    }));
    assert!(items.iter().any(|item| item.ends_with("→ Brandon, John and Alice joined")));
    assert!(items.contains(&"#robotics, 3 unread".to_owned()));
    assert_eq!(labels(&screen, Role::Button), ["Send", "Disconnect"]);
    assert!(ask(&screen, Action::Click, DISCONNECT, None).contains("Disconnect"));
    assert!(ask(&screen, Action::SetValue, COMPOSER, Some("hi")).contains("Rewrite(\"hi\")"));
    assert!(ask(&screen, Action::Click, NodeId(BUFFERS + 1), None).contains("Show(Channel(\"#general\"))"));
}

#[test]
fn a_countdown_is_not_read_out() {
    let status = Status::Reconnecting { at: Timestamp(5), attempts: 1, why: String::new() };
    let model = client::model::Model { status, ..fixture::chat(1_795_356_153_000) };
    let screen = Screen::Chat(Box::new(Chat::new(std::sync::Arc::new(model))));
    assert_eq!(labels(&screen, Role::Status), ["The connection is lost. Reconnecting."]);
}
