use super::{Interface, InterfaceRole, LinkKind, LinkState};

/// An interface for tests, which is up.
pub(crate) fn fixture(index: u32, name: &str, kind: LinkKind, addresses: &[&str]) -> Interface {
    Interface {
        index,
        name: name.into(),
        addresses: addresses.iter().map(|net| net.parse().expect("a network")).collect(),
        kind,
        state: LinkState::Up,
        role: InterfaceRole::default(),
    }
}
