//! What macOS tells of a socket: `struct socket_fdinfo` of its `<sys/proc_info.h>`, as bytes. No crate
//! declares it that neither generates code nor reads what the system has not written.

use std::net::{Ipv4Addr, SocketAddrV4};

/// Room for the whole of it, which has 792 bytes up to macOS 15.
#[cfg_attr(not(target_os = "macos"), expect(dead_code, reason = "asked for there"))]
pub(super) const LENGTH: usize = 1024;

const PROTOCOL: usize = 180;
const FAMILY: usize = 184;
const LOCAL_PORT: usize = 268;
const VERSIONS: usize = 288;
/// Behind the padding that makes it as long as one of IPv6.
const LOCAL_ADDRESS: usize = 324;

const INET: i32 = 2;
const INET6: i32 = 30;
const UDP: i32 = 17;
/// `INI_IPV4`, which a socket of IPv6 has too that takes IPv4.
const TAKES_V4: u8 = 1;

/// Where a UDP socket takes IPv4: one of IPv6 for all addresses does so for all of IPv4.
pub(super) fn udp_v4(info: &[u8]) -> Option<SocketAddrV4> {
    let word = |at: usize| info.get(at..)?.first_chunk::<4>().copied();
    let number = |at: usize| word(at).map(i32::from_ne_bytes);
    let takes_v4 = match number(FAMILY)? {
        INET => true,
        INET6 => info.get(VERSIONS)? & TAKES_V4 != 0,
        _ => false,
    };
    if !takes_v4 || number(PROTOCOL)? != UDP {
        return None;
    }
    // In network order, in the lower half of the number.
    let port = u16::from_be(number(LOCAL_PORT)? as u16);
    Some(SocketAddrV4::new(Ipv4Addr::from(word(LOCAL_ADDRESS)?), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(family: i32, protocol: i32) -> Vec<u8> {
        let mut info = vec![0xee; 792];
        let mut put = |at: usize, bytes: [u8; 4]| info[at..at + 4].copy_from_slice(&bytes);
        put(FAMILY, family.to_ne_bytes());
        put(PROTOCOL, protocol.to_ne_bytes());
        put(LOCAL_PORT, i32::from(9999_u16.to_be()).to_ne_bytes());
        put(LOCAL_ADDRESS, [127, 0, 0, 1]);
        info
    }

    #[test]
    fn a_udp_socket_of_ipv4_has_an_address_and_a_port() {
        let bound = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9999);
        assert_eq!(udp_v4(&info(INET, UDP)), Some(bound));
    }

    #[test]
    fn one_of_ipv6_that_takes_ipv4_has_the_port_there_too() {
        let mut for_both = info(INET6, UDP);
        for_both[VERSIONS] = 3;
        for_both[LOCAL_ADDRESS..LOCAL_ADDRESS + 4].fill(0);
        let bound = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 9999);
        assert_eq!(udp_v4(&for_both), Some(bound));
        assert_eq!(udp_v4(&for_both[..VERSIONS]), None);
    }

    #[test]
    fn other_sockets_and_what_was_cut_off_have_none() {
        const TCP: i32 = 6;
        let mut for_v6 = info(INET6, UDP);
        for_v6[VERSIONS] = 2;
        assert_eq!(udp_v4(&for_v6), None);
        assert_eq!(udp_v4(&info(INET, TCP)), None);
        for length in [0, FAMILY + 3, LOCAL_PORT + 3, LOCAL_ADDRESS + 3] {
            assert_eq!(udp_v4(&info(INET, UDP)[..length]), None, "{length}");
        }
    }
}
