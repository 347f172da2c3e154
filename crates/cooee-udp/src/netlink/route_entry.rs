use std::net::IpAddr;

use ipnet::IpNet;
use netlink_packet_core::{parse_ip, parse_u32};
use netlink_packet_route::AddressFamily;
use netlink_packet_route::route::{RouteHeader, RouteType};

use super::message::{Question, each_attribute};

/// A route of a routing table.
#[derive(Debug)]
pub(crate) struct RouteEntry {
    pub(crate) destination: IpNet,
    pub(crate) gateway: Option<IpAddr>,
    pub(crate) interface: Option<u32>,
    /// The smallest is preferred.
    pub(crate) metric: u32,
    /// Whether it is of the table that people write routes into.
    pub(crate) is_of_main_table: bool,
}

impl RouteEntry {
    const HEADER: usize = 12;

    /// Asks for all routes of a family.
    pub(crate) fn question_all(address_family: AddressFamily) -> Question {
        let header = RouteHeader { address_family, ..RouteHeader::default() };
        Question::new(libc::RTM_GETROUTE, &header, &[])
    }

    /// None for what leads to no other host: addresses of this one, broadcasts, refusals.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let header = RouteHeader::parse(body).ok()?;
        if header.kind != RouteType::Unicast {
            return None;
        }
        let (mut destination, mut gateway, mut interface, mut metric) = (None, None, None, 0);
        each_attribute(body.get(Self::HEADER..)?, |attribute, value| match attribute {
            libc::RTA_DST => destination = parse_ip(value).ok(),
            libc::RTA_GATEWAY => gateway = parse_ip(value).ok(),
            libc::RTA_OIF => interface = parse_u32(value).ok(),
            libc::RTA_PRIORITY => metric = parse_u32(value).unwrap_or_default(),
            _ => {}
        });
        let any: IpAddr = match header.address_family {
            AddressFamily::Inet => [0, 0, 0, 0].into(),
            AddressFamily::Inet6 => [0_u16; 8].into(),
            _ => return None,
        };
        let prefix_len = header.destination_prefix_length;
        let destination = IpNet::new(destination.unwrap_or(any), prefix_len).ok()?;
        let is_of_main_table = header.table == libc::RT_TABLE_MAIN;
        Some(Self { destination, gateway, interface, metric, is_of_main_table })
    }
}
