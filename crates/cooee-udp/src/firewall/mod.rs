//! What the firewall of this host does with the datagrams of a discovery.
//!
//! `nft` and `iptables-save` print the rules; the kernel's own tables are no interface that stays.
//! Windows has its own in the registry. A rule is understood as far as it concerns such datagrams, and
//! a rule that is not understood may match.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod sys;
#[cfg(windows)]
#[path = "windows.rs"]
mod sys;
#[cfg(not(any(target_os = "linux", windows)))]
#[path = "portable.rs"]
mod sys;

#[cfg(any(target_os = "linux", test))]
mod iptables;
#[cfg(target_os = "linux")]
mod nft;
#[cfg(any(target_os = "linux", test))]
mod rules;
#[cfg(any(windows, test))]
mod windows_rules;

use cooee_core::finding::{Firewall, Side};
use cooee_core::interface::Interface;

/// What the firewall of this host does with answers from `port` ([`Side::Client`]), or with probes
/// to it ([`Side::Server`]), that come from the networks of `interfaces`; `None` where nothing is
/// known of a firewall.
///
/// On Linux it runs `nft` and `iptables-save` where they are installed and permitted, for two seconds each at
/// most, and reads 4 MiB of what they print.
pub fn firewall(port: u16, side: Side, interfaces: &[Interface]) -> Option<Firewall> {
    sys::firewall(port, side, interfaces)
}

/// Whether connections are tracked in this network namespace. Without that no firewall lets in an
/// answer to one host and drops one to everybody. Everybody may ask.
pub fn tracks_connections() -> bool {
    sys::tracks_connections()
}
