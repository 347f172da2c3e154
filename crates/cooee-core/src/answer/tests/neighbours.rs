use super::*;

/// The next answer to `source`, whose state the system says to be `state`.
fn probe(rig: &mut Rig, source: &str, state: NeighbourState) -> Option<Transmit> {
    let source = source.parse().expect("a source");
    let destination = "10.0.1.255".parse().ok();
    let probe = Datagram::new(source, b"DISCOVER_SERVER");
    let probe = Datagram { destination, interface: Some(ETH0), ..probe };
    rig.responder.handle_datagram(rig.now, &probe);
    if let Some(ResponderEvent::NeighbourWanted { asker, interface }) = rig.responder.poll_event() {
        assert_eq!((asker, interface), (source.ip(), ETH0));
        rig.responder.handle_neighbour(rig.now, asker, interface, state);
    }
    rig.responder.poll_transmit()
}

#[test]
fn no_more_answers_wait_for_a_neighbour_that_is_not_found_once_the_send_buffer_fills() {
    let mut rig = Rig::new(ResponderConfig::default());
    let (dead, alive) = ("10.0.1.66:4000", "10.0.1.9:4000");
    for _ in 0..10 {
        let sent = probe(&mut rig, dead, NeighbourState::Unresolved);
        assert!(sent.is_some(), "there is room, and it may be there");
    }
    rig.responder.handle_send_room(SocketId::V4, 400, 1000);
    for _ in 0..10 {
        assert!(probe(&mut rig, dead, NeighbourState::Unresolved).is_none());
    }
    assert_eq!(rig.responder.counters().refused(ProbeRefusal::Unresolved), 10);
    assert!(probe(&mut rig, alive, NeighbourState::Resolved).is_some());
    assert!(probe(&mut rig, dead, NeighbourState::Resolved).is_some(), "it was found meanwhile");
    assert!(probe(&mut rig, dead, NeighbourState::Unknown).is_some());
}

#[test]
fn a_neighbour_is_asked_about_again_after_a_tenth_of_a_second() {
    let mut rig = Rig::new(ResponderConfig::default());
    let source: SocketAddr = "10.0.1.9:4000".parse().expect("a source");
    let datagram = Datagram { interface: Some(ETH0), ..Datagram::new(source, b"DISCOVER_SERVER") };
    assert!(probe(&mut rig, "10.0.1.9:4000", NeighbourState::Resolved).is_some());
    rig.responder.handle_datagram(rig.now, &datagram);
    assert_eq!(rig.responder.poll_event(), None);
    rig.now += Duration::from_millis(100);
    rig.responder.handle_datagram(rig.now, &datagram);
    let asked = rig.responder.poll_event();
    assert!(matches!(asked, Some(ResponderEvent::NeighbourWanted { .. })), "{asked:?}");
}

#[test]
fn this_host_and_hosts_behind_routers_are_not_asked_about() {
    let mut rig = Rig::new(ResponderConfig::default());
    for (source, to, on) in [
        ("127.0.0.1:4000", "127.0.0.1", LO),
        ("10.0.1.2:4000", "10.0.1.255", ETH0),
        ("10.9.9.9:4000", "10.0.1.2", ETH0),
    ] {
        let source = source.parse().expect("a source");
        let destination = to.parse().ok();
        let probe = Datagram::new(source, b"DISCOVER_SERVER");
        rig.responder
            .handle_datagram(rig.now, &Datagram { destination, interface: Some(on), ..probe });
        assert_eq!(rig.responder.poll_event(), None);
        assert!(rig.responder.poll_transmit().is_some());
    }
}

#[test]
fn a_full_send_buffer_is_left_to_neighbours_that_are_there() {
    let mut rig = Rig::new(ResponderConfig::default());
    rig.responder.handle_send_room(SocketId::V4, 900, 1000);
    assert!(probe(&mut rig, "10.0.1.66:4000", NeighbourState::Unresolved).is_none());
    assert!(probe(&mut rig, "10.0.1.9:4000", NeighbourState::Resolved).is_some());
    let routed = rig.probe("10.9.9.9:4000", "10.0.1.2", ETH0);
    assert_eq!(routed, None, "the router may be the one that does not answer");
}

#[test]
fn sources_that_ask_too_often_are_told_of_once_and_again_after_a_minute() {
    let rate_limit = RateLimit::per_source(1).expect("not 0");
    let mut rig = Rig::new(ResponderConfig { rate_limit, ..ResponderConfig::default() });
    for _ in 0..12 {
        let source = "10.0.1.9:4000".parse().expect("a source");
        let probe = Datagram { interface: Some(ETH0), ..Datagram::new(source, b"DISCOVER_SERVER") };
        rig.responder.handle_datagram(rig.now, &probe);
        rig.resolve();
    }
    let told: Vec<_> = std::iter::from_fn(|| rig.responder.poll_event()).collect();
    let source = IpAddr::from([10, 0, 1, 9]);
    assert_eq!(told, [ResponderEvent::Insistent(Insistent { source, refused: 1 })]);
    rig.now = rig.responder.poll_timeout().expect("a minute later");
    rig.responder.handle_timeout(rig.now);
    let told = rig.responder.poll_event();
    assert_eq!(told, Some(ResponderEvent::Insistent(Insistent { source, refused: 9 })));
    rig.now = rig.responder.poll_timeout().expect("another minute later");
    rig.responder.handle_timeout(rig.now);
    assert_eq!((rig.responder.poll_event(), rig.responder.poll_timeout()), (None, None));
}

#[test]
fn an_answer_that_waits_while_the_interfaces_change_leaves_by_them_as_they_are_then() {
    let mut rig = Rig::new(ResponderConfig::default());
    let source: SocketAddr = "10.0.1.9:4000".parse().expect("a source");
    let destination = "10.0.1.255".parse().ok();
    let probe = Datagram::new(source, b"DISCOVER_SERVER");
    let probe = Datagram { destination, interface: Some(ETH0), ..probe };
    let resolved = |rig: &mut Rig| {
        rig.responder.handle_neighbour(rig.now, source.ip(), ETH0, NeighbourState::Resolved);
        rig.responder.poll_transmit()
    };
    rig.responder.handle_datagram(rig.now, &probe);
    let moved = [interface(ETH0, "eth0", LinkKind::Broadcast, &["10.0.1.77/24"])];
    rig.responder.handle_interfaces(&moved);
    answered(resolved(&mut rig), "10.0.1.77", "10.0.1.77", Some(ETH0));

    rig.now += Duration::from_secs(1);
    rig.responder.handle_datagram(rig.now, &probe);
    rig.responder.handle_interfaces(&[]);
    assert_eq!(resolved(&mut rig), None);
    assert_eq!(rig.responder.counters().refused(ProbeRefusal::NoRoute), 1);
}
