//! How this host gets to an address.

use crate::Trust;

/// How this host gets to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reach {
    /// It is on a network of one of this host's interfaces, or this host's own.
    OnLink,
    /// A route leads to it that is more specific than the default route.
    Routed,
    /// The default route leads to it, as to every address that this host knows nothing of.
    DefaultRoute,
    /// No route leads to it.
    Nowhere,
    /// It is on no network of this host, and the system does not tell which route leads to it.
    Unknown,
}

impl Reach {
    /// The reach of an address that is not on a link, by the prefix length of the route to it.
    ///
    /// VPNs that take all traffic write the default route as two halves, and the route to all of
    /// IPv6's global addresses is `2000::/3` (RFC 4291 section 2.4).
    pub fn by_route(prefix_len: u8, is_v6: bool) -> Self {
        let longest_default = if is_v6 { 3 } else { 1 };
        if prefix_len <= longest_default { Self::DefaultRoute } else { Self::Routed }
    }

    /// Whether the sender's address is the better one to try first, with the port that the answer
    /// names.
    ///
    /// A server behind network address translation names an address of its own network, such as
    /// `172.17.0.2`: another one than the answer came from, and one that nothing but the default
    /// route leads to from outside.
    pub fn prefers_sender(self, trust: Trust) -> bool {
        trust == Trust::Unverified && !matches!(self, Self::OnLink | Self::Routed)
    }

    /// `on-link`, `routed`, `default-route`, `none` or `unknown`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OnLink => "on-link",
            Self::Routed => "routed",
            Self::DefaultRoute => "default-route",
            Self::Nowhere => "none",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_route_may_be_written_in_halves() {
        for (prefix_len, is_v6, reach) in [
            (0, false, Reach::DefaultRoute),
            (1, false, Reach::DefaultRoute),
            (8, false, Reach::Routed),
            (32, false, Reach::Routed),
            (0, true, Reach::DefaultRoute),
            (3, true, Reach::DefaultRoute),
            (7, true, Reach::Routed),
        ] {
            assert_eq!(Reach::by_route(prefix_len, is_v6), reach, "/{prefix_len}");
        }
    }

    #[test]
    fn the_sender_is_preferred_to_an_address_that_nothing_here_leads_to() {
        let unverified =
            [Reach::OnLink, Reach::Routed, Reach::DefaultRoute, Reach::Nowhere, Reach::Unknown]
                .map(|reach| reach.prefers_sender(Trust::Unverified));
        assert_eq!(unverified, [false, false, true, true, true]);
        assert!(!Reach::DefaultRoute.prefers_sender(Trust::MatchesSource));
    }
}
