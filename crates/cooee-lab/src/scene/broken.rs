//! Networks on which a server is not found, each with one fault.

use std::net::UdpSocket;

use crate::netns::{Child, Host, Lab, Segment};

use super::programs::{CLIENT, SERVER, serve, start_serve};

/// What is wrong with a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A foreign program has port 9999 on the client's host, where a server is to run too.
    PortTaken,
    /// The client's firewall lets in only what belongs to a connection.
    ClientFirewall,
    /// The same, and nobody asks for link addresses: the server knows the client's already.
    ClientFirewallKnown,
    /// The server's firewall drops probes.
    ServerFirewallDrops,
    /// The server's firewall rejects probes by ICMP.
    ServerFirewallRejects,
    /// The access point forwards nothing between its clients, only to and from the router.
    ClientIsolation,
    /// The server is on another segment, and the client has no route there.
    NoRoute,
    /// The client's cable is out.
    CableOut,
    /// The client has no interface but loopback.
    OnlyLoopback,
    /// The server is in a container behind address translation; its ports are published.
    ServerInNat,
    /// The client's prefix length is longer than the network's.
    WrongPrefix,
    /// Two servers have one address.
    SharedAddress,
    /// The client's interface has an IPv6 address only, the server's an IPv4 address only.
    OnlyIpv6,
    /// The server answers to another message.
    OtherMessage,
}

/// A network with a fault. Dropping it removes everything.
#[derive(Debug)]
pub struct Broken {
    /// Where a server is looked for.
    pub client: Host,
    /// Where the servers are started; none for a fault that is the client's alone.
    pub servers: Vec<Host>,
    /// What a server of this network is started with.
    pub arguments: &'static [&'static str],
    /// Routers and the like.
    pub others: Vec<Host>,
    segments: Vec<Segment>,
    foreign: Option<UdpSocket>,
}

impl Broken {
    /// Makes the network.
    pub fn new(fault: Fault) -> Self {
        match fault {
            Fault::PortTaken => {
                let mut broken = Self::pair(&format!("{CLIENT}/24"));
                let taken = broken.client.enter(|| UdpSocket::bind("0.0.0.0:9999")).unwrap();
                (broken.servers, broken.foreign) = (Vec::new(), Some(taken));
                broken
            }
            Fault::ClientFirewall => Self::with_client_firewall(),
            Fault::ClientFirewallKnown => Self::known_to_the_server(),
            Fault::ServerFirewallDrops => Self::with_server_firewall("drop"),
            Fault::ServerFirewallRejects => {
                Self::with_server_firewall("reject with icmpx type admin-prohibited")
            }
            Fault::ClientIsolation => Self::isolated(),
            Fault::NoRoute => Self::routed(),
            Fault::CableOut => {
                let broken = Self::pair(&format!("{CLIENT}/24"));
                broken.segments[0].unplug().unwrap();
                broken
            }
            Fault::OnlyLoopback => {
                let client = Lab::new().unwrap().host("client").unwrap();
                Self::of(client, vec![], vec![], vec![])
            }
            Fault::ServerInNat => Self::in_nat(),
            Fault::WrongPrefix => Self::pair("10.0.1.200/25"),
            Fault::SharedAddress => {
                let lab = Lab::new().unwrap();
                let mut broken = Self::pair_of(&lab, &format!("{CLIENT}/24"));
                let twin = lab.host("twin").unwrap();
                twin.join(&broken.segments[0], &format!("{SERVER}/24")).unwrap();
                broken.servers.push(twin);
                broken
            }
            Fault::OnlyIpv6 => {
                let broken = Self::pair("fd00::3/64");
                broken.servers[0].ip(&["-6", "addr", "flush", "dev", "eth0"]).unwrap();
                broken
            }
            Fault::OtherMessage => Self {
                arguments: &["--message", "DISCOVER_ELSEWHERE"],
                ..Self::pair(&format!("{CLIENT}/24"))
            },
        }
    }

    /// Starts `cooee serve` where servers are, with the network's own arguments and these.
    pub fn serve(&self, arguments: &[&str]) -> Vec<Child> {
        let arguments = [self.arguments, arguments].concat();
        self.servers.iter().map(|host| serve(host, &arguments)).collect()
    }

    /// Starts `cooee serve` on the client's host, where it may be kept from answering.
    pub fn serve_here(&self, arguments: &[&str]) -> Child {
        start_serve(&self.client, arguments)
    }

    fn of(client: Host, servers: Vec<Host>, others: Vec<Host>, segments: Vec<Segment>) -> Self {
        Self { client, servers, arguments: &[], others, segments, foreign: None }
    }

