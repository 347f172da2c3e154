use super::*;

fn arrive(rig: &mut Rig, source: &str, on: u32) -> bool {
    let source = source.parse().expect("a source");
    let destination = "255.255.255.255".parse().ok();
    let probe = Datagram::new(source, b"DISCOVER_SERVER");
    let probe = Datagram { destination, interface: Some(on), ..probe };
    rig.responder.handle_datagram(rig.now, &probe);
    rig.resolve();
    rig.responder.poll_transmit().is_some()
}

#[test]
fn copies_of_a_probe_on_two_interfaces_get_one_answer() {
    let mut rig = Rig::new(ResponderConfig::default());
    assert!(arrive(&mut rig, "10.0.1.9:4000", ETH0));
    rig.now += Duration::from_millis(19);
    assert!(!arrive(&mut rig, "10.0.1.9:4000", ETH1));
    assert_eq!(rig.responder.counters().refused(ProbeRefusal::Copy), 1);
}

#[test]
fn later_probes_those_of_other_sockets_and_on_the_same_interface_are_no_copies() {
    let mut rig = Rig::new(ResponderConfig::default());
    assert!(arrive(&mut rig, "10.0.1.9:4000", ETH0));
    assert!(arrive(&mut rig, "10.0.1.9:4000", ETH0), "asked twice");
    assert!(arrive(&mut rig, "10.0.1.9:4001", ETH1), "another socket");
    rig.now += Duration::from_millis(20);
    assert!(arrive(&mut rig, "10.0.1.9:4000", ETH1), "another round");
}

#[test]
fn a_copy_of_a_probe_that_was_refused_is_answered() {
    let mut rig = Rig::new(ResponderConfig::default());
    rig.responder.handle_send_room(SocketId::V4, 900, 1000);
    let source: SocketAddr = "10.0.1.9:4000".parse().expect("a source");
    let mut hear = |on, state| {
        let probe = Datagram { interface: Some(on), ..Datagram::new(source, b"DISCOVER_SERVER") };
        rig.responder.handle_datagram(rig.now, &probe);
        if let Some(ResponderEvent::NeighbourWanted { asker, interface }) =
            rig.responder.poll_event()
        {
            rig.responder.handle_neighbour(rig.now, asker, interface, state);
        }
        rig.responder.poll_transmit().is_some()
    };
    assert!(!hear(ETH0, NeighbourState::Unresolved));
    assert!(hear(ETH1, NeighbourState::Resolved));
    assert!(!hear(ETH0, NeighbourState::Resolved), "it was answered by the other interface");
}
