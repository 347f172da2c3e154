use std::net::IpAddr;

use crate::netlink::{Netlink, Route, Topic};

/// The kernel's table, asked by netlink.
#[derive(Debug, Default)]
pub(super) struct Table {
    netlink: Option<Netlink>,
}

impl Table {
    /// The prefix length of the route that matches; `None` without one, or where it is not told.
    pub(super) fn prefix_len(&mut self, address: IpAddr, interface: Option<u32>) -> Option<u8> {
        if self.netlink.is_none() {
            self.netlink = Netlink::open(Topic::Routes).ok();
        }
        let asked = self.netlink.as_mut()?.get(&Route::question(address, interface), Route::read);
        let route = asked.inspect_err(
            |error| tracing::debug!(%error, %address, "no route that matches is told"),
        );
        Some(route.ok()?.prefix_len)
    }
}
