//! Which network this host is in.

use cooee::default_gateway;
use cooee::interface::{Interface, InterfaceRole, LinkKind, LinkState};

/// What the network is known by: the link address of the default gateway and the networks on its
/// interface. Millions of homes and cafés have a 192.168.1.0/24, and each has another gateway.
///
/// Without a default route, or on a system that does not tell, the networks of all interfaces have
/// to do. `None` while the gateway is not resolved, and when there is no network at all.
pub(super) fn here() -> Option<String> {
    let interfaces = cooee::interfaces().ok()?;
    match default_gateway() {
        Ok(Some(gateway)) => {
            let link_address = gateway.link_address?;
            let on_its_interface = |i: &Interface| i.index == gateway.interface;
            let networks = networks(&interfaces, on_its_interface)?;
            Some(format!("gateway {} {networks}", hexadecimal(&link_address)))
        }
        Ok(None) | Err(_) => {
            let is_ordinary = |i: &Interface| {
                i.state == LinkState::Up
                    && i.kind != LinkKind::Loopback
                    && i.role == InterfaceRole::Ordinary
            };
            networks(&interfaces, is_ordinary)
        }
    }
}

/// `10.0.1.0/24 10.0.2.0/24`; `None` if there is none.
fn networks(interfaces: &[Interface], is_meant: impl Fn(&Interface) -> bool) -> Option<String> {
    let of = interfaces.iter().filter(|interface| is_meant(interface)).flat_map(Interface::ipv4);
    let mut networks: Vec<String> = of.map(|net| net.trunc().to_string()).collect();
    networks.sort();
    networks.dedup();
    (!networks.is_empty()).then(|| networks.join(" "))
}

/// `02:00:5e:10:00:01`.
fn hexadecimal(bytes: &[u8]) -> String {
    let bytes: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(":")
}
