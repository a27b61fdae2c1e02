//! WeeChat takes a name for good, comes back under it by SASL, reads what was said meanwhile, and talks.

mod support;

use client::model::{Failure, Status};
use support::person::Person;
use support::server::Server;
use support::weechat;

#[test]
fn weechat_registers_comes_back_scrolls_back_and_talks() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(&home.path().join("server"));
    let john = Person::arrive("John", server.port(), home.path(), &server.fingerprint());
    let weechat = weechat::start("Wanda", server.port(), home.path());
    weechat::arrive(&weechat);
    weechat.type_line("/msg NickServ REGISTER sesame-seeds");
    weechat.type_line("/buffer 1");
    weechat.wait_to_show("Wanda is your account now");

    for option in ["sasl_mechanism plain", "sasl_username Wanda", "sasl_password sesame-seeds"] {
        weechat.type_line(&format!("/set irc.server.chinwag.{option}"));
    }
    weechat.type_line("/disconnect chinwag");
    server.wait_for_console("*** Wanda disconnected");
    john.say("said while Wanda was away");
    weechat.type_line("/buffer clear");
    weechat.type_line("/connect chinwag");
    weechat.wait_to_show("You are now logged in as Wanda");
    weechat.wait_to_show("Welcome to");

    // Nobody else can be called so.
    let other = Person::connect("wanda", server.port(), home.path());
    other.trust(&server.fingerprint());
    other.wait_for_status("the name to be refused", |status| {
        matches!(status, Status::Failed(Failure::NameTaken { .. }))
    });
    other.leave();

    weechat.type_line("/buffer #lobby");
    weechat.wait_to_show("Channel #lobby:");
    // It has no way of its own to scroll back, but shows what it asked for with the server's words.
    weechat.type_line("/quote CHATHISTORY LATEST #lobby * 10");
    weechat.wait_to_show("said while Wanda was away");
    weechat.type_line("hello from a terminal");
    john.wait_to_hear("Wanda", "hello from a terminal");
    john.say("hello from a window");
    weechat.wait_to_show("hello from a window");
    john.leave();
}
