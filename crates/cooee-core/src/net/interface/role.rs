use super::InterfaceRole;

/// What an interface is there for, by its name and by what the system says it is: `kind` is Linux's
/// `IFLA_INFO_KIND`, such as `veth`, and `None` where nothing is said. `has_address` says whether
/// it has an address other than the link-local one that a system gives to every IPv6 interface.
///
/// A container's own end of a veth pair, often `eth0`, has an address and is its ordinary network.
/// The other end, in the host, has none. A bridge may be either, so its name decides.
pub fn role(name: &str, kind: Option<&str>, has_address: bool) -> InterfaceRole {
    const CONTAINER: [&str; 11] = [
        "docker", "virbr", "vnet", "cni", "podman", "lxcbr", "lxdbr", "flannel", "cali", "vmnet",
        "vboxnet",
    ];
    const WINDOWS_CONTAINER: [&str; 5] = [
        // A switch of Hyper-V that was named by its user may lead out.
        "vEthernet (Default Switch)",
        "vEthernet (WSL",
        "vEthernet (nat)",
        "VMware Network Adapter",
        "VirtualBox Host-Only",
    ];
    const VPN: [&str; 8] = ["tun", "tap", "wg", "tailscale", "utun", "zt", "ipsec", "nordlynx"];
    let begins_with = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if begins_with(&CONTAINER) || begins_with(&WINDOWS_CONTAINER) || is_docker_bridge(name) {
        return InterfaceRole::Container;
    }
    if name.starts_with("veth") && !has_address {
        return InterfaceRole::Container;
    }
    if matches!(kind, Some("wireguard" | "tun")) || begins_with(&VPN) {
        return InterfaceRole::Vpn;
    }
    InterfaceRole::Ordinary
}

/// Docker names the bridge of a network after the beginning of its identifier. `br-lan` is the
/// ordinary network of many a router.
fn is_docker_bridge(name: &str) -> bool {
    const IDENTIFIER: usize = 12;
    name.strip_prefix("br-").is_some_and(|identifier| {
        identifier.len() == IDENTIFIER && identifier.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_by_name_and_kind() {
        use InterfaceRole::{Container, Ordinary, Vpn};
        for (name, kind, has_address, is) in [
            ("eth0", None, true, Ordinary),
            ("eth0", Some("veth"), true, Ordinary),
            ("wlan0", None, false, Ordinary),
            ("en0", None, true, Ordinary),
            ("docker0", Some("bridge"), true, Container),
            ("br-0123456789ab", Some("bridge"), true, Container),
            ("br-lan", Some("bridge"), true, Ordinary),
            ("br0", Some("bridge"), true, Ordinary),
            ("virbr0", Some("bridge"), true, Container),
            ("cni0", Some("bridge"), true, Container),
            ("vnet3", Some("tun"), false, Container),
            ("veth1a2b3c", Some("veth"), false, Container),
            ("veth1a2b3c", Some("veth"), true, Ordinary),
            ("vEthernet (WSL (Hyper-V firewall))", None, true, Container),
            ("vEthernet (Default Switch)", None, true, Container),
            ("vEthernet (External)", None, true, Ordinary),
            ("VMware Network Adapter VMnet8", None, true, Container),
            ("VirtualBox Host-Only Network", None, true, Container),
            ("Wi-Fi", None, true, Ordinary),
            ("office", Some("wireguard"), true, Vpn),
            ("office", Some("tun"), true, Vpn),
            ("wg0", Some("wireguard"), true, Vpn),
            ("tun0", None, true, Vpn),
            ("tap0", Some("tun"), true, Vpn),
            ("tailscale0", Some("tun"), true, Vpn),
            ("utun4", None, true, Vpn),
            ("ztabcdef12", None, true, Vpn),
        ] {
            assert_eq!(role(name, kind, has_address), is, "{name} of kind {kind:?}");
        }
    }
}
