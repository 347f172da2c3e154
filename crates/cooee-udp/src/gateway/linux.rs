use std::io;
use std::net::IpAddr;

use netlink_packet_route::AddressFamily;

use super::router::Gateway;
use crate::netlink::{Neighbour, Netlink, RouteEntry, Topic};

/// What a default route is preferred by, the smallest first: its metric, then its router's address
/// and interface. Of several that are preferred alike, such as those that two routers advertise,
/// always the same.
type Ranked = (u32, IpAddr, u32);

pub(super) fn default_gateway() -> io::Result<Option<Gateway>> {
    let mut netlink = Netlink::open(Topic::Routes)?;
    let preferred = match preferred(&mut netlink, AddressFamily::Inet)? {
        None => preferred(&mut netlink, AddressFamily::Inet6)?,
        route => route,
    };
    let Some((_, address, interface)) = preferred else { return Ok(None) };
    let resolved =
        netlink.get(&Neighbour::question(address, interface), Neighbour::read_link_address);
    // An entry that is not there, or that has failed, is one that is not resolved.
    let link_address = resolved.ok().filter(|bytes| !bytes.is_empty());
    Ok(Some(Gateway { address, interface, link_address }))
}

fn preferred(netlink: &mut Netlink, family: AddressFamily) -> io::Result<Option<Ranked>> {
    let mut preferred: Option<Ranked> = None;
    netlink.dump(&RouteEntry::question_all(family), |body| {
        let is_default = |of: &RouteEntry| of.is_of_main_table && of.destination.prefix_len() == 0;
        let Some(route) = RouteEntry::read(body).filter(is_default) else { return };
        let Some((gateway, interface)) = route.gateway.zip(route.interface) else { return };
        let ranked = (route.metric, gateway, interface);
        preferred = Some(preferred.map_or(ranked, |other| other.min(ranked)));
    })?;
    Ok(preferred)
}
