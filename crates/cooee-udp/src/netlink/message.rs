//! What is asked, and what is read of the replies.

use std::ffi::CStr;
use std::net::IpAddr;

use ipnet::IpNet;
use netlink_packet_core::{DefaultNla, Emitable, NlasIterator, Parseable, parse_ip};
use netlink_packet_route::AddressFamily;
use netlink_packet_route::address::{AddressHeader, AddressHeaderFlags};
use netlink_packet_route::link::{LinkFlags, LinkHeader};
use netlink_packet_route::neighbour::{NeighbourHeader, NeighbourState};
use netlink_packet_route::neighbour_table::{NeighbourTableAttribute, NeighbourTableHeader};
use netlink_packet_route::route::{RouteFlags, RouteHeader};

/// What is asked. It is put together here, since the crate's messages bring the code for every
/// attribute of every message along: 370 KiB of program, and 300 KiB of an idle server's memory.
#[derive(Debug)]
pub(crate) struct Question {
    pub(super) kind: u16,
    pub(super) body: Vec<u8>,
}

impl Question {
    pub(super) fn new(kind: u16, header: &impl Emitable, attributes: &[DefaultNla]) -> Self {
        let header_length = header.buffer_len();
        let mut body = vec![0; header_length + attributes.buffer_len()];
        header.emit(&mut body[..header_length]);
        attributes.emit(&mut body[header_length..]);
        Self { kind, body }
    }
}

/// A network interface.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) index: u32,
    pub(crate) name: String,
    pub(crate) flags: LinkFlags,
    /// What it is, such as `veth`; hardware says nothing.
    pub(crate) kind: Option<String>,
}

impl Link {
    const HEADER: usize = 16;

    pub(crate) fn question() -> Question {
        // RTEXT_FILTER_SKIP_STATS: most of the reply would be statistics.
        const SKIP_STATS: u32 = 1 << 3;
        let mask = DefaultNla::new(libc::IFLA_EXT_MASK, SKIP_STATS.to_ne_bytes().into());
        Question::new(libc::RTM_GETLINK, &LinkHeader::default(), &[mask])
    }

    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let header = LinkHeader::parse(body).ok()?;
        let (mut name, mut kind) = (None, None);
        each_attribute(body.get(Self::HEADER..)?, |attribute, value| match attribute {
            libc::IFLA_IFNAME => name = text(value),
            libc::IFLA_LINKINFO => each_attribute(value, |attribute, value| {
                if attribute == libc::IFLA_INFO_KIND {
                    kind = text(value);
                }
            }),
            _ => {}
        });
        Some(Self { index: header.index, name: name?, flags: header.flags, kind })
    }
}

/// An interface's own address, with the prefix length of its network.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) interface: u32,
    pub(crate) net: IpNet,
}

impl Address {
    const HEADER: usize = 8;

    pub(crate) fn question() -> Question {
        Question::new(libc::RTM_GETADDR, &AddressHeader::default(), &[])
    }

    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let header = AddressHeader::parse(body).ok()?;
        // Nothing can be sent from it yet, or ever: it may be another host's (RFC 4862 section 5.4).
        let is_duplicate = header.flags.contains(AddressHeaderFlags::Dadfailed);
        let is_tentative = header.flags.contains(AddressHeaderFlags::Tentative)
            && !header.flags.contains(AddressHeaderFlags::Optimistic);
        if header.family == AddressFamily::Inet6 && (is_duplicate || is_tentative) {
            return None;
        }
        let (mut local, mut address) = (None, None);
        each_attribute(body.get(Self::HEADER..)?, |attribute, value| match attribute {
            libc::IFA_LOCAL => local = parse_ip(value).ok(),
            libc::IFA_ADDRESS => address = parse_ip(value).ok(),
            _ => {}
        });
        // On a point-to-point link IFA_ADDRESS is the other end's.
        let net = IpNet::new(local.or(address)?, header.prefix_len).ok()?;
        Some(Self { interface: header.index, net })
    }
}

/// An entry of the neighbour table.
#[derive(Debug)]
pub(crate) struct Neighbour {
    pub(crate) address: IpAddr,
    pub(crate) interface: u32,
    pub(crate) state: NeighbourState,
}

impl Neighbour {
    const HEADER: usize = 12;

