//! WeeChat, as its people use it.

use std::path::Path;

use super::terminal::Terminal;

/// Starts WeeChat with a server that it may connect to.
pub fn start(nick: &str, port: u16, home: &Path) -> Terminal {
    let folder = home.join("weechat").display().to_string();
    // Lines that come faster than anybody types are no paste to be asked about.
    let typed = "/set weechat.look.paste_max_lines -1";
    let weechat = Terminal::start("weechat", &["--dir", &folder, "--run-command", typed], home);
    weechat.wait_to_show("Plugins loaded");
    weechat.type_line(&format!("/server add chinwag 127.0.0.1/{port} -nicks={nick}"));
    // Version 4 calls it tls, those before ssl; each knows one of the two names and complains of the other.
    for option in ["ssl on", "tls on", "ssl_verify off", "tls_verify off"] {
        weechat.type_line(&format!("/set irc.server.chinwag.{option}"));
    }
    weechat
}

/// Connects it, and waits until it is in the lobby.
pub fn arrive(weechat: &Terminal) {
    weechat.type_line("/connect chinwag");
    weechat.wait_to_show("Welcome to");
    weechat.type_line("/join #lobby");
    weechat.wait_to_show("Channel #lobby:");
}
