use std::net::IpAddr;

use netlink_packet_core::parse_ip;

use super::message::{Question, each_attribute};

/// A TCP socket that listens, as sock_diag(7) has it.
#[derive(Debug)]
pub(crate) struct Listening {
    pub(crate) address: IpAddr,
    pub(crate) port: u16,
    pub(crate) only_v6: bool,
}

impl Listening {
    /// `struct inet_diag_msg`, and where in it the port and the address are.
    const HEADER: usize = 72;
    const PORT: usize = 4;
    const ADDRESS: usize = 8;

    const V4: u8 = libc::AF_INET as u8;
    const V6: u8 = libc::AF_INET6 as u8;

    /// Asks for the sockets of IPv4 that listen on `port`.
    pub(crate) fn question_v4(port: u16) -> Question {
        Self::question(Self::V4, port)
    }

    /// Asks for the sockets of IPv6 that listen on `port`, also for IPv4.
    pub(crate) fn question_v6(port: u16) -> Question {
        Self::question(Self::V6, port)
    }

    /// `struct inet_diag_req_v2`: the family, the protocol, the states, and the port in network
    /// byte order; the rest of the socket's identity is not compared.
    fn question(family: u8, port: u16) -> Question {
        const SOCK_DIAG_BY_FAMILY: u16 = 20;
        const LENGTH: usize = 56;
        const LISTEN: u32 = 1 << 10;
        let mut body = vec![0; LENGTH];
        body[0] = family;
        body[1] = libc::IPPROTO_TCP as u8;
        body[4..8].copy_from_slice(&LISTEN.to_ne_bytes());
        body[8..10].copy_from_slice(&port.to_be_bytes());
        Question { kind: SOCK_DIAG_BY_FAMILY, body }
    }

    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        const INET_DIAG_SKV6ONLY: u16 = 11;
        let length = match *body.first()? {
            Self::V4 => 4,
            Self::V6 => 16,
            _ => return None,
        };
        let address = body.get(Self::ADDRESS..Self::ADDRESS + length)?;
        let port = body.get(Self::PORT..Self::PORT + 2)?;
        let mut only_v6 = false;
        each_attribute(body.get(Self::HEADER..)?, |attribute, value| {
            if attribute == INET_DIAG_SKV6ONLY {
                only_v6 = value.first().is_some_and(|&on| on != 0);
            }
        });
        let port = u16::from_be_bytes(port.try_into().ok()?);
        Some(Self { address: parse_ip(address).ok()?, port, only_v6 })
    }
}
