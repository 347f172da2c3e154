use netlink_packet_route::AddressFamily;

use super::route::Route;
use crate::netlink::{Netlink, RouteEntry, Topic};

pub(super) fn routes(most: usize) -> Option<Vec<Route>> {
    let mut netlink = Netlink::open(Topic::Routes).ok()?;
    let mut routes = Vec::new();
    for family in [AddressFamily::Inet, AddressFamily::Inet6] {
        let told = netlink.dump(&RouteEntry::question_all(family), |body| {
            let Some(RouteEntry { destination, gateway, interface, .. }) = RouteEntry::read(body)
            else {
                return;
            };
            if routes.len() < most && !destination.addr().is_multicast() {
                routes.push(Route { destination, gateway, interface });
            }
        });
        if let Err(error) = told {
            tracing::debug!(%error, ?family, "not all routes are known");
        }
    }
    Some(routes)
}
