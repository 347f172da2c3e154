use super::*;

/// What is known of the only server, at the end, that answers every probe after `delay`.
fn rtt_of(delay: Duration, wait: Wait) -> Option<Duration> {
    let mut rig = Rig::new(DiscoveryConfig { wait, ..DiscoveryConfig::default() });
    rig.run_answered("10.0.1.7:9999", delay);
    let [server] = rig.discovery.servers() else { panic!("one server") };
    server.rtt
}

#[test]
fn a_prompt_answer_is_measured_from_its_probe() {
    let ms = Duration::from_millis(3);
    assert_eq!(rtt_of(ms, Wait::Full), Some(ms));
}

#[test]
fn a_server_that_answers_a_second_late_does_not_look_prompt() {
    let second = Duration::from_secs(1);
    let rtt = rtt_of(second, Wait::Full);
    assert!(rtt.is_none_or(|rtt| rtt.abs_diff(second) < Duration::from_millis(30)), "{rtt:?}");
    let mut rig = Rig::new(full(5000, 3));
    rig.run(second);
    let found = rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7").expect("found");
    assert_eq!(found.rtt, None, "three probes may have been answered");
}

#[test]
fn a_second_answer_tells_which_probe_the_first_was_for() {
    let mut rig = Rig::new(full(5000, 3));
    while rig.sent.len() < 2 {
        rig.step();
    }
    rig.now += Duration::from_millis(4);
    let found = rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7").expect("found");
    assert_eq!(found.rtt, None, "two probes may have been answered");
    while rig.sent.len() < 3 {
        rig.step();
    }
    rig.now += Duration::from_millis(4);
    rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
    let [server] = rig.discovery.servers() else { panic!("one server") };
    assert_eq!(server.rtt, Some(Duration::from_millis(4)));
}

#[test]
fn what_waited_to_be_read_has_no_round_trip() {
    let mut rig = Rig::new(full(5000, 3));
    rig.run(Duration::from_millis(100));
    let source = "10.0.1.7:9999".parse().expect("a source");
    let datagram = Datagram { waited: true, ..Datagram::new(source, b"SERVER_IP:10.0.1.7") };
    rig.discovery.handle_datagram(rig.now, &datagram);
    assert_eq!(rig.discovery.servers()[0].rtt, None);
}
