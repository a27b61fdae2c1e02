//! irssi, as its people use it.

use std::path::Path;

use super::terminal::Terminal;

/// Starts irssi, connects it to the server with TLS, and waits until it is in the lobby.
pub fn arrive(nick: &str, port: u16, home: &Path) -> Terminal {
    let folder = format!("--home={}", home.join("irssi").display());
    let irssi = Terminal::start("irssi", &[&folder, "-n", nick], home);
    irssi.wait_to_show("[(status)]");
    irssi.type_line(&format!("/connect -tls -notls_verify 127.0.0.1 {port}"));
    irssi.wait_to_show("Welcome to");
    irssi.type_line("/join #lobby");
    // The window is there at once, but irssi sends slowly at first, and is in when it knows who else is.
    irssi.wait_to_show("#lobby: Total of");
    irssi
}
