use cooee_core::finding::{Firewall, Side};
use cooee_core::interface::Interface;

/// This system's firewall is not read.
pub(super) fn firewall(_: u16, _: Side, _: &[Interface]) -> Option<Firewall> {
    None
}

pub(super) fn tracks_connections() -> bool {
    false
}