    fn pair(client: &str) -> Self {
        Self::pair_of(&Lab::new().unwrap(), client)
    }

    fn pair_of(lab: &Lab, address: &str) -> Self {
        let segment = lab.segment("a").unwrap();
        let (server, client) = (lab.host("server").unwrap(), lab.host("client").unwrap());
        server.join(&segment, &format!("{SERVER}/24")).unwrap();
        client.join(&segment, address).unwrap();
        Self::of(client, vec![server], vec![], vec![segment])
    }

    fn with_client_firewall() -> Self {
        let broken = Self::pair(&format!("{CLIENT}/24"));
        broken
            .client
            .nft(
                "table inet filter { chain input {
                 type filter hook input priority 0; policy drop;
                 iif lo accept
                 ct state established,related accept
                 }
                 }",
            )
            .unwrap();
        broken
    }

    fn known_to_the_server() -> Self {
        let broken = Self::with_client_firewall();
        let link = link_address(&broken.client);
        let entry =
            ["neigh", "replace", CLIENT, "lladdr", &link, "dev", "eth0", "nud", "permanent"];
        broken.servers[0].ip(&entry).unwrap();
        broken.client.ip(&["neigh", "flush", "all"]).unwrap();
        broken
    }

    fn with_server_firewall(verdict: &str) -> Self {
        let broken = Self::pair(&format!("{CLIENT}/24"));
        let rules = format!(
            "table inet filter {{ chain input {{
             type filter hook input priority 0; policy accept;
             udp dport 9999 {verdict}
             }}
             }}"
        );
        broken.servers[0].nft(&rules).unwrap();
        broken
    }

    fn isolated() -> Self {
        let lab = Lab::new().unwrap();
        let mut broken = Self::pair_of(&lab, &format!("{CLIENT}/24"));
        let router = lab.router("router", &[(&broken.segments[0], "10.0.1.1/24")]).unwrap();
        for port in [0, 1] {
            broken.segments[0].isolate(port).unwrap();
        }
        broken.client.default_route("10.0.1.1").unwrap();
        broken.servers[0].default_route("10.0.1.1").unwrap();
        broken.others.push(router);
        broken
    }

    fn routed() -> Self {
        let lab = Lab::new().unwrap();
        let (near, far) = (lab.segment("near").unwrap(), lab.segment("far").unwrap());
        let (server, client) = (lab.host("server").unwrap(), lab.host("client").unwrap());
        client.join(&near, &format!("{CLIENT}/24")).unwrap();
        server.join(&far, "10.0.2.2/24").unwrap();
        let sides = [(&near, "10.0.1.1/24"), (&far, "10.0.2.1/24")];
        let router = lab.router("router", &sides).unwrap();
        server.default_route("10.0.2.1").unwrap();
        Self::of(client, vec![server], vec![router], vec![near, far])
    }

    fn in_nat() -> Self {
        let lab = Lab::new().unwrap();
        let (lan, inner) = (lab.segment("lan").unwrap(), lab.segment("inner").unwrap());
        let (container, client) = (lab.host("container").unwrap(), lab.host("client").unwrap());
        client.join(&lan, &format!("{CLIENT}/24")).unwrap();
        container.join(&inner, "172.17.0.2/16").unwrap();
        let sides = [(&lan, "10.0.1.2/24"), (&inner, "172.17.0.1/16")];
        let outer = lab.router("outer", &sides).unwrap();
        outer
            .ip_batch("link set eth1 down\nlink set eth1 name docker0\nlink set docker0 up\n")
            .unwrap();
        outer
            .nft(
                "table ip nat {
                 chain before { type nat hook prerouting priority -100;
                 ip daddr 10.0.1.2 udp dport 9999 dnat to 172.17.0.2
                 ip daddr 10.0.1.2 tcp dport 8000 dnat to 172.17.0.2
                 }
                 chain after { type nat hook postrouting priority 100;
                 ip saddr 172.17.0.0/16 oif eth0 masquerade
                 }
                 }",
            )
            .unwrap();
        container.default_route("172.17.0.1").unwrap();
        Self::of(client, vec![container], vec![outer], vec![lan, inner])
    }
}

/// The link address of a host's `eth0`.
fn link_address(host: &Host) -> String {
    let shown = host.ip(&["-o", "link", "show", "dev", "eth0"]).unwrap();
    let mut words = shown.split_whitespace().skip_while(|word| *word != "link/ether");
    words.nth(1).expect("a veth has a link address").to_owned()
}
