//! A server with a name is announced to those who know nothing of Cooee.

mod browser;
mod coexisting;
mod conflicts;
mod flooded;
mod kept;
mod leaving;
mod links;
mod moving;
mod peers;
mod resolved;

use std::net::Ipv6Addr;

use cooee_lab::netns::{Child, Host};
use cooee_lab::scene::programs::{DEADLINE, serve};

/// A `cooee serve` that is announced under this name.
fn named(host: &Host, name: &str, more: &[&str]) -> Child {
    let mut server = serve(host, &[&["--name", name, "--service-port", "8000"], more].concat());
    server.stderr_line_with("announced as", DEADLINE).unwrap();
    server
}

/// The link-local address of the host's interface.
fn link_local(host: &Host, interface: &str) -> Ipv6Addr {
    let interfaces = host.enter(|| cooee_udp::interfaces().unwrap());
    let interface = interfaces.iter().find(|of| of.name == interface).unwrap();
    interface.link_local().unwrap()
}
