use std::net::IpAddr;

use netlink_packet_core::{parse_ip, parse_u32};
use netlink_packet_route::AddressFamily;
use netlink_packet_route::neighbour::NeighbourHeader;
use netlink_packet_route::route::{RouteHeader, RouteType};

use super::message::{Question, each_attribute};

/// A default route that leads through a gateway.
#[derive(Debug)]
pub(crate) struct DefaultRoute {
    pub(crate) gateway: IpAddr,
    pub(crate) interface: u32,
    /// The smallest is preferred.
    pub(crate) metric: u32,
}

impl DefaultRoute {
    const HEADER: usize = 12;

    /// Asks for all routes of a family, of which [`read`](Self::read) takes the default ones.
    pub(crate) fn question(address_family: AddressFamily) -> Question {
        let header = RouteHeader { address_family, ..RouteHeader::default() };
        Question::new(libc::RTM_GETROUTE, &header, &[])
    }

    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let header = RouteHeader::parse(body).ok()?;
        let is_default = header.destination_prefix_length == 0
            && header.kind == RouteType::Unicast
            && header.table == libc::RT_TABLE_MAIN;
        if !is_default {
            return None;
        }
        let (mut gateway, mut interface, mut metric) = (None, None, 0);
        each_attribute(body.get(Self::HEADER..)?, |attribute, value| match attribute {
            libc::RTA_GATEWAY => gateway = parse_ip(value).ok(),
            libc::RTA_OIF => interface = parse_u32(value).ok(),
            libc::RTA_PRIORITY => metric = parse_u32(value).unwrap_or_default(),
            _ => {}
        });
        Some(Self { gateway: gateway?, interface: interface?, metric })
    }
}

/// The link address of a neighbour, as far as the kernel has resolved it.
pub(crate) fn read_link_address(body: &[u8]) -> Option<Vec<u8>> {
    const HEADER: usize = 12;
    NeighbourHeader::parse(body).ok()?;
    let mut address = None;
    each_attribute(body.get(HEADER..)?, |attribute, value| {
        if attribute == libc::NDA_LLADDR {
            address = Some(value.to_vec());
        }
    });
    Some(address.unwrap_or_default())
}
