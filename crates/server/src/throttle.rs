//! How many connections each address has, and how fast new ones come: an IPv4 address, or an IPv6 network of 64 bits.
//!
//! It never grows without bound: an address is forgotten when nothing about it differs from one that was never seen.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use chat::place_of;

use crate::worker::{Bucket, Rate};

/// Addresses from which on those are forgotten that have no connection, whatever else is known of them.
const MOST: usize = 64 * 1024;
/// Addresses below which nothing is forgotten.
const FEW: usize = 1024;
/// How often somebody is told of a refusal: an answer costs more than silence.
const TOLD_BURST: u32 = 8;
const TOLD_RATE: u32 = 1;

/// What becomes of a new connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is taken, and counted until it [leaves](Throttle::leave).
    Welcome,
    /// It is one too many, and is told so.
    Refused,
    /// It is one too many, and was told often enough.
    Dropped,
}

/// All addresses.
#[derive(Debug)]
pub(crate) struct Throttle {
    places: Mutex<Places>,
    /// How often one address is told that it is refused.
    told: Rate,
}

#[derive(Debug)]
struct Places {
    map: HashMap<IpAddr, Place>,
    /// How many there may be before some are forgotten.
    next_sweep: usize,
}

#[derive(Debug)]
struct Place {
    /// Connections that it has.
    open: u32,
    /// What it may still bring; nothing, if as much as it likes.
    arrivals: Option<Bucket>,
    told: Bucket,
}

impl Throttle {
    pub(crate) fn new() -> Self {
        let places = Places { map: HashMap::new(), next_sweep: FEW };
        Self { places: Mutex::new(places), told: Rate::new(TOLD_BURST, TOLD_RATE) }
    }

    /// Somebody comes. `most` is how many connections an address may have; 0 is any number.
    pub(crate) fn arrive(&self, ip: IpAddr, now: Instant, most: u32, arrivals: Option<Rate>) -> Verdict {
        let mut places = self.lock();
        places.sweep(now, arrivals, self.told);
        let place = places.map.entry(place_of(ip)).or_insert_with(|| Place {
            open: 0,
            arrivals: None,
            told: Bucket::full(now, self.told),
        });
        let has_room = most == 0 || place.open < most;
        let mut comes_slowly = || {
            arrivals.is_none_or(|rate| {
                place.arrivals.get_or_insert_with(|| Bucket::full(now, rate)).take(now, rate).is_ok()
            })
        };
        if has_room && comes_slowly() {
            place.open += 1;
            Verdict::Welcome
        } else if place.told.take(now, self.told).is_ok() {
            Verdict::Refused
        } else {
            Verdict::Dropped
        }
    }

    /// Somebody who was welcome is gone.
    pub(crate) fn leave(&self, ip: IpAddr) {
        if let Some(place) = self.lock().map.get_mut(&place_of(ip)) {
            place.open = place.open.saturating_sub(1);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Places {
    /// Forgets what need not be known, when there is much of it. The next time is when there is twice as much, so that each
    /// arrival pays for a few others at most.
    fn sweep(&mut self, now: Instant, arrivals: Option<Rate>, told: Rate) {
        if self.map.len() < self.next_sweep {
            return;
        }
        let is_rested = |place: &Place| {
            place.told.is_full(now, told)
                && match (&place.arrivals, arrivals) {
                    (Some(bucket), Some(rate)) => bucket.is_full(now, rate),
                    _ => true,
                }
        };
        self.map.retain(|_, place| place.open > 0 || !is_rested(place));
        if self.map.len() >= MOST {
            self.map.retain(|_, place| place.open > 0);
        }
        self.next_sweep = (self.map.len() * 2).clamp(FEW, MOST.max(self.map.len() + FEW));
        self.map.shrink_to(self.next_sweep);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;
    use std::time::Duration;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_has_so_many_connections_and_no_more() {
        let (throttle, now) = (Throttle::new(), Instant::now());
        let arrive = |from: &str| throttle.arrive(ip(from), now, 2, None);
        assert_eq!([arrive("192.0.2.1"), arrive("::ffff:192.0.2.1")], [Verdict::Welcome; 2]);
        assert_eq!(arrive("192.0.2.1"), Verdict::Refused);
        assert_eq!(arrive("192.0.2.2"), Verdict::Welcome);
        throttle.leave(ip("192.0.2.1"));
        assert_eq!(arrive("192.0.2.1"), Verdict::Welcome);
        assert_eq!([arrive("2001:db8::1"), arrive("2001:db8::ffff:2")], [Verdict::Welcome; 2]);
        assert_eq!(arrive("2001:db8::3"), Verdict::Refused, "the same house");
        assert_eq!(arrive("2001:db8:0:1::1"), Verdict::Welcome, "the next one");
    }

    #[test]
    fn who_comes_too_often_waits_and_is_not_told_for_ever() {
        let (throttle, now) = (Throttle::new(), Instant::now() + Duration::from_secs(3600));
        let rate = Some(Rate::per_minute(3, 60));
        let arrive = |now| throttle.arrive(ip("192.0.2.1"), now, 0, rate);
        assert!((0..3).all(|_| arrive(now) == Verdict::Welcome));
        assert!((0..TOLD_BURST).all(|_| arrive(now) == Verdict::Refused));
        assert!((0..100).all(|_| arrive(now) == Verdict::Dropped));
        assert_eq!(arrive(now + Duration::from_secs(1)), Verdict::Welcome);
        assert_eq!(arrive(now + Duration::from_secs(1)), Verdict::Refused);
    }

    #[test]
    fn what_is_past_is_forgotten_and_the_table_stays_small() {
        let throttle = Throttle::new();
        let rate = Some(Rate::per_minute(1, 60));
        let start = Instant::now() + Duration::from_secs(3600);
        let somebody = ip("198.51.100.1");
        assert_eq!(throttle.arrive(somebody, start, 0, rate), Verdict::Welcome);
        for number in 0..3 * MOST as u128 {
            let from = Ipv6Addr::from_bits((0x2001_0db8 << 96) | number << 64).into();
            assert_eq!(throttle.arrive(from, start, 0, rate), Verdict::Welcome);
            throttle.leave(from);
            assert!(throttle.lock().map.len() <= MOST + 1);
        }
        let later = start + Duration::from_secs(60);
        for number in 0..2 * MOST as u32 {
            let from = IpAddr::from((10 << 24 | number).to_be_bytes());
            throttle.arrive(from, later + Duration::from_secs(number.into()), 0, rate);
            throttle.leave(from);
        }
        assert!(throttle.lock().map.len() <= 2 * FEW, "{}", throttle.lock().map.len());
        assert_eq!(throttle.lock().map[&somebody].open, 1, "who is there is not forgotten");
    }
}
