//! Cloaks: what others see instead of an address. The same address always has the same one on a server, and addresses of one network share its first part,
//! so that a ban on either works; without the server's secret nobody finds the address from it, nor tries all of them.
//!
//! Accounts do not show in it: bans on them have a form of their own. An operator of the server may give somebody another host in its stead, which then must not
//! look like one.

use std::net::IpAddr;

use crate::Secret;
use crate::verifier::sign;

/// What a letter of a cloak may be: 32 of them, that survive being folded.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// The letters of each part: 40 bits.
const LENGTH: usize = 8;

/// The cloak of an address: its network's part (/24, or /64), then its own.
pub(crate) fn cloak(secret: &Secret, ip: IpAddr) -> String {
    let (network, whole): (Vec<u8>, Vec<u8>) = match ip.to_canonical() {
        IpAddr::V4(ip) => (ip.octets()[..3].to_vec(), ip.octets().to_vec()),
        IpAddr::V6(ip) => (ip.octets()[..8].to_vec(), ip.octets().to_vec()),
    };
    format!("{}.{}.ip", part(secret, b"cloak of a network ", &network), part(secret, b"cloak ", &whole))
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

fn part(secret: &Secret, what: &[u8], bytes: &[u8]) -> String {
    let drawn = sign(&secret.0, &[what, bytes].concat());
    drawn[..LENGTH].iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(secret: u8, ip: &str) -> String {
        cloak(&Secret([secret; 32]), ip.parse().expect("an address"))
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
