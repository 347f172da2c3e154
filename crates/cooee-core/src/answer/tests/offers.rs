use super::*;

fn offer(message: &str, service_port: u16) -> Offer {
    let codec = Classic::new(message.to_owned(), "SERVER_IP:").expect("lengths are fine").into();
    Offer { codec, service_port: Some(service_port), ..Offer::default() }
}

fn rig(others: impl IntoIterator<Item = Offer>) -> Rig {
    let own = ResponderConfig { service_port: Some(1), ..ResponderConfig::default() };
    let mut rig = Rig::new(own);
    rig.responder.handle_offers(others);
    rig
}

impl Rig {
    /// Every answer to one probe.
    fn answers(&mut self, payload: &str) -> Vec<String> {
        let first = self.hear("10.0.1.9:4000", "10.0.1.255", ETH0, payload.as_bytes());
        let rest = std::iter::from_fn(|| self.responder.poll_transmit());
        let all = first.into_iter().chain(rest);
        all.map(|sent| String::from_utf8_lossy(&sent.payload).into_owned()).collect()
    }
}

fn named(ports: impl IntoIterator<Item = usize>) -> Vec<String> {
    ports.into_iter().map(|port| format!("SERVER_IP:10.0.1.2:{port}")).collect()
}

#[test]
fn each_service_is_answered_for() {
    let mut rig = rig([offer("DISCOVER_SERVER", 2), offer("OTHER", 3)]);
    assert_eq!(rig.answers("DISCOVER_SERVER"), named([1, 2]));
    assert_eq!(rig.answers("OTHER"), named([3]));
    let counters = rig.responder.counters();
    assert_eq!((counters.answered, counters.answers, counters.held_back), (2, 3, 0));
}

#[test]
fn one_service_of_several_processes_is_answered_for_once() {
    let workers = std::iter::repeat_n(offer("DISCOVER_SERVER", 1), 4);
    let named_otherwise = Offer { name: Some("Hall".into()), ..offer("DISCOVER_SERVER", 1) };
    let mut rig = rig(workers.chain([named_otherwise]));
    assert_eq!(rig.answers("DISCOVER_SERVER"), named([1]));
}

#[test]
fn an_offer_that_is_gone_is_not_answered_for() {
    let mut rig = rig([offer("DISCOVER_SERVER", 2)]);
    rig.responder.handle_offers([]);
    assert_eq!(rig.answers("DISCOVER_SERVER"), named([1]));
}

#[test]
fn each_offer_has_its_own_policy_and_address() {
    let on_link = Offer { policy: AnswerPolicy::OnLink, ..offer("DISCOVER_SERVER", 2) };
    let address: IpAddr = [192, 0, 2, 7].into();
    let advertise = Advertise::Address(address);
    let elsewhere = Offer { advertise, ..offer("DISCOVER_SERVER", 3) };
    let mut rig = rig([on_link, elsewhere]);
    let mut expected = named([1, 2]);
    expected.push("SERVER_IP:192.0.2.7:3".into());
    assert_eq!(rig.answers("DISCOVER_SERVER"), expected);
    let first = rig.probe("10.9.9.9:4000", "10.0.1.2", ETH0).expect("an answer");
    assert_eq!(first.payload, "SERVER_IP:10.0.1.2:1");
    let second = rig.responder.poll_transmit().expect("an answer");
    assert_eq!(second.payload, "SERVER_IP:192.0.2.7:3", "not on our link");
}

#[test]
fn an_offer_for_one_address_is_answered_there_only() {
    let bound = "10.0.1.2".parse().ok();
    let mut rig = rig([Offer { bound, ..offer("OTHER", 2) }]);
    assert_eq!(rig.answers("OTHER"), Vec::<String>::new());
    assert_eq!(rig.responder.counters().refused(ProbeRefusal::SourceNotAllowed), 1);
    let answer = rig.hear("10.0.1.9:4000", "10.0.1.2", ETH0, b"OTHER").expect("an answer");
    assert_eq!(answer.payload, "SERVER_IP:10.0.1.2:2");
}

