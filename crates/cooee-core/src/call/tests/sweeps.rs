use super::*;

#[test]
fn sweeps_are_paced_and_come_round_again() {
    let sweep = vec!["10.0.2.0/24".parse().expect("a network")];
    let mut rig = Rig::new(DiscoveryConfig { sweep, ..full(5000, 3) });
    rig.run(Duration::from_secs(10));
    let swept: Vec<_> = rig
        .sent
        .iter()
        .filter(|(_, t)| t.destination.ip() != IpAddr::from([10, 0, 1, 255]))
        .collect();
    assert!(swept.windows(2).all(|pair| pair[1].0 - pair[0].0 >= limits::SWEEP_PACE));
    assert_eq!(swept[0].1.destination, "10.0.2.1:9999".parse().expect("an address"));
    assert!(swept.len() > 254 * 4, "{} calls", swept.len());
    let again = swept.iter().filter(|(_, t)| t.destination == swept[0].1.destination).count();
    assert_eq!(again, 5, "one for each pass");
}

#[test]
fn a_large_sweep_leaves_the_rounds_alone() {
    let sweep = vec!["10.0.16.0/20".parse().expect("a network")];
    let mut rig = Rig::new(DiscoveryConfig { sweep, ..full(5000, 3) });
    rig.run(Duration::from_secs(10));
    assert!(rig.outcome().rounds >= 6, "{:?}", rig.outcome());
    let broadcast: SocketAddr = "10.0.1.255:9999".parse().expect("an address");
    let calls = rig.sent.iter().filter(|(_, t)| t.destination == broadcast).count();
    assert_eq!(calls, rig.outcome().rounds as usize);
}

#[test]
fn a_swept_server_settles_and_has_its_own_round_trip() {
    let sweep = vec!["10.0.2.0/24".parse().expect("a network")];
    let mut rig = Rig::new(DiscoveryConfig { sweep, ..DiscoveryConfig::default() });
    let server: SocketAddr = "10.0.2.200:9999".parse().expect("an address");
    let (mut heard, mut looked) = (Vec::new(), 0);
    while rig.discovery.outcome().is_none() {
        for call in looked..rig.sent.len() {
            if rig.sent[call].1.destination == server {
                heard.extend(rig.hear("10.0.2.200:9999", b"SERVER_IP:10.0.2.200"));
            }
        }
        looked = rig.sent.len();
        let next = rig.discovery.poll_timeout().expect("not over");
        rig.run(next - rig.start);
    }
    let [found] = &heard[..] else { panic!("{heard:?}") };
    let rtt = found.rtt.expect("one probe was sent to it");
    assert!(rtt < Duration::from_millis(50), "{rtt:?}");
    let outcome = rig.outcome();
    assert_eq!(outcome.ended, Ended::Settled);
    assert!(outcome.elapsed > 3 * 254 * limits::SWEEP_PACE, "three passes: {outcome:?}");
}

#[test]
fn a_network_that_is_a_link_no_more_is_not_swept_through_the_router() {
    let sweep_on_link = vec!["10.0.1.0/24".parse().expect("a network")];
    let config = DiscoveryConfig { sweep_on_link, ..full(5000, 3) };
    let mut rig = Rig::calling(config, Vec::new());
    rig.run(Duration::from_millis(100));
    let calls: Vec<_> = rig.sent.iter().map(|(_, t)| t.destination.ip()).collect();
    let nearest = ["10.0.1.1", "10.0.1.2", "10.0.1.3"];
    assert_eq!(calls[..3], nearest.map(|ip| ip.parse::<IpAddr>().expect("an address")));
    rig.discovery.handle_interfaces(&[eth0("10.0.9.1/24")], Vec::new());
    rig.run(Duration::from_secs(10));
    assert_eq!(rig.sent.len(), calls.len());
    let swept = rig.outcome().swept.expect("a sweep");
    assert_eq!((swept.called, swept.refused), (calls.len() as u64, 254 - calls.len() as u64));
}

#[test]
fn a_public_network_is_swept_only_if_that_is_allowed() {
    let begin = |net: &str, allow_public, own: &str| {
        let sweep = vec![net.parse().expect("a network")];
        let config = DiscoveryConfig { sweep, allow_public, ..full(5000, 3) };
        DiscoveryEngine::new(config, vec![], &[eth0(own)], 1, Instant::now()).map(drop)
    };
    let net = "198.51.100.0/24";
    let why = begin(net, false, "10.0.1.1/24").expect_err("refused");
    assert_eq!(why, ConfigError::SweepIsPublic { net: net.parse().expect("a network") });
    assert_eq!(begin(net, true, "10.0.1.1/24"), Ok(()));
    assert_eq!(begin(net, false, "198.51.100.9/24"), Ok(()), "it is a link of ours");
}

