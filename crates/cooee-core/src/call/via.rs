/// How a server was found: which kind of probe it answered first, if any.
///
/// A server that more than one probe reached is listed under the most specific of them: hosts,
/// remembered, sweep, neighbours, broadcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Via {
    /// A probe to everybody on a link.
    Broadcast,
    /// A probe to a host that was named.
    Host,
    /// A probe to an address at which a server was found before.
    Remembered,
    /// A probe to a neighbour that had not answered the broadcast.
    Neighbour,
    /// A probe to every address of a network.
    Sweep,
    /// No probe: it is announced by multicast DNS.
    Mdns,
}

impl Via {
    /// `broadcast`, `host`, `remembered`, `neighbour`, `sweep` or `mdns`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Broadcast => "broadcast",
            Self::Host => "host",
            Self::Remembered => "remembered",
            Self::Neighbour => "neighbour",
            Self::Sweep => "sweep",
            Self::Mdns => "mdns",
        }
    }

    /// Whether somebody gave the address that was called: the caller, or an earlier discovery.
    pub(super) fn is_by_address(self) -> bool {
        matches!(self, Self::Host | Self::Remembered)
    }
}
