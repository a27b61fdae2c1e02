//! What a person reads when the server has started: where it is, how to be sure of it, how to connect, and what may be in the way.
//!
//! It tells what is so, and never asks the network for it.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;

use crate::addresses;

/// Addresses that are shown one by one; more than these are only counted.
const MOST_ADDRESSES: usize = 4;
/// Where the second column begins.
const COLUMN: usize = 16;

/// A started server, as a person wants to know it.
#[derive(Debug)]
pub(crate) struct Banner<'a> {
    /// What people call the server.
    pub(crate) name: &'a str,
    /// The addresses to which it is bound.
    pub(crate) listening: &'a [SocketAddr],
    /// Its key's fingerprint.
    pub(crate) fingerprint: &'a str,
    /// What whoever wants to own it must say, if nobody owns it.
    pub(crate) claim: Option<&'a str>,
    /// Where its data is.
    pub(crate) data: &'a Path,
    /// Whether colours are shown.
    pub(crate) colour: bool,
}

impl Banner<'_> {
    /// The text, at most sixteen lines.
    pub(crate) fn text(&self) -> String {
        let reachable = addresses::reachable(self.listening);
        let Some(best) = reachable.first().copied() else { return String::new() };
        let (host, port) = (best.ip(), best.port());
        let mut out = String::from("\n");
        let _ = writeln!(out, "  {}\n", self.bold(&format!("{} is open", self.name)));

        let mut label = if reachable.len() == 1 { "Address" } else { "Addresses" };
        let shown = if reachable.len() > MOST_ADDRESSES { MOST_ADDRESSES - 1 } else { MOST_ADDRESSES };
        for address in reachable.iter().take(shown) {
            let note =
                if address.ip().is_loopback() { self.dim("   this computer alone") } else { String::new() };
            self.row(
                &mut out,
                std::mem::take(&mut label),
                &format!("{}{note}", self.bold(&address.to_string())),
            );
        }
        if reachable.len() > shown {
            self.row(&mut out, "", &self.dim(&format!("and {} more", reachable.len() - shown)));
        }
        let (first, second) = halves(self.fingerprint);
        self.row(&mut out, "Fingerprint", first);
        self.row(&mut out, "", second);
        self.row(&mut out, "Chinwag", &format!("your name, server {host}, port {port}, Connect"));
        self.row(
            &mut out,
            "irssi",
            &format!("/connect -tls {host} {port}{}", self.dim("   or any IRC client with TLS")),
        );
        if host.is_loopback() {
            self.row(
                &mut out,
                "Others",
                &format!("cannot reach it; start it with --listen [::]:{port} to let them"),
            );
        } else {
            self.row(&mut out, "Firewall", &firewall(port));
        }
        if let Some(code) = self.claim {
            self.row(&mut out, "Owner", &format!("nobody yet: /msg NickServ CLAIM {code}"));
        }
        self.row(&mut out, "Data", &self.data.display().to_string());
        let _ = writeln!(out, "\n  {}", self.dim("Ctrl-C stops the server."));
        out
    }

    fn row(&self, out: &mut String, label: &str, value: &str) {
        let padding = " ".repeat(COLUMN.saturating_sub(2 + label.len()));
        let _ = writeln!(out, "  {}{padding}{value}", self.dim(label));
    }

    fn bold(&self, text: &str) -> String {
        self.painted("1", text)
    }

    fn dim(&self, text: &str) -> String {
        self.painted("2", text)
    }

    fn painted(&self, code: &str, text: &str) -> String {
        if self.colour && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// A fingerprint is wider than a terminal: two lines, each half of the groups.
fn halves(fingerprint: &str) -> (&str, &str) {
    let spaces: Vec<_> = fingerprint.match_indices(' ').map(|(at, _)| at).collect();
    match spaces.get(spaces.len() / 2) {
        Some(at) => (&fingerprint[..*at], &fingerprint[at + 1..]),
        None => (fingerprint, ""),
    }
}

/// How to let others through the firewall of this computer.
fn firewall(port: u16) -> String {
    let has = |program: &str| {
        ["/usr/sbin", "/sbin", "/usr/bin"].iter().any(|folder| Path::new(folder).join(program).exists())
    };
    if has("ufw") {
        format!("sudo ufw allow {port}/tcp")
    } else if has("firewall-cmd") {
        format!("sudo firewall-cmd --add-port={port}/tcp")
    } else {
        format!("if others cannot reach it, let TCP port {port} in")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn banner(listening: &[&str], colour: bool) -> String {
        let listening: Vec<SocketAddr> = listening.iter().map(|a| a.parse().expect("an address")).collect();
        let fingerprint = ["0123", "4567", "89AB", "CDEF"].repeat(4).join(" ");
        let data = Path::new("/home/john/.local/share/chinwag/server");
        let claim = Some("abcd-efgh-ijkm-npqr-stuv");
        Banner { name: "Lab 3", listening: &listening, fingerprint: &fingerprint, claim, data, colour }.text()
    }

    #[test]
    fn it_says_all_that_one_needs_to_connect() {
        let text = banner(&["192.168.1.20:9898", "[2001:db8::5]:9898", "127.0.0.1:9898"], false);
        for part in [
            "Lab 3 is open",
            "192.168.1.20:9898\n",
            "[2001:db8::5]:9898\n",
            "127.0.0.1:9898   this computer alone",
            "0123 4567 89AB CDEF 0123 4567 89AB CDEF\n",
            "server 192.168.1.20, port 9898",
            "/connect -tls 192.168.1.20 9898",
            "9898",
            "/home/john/.local/share/chinwag/server",
            "Owner         nobody yet: /msg NickServ CLAIM abcd-efgh-ijkm-npqr-stuv\n",
            "Ctrl-C",
        ] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }

    #[test]
    fn it_fits_a_small_terminal_and_has_colours_only_on_request() {
        let many: Vec<_> = (1..40).map(|n| format!("10.0.0.{n}:9898")).collect();
        let text = banner(&many.iter().map(String::as_str).collect::<Vec<_>>(), false);
        assert!(text.lines().count() <= 16, "{text}");
        assert!(text.lines().all(|line| line.chars().count() < 80), "{text}");
        assert!(text.contains("and 36 more"));
        assert!(!text.contains('\x1b'));
        assert!(banner(&["127.0.0.1:1"], true).contains("\x1b[1m127.0.0.1:1\x1b[0m"));
    }

    #[test]
    fn a_server_that_others_cannot_reach_says_so() {
        let text = banner(&["127.0.0.1:9898"], false);
        assert!(text.contains("--listen [::]:9898") && !text.contains("Firewall"), "{text}");
    }
}