fn sweeping(net: &str) -> Rig {
    let sweep = vec![net.parse().expect("a network")];
    Rig::calling(DiscoveryConfig { sweep, ..DiscoveryConfig::default() }, Vec::new())
}

#[test]
fn small_sweeps_end_when_settled() {
    for net in ["10.0.2.1/32", "10.0.2.0/30", "10.0.2.0/28", "10.0.2.0/27", "10.0.2.0/26"] {
        let mut rig = sweeping(net);
        let outcome = rig.run_answered("10.0.2.1:9999", Duration::from_millis(2));
        assert_eq!((outcome.ended, outcome.servers), (Ended::Settled, 1), "{net}");
        assert!(outcome.elapsed < Duration::from_millis(3500), "{net}: {outcome:?}");
    }
}

#[test]
fn small_sweeps_of_a_link_end_when_settled_though_a_broadcast_is_heard_first() {
    for net in ["10.0.1.2/32", "10.0.1.0/30", "10.0.1.0/28", "10.0.1.0/27", "10.0.1.0/26"] {
        let sweep = vec![net.parse().expect("a network")];
        let mut rig = Rig::new(DiscoveryConfig { sweep, ..DiscoveryConfig::default() });
        let outcome = rig.run_answered("10.0.1.2:9999", Duration::from_micros(500));
        assert_eq!((outcome.ended, outcome.servers), (Ended::Settled, 1), "{net}: {outcome:?}");
        assert!(outcome.elapsed < Duration::from_millis(3500), "{net}: {outcome:?}");
    }
}

#[test]
fn without_a_timeout_a_large_sweep_takes_one_pass() {
    let mut rig = sweeping("10.0.16.0/20");
    rig.run(Duration::from_secs(600));
    let outcome = rig.outcome();
    let swept = outcome.swept.expect("a sweep");
    assert_eq!((swept.called, swept.of), (4094, 4094));
    assert_eq!(outcome.ended, Ended::Deadline);
    let late = outcome.elapsed - swept.pass_takes;
    assert!(late <= Duration::from_secs(2), "{outcome:?}");
}

#[test]
fn a_sweep_that_is_cut_short_says_how_far_it_came() {
    let sweep = vec!["10.2.0.0/16".parse().expect("a network")];
    let mut rig = Rig::calling(DiscoveryConfig { sweep, ..full(5000, 3) }, Vec::new());
    rig.run(Duration::from_secs(60));
    let swept = rig.outcome().swept.expect("a sweep");
    assert_eq!(swept.of, 65_534);
    assert_eq!(swept.called, rig.sent.len() as u64);
    assert!((1240..=1260).contains(&swept.called), "{swept:?}");
    assert!(swept.pass_takes > Duration::from_secs(262));
}

#[test]
fn probes_that_wait_for_neighbours_are_bounded() {
    let sweep = vec!["10.0.1.0/24".parse().expect("a network"); 8];
    let mut rig = Rig::calling(DiscoveryConfig { sweep, ..full(20_000, 3) }, Vec::new());
    rig.run(Duration::from_secs(30));
    let at = |n: usize| rig.sent[n].0;
    let most = limits::NEIGHBOURS_WAITING as usize;
    for n in most..rig.sent.len() {
        assert!(at(n) - at(n - most) >= limits::NEIGHBOUR_WAIT, "{n}");
    }
    assert!(rig.sent.len() > 5 * most, "{}", rig.sent.len());
}

#[test]
fn the_system_s_count_of_waiting_neighbours_bounds_a_sweep() {
    let sweep = vec!["10.0.1.0/24".parse().expect("a network")];
    let mut rig = Rig::calling(DiscoveryConfig { sweep, ..full(5000, 3) }, Vec::new());
    let full_table = NeighbourRoom { waiting: 40, free: 40 };
    rig.discovery.handle_neighbours(rig.now, full_table);
    let before = rig.sent.len();
    rig.run(Duration::from_secs(1));
    assert_eq!(rig.sent.len(), before, "half of the table is taken");
    assert!(rig.discovery.wants_neighbours(rig.now));
    rig.discovery.handle_neighbours(rig.now, NeighbourRoom { waiting: 0, free: 20 });
    rig.run(Duration::from_secs(2));
    assert_eq!(rig.sent.len(), before + 10);
}

