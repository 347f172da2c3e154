use std::net::IpAddr;

use ipnet::IpNet;

/// Networks of whose addresses every site has its own: private ones (RFC 1918), shared address
/// space (RFC 6598), loopback, link-local ones (RFC 3927, RFC 4291 section 2.5.6) and unique-local
/// ones (RFC 4193).
const PRIVATE: [(IpAddr, u8); 9] = {
    use std::net::{Ipv4Addr, Ipv6Addr};
    const fn v4(a: u8, b: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(a, b, 0, 0))
    }
    const fn v6(first: u16, last: u16) -> IpAddr {
        IpAddr::V6(Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, last))
    }
    [
        (v4(10, 0), 8),
        (v4(172, 16), 12),
        (v4(192, 168), 16),
        (v4(100, 64), 10),
        (v4(169, 254), 16),
        (v4(127, 0), 8),
        (v6(0xfc00, 0), 7),
        (v6(0xfe80, 0), 10),
        (v6(0, 1), 128),
    ]
};

/// Whether each site has its own network of this number.
pub(crate) fn is_private(net: IpNet) -> bool {
    PRIVATE.iter().any(|&(first, length)| {
        IpNet::new(first, length).is_ok_and(|private| private.contains(&net))
    })
}

/// Whether `net` has addresses that are neither private nor in one of `own`, the networks on links
/// of this host.
pub(crate) fn is_public(net: IpNet, own: &[IpNet]) -> bool {
    !is_private(net) && !own.iter().any(|own| own.contains(&net))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_networks_are_told_from_private_ones() {
        let net = |text: &str| text.parse::<IpNet>().expect("a network");
        let own = [net("198.51.100.7/24")];
        for (text, public) in [
            ("10.0.0.0/8", false),
            ("172.31.0.0/16", false),
            ("172.32.0.0/16", true),
            ("172.16.0.0/11", true),
            ("192.168.7.0/24", false),
            ("100.127.0.0/16", false),
            ("100.128.0.0/16", true),
            ("169.254.0.0/16", false),
            ("127.9.0.0/16", false),
            ("8.8.8.8/32", true),
            ("0.0.0.0/0", true),
            ("198.51.100.0/24", false),
            ("198.51.100.128/25", false),
            ("198.51.100.0/23", true),
            ("fd00::/64", false),
            ("fe80::/64", false),
            ("2001:db8::/64", true),
        ] {
            assert_eq!(is_public(net(text), &own), public, "{text}");
        }
    }
}
