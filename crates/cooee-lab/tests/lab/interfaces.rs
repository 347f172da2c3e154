//! What is listed of the host's interfaces, and why one is not used.

use cooee_core::interface::{Interface, InterfaceRole, LinkState, Selection, Unused};
use cooee_lab::netns::{Host, Lab};

use crate::programs::{DEADLINE, cooee, pair};

fn listed(host: &Host, name: &str) -> Interface {
    let interfaces = host.enter(cooee_udp::interfaces).unwrap();
    let found = interfaces.iter().find(|of| of.name == name);
    found.cloned().unwrap_or_else(|| panic!("no {name} in {interfaces:?}"))
}

fn why_not(interface: &Interface) -> Option<Unused> {
    Selection::default().check(interface).err()
}

#[test]
fn an_interface_without_an_address_is_listed_and_says_so() {
    let lab = Lab::new().unwrap();
    let host = lab.host("host").unwrap();
    let segment = lab.segment("a").unwrap();
    let name = host.plug(&segment).unwrap();
    host.ip(&["addr", "flush", "dev", &name]).unwrap();
    let bare = listed(&host, &name);
    assert_eq!((bare.state, bare.addresses.len()), (LinkState::Up, 0), "{bare:?}");
    assert_eq!(why_not(&bare), Some(Unused::NoAddress));
    let printed = host.spawn(cooee(), ["interfaces"]).unwrap().finish(DEADLINE).unwrap().stdout;
    let line = printed.lines().find(|line| line.contains(&name)).unwrap();
    assert!(line.contains("not used: no address"), "{printed}");

    host.add_address(&name, "fd00::2/64").unwrap();
    assert_eq!(why_not(&listed(&host, &name)), Some(Unused::NoIpv4));
    host.add_address(&name, "10.0.1.2/24").unwrap();
    assert_eq!(why_not(&listed(&host, &name)), None);
}

#[test]
fn a_cable_that_is_out_is_not_an_interface_that_is_down() {
    let lab = pair();
    lab.client.ip(&["link", "set", "eth0", "down"]).unwrap();
    let down = listed(&lab.client, "eth0");
    assert_eq!((down.state, why_not(&down)), (LinkState::Down, Some(Unused::Down)));

    // The other end of this cable stays down.
    let cable = ["link", "add", "eth7", "type", "veth", "peer", "name", "far"];
    lab.client.ip(&cable).unwrap();
    lab.client.ip(&["addr", "add", "10.0.7.2/24", "dev", "eth7"]).unwrap();
    lab.client.ip(&["link", "set", "eth7", "up"]).unwrap();
    let unplugged = listed(&lab.client, "eth7");
    assert_eq!(unplugged.state, LinkState::NoCarrier);
    assert_eq!(why_not(&unplugged), Some(Unused::NoCarrier));
}

#[test]
fn roles_follow_from_names_and_from_what_the_kernel_says() {
    let lab = pair();
    for (add, name, role) in [
        ("link add br0 type bridge", "br0", InterfaceRole::Ordinary),
        ("link add docker0 type bridge", "docker0", InterfaceRole::Container),
        ("link add veth1 type veth peer name inner", "veth1", InterfaceRole::Container),
        ("link add wg0 type bridge", "wg0", InterfaceRole::Vpn),
    ] {
        lab.client.ip(&add.split(' ').collect::<Vec<_>>()).unwrap();
        lab.client.ip(&["link", "set", name, "up"]).unwrap();
        assert_eq!(listed(&lab.client, name).role, role, "{name}");
    }
    assert_eq!(listed(&lab.client, "eth0").role, InterfaceRole::Ordinary, "it is a veth");
    lab.client.ip(&["addr", "add", "10.0.8.1/24", "dev", "veth1"]).unwrap();
    assert_eq!(listed(&lab.client, "veth1").role, InterfaceRole::Ordinary);
    if std::path::Path::new("/dev/net/tun").exists() {
        lab.client.ip(&["tuntap", "add", "dev", "office", "mode", "tun"]).unwrap();
        assert_eq!(listed(&lab.client, "office").role, InterfaceRole::Vpn);
    }
}
