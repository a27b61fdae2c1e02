//! Limnoria, a bot that negotiates every capability that it can and signs in with SASL.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running Limnoria. It is ended when dropped.
pub struct Limnoria {
    child: Child,
}

impl Limnoria {
    /// Starts the bot: it connects with TLS, signs in to the account of its name, and joins the lobby.
    pub fn start(nick: &str, password: &str, port: u16, home: &Path) -> Self {
        let folder = home.join("limnoria");
        fs::create_dir_all(&folder).expect("a folder");
        let directories = ["conf", "data", "backup", "plugins", "logs", "data.tmp", "data.web"];
        let keys = ["conf", "data", "backup", "plugins", "log", "data.tmp", "data.web"];
        let folders = keys
            .iter()
            .zip(directories)
            .map(|(key, name)| format!("supybot.directories.{key}: {}\n", folder.join(name).display()));
        let folders: String = folders.collect();
        let settings = format!(
            "supybot.nick: {nick}\n\
             supybot.ident: {nick}\n\
             supybot.networks: chinwag\n\
             supybot.networks.chinwag.servers: 127.0.0.1:{port}\n\
             supybot.networks.chinwag.ssl: True\n\
             supybot.networks.chinwag.sasl.username: {nick}\n\
             supybot.networks.chinwag.sasl.password: {password}\n\
             supybot.networks.chinwag.sasl.mechanisms: plain\n\
             supybot.networks.chinwag.channels: #lobby\n\
             supybot.plugins: Misc Owner Config User\n\
             supybot.plugins.Misc: True\n\
             supybot.plugins.Owner: True\n\
             supybot.plugins.Config: True\n\
             supybot.plugins.User: True\n\
             supybot.reply.whenAddressedBy.chars: @\n\
             {folders}"
        );
        let path = folder.join("bot.conf");
        fs::write(&path, settings).expect("a file");
        let child = Command::new("supybot")
            .arg("--allow-root")
            .arg(&path)
            .current_dir(&folder)
            .env("HOME", home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Limnoria is installed");
        Self { child }
    }
}

impl Drop for Limnoria {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
