use std::net::Ipv4Addr;

use cooee::interface::{Selection, on_link_networks};
use cooee::ipnet::Ipv4Net;
use cooee::{Advertise, HostAddress, HostError};

use super::kind::Kind;
use crate::phrase::listed;

/// An IPv4 address.
pub(crate) fn ipv4() -> Kind<Ipv4Addr> {
    let read = |text: &str| text.trim().parse().ok();
    Kind::new("an IPv4 address such as 192.168.1.20", read, Ipv4Addr::to_string)
}

/// A host to probe.
pub(crate) fn host() -> Kind<HostAddress> {
    const WHAT: &str =
        "an address or a name, with a port or without, such as 192.168.1.20 or workshop:9999";
    let read = |text: &str| {
        text.trim().parse().map_err(|why| match why {
            HostError::Malformed { .. } => format!("expected {WHAT}"),
            why => why.to_string(),
        })
    };
    Kind::new(WHAT, move |text| read(text).ok(), HostAddress::to_string).explained(read)
}

/// An IPv4 network; the address of a host alone is a /32.
pub(crate) fn network() -> Kind<Ipv4Net> {
    const WHAT: &str = "an IPv4 network such as 192.168.1.0/24";
    let read = |text: &str| {
        let text = text.trim();
        match text.parse::<Ipv4Addr>() {
            Ok(ip) if ip.octets()[3] == 0 => Err(without_prefix_length(ip)),
            Ok(ip) => Ok(Ipv4Net::from(ip)),
            Err(_) => {
                text.parse().map(|net: Ipv4Net| net.trunc()).map_err(|_| format!("expected {WHAT}"))
            }
        }
    };
    Kind::new(WHAT, move |text| read(text).ok(), Ipv4Net::to_string).explained(read)
}

/// `this host is on 192.168.1.0/24 (eth0)`; `None` if it is on no network.
pub(crate) fn own_networks() -> Option<String> {
    let interfaces = cooee::interfaces().unwrap_or_default();
    let networks: Vec<_> = on_link_networks(&interfaces, &Selection::default())
        .iter()
        .map(|on_link| format!("{} ({})", on_link.address.trunc(), on_link.interface))
        .collect();
    (!networks.is_empty()).then(|| format!("this host is on {}", listed(&networks)))
}

/// Few hosts have such an address, and many networks.
fn without_prefix_length(ip: Ipv4Addr) -> String {
    let zeros = ip.octets().iter().rev().take_while(|octet| **octet == 0).count();
    let likely = 32 - 8 * zeros;
    format!(
        "a network needs its prefix length; write {ip}/{likely}, or {ip}/32 for this address alone"
    )
}

/// The address that answers name, or `auto`.
pub(crate) fn advertise() -> Kind<Advertise> {
    let read = |text: &str| match text {
        "auto" => Some(Advertise::Auto),
        text => text.parse().ok().filter(is_host).map(|ip| Advertise::Address(ip.into())),
    };
    let show = |advertise: &Advertise| match advertise {
        Advertise::Address(address) => address.to_string(),
        _ => "auto".into(),
    };
    Kind::new("auto, or the address of a host such as 192.168.1.20", read, show)
}

fn is_host(ip: &Ipv4Addr) -> bool {
    !ip.is_unspecified() && !ip.is_broadcast() && !ip.is_multicast()
}

/// The exact name of an interface.
pub(crate) fn interface_name() -> Kind<String> {
    let read = |text: &str| Some(text.trim()).filter(|name| !name.is_empty()).map(str::to_owned);
    Kind::new("the name of an interface such as eth0; see `cooee interfaces`", read, String::clone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_cut_to_their_prefix() {
        let net = |text: &str| network().read(text).map(|net| net.to_string());
        assert_eq!(net("10.1.2.3"), Ok("10.1.2.3/32".into()));
        assert_eq!(net("10.1.2.3/8"), Ok("10.0.0.0/8".into()));
        assert!(net("10.1.2.3/33").is_err());
        assert_eq!(net("10.2.77.0/32"), Ok("10.2.77.0/32".into()));
    }

    #[test]
    fn a_network_without_its_prefix_length_is_not_taken_for_a_host() {
        for (ip, likely) in [("10.2.77.0", "10.2.77.0/24"), ("10.0.0.0", "10.0.0.0/8")] {
            let why = network().read(ip).unwrap_err();
            assert!(why.contains(&format!("{likely}, or {ip}/32")), "{why}");
        }
    }
}
