//! What a system does not send for a program that may not use the local network: Local Network
//! Privacy of macOS 15 (Apple's technical note TN3179).

use std::net::IpAddr;

use super::evidence::Evidence;
use super::{Code, Finding, listed};

const REMEDY: &str = "allow this program, or the terminal it runs in, in System Settings > Privacy & \
                      Security > Local Network, and run it again";

/// The probes of a discovery that found nobody.
pub(super) fn of_client(evidence: &Evidence) -> Option<Finding> {
    Some(finding(
        format!("macOS sent no probe to {}: no route to host", withheld(evidence)?),
        "it says so to a program that it keeps from the local network, and also where an interface \
         has lost its network",
    ))
}

/// The answers of a server.
pub(super) fn of_server(evidence: &Evidence) -> Option<Finding> {
    Some(finding(
        format!("macOS sent no answer to {}: no route to host", withheld(evidence)?),
        "it says so to a program that it keeps from the local network, and also where a client has \
         gone",
    ))
}

fn finding(seen: String, means: &str) -> Finding {
    Finding::new(Code::LocalNetworkPrivacy, seen, means, REMEDY)
}

/// Those in question: for one behind a router there may be no route indeed.
fn withheld(evidence: &Evidence) -> Option<String> {
    let is_local = |address: &&IpAddr| match address {
        IpAddr::V4(to) if to.is_broadcast() => true,
        IpAddr::V6(to) if to.is_multicast() || to.is_unicast_link_local() => true,
        _ => evidence.interfaces.iter().any(|interface| interface.is_on_link(**address)),
    };
    let local: Vec<_> =
        evidence.withheld.iter().filter(is_local).map(ToString::to_string).collect();
    (!local.is_empty()).then(|| listed(&local))
}