#[test]
fn what_a_probe_draws_is_bounded_and_goes_on_with_the_next_one() {
    let mut rig = rig((2..=200).map(|port| offer("DISCOVER_SERVER", port)));
    assert_eq!(rig.responder.offers().count(), limits::OFFERS_MAX);
    let mut heard = Vec::new();
    for _ in 0..limits::OFFERS_MAX / limits::ANSWERS_A_PROBE {
        let answers = rig.answers("DISCOVER_SERVER");
        assert_eq!(answers.len(), limits::ANSWERS_A_PROBE);
        heard.extend(answers);
    }
    heard.sort();
    let mut expected = named(1..=limits::OFFERS_MAX);
    expected.sort();
    assert_eq!(heard, expected);
}

#[test]
fn each_answer_counts_for_its_source() {
    let own = ResponderConfig {
        rate_limit: RateLimit::per_source(1).expect("not 0"),
        service_port: Some(1),
        ..ResponderConfig::default()
    };
    let mut rig = Rig::new(own);
    rig.responder.handle_offers((2..=3).map(|port| offer("DISCOVER_SERVER", port)));
    let source: SocketAddr = "10.0.1.9:4000".parse().expect("a source");
    let datagram = Datagram { interface: Some(ETH0), ..Datagram::new(source, b"DISCOVER_SERVER") };
    for _ in 0..3 {
        rig.responder.handle_datagram(rig.now, &datagram);
        rig.resolve();
    }
    let counters = rig.responder.counters();
    assert_eq!((counters.answered, counters.answers, counters.held_back), (1, 2, 1));
    assert_eq!(counters.refused(ProbeRefusal::SourceRate), 2);
}

#[test]
fn an_offer_that_cannot_work_is_left_out() {
    let mut rig = rig([offer("OTHER", 0), offer("SERVER_IP:10.0.0.1", 2)]);
    assert_eq!(rig.answers("OTHER"), Vec::<String>::new());
    assert_eq!(rig.responder.offers().count(), 1);
}

#[test]
fn an_offer_whose_answer_is_a_probe_of_another_is_left_out() {
    let echo = |message: &str, prefix: &str| {
        let codec = Classic::new(message.to_owned(), prefix.to_owned());
        Offer { codec: codec.expect("lengths are fine").into(), ..Offer::default() }
    };
    let (one, other) = (echo("Q:127.0.0.1:9", "P:"), echo("P:127.0.0.1:8", "Q:"));
    assert!(one.echoes(&other) && other.echoes(&one) && !one.echoes(&Offer::default()));
    let rig = rig([one.clone(), other.clone()]);
    assert_eq!(rig.responder.offers().skip(1).collect::<Vec<_>>(), [&one]);
    let codecs = vec![one.codec, other.codec];
    let refused = ResponderConfig { codecs, ..ResponderConfig::default() }.check();
    assert!(matches!(refused, Err(ConfigError::AnswerIsProbe { .. })), "{refused:?}");
}

#[test]
fn a_batch_of_probes_from_nobody_fills_half_of_the_send_buffer_at_most() {
    const CAPACITY: u32 = 212_992;
    let mut rig = rig((2..=16).map(|port| offer("DISCOVER_SERVER", port)));
    rig.responder.handle_send_room(SocketId::V4, 0, CAPACITY);
    for last in 10..42 {
        let source: SocketAddr = format!("10.0.1.{last}:4000").parse().expect("a source");
        let datagram =
            Datagram { interface: Some(ETH0), ..Datagram::new(source, b"DISCOVER_SERVER") };
        rig.responder.handle_datagram(rig.now, &datagram);
        let unresolved = NeighbourState::Unresolved;
        rig.responder.handle_neighbour(rig.now, source.ip(), ETH0, unresolved);
    }
    let answers = rig.responder.counters().answers;
    // As Linux counts, 832 bytes for each; the last source may go over it.
    assert!((128..128 + 16).contains(&answers), "{answers}");
    assert!(rig.responder.counters().refused(ProbeRefusal::Unresolved) > 0);
}
