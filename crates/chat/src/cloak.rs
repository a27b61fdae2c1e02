//! Cloaks: what others see instead of an address. The same address always has the same one on a server, and addresses of one network share its first part,
//! so that a ban on either works; without the server's secret nobody finds the address from it, nor tries all of them.
//!
//! Accounts do not show in it: bans on them have a form of their own. An operator of the server may give somebody another host in its stead, which then must not
//! look like one.

use std::net::IpAddr;

use ring::hmac;

use crate::Secret;

/// What a letter of a cloak may be: 32 of them, that survive being folded.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// The letters of each part: 40 bits.
const LENGTH: usize = 8;

/// Makes cloaks, each server its own.
#[derive(Debug)]
pub(crate) struct Cloaks(hmac::Key);

impl Cloaks {
    /// By what only this server knows.
    pub(crate) fn new(secret: &Secret) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &secret.0))
    }

    /// The cloak of an address: its network's part (/24, or /64), then its own.
    pub(crate) fn of(&self, ip: IpAddr) -> String {
        let mut text = String::with_capacity(2 * LENGTH + 4);
        match ip.to_canonical() {
            IpAddr::V4(ip) => self.add(&ip.octets()[..3], &ip.octets(), &mut text),
            IpAddr::V6(ip) => self.add(&ip.octets()[..8], &ip.octets(), &mut text),
        }
        text
    }

    fn add(&self, network: &[u8], whole: &[u8], text: &mut String) {
        self.add_part(b"cloak of a network ", network, text);
        text.push('.');
        self.add_part(b"cloak ", whole, text);
        text.push_str(".ip");
    }

    fn add_part(&self, what: &[u8], bytes: &[u8], text: &mut String) {
        let mut signing = hmac::Context::with_key(&self.0);
        signing.update(what);
        signing.update(bytes);
        let drawn = signing.sign();
        let letters = drawn.as_ref()[..LENGTH].iter().map(|byte| LETTERS[usize::from(byte % 32)]);
        text.extend(letters.map(char::from));
    }
}

/// Whether a text may be given to somebody as their host: it must be one, and pass for nobody's address.
pub(crate) fn may_be_given(host: &str) -> bool {
    (1..=63).contains(&host.len())
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':' | b'.' | b'-'))
        && host.contains('.')
        && !host.starts_with([':', '.', '-'])
        && !host.to_ascii_lowercase().ends_with(".ip")
        && host.parse::<IpAddr>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(secret: u8, ip: &str) -> String {
        Cloaks::new(&Secret([secret; 32])).of(ip.parse().expect("an address"))
    }

    #[test]
    fn an_address_has_one_cloak_and_neighbours_share_its_first_part() {
        let first = |text: &str| text.split('.').next().map(str::to_owned);
        for (one, same, near, far) in [
            ("10.0.0.1", "::ffff:10.0.0.1", "10.0.0.2", "10.0.1.1"),
            ("2001:db8::1", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"),
        ] {
            assert_eq!(of(1, one), of(1, same));
            assert_eq!(first(&of(1, one)), first(&of(1, near)));
            assert_ne!(of(1, one), of(1, near));
            assert_ne!(first(&of(1, one)), first(&of(1, far)));
            assert_ne!(first(&of(1, one)), first(&of(2, one)), "another server gives another");
        }
        let text = of(1, "10.0.0.1");
        assert_eq!(text.len(), 2 * LENGTH + ".".len() + ".ip".len());
        assert!(text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.'), "{text}");
    }

    #[test]
    fn what_may_be_given_is_a_host_and_nobodys_address() {
        for good in ["vhost.example.com", "a.b", "x_1:2-3.Lab"] {
            assert!(may_be_given(good), "{good}");
        }
        let long = format!("{}.x", "a".repeat(62));
        for bad in [
            "",
            "nodot",
            "a b.c",
            "*.x",
            "a@b.c",
            "10.0.0.1",
            "::ffff:10.0.0.1",
            ".x",
            "a.b.ip",
            "a.IP",
            &long,
        ] {
            assert!(!may_be_given(bad), "{bad}");
        }
    }
}
