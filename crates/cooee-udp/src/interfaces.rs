use std::io;

use cooee_core::interface::{Interface, LinkKind, LinkState};
use if_addrs::{IfAddr, IfOperStatus};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The host's interfaces that have an address, in the system's order.
///
/// # Errors
/// When the system does not list them; it may help to try again.
pub fn interfaces() -> io::Result<Vec<Interface>> {
    let mut interfaces: Vec<Interface> = Vec::new();
    for entry in if_addrs::get_if_addrs()? {
        let (Some(index), Some(net)) = (entry.index, network(&entry.addr)) else { continue };
        match interfaces.iter_mut().find(|i| i.index == index) {
            Some(known) => known.addresses.push(net),
            None => interfaces.push(Interface {
                index,
                name: without_label(&entry.name).to_owned(),
                addresses: vec![net],
                kind: kind(&entry),
                state: state(&entry.oper_status),
                role: Default::default(),
            }),
        }
    }
    Ok(interfaces)
}

fn network(address: &IfAddr) -> Option<IpNet> {
    match address {
        IfAddr::V4(v4) => Ipv4Net::new(v4.ip, v4.prefixlen).ok().map(IpNet::V4),
        IfAddr::V6(v6) => Ipv6Net::new(v6.ip, v6.prefixlen).ok().map(IpNet::V6),
    }
}

fn kind(entry: &if_addrs::Interface) -> LinkKind {
    if entry.is_loopback() {
        LinkKind::Loopback
    } else if entry.is_p2p() {
        LinkKind::PointToPoint
    } else {
        LinkKind::Broadcast
    }
}

fn state(status: &IfOperStatus) -> LinkState {
    if *status == IfOperStatus::Up { LinkState::Up } else { LinkState::Down }
}

/// Linux lists an address with a label under that (`eth0:1`), not under the interface's name.
fn without_label(name: &str) -> &str {
    if cfg!(target_os = "linux") { name.split(':').next().unwrap_or(name) } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_listed_whole() {
        let interfaces = interfaces().expect("the system lists interfaces");
        let lo = interfaces.iter().find(|i| i.kind == LinkKind::Loopback).expect("loopback");
        assert_ne!(lo.index, 0);
        assert_eq!(lo.state, LinkState::Up);
        let net: IpNet = "127.0.0.1/8".parse().expect("a network");
        assert!(lo.addresses.contains(&net), "{lo:?}");
    }
}