#[test]
fn what_could_not_be_sent_is_sent_again_in_the_same_pass() {
    let mut rig = sweeping("10.0.2.0/24");
    let mut refused = 0;
    while rig.discovery.swept().expect("a sweep").called < 254 {
        rig.step();
        if refused < 50 && rig.sent.last().is_some_and(|(_, t)| t.socket == crate::SocketId::Sweep)
        {
            let (_, transmit) = rig.sent.pop().expect("the last");
            rig.discovery.handle_unsent(rig.now, &transmit, Unsent::NoRoom);
            refused += 1;
        }
    }
    rig.run(rig.now - rig.start + Duration::from_millis(30));
    let called: std::collections::BTreeSet<_> =
        rig.sent.iter().map(|(_, t)| t.destination.ip()).collect();
    assert_eq!((called.len(), refused), (254, 50));
}

#[test]
fn a_reading_that_is_not_renewed_does_not_stop_a_sweep_for_good() {
    let sweep = vec!["10.0.1.0/24".parse().expect("a network")];
    let mut rig = Rig::calling(DiscoveryConfig { sweep, ..full(10_000, 3) }, Vec::new());
    rig.discovery.handle_neighbours(rig.now, NeighbourRoom { waiting: 512, free: 0 });
    rig.run(Duration::from_secs(10));
    assert!(rig.outcome().swept.expect("a sweep").called == 254, "{:?}", rig.outcome());
}

#[test]
fn an_address_that_two_probes_could_not_be_sent_to_is_called_again_once() {
    let codec = |message| crate::wire::classic::Classic::new(message, "SERVER_IP:").expect("sound");
    let codecs = vec![codec("ONE").into(), codec("OTHER").into()];
    let sweep = vec!["10.0.2.1/32".parse().expect("a network")];
    let mut rig = Rig::calling(DiscoveryConfig { codecs, sweep, ..full(1000, 3) }, Vec::new());
    for _ in 0..10 {
        let unsent: Vec<_> = rig.sent.drain(..).map(|(_, transmit)| transmit).collect();
        for transmit in &unsent {
            assert!(rig.discovery.handle_unsent(rig.now, transmit, Unsent::NoRoom));
        }
        while rig.sent.is_empty() {
            rig.step();
        }
    }
    rig.run(rig.now - rig.start + Duration::from_millis(50));
    assert_eq!(rig.sent.len(), 2, "one probe of each protocol");
    assert_eq!(rig.discovery.swept().expect("a sweep").called, 1);
}

#[test]
fn a_sweep_of_a_network_that_became_a_link_waits_for_neighbours() {
    let sweep = vec!["10.0.8.0/21".parse().expect("a network")];
    let mut rig = Rig::calling(DiscoveryConfig { sweep, ..full(20_000, 3) }, Vec::new());
    let routed = rig.discovery.swept().expect("a sweep").pass_takes;
    rig.discovery.handle_interfaces(&[eth0("10.0.8.1/21")], Vec::new());
    assert!(rig.discovery.swept().expect("a sweep").pass_takes > routed);
    rig.run(Duration::from_secs(12));
    let most = limits::NEIGHBOURS_WAITING as usize;
    for n in most + 1..rig.sent.len() {
        assert!(rig.sent[n].0 - rig.sent[n - most].0 >= limits::NEIGHBOUR_WAIT, "{n}");
    }
}

#[test]
fn addresses_that_the_system_refuses_were_not_called() {
    let mut rig = sweeping("10.0.2.0/28");
    let mut refused = 0;
    while rig.sent.len() < 10 {
        rig.step();
        if refused < 4
            && let Some((_, transmit)) = rig.sent.pop()
        {
            assert!(!rig.discovery.handle_unsent(rig.now, &transmit, Unsent::Refused));
            refused += 1;
        }
    }
    rig.run(Duration::from_secs(60));
    let swept = rig.outcome().swept.expect("a sweep");
    assert_eq!((swept.called, swept.refused, swept.of), (10, 4, 14));
}

#[test]
fn a_server_that_is_swept_and_hears_broadcasts_is_one_host() {
    let sweep = vec!["10.0.1.0/28".parse().expect("a network")];
    let mut rig = Rig::new(DiscoveryConfig { sweep, ..full(5000, 3) });
    let outcome = rig.run_answered("10.0.1.9:9999", Duration::from_millis(1));
    assert_eq!((outcome.servers, outcome.doubled), (1, vec![]));
}
