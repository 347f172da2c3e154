use std::net::IpAddr;

/// Which sources to answer. Loopback is always answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AnswerPolicy {
    /// Only sources within a network of the interface that the probe arrived on.
    OnLink,
    /// On-link sources, and the private ranges of RFC 1918 and RFC 3927 from anywhere.
    #[default]
    Private,
    /// Every source that an answer can be sent to.
    Any,
}

/// Which address to name in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Advertise {
    /// The one that the client can reach, chosen for each probe.
    #[default]
    Auto,
    /// Always this one.
    Address(IpAddr),
}

/// Which TCP listener an offer needs: without it, the offer is silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ListenerRule {
    /// None: it is answered in any case.
    #[default]
    NotRequired,
    /// One on the port of the service.
    OnPort,
    /// One on the port of the service, bound to this address.
    At(IpAddr),
}
