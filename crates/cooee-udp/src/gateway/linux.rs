use std::io;

use super::router::Gateway;
use crate::netlink::{DefaultRoute, Neighbour, Netlink, Topic, read_link_address};

pub(super) fn default_gateway() -> io::Result<Option<Gateway>> {
    let mut netlink = Netlink::open(Topic::Routes)?;
    let mut preferred: Option<DefaultRoute> = None;
    netlink.dump(&DefaultRoute::question(), |body| {
        let Some(route) = DefaultRoute::read(body) else { return };
        if preferred.as_ref().is_none_or(|other| route.metric < other.metric) {
            preferred = Some(route);
        }
    })?;
    let Some(DefaultRoute { gateway: address, interface, .. }) = preferred else {
        return Ok(None);
    };
    let resolved = netlink.get(&Neighbour::question(address, interface), read_link_address);
    // An entry that is not there, or that has failed, is one that is not resolved.
    let link_address = resolved.ok().filter(|bytes| !bytes.is_empty());
    Ok(Some(Gateway { address, interface, link_address }))
}
