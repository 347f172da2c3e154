use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What kind of finding it is. `docs/doctor.md` lists them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// All of them, those of a client first.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name in lower case with hyphens, the same in every output.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

codes! {
    /// An interface has no carrier.
    NoCarrier = "no-carrier",
    /// An interface is down.
    InterfaceDown = "interface-down",
    /// An interface is up, and has no address.
    NoAddress = "no-address",
    /// An interface has IPv6 addresses only.
    OnlyIpv6 = "only-ipv6",
    /// Only a tunnel leads anywhere.
    OnlyTunnels = "only-tunnels",
    /// Every interface with a network was excluded.
    InterfacesExcluded = "interfaces-excluded",
    /// There is no interface but loopback.
    OnlyLoopback = "only-loopback",
    /// Only networks inside this host were probed.
    OnlyContainers = "only-containers",
    /// Nothing listens at a named host.
    NothingListens = "nothing-listens",
    /// A firewall at a named host, or before it, rejects probes.
    Rejected = "rejected",
    /// A named host is there and silent.
    SilentHost = "silent-host",
    /// There is no route to a named host, or to any other network.
    NoRoute = "no-route",
    /// The firewall of this host drops what arrives on the port, or answers.
    OwnFirewall = "own-firewall",
    /// A firewall runs on this host, and its rules cannot be read.
    FirewallSuspected = "firewall-suspected",
    /// The system did not send into the local network, as macOS does not for a program that it keeps
    /// from it.
    LocalNetworkPrivacy = "local-network-privacy",
    /// Datagrams arrived that are no answers.
    NoAnswers = "no-answers",
    /// Another host on the link has an address outside this host's network.
    OutsideNetwork = "outside-network",
    /// Two hosts have one address.
    DuplicateAddress = "duplicate-address",
    /// A foreign program has the port on this host.
    PortTaken = "port-taken",
    /// Another program keeps the port of multicast DNS on this host for itself.
    MdnsPortTaken = "mdns-port-taken",
    /// The network is larger than a broadcast domain usually is.
    WideNetwork = "wide-network",
    /// Nobody but the router was seen, and other networks are behind it.
    BehindRouter = "behind-router",
    /// Nobody but the router is on this network: it keeps its clients apart.
    ClientIsolation = "client-isolation",
    /// A named address on the link that no host has.
    NobodyThere = "nobody-there",
    /// A route into a tunnel takes what is for a network of this host.
    TunnelTakesNetwork = "tunnel-takes-network",
    /// A server that is there does not answer probes: the message differs, or its policy.
    OtherMessage = "other-message",
    /// A peer hears this host by unicast, and not by broadcast.
    BroadcastsLost = "broadcasts-lost",
    /// A server names an address that cannot be reached.
    UnreachableAddress = "unreachable-address",
    /// A server names a port on which nothing can be connected to.
    ServiceSilent = "service-silent",
    /// Several processes have the port on this host.
    SeveralOwners = "several-owners",
    /// Nobody answered, and nothing says why.
    NobodyAnswered = "nobody-answered",
    /// A server has no address that another host could reach.
    NoReachableAddress = "no-reachable-address",
    /// A server runs in a container behind address translation.
    ContainerNat = "container-nat",
    /// Another protocol uses the port.
    PortShared = "port-shared",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