    /// Asks for one entry.
    pub(crate) fn question(address: IpAddr, interface: u32) -> Question {
        let (family, octets) = match address {
            IpAddr::V4(address) => (AddressFamily::Inet, address.octets().to_vec()),
            IpAddr::V6(address) => (AddressFamily::Inet6, address.octets().to_vec()),
        };
        let header = NeighbourHeader { family, ifindex: interface, ..NeighbourHeader::default() };
        Question::new(libc::RTM_GETNEIGH, &header, &[DefaultNla::new(libc::NDA_DST, octets)])
    }

    /// Asks for all entries of a family, or of all families.
    pub(crate) fn question_all(family: AddressFamily) -> Question {
        let header = NeighbourHeader { family, ..NeighbourHeader::default() };
        Question::new(libc::RTM_GETNEIGH, &header, &[])
    }

    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let header = NeighbourHeader::parse(body).ok()?;
        let mut address = None;
        each_attribute(body.get(Self::HEADER..)?, |attribute, value| {
            if attribute == libc::NDA_DST {
                address = parse_ip(value).ok();
            }
        });
        Some(Self { address: address?, interface: header.ifindex, state: header.state })
    }

    /// The link address of the neighbour; empty unless the kernel has resolved it.
    pub(crate) fn read_link_address(body: &[u8]) -> Option<Vec<u8>> {
        NeighbourHeader::parse(body).ok()?;
        let mut address = Vec::new();
        each_attribute(body.get(Self::HEADER..)?, |attribute, value| {
            if attribute == libc::NDA_LLADDR {
                address = value.to_vec();
            }
        });
        Some(address)
    }
}

/// How full a neighbour table is, which all network namespaces share.
#[derive(Debug)]
pub(crate) struct NeighbourTable {
    pub(crate) family: AddressFamily,
    pub(crate) entries: u32,
    pub(crate) capacity: u32,
}

impl NeighbourTable {
    const HEADER: usize = 4;

    pub(crate) fn question(family: AddressFamily) -> Question {
        Question::new(libc::RTM_GETNEIGHTBL, &NeighbourTableHeader { family }, &[])
    }

    /// None for what the kernel says of the table by interface.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let family = AddressFamily::from(*body.first()?);
        let (mut entries, mut capacity) = (None, None);
        for attribute in NlasIterator::new(body.get(Self::HEADER..)?).map_while(Result::ok) {
            match NeighbourTableAttribute::parse(&attribute) {
                Ok(NeighbourTableAttribute::Config(config)) => entries = Some(config.entries),
                Ok(NeighbourTableAttribute::Threshold3(most)) => capacity = Some(most),
                _ => {}
            }
        }
        Some(Self { family, entries: entries?, capacity: capacity? })
    }
}

/// The route that leads to an address.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) prefix_len: u8,
}

impl Route {
    /// Asks for the one that matches, by `interface` only if given.
    pub(crate) fn question(address: IpAddr, interface: Option<u32>) -> Question {
        let (address_family, octets) = match address {
            IpAddr::V4(address) => (AddressFamily::Inet, address.octets().to_vec()),
            IpAddr::V6(address) => (AddressFamily::Inet6, address.octets().to_vec()),
        };
        let header = RouteHeader {
            address_family,
            destination_prefix_length: if address.is_ipv4() { 32 } else { 128 },
            flags: RouteFlags::FibMatch,
            ..RouteHeader::default()
        };
        let by = interface.map(|by| DefaultNla::new(libc::RTA_OIF, by.to_ne_bytes().into()));
        let to = DefaultNla::new(libc::RTA_DST, octets);
        Question::new(
            libc::RTM_GETROUTE,
            &header,
            &[Some(to), by].into_iter().flatten().collect::<Vec<_>>(),
        )
    }

    /// None from a kernel before 4.13, which tells of no route but of what it would do.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let header = RouteHeader::parse(body).ok()?;
        let is_told = !header.flags.contains(RouteFlags::Cloned);
        is_told.then_some(Self { prefix_len: header.destination_prefix_length })
    }
}

/// Hands on the type and the value of each attribute, as far as they are well-formed.
pub(super) fn each_attribute(attributes: &[u8], mut each: impl FnMut(u16, &[u8])) {
    for attribute in NlasIterator::new(attributes).map_while(Result::ok) {
        each(attribute.kind(), attribute.value());
    }
}

fn text(value: &[u8]) -> Option<String> {
    let text = CStr::from_bytes_until_nul(value).ok()?;
    Some(text.to_string_lossy().into_owned())
}
