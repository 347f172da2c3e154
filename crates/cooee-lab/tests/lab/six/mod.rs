//! IPv6: segments without IPv4, hosts of both families, and what the stock programs see of it.

mod alone;
mod beside;
mod clients;
mod deaf;
mod examined;
pub(crate) mod fetching;
mod named;
mod remembered;
mod taken;
mod walled;

use cooee_lab::netns::Host;

/// The link-local address of a host's `eth0`.
pub(crate) fn link_local(host: &Host) -> String {
    let interfaces = host.enter(cooee_udp::interfaces).unwrap();
    let eth0 = interfaces.iter().find(|of| of.name == "eth0").unwrap();
    eth0.link_local().unwrap().to_string()
}
