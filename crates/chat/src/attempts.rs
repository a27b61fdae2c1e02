//! How often somebody at an address may try to sign in to an account, and make one: an IPv4 address, or an IPv6 network of 64 bits, which is what one house
//! has. A password costs the server more to check than the sender to send.
//!
//! It never grows without bound: an address is forgotten when it may do again all that it ever might.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

use irc::Timestamp;

use crate::Network;

/// Addresses below which nothing is forgotten.
const FEW: usize = 1024;
/// Addresses from which on all are forgotten: whoever commands so many is not held up by this anyway.
const MOST: usize = 64 * 1024;

/// How often something may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How often at once, before that counts.
    pub at_once: u32,
    /// Milliseconds from one time to the next, for ever.
    pub every: u64,
}

/// What holds for attempts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempts {
    /// How often an address may try a password or a code; nothing means as often as it likes.
    pub logins: Option<Pace>,
    /// How often an address may make an account; nothing means as often as it likes.
    pub registrations: Option<Pace>,
    /// For whom none of that holds.
    pub exempt: Vec<Network>,
}

impl Attempts {
    fn exempts(&self, address: IpAddr) -> bool {
        self.exempt.iter().any(|network| network.contains(address))
    }
}

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Attempt {
    /// A password or a code.
    Login,
    /// A new account.
    Registration,
}

/// What each address has tried lately: for each, the time at which it may do again all that it ever might.
#[derive(Debug, Default)]
pub(crate) struct Tried {
    rested: BTreeMap<(Attempt, IpAddr), Timestamp>,
    /// How many there may be before some are forgotten.
    next_sweep: usize,
}

impl Tried {
    /// Somebody tries something. If they must wait first, for how many milliseconds.
    pub(crate) fn attempt(
        &mut self,
        what: Attempt,
        address: IpAddr,
        now: Timestamp,
        rules: &Attempts,
    ) -> Result<(), u64> {
        let pace = match what {
            Attempt::Login => rules.logins,
            Attempt::Registration => rules.registrations,
        };
        let Some(pace) = pace.filter(|_| !rules.exempts(address)) else { return Ok(()) };
        self.forget(now);
        let rested = self.rested.entry((what, place_of(address))).or_insert(now);
        let from = (*rested).max(now);
        let whole = pace.every.saturating_mul(u64::from(pace.at_once.max(1)));
        let next = from.plus_millis(pace.every);
        let debt = next.millis_since(now);
        if debt > whole {
            return Err(debt - whole);
        }
        *rested = next;
        Ok(())
    }

    /// Forgets what need not be known, when there is much of it. The next time is when there is twice as much, so that each attempt pays for a few others at most.
    fn forget(&mut self, now: Timestamp) {
        if self.rested.len() < self.next_sweep.max(FEW) {
            return;
        }
        self.rested.retain(|_, rested| *rested > now);
        if self.rested.len() >= MOST {
            self.rested.clear();
        }
        self.next_sweep = (self.rested.len() * 2).min(MOST);
    }
}

/// What counts as one place: whoever has one IPv6 address has 2^64 of them.
#[must_use]
pub fn place_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn rules() -> Attempts {
        let exempt = vec!["127.0.0.0/8".parse().expect("a network")];
        Attempts { logins: Some(Pace { at_once: 2, every: 1000 }), registrations: None, exempt }
    }

    #[test]
    fn some_come_at_once_and_the_others_wait() {
        let (mut tried, rules) = (Tried::default(), rules());
        let mut login = |from: &str, at: u64| tried.attempt(Attempt::Login, ip(from), Timestamp(at), &rules);
        assert_eq!([login("10.0.0.1", 5000), login("::ffff:10.0.0.1", 5000)], [Ok(()), Ok(())]);
        assert_eq!(login("10.0.0.1", 5000), Err(1000));
        assert_eq!(login("10.0.0.1", 5400), Err(600));
        assert_eq!(login("10.0.0.2", 5400), Ok(()));
        assert_eq!([login("10.0.0.1", 6000), login("10.0.0.1", 6000)], [Ok(()), Err(1000)]);
        assert_eq!([login("2001:db8::1", 1), login("2001:db8::2", 1)], [Ok(()), Ok(())]);
        assert_eq!(login("2001:db8::3", 1), Err(1000), "the same house");
        assert_eq!(login("2001:db8:0:1::3", 1), Ok(()), "the next one");
        assert!((0..99).all(|_| login("127.0.0.1", 1).is_ok()), "exempt");
    }

    #[test]
    fn each_kind_has_a_pace_of_its_own_and_may_have_none() {
        let (mut tried, mut rules) = (Tried::default(), rules());
        let mut make =
            |rules: &Attempts| tried.attempt(Attempt::Registration, ip("10.0.0.1"), Timestamp(9), rules);
        assert!((0..99).all(|_| make(&rules).is_ok()));
        rules.registrations = Some(Pace { at_once: 1, every: 60_000 });
        assert_eq!([make(&rules), make(&rules)], [Ok(()), Err(60_000)]);
    }

    #[test]
    fn what_is_past_is_forgotten() {
        let (mut tried, rules) = (Tried::default(), rules());
        for number in 0..3 * MOST as u32 {
            let from = IpAddr::from((10 << 24 | number).to_be_bytes());
            let _ = tried.attempt(Attempt::Login, from, Timestamp(1), &rules);
            assert!(tried.rested.len() <= MOST);
        }
        let _ = tried.attempt(Attempt::Login, ip("192.0.2.1"), Timestamp(9000), &rules);
        assert_eq!(tried.rested.len(), 1);
    }
}
