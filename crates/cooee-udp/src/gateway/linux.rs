use std::io;

use netlink_packet_route::AddressFamily;

use super::router::Gateway;
use crate::netlink::{DefaultRoute, Neighbour, Netlink, Topic, read_link_address};

pub(super) fn default_gateway() -> io::Result<Option<Gateway>> {
    let mut netlink = Netlink::open(Topic::Routes)?;
    let preferred = match preferred(&mut netlink, AddressFamily::Inet)? {
        None => preferred(&mut netlink, AddressFamily::Inet6)?,
        route => route,
    };
    let Some(DefaultRoute { gateway: address, interface, .. }) = preferred else {
        return Ok(None);
    };
    let resolved = netlink.get(&Neighbour::question(address, interface), read_link_address);
    // An entry that is not there, or that has failed, is one that is not resolved.
    let link_address = resolved.ok().filter(|bytes| !bytes.is_empty());
    Ok(Some(Gateway { address, interface, link_address }))
}

/// Of several that are preferred alike, such as those that two routers advertise, always the same.
fn preferred(netlink: &mut Netlink, family: AddressFamily) -> io::Result<Option<DefaultRoute>> {
    let rank = |route: &DefaultRoute| (route.metric, route.gateway, route.interface);
    let mut preferred: Option<DefaultRoute> = None;
    netlink.dump(&DefaultRoute::question(family), |body| {
        let Some(route) = DefaultRoute::read(body) else { return };
        if preferred.as_ref().is_none_or(|other| rank(&route) < rank(other)) {
            preferred = Some(route);
        }
    })?;
    Ok(preferred)
}
