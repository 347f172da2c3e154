//! Which networks a discovery that has found nobody may sweep.

use std::sync::Mutex;
use std::time::Instant;

use cooee_core::interface::Interface;
use cooee_core::limits;
use ipnet::{IpNet, Ipv4Net};

use crate::settings::Discovery;

/// The networks that this process swept, and when.
static SWEPT: Mutex<Vec<(Ipv4Net, Instant)>> = Mutex::new(Vec::new());

/// The private networks on links of the interfaces used, each as our own address, that were not
/// swept lately. They count as swept from now on.
pub(super) fn networks(settings: &Discovery, interfaces: &[Interface], now: Instant) -> Vec<IpNet> {
    // A child may inherit the lock of a thread that it has not.
    let Ok(mut swept) = SWEPT.try_lock() else { return Vec::new() };
    let is_recent = |at: Instant| now.saturating_duration_since(at) < limits::LATE_SWEEP_PAUSE;
    swept.retain(|(_, at)| is_recent(*at));
    let mut due = Vec::new();
    for address in settings.private_networks(interfaces) {
        let net = address.trunc();
        let is_known = swept.iter().any(|(other, _)| *other == net);
        if !is_known && swept.len() < limits::LATE_SWEEPS_REMEMBERED {
            swept.push((net, now));
            due.push(address.into());
        }
    }
    due
}
