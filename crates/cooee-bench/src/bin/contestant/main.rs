//! What is measured beside the programs that users have: calls of libraries, echo servers, peers.
#![allow(clippy::unwrap_used, missing_docs)]

mod cooee_library;
mod echo;
mod finding;
mod mdns;

use std::time::Duration;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["cooee-first"] => cooee_library::first(),
        ["mdns-sd-find", servers, seconds] => {
            let patience = Duration::from_secs(seconds.parse().unwrap());
            mdns::find(&mdns::Wanted { servers: servers.parse().unwrap(), patience });
        }
        ["mdns-sd-serve", address] => mdns::serve(address),
        ["echo-batched", port] => echo::in_batches(port.parse().unwrap()),
        ["echo-single", port] => echo::one_by_one(port.parse().unwrap()),
        _ => panic!("what is {arguments:?}?"),
    }
}
