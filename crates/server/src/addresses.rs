//! Which computer this is, and at which addresses others can reach it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The computer's name, if it has one.
pub(crate) fn host_name() -> Option<String> {
    #[cfg(unix)]
    let name = rustix::system::uname().nodename().to_str().ok().map(str::to_owned);
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").ok();
    name.filter(|name| !name.is_empty() && name != "localhost" && name != "(none)")
}

/// Every address of this computer that others may use: those of real networks first, then those of bridges to containers and
/// virtual machines, and loopback last.
pub(crate) fn of_this_computer() -> Vec<IpAddr> {
    let mut found: Vec<(u8, IpAddr)> = match if_addrs::get_if_addrs() {
        Ok(interfaces) => interfaces.iter().map(|interface| (rank(interface), interface.ip())).collect(),
        Err(error) => {
            tracing::warn!("cannot list the network interfaces: {error}");
            vec![(2, Ipv4Addr::LOCALHOST.into()), (2, Ipv6Addr::LOCALHOST.into())]
        }
    };
    found.retain(|(_, ip)| !is_link_local(*ip));
    found.sort_by_key(|(rank, ip)| (*rank, ip.is_ipv6()));
    let mut addresses: Vec<_> = found.into_iter().map(|(_, ip)| ip).collect();
    addresses.dedup();
    addresses
}

fn rank(interface: &if_addrs::Interface) -> u8 {
    const BRIDGES: [&str; 6] = ["docker", "br-", "veth", "virbr", "vmnet", "podman"];
    match interface {
        _ if interface.is_loopback() => 2,
        _ if BRIDGES.iter().any(|bridge| interface.name.starts_with(bridge)) => 1,
        _ => 0,
    }
}

/// Where a server that listens there can be reached, the most useful address first.
pub(crate) fn reachable(listening: &[SocketAddr]) -> Vec<SocketAddr> {
    let mut found = Vec::new();
    for address in listening {
        let here = match address.ip() {
            // A socket for all v6 addresses takes v4 as well.
            IpAddr::V6(ip) if ip.is_unspecified() => of_this_computer(),
            IpAddr::V4(ip) if ip.is_unspecified() => {
                of_this_computer().into_iter().filter(IpAddr::is_ipv4).collect()
            }
            ip => vec![ip],
        };
        for ip in here {
            let address = SocketAddr::new(ip, address.port());
            if !found.contains(&address) {
                found.push(address);
            }
        }
    }
    found.sort_by_key(|address| address.ip().is_loopback());
    found
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_bound_to_one_address_is_reached_there_alone() {
        let bound = SocketAddr::from(([127, 0, 0, 1], 7000));
        assert_eq!(reachable(&[bound, bound]), [bound]);
    }

    #[test]
    fn a_server_bound_to_all_is_reached_at_loopback_last() {
        let everywhere = SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), 7000);
        let found = reachable(&[everywhere]);
        assert!(found.is_sorted_by_key(|address| address.ip().is_loopback()));
        assert!(found.iter().all(|address| address.port() == 7000 && !is_link_local(address.ip())));
    }
}
