use std::net::Ipv4Addr;

use cooee::Advertise;
use cooee::ipnet::Ipv4Net;

use super::kind::Kind;

/// An IPv4 address.
pub(crate) fn host() -> Kind<Ipv4Addr> {
    let read = |text: &str| text.trim().parse().ok();
    Kind::new("an IPv4 address such as 192.168.1.20", read, Ipv4Addr::to_string)
}

/// An IPv4 network; an address alone is a /32.
pub(crate) fn network() -> Kind<Ipv4Net> {
    let read = |text: &str| {
        let text = text.trim();
        let alone = text.parse::<Ipv4Addr>().map(Ipv4Net::from);
        alone.ok().or_else(|| text.parse::<Ipv4Net>().ok()).map(|net| net.trunc())
    };
    Kind::new("an IPv4 network such as 192.168.1.0/24", read, Ipv4Net::to_string)
}

/// The address that answers name, or `auto`.
pub(crate) fn advertise() -> Kind<Advertise> {
    let read = |text: &str| match text {
        "auto" => Some(Advertise::Auto),
        text => text.parse().ok().filter(is_host).map(Advertise::Address),
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
    }
}
