use std::sync::atomic::{AtomicUsize, Ordering};

use super::LabError;
use super::namespace::Namespace;

pub(super) const BRIDGE: &str = "bridge";

/// A broadcast domain: a bridge in a namespace of its own.
///
/// Dropping it pulls every cable: the interfaces of the hosts that joined it disappear.
#[derive(Debug)]
pub struct Segment {
    namespace: Namespace,
    ports: AtomicUsize,
}

impl Segment {
    pub(super) fn create(namespace: Namespace) -> Result<Self, LabError> {
        // The bridge itself has no address; without IPv6 it adds no datagrams of its own.
        namespace
            .set_parameters(&[("ipv6/conf/default/disable_ipv6", "1")])
            .or_else(|error| if has_ipv6() { Err(error) } else { Ok(()) })?;
        namespace.ip_batch(&format!(
            "link add {BRIDGE} type bridge stp_state 0 forward_delay 0 mcast_snooping 0\n\
             link set {BRIDGE} up\n"
        ))?;
        Ok(Self { namespace, ports: AtomicUsize::new(0) })
    }

    /// Loses this many of 100 UDP datagrams on the way from any host to any other; 0 loses none.
    ///
    /// Each datagram is judged once per receiver, so that a broadcast may reach some hosts and
    /// not others, and a question and its answer are both lost with this chance. ARP and ICMP
    /// pass.
    ///
    /// # Errors
    /// `LossOutOfRange`: more than 100; `Command`: nft refused.
    pub fn lose(&self, percent: u8) -> Result<(), LabError> {
        if percent > 100 {
            return Err(LabError::LossOutOfRange { percent });
        }
        let mut script = String::from("table bridge loss\ndelete table bridge loss\n");
        if percent > 0 {
            // nft refuses a comparison that is always true.
            let chance = if percent < 100 {
                format!("numgen random mod 100 < {percent}")
            } else {
                String::new()
            };
            script.push_str(&format!(
                "table bridge loss {{ chain forward {{\n\
                 type filter hook forward priority 0; policy accept;\n\
                 meta l4proto udp {chance} drop\n\
                 }}\n}}\n"
            ));
        }
        self.namespace.nft(&script).map(drop)
    }

    /// Pulls the far end of every cable: the interfaces of the hosts lose their carrier, and stay.
    ///
    /// # Errors
    /// `Command`: iproute2 refused.
    pub fn unplug(&self) -> Result<(), LabError> {
        let ports = 0..self.ports.load(Ordering::Relaxed);
        let script: String = ports.map(|n| format!("link set port{n} down\n")).collect();
        self.namespace.ip_batch(&script).map(drop)
    }

    /// Keeps a cable, by the order in which they were plugged in, from all others that are isolated
    /// too, as an access point keeps its clients apart.
    ///
    /// # Errors
    /// `Command`: iproute2 refused, for instance because there is no such cable.
    pub fn isolate(&self, cable: usize) -> Result<(), LabError> {
        let port = format!("port{cable}");
        let link = ["link", "set", "dev", &port, "type", "bridge_slave", "isolated", "on"];
        self.namespace.ip(&link).map(drop)
    }

    /// The name of the segment's namespace, for tools such as `tcpdump` by hand.
    pub fn namespace(&self) -> &str {
        self.namespace.name()
    }

    pub(super) fn switch(&self) -> &Namespace {
        &self.namespace
    }

    pub(super) fn next_port(&self) -> String {
        format!("port{}", self.ports.fetch_add(1, Ordering::Relaxed))
    }
}

pub(super) fn has_ipv6() -> bool {
    std::path::Path::new("/proc/sys/net/ipv6").exists()
}
