//! A range of addresses, such as `10.0.0.0/8`, as the configuration and server bans name them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A range of addresses: `ADDRESS/BITS`, or one address. Two that hold the same addresses are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// The range of so many bits in which an address is; nothing, if addresses have fewer bits.
    #[must_use]
    pub fn around(address: IpAddr, bits: u8) -> Option<Self> {
        let address = match address.to_canonical() {
            IpAddr::V4(ip) if bits <= 32 => {
                let kept = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
                Ipv4Addr::from_bits(ip.to_bits() & kept).into()
            }
            IpAddr::V6(ip) if bits <= 128 => {
                let kept = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
                Ipv6Addr::from_bits(ip.to_bits() & kept).into()
            }
            _ => return None,
        };
        Some(Self { address, bits })
    }

    /// Every range in which an address is, the narrowest first.
    pub fn all_around(address: IpAddr) -> impl Iterator<Item = Self> {
        let most = if address.to_canonical().is_ipv4() { 32 } else { 128 };
        (0..=most).rev().filter_map(move |bits| Self::around(address, bits))
    }

    /// Whether an address is in it. A v4 address that came through a v6 socket counts as what it is.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(ip)) => {
                (net.to_bits() ^ ip.to_bits()).leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(net), IpAddr::V6(ip)) => {
                (net.to_bits() ^ ip.to_bits()).leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no range of addresses, such as 10.0.0.0/8 or 2001:db8::/32");
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let written: IpAddr = address.parse().map_err(|_| wrong())?;
        let address = written.to_canonical();
        let bits = match bits {
            None if address.is_ipv4() => 32,
            None => 128,
            // Of a v4 address in the form of a v6 one the first 96 bits are the form.
            Some(bits) if written.is_ipv6() && address.is_ipv4() => {
                bits.parse::<u8>().ok().and_then(|bits| bits.checked_sub(96)).ok_or_else(wrong)?
            }
            Some(bits) => bits.parse().map_err(|_| wrong())?,
        };
        Self::around(address, bits).ok_or_else(wrong)
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = if self.address.is_ipv4() { 32 } else { 128 };
        if self.bits == whole {
            write!(f, "{}", self.address)
        } else {
            write!(f, "{}/{}", self.address, self.bits)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(network: &str, address: &str) -> bool {
        let network: Network = network.parse().expect("a network");
        network.contains(address.parse().expect("an address"))
    }

    #[test]
    fn a_range_holds_its_addresses_and_no_others() {
        assert!(holds("10.0.0.0/8", "10.255.0.1"));
        assert!(!holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert!(holds("2001:db8::/32", "2001:db8:1::1"));
        assert!(!holds("2001:db8::/32", "2001:db9::1"));
        assert!(holds("0.0.0.0/0", "1.2.3.4"));
        assert!(!holds("0.0.0.0/0", "::1"));
        assert!(holds("127.0.0.1", "127.0.0.1"));
        assert!(!holds("127.0.0.1", "127.0.0.2"));
    }

    #[test]
    fn what_is_no_range_is_said_to_be_none() {
        for bad in ["", "10.0.0.0/33", "::/129", "ten", "10.0.0.0/", "/8", "::ffff:10.0.0.0/95"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_range_is_written_in_one_way_whatever_was_typed() {
        for (typed, written) in [
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("10.0.0.1/32", "10.0.0.1"),
            ("10.0.0.1", "10.0.0.1"),
            ("::ffff:10.1.2.3/104", "10.0.0.0/8"),
            ("2001:DB8::1/32", "2001:db8::/32"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(typed.parse::<Network>().map(|it| it.to_string()).as_deref(), Ok(written), "{typed}");
        }
    }

    #[test]
    fn an_address_is_in_all_the_ranges_around_it() {
        for (text, count) in [("10.1.2.3", 33), ("2001:db8::1", 129)] {
            let address = text.parse().expect("an address");
            let all: Vec<Network> = Network::all_around(address).collect();
            assert_eq!(all.len(), count);
            assert!(all.iter().all(|network| network.contains(address)));
            assert_eq!(all[0].to_string(), text);
        }
    }
}
