use super::*;
use crate::SocketId;

/// A discovery of 5 s that sweeps after 2 s, and the addresses that it called one by one.
fn swept(answered: bool, net: &str) -> (Vec<(Duration, IpAddr)>, usize) {
    let sweep_if_nobody = Some(Duration::from_secs(2));
    let mut rig = Rig::new(DiscoveryConfig { sweep_if_nobody, ..full(5000, 3) });
    if answered {
        rig.hear("10.0.1.7:9999", b"SERVER_IP:10.0.1.7");
    }
    let mut wanted = 0;
    while rig.discovery.outcome().is_none() {
        rig.step();
        while let Some(event) = rig.discovery.poll_event() {
            if event == DiscoveryEvent::SweepWanted {
                wanted += 1;
                rig.discovery.handle_sweep(rig.now, &[net.parse().expect("a network")]);
            }
        }
    }
    let broadcast = IpAddr::from([10, 0, 1, 255]);
    let calls = rig.sent.iter().map(|(at, transmit)| (*at, transmit.destination.ip()));
    (calls.filter(|(_, to)| *to != broadcast).collect(), wanted)
}

#[test]
fn where_nobody_answers_the_nearest_addresses_are_called_once() {
    let (calls, wanted) = swept(false, "10.0.1.1/16");
    assert_eq!((calls.len() as u64, wanted), (limits::LATE_SWEEP_MAX, 1));
    assert!(calls.iter().all(|(at, _)| *at >= Duration::from_secs(2)), "{calls:?}");
    let near = |ip: &str| calls.iter().any(|(_, to)| *to == ip.parse::<IpAddr>().expect("one"));
    assert!(near("10.0.1.127") && near("10.0.0.131"), "{calls:?}");
    assert!(!near("10.0.1.140") && !near("10.0.0.120"), "{calls:?}");
}

#[test]
fn where_anybody_answers_nothing_is_swept() {
    assert_eq!(swept(true, "10.0.1.1/24"), (Vec::new(), 0));
}

#[test]
fn the_first_find_of_a_sweep_does_not_end_it() {
    let sweep_if_nobody = Some(Duration::from_secs(1));
    let timeout = Some(Duration::from_secs(10));
    let networks = ["10.0.1.1/24", "10.0.2.1/24"].map(|net| net.parse().expect("a network"));
    let mut rig = Rig::new(DiscoveryConfig { sweep_if_nobody, timeout, ..Default::default() });
    let is_swept = |transmit: &Transmit| transmit.socket == SocketId::Sweep;
    let mut last_call = Duration::ZERO;
    while rig.discovery.outcome().is_none() {
        rig.step();
        if rig.discovery.poll_event() == Some(DiscoveryEvent::SweepWanted) {
            rig.discovery.handle_sweep(rig.now, &networks);
        }
        if let Some((at, _)) = rig.sent.iter().rfind(|(_, transmit)| is_swept(transmit)) {
            last_call = *at;
            rig.hear("10.0.1.2:9999", b"SERVER_IP:10.0.1.2");
        }
    }
    let outcome = rig.outcome();
    let swept = outcome.swept.expect("a sweep");
    assert_eq!((outcome.ended, swept.called), (Ended::Settled, swept.of), "{outcome:?}");
    assert!(outcome.elapsed >= last_call + Duration::from_millis(500), "{outcome:?}");
}
