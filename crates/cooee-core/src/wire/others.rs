use std::fmt;
use std::net::Ipv4Addr;

use crate::limits;

/// The IPv4 addresses that a reply names beside its IPv6 address, in order: up to
/// [`limits::OTHERS_MAX`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Others {
    addresses: [Ipv4Addr; limits::OTHERS_MAX],
    count: u8,
}

impl Others {
    /// No address.
    pub const NONE: Self =
        Self { addresses: [Ipv4Addr::UNSPECIFIED; limits::OTHERS_MAX], count: 0 };

    /// The addresses.
    pub fn as_slice(&self) -> &[Ipv4Addr] {
        &self.addresses[..usize::from(self.count)]
    }

    /// Adds an address, unless there are as many as fit.
    fn push(&mut self, address: Ipv4Addr) {
        if let Some(place) = self.addresses.get_mut(usize::from(self.count)) {
            *place = address;
            self.count += 1;
        }
    }
}

impl Default for Others {
    fn default() -> Self {
        Self::NONE
    }
}

/// Takes the first that fit.
impl FromIterator<Ipv4Addr> for Others {
    fn from_iter<I: IntoIterator<Item = Ipv4Addr>>(addresses: I) -> Self {
        let mut others = Self::NONE;
        addresses.into_iter().take(limits::OTHERS_MAX).for_each(|address| others.push(address));
        others
    }
}

impl fmt::Debug for Others {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.as_slice()).finish()
    }
}
