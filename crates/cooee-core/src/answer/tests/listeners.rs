use super::*;

fn rig(listener: ListenerRule) -> Rig {
    Rig::new(ResponderConfig { service_port: Some(8001), listener, ..ResponderConfig::default() })
}

fn at(address: &str) -> ListenerRule {
    ListenerRule::At(address.parse().expect("an address"))
}

impl Rig {
    /// What is answered when `bound` listen on the port, if that is asked.
    pub(super) fn probe_with(
        &mut self,
        source: &str,
        to: &str,
        on: u32,
        bound: &[&str],
    ) -> Option<Transmit> {
        assert_eq!(self.probe(source, to, on), None, "it asks first");
        let asked = ResponderEvent::ListenersWanted { port: 8001 };
        assert_eq!(self.responder.poll_event(), Some(asked));
        let socket = |text: &&str| {
            let address = text.parse().expect("an address");
            ListeningSocket { address, only_v6: false }
        };
        let sockets: Vec<_> = bound.iter().map(socket).collect();
        self.responder.handle_listeners(self.now, 8001, Some(&sockets));
        self.resolve();
        self.responder.poll_transmit()
    }
}

#[test]
fn nothing_is_said_while_nothing_listens() {
    let mut rig = rig(ListenerRule::OnPort);
    let neighbour = ("10.0.1.9:4000", "10.0.1.255", ETH0);
    assert_eq!(rig.probe_with(neighbour.0, neighbour.1, neighbour.2, &[]), None);
    assert_eq!(rig.responder.counters().refused(ProbeRefusal::NoListener), 1);
    assert_eq!(
        rig.responder.poll_event(),
        Some(ResponderEvent::NotListening { offer: 0, is_own: true })
    );
    assert_eq!(rig.probe_with(neighbour.0, neighbour.1, neighbour.2, &[]), None);
    assert_eq!(rig.responder.poll_event(), None, "it is reported once");
    rig.responder.handle_offers([]);
    let answer = rig.probe_with(neighbour.0, neighbour.1, neighbour.2, &["0.0.0.0"]);
    answered(answer, "10.0.1.2:8001", "10.0.1.2", Some(ETH0));
}

#[test]
fn what_listens_is_known_for_a_second() {
    let mut rig = rig(ListenerRule::OnPort);
    assert!(rig.probe_with("10.0.1.9:4000", "10.0.1.255", ETH0, &["0.0.0.0"]).is_some());
    let source: SocketAddr = "10.0.1.9:4000".parse().expect("a source");
    let datagram = Datagram { interface: Some(ETH0), ..Datagram::new(source, b"DISCOVER_SERVER") };
    rig.now += limits::LISTENERS_KNOWN_FOR - Duration::from_millis(1);
    rig.responder.handle_datagram(rig.now, &datagram);
    rig.resolve();
    assert!(rig.responder.poll_transmit().is_some());
    rig.now += Duration::from_millis(1);
    rig.responder.handle_datagram(rig.now, &datagram);
    let asked = ResponderEvent::ListenersWanted { port: 8001 };
    assert_eq!(rig.responder.poll_event(), Some(asked));
    rig.responder.handle_listeners(rig.now, 8001, None);
    rig.resolve();
    assert!(rig.responder.poll_transmit().is_some(), "what was known stays");
}

#[test]
fn a_listener_on_loopback_is_for_this_host() {
    let mut rig = rig(ListenerRule::OnPort);
    let bound = &["127.0.0.1", "::1"];
    assert_eq!(rig.probe_with("10.0.1.9:4000", "10.0.1.255", ETH0, bound), None);
    assert_eq!(rig.probe_with("10.0.1.2:4000", "10.0.1.255", ETH0, bound), None);
    let answer = rig.probe_with("127.0.0.1:4000", "127.0.0.1", LO, bound);
    answered(answer, "127.0.0.1:8001", "127.0.0.1", None);
    assert_eq!(rig.responder.poll_event(), None, "something does listen");
}

#[test]
fn a_listener_on_one_address_is_for_those_who_reach_it() {
    let mut rig = rig(ListenerRule::OnPort);
    let bound = &["10.0.3.2"];
    assert_eq!(rig.probe_with("10.0.2.9:4000", "255.255.255.255", ETH1, bound), None);
    let near = rig.probe_with("10.0.3.9:4000", "255.255.255.255", ETH1, bound);
    answered(near, "10.0.3.2:8001", "10.0.3.2", Some(ETH1));
    let routed = rig.probe_with("10.9.9.9:4000", "10.0.3.2", ETH1, bound);
    answered(routed, "10.0.3.2:8001", "10.0.3.2", None);
    assert_eq!(rig.probe_with("10.9.9.9:4000", "10.0.2.2", ETH1, bound), None);
}

#[test]
fn of_two_addresses_on_one_network_the_listener_s_is_named() {
    let two = interface(ETH0, "eth0", LinkKind::Broadcast, &["10.0.1.2/24", "10.0.1.3/24"]);
    let mut rig = rig(ListenerRule::OnPort);
    rig.responder.handle_interfaces(&[two]);
    let answer = rig.probe_with("10.0.1.9:4000", "10.0.1.255", ETH0, &["10.0.1.3"]);
    assert_eq!(answer.expect("an answer").payload, "SERVER_IP:10.0.1.3:8001");
}

#[test]
fn the_service_s_own_listener_counts_and_no_other() {
    let mut rig = rig(at("0.0.0.0"));
    assert_eq!(rig.probe_with("10.0.1.9:4000", "10.0.1.255", ETH0, &["10.0.1.2"]), None);
    assert!(rig.probe_with("10.0.1.9:4000", "10.0.1.255", ETH0, &["0.0.0.0"]).is_some());
}

#[test]
fn a_listener_for_ipv6_only_has_no_ipv4_address() {
    let mut rig = rig(at("::"));
    let dual = rig.probe_with("10.0.1.9:4000", "10.0.1.255", ETH0, &["::"]);
    answered(dual, "10.0.1.2:8001", "10.0.1.2", Some(ETH0));
    assert_eq!(rig.probe("10.0.1.9:4000", "10.0.1.255", ETH0), None);
    let only_v6 = ListeningSocket { address: "::".parse().expect("an address"), only_v6: true };
    rig.responder.handle_listeners(rig.now, 8001, Some(&[only_v6]));
    rig.resolve();
    assert_eq!(rig.responder.poll_transmit(), None);
    assert_eq!(rig.responder.counters().refused(ProbeRefusal::NoListener), 1);
}

#[test]
fn an_advertised_address_of_another_host_needs_any_listener_but_loopback() {
    let advertise = Advertise::Address([192, 0, 2, 7].into());
    let mut rig = Rig::new(ResponderConfig {
        service_port: Some(8001),
        listener: ListenerRule::OnPort,
        advertise,
        ..ResponderConfig::default()
    });
    assert_eq!(rig.probe_with("10.0.1.9:4000", "10.0.1.255", ETH0, &["127.0.0.1"]), None);
    let answer = rig.probe_with("10.0.1.9:4000", "10.0.1.255", ETH0, &["10.0.2.2"]);
    answered(answer, "192.0.2.7:8001", "10.0.1.2", Some(ETH0));
}
