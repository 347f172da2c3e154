use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use cooee::interface::LinkKind;
use cooee::{
    Advertise, ConfigError, DiscoverError, Discovery, Ended, Notice, ProbeRefusal, Responder,
    StartError, State, Trust, Wait,
};

use super::{Driver, Running};

/// Long enough for any machine; a test that gets here has failed.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) fn calling(port: u16) -> Discovery {
    Discovery::new().interface(lo()).port(port)
}

/// The name of loopback, which is another on each system.
pub(crate) fn lo() -> &'static str {
    static NAME: LazyLock<String> = LazyLock::new(|| {
        let all = cooee::interfaces().expect("the system lists interfaces");
        all.into_iter().find(|i| i.kind == LinkKind::Loopback).expect("loopback").name
    });
    &NAME
}

pub(crate) fn port_of(running: &impl Running) -> u16 {
    running.local_addr().expect("answering").port()
}

/// A responder that tells its notices to a channel.
pub(crate) fn told(responder: Responder) -> (Responder, Receiver<Notice>) {
    let (tell, notices) = channel();
    (responder.observe(move |notice| drop(tell.send(notice.clone()))), notices)
}

pub(crate) fn wait_for<T>(notices: &Receiver<Notice>, wanted: impl Fn(&Notice) -> Option<T>) -> T {
    let end = Instant::now() + DEADLINE;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let notice = notices.recv_timeout(left).expect("told before the deadline");
        if let Some(found) = wanted(&notice) {
            return found;
        }
    }
}

pub(crate) fn eventually(what: &str, condition: impl Fn() -> bool) {
    let end = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < end, "{what}");
        std::thread::yield_now();
    }
}

pub(crate) fn a_client_finds_a_server<D: Driver>() {
    let driver = D::new();
    let server = driver.start(Responder::new().port(0).service_port(8001)).unwrap();
    let found = driver.run(&calling(port_of(&server))).unwrap();
    let [one] = &found[..] else { panic!("{found:?}") };
    assert_eq!(one.address(), "127.0.0.1:8001".parse().unwrap());
    assert_eq!(one.url(), "http://127.0.0.1:8001/");
    assert_eq!(one.raw, b"SERVER_IP:127.0.0.1:8001");
    assert_eq!(one.source, SocketAddr::from(([127, 0, 0, 1], port_of(&server))));
    assert_eq!(one.interface.as_deref(), Some(lo()));
    assert_eq!((one.trust, one.claimed), (Trust::MatchesSource, None));
    let outcome = found.outcome();
    assert_eq!((outcome.ended, outcome.servers), (Ended::Settled, 1));
    assert!(outcome.rounds >= 4 && outcome.answers >= 4, "{outcome:?}");
    assert!(outcome.estimate.unwrap().unseen < 0.1, "{outcome:?}");
}

pub(crate) fn the_first_answer_is_enough<D: Driver>() {
    let driver = D::new();
    let server = driver.start(Responder::new().port(0)).unwrap();
    let began = Instant::now();
    let first = driver.first(&calling(port_of(&server)).timeout(DEADLINE)).unwrap().unwrap();
    assert_eq!(first.port, cooee::DEFAULT_SERVICE_PORT);
    assert!(began.elapsed() < DEADLINE / 2);
}

pub(crate) fn servers_arrive_as_they_answer<D: Driver>() {
    let driver = D::new();
    let server = driver.start(Responder::new().port(0)).unwrap();
    let began = Instant::now();
    let discovery = calling(port_of(&server)).timeout(DEADLINE).wait(Wait::Full);
    assert_eq!(driver.take(&discovery, 1).unwrap().len(), 1);
    assert!(began.elapsed() < DEADLINE / 2, "it waited for the end");
}

pub(crate) fn who_answers_while_the_program_is_busy_past_the_end_is_given<D: Driver>() {
    let driver = D::new();
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let (tell, told) = channel();
    let first = server.try_clone().unwrap();
    let answering = std::thread::spawn(move || {
        let (_, client) = first.recv_from(&mut [0; 64]).unwrap();
        first.send_to(b"SERVER_IP:127.0.0.1:8001", client).unwrap();
        tell.send(client).unwrap();
    });
    let timeout = Duration::from_millis(200);
    let mut ports = Vec::new();
    let discovery = calling(port).timeout(timeout).wait(Wait::Full);
    let act = |found: &cooee::Server| {
        ports.push(found.port);
        if ports.len() == 1 {
            let client = told.recv_timeout(DEADLINE).unwrap();
            server.send_to(b"SERVER_IP:127.0.0.1:8002", client).unwrap();
            // The program is busy.
            std::thread::sleep(timeout);
        }
    };
    driver.each(&discovery, act).unwrap();
    answering.join().unwrap();
    assert_eq!(ports, [8001, 8002]);
}

pub(crate) fn nobody_there_takes_the_whole_timeout<D: Driver>() {
    let driver = D::new();
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let timeout = Duration::from_secs(1);
    let discovery = calling(silent.local_addr().unwrap().port()).timeout(timeout).retries(5);
    let found = driver.run(&discovery).unwrap();
    assert!(found.is_empty());
    let outcome = found.outcome();
    assert_eq!(outcome.ended, Ended::Deadline);
    assert!(outcome.elapsed >= timeout);
    assert!(outcome.rounds >= 6, "{outcome:?}");
    assert!(driver.first(&discovery).unwrap().is_none());
}

pub(crate) fn noise_does_not_move_the_deadline<D: Driver>() {
    let driver = D::new();
    let noisy = UdpSocket::bind("127.0.0.1:0").unwrap();
    noisy.set_read_timeout(Some(DEADLINE)).unwrap();
    let port = noisy.local_addr().unwrap().port();
    let done = Arc::new(AtomicBool::new(false));
    let until = Arc::clone(&done);
    let noise = std::thread::spawn(move || {
        let (_, client) = noisy.recv_from(&mut [0; 64]).unwrap();
        let mut sent = 0_u32;
        while !until.load(Ordering::Relaxed) {
            let valid = format!("SERVER_IP:127.0.0.{}", sent % 200 + 1);
            for payload in [valid.as_bytes(), b"hello", b""] {
                let _ = noisy.send_to(payload, client);
            }
            sent += 1;
        }
    });
    let timeout = Duration::from_millis(500);
    let began = Instant::now();
    let found = driver.run(&calling(port).timeout(timeout).wait(Wait::Full)).unwrap();
    let took = began.elapsed();
    done.store(true, Ordering::Relaxed);
    noise.join().unwrap();
    assert!(took >= timeout && took < DEADLINE / 2, "{took:?}");
    assert_eq!(found.len(), 200);
    assert!(found.outcome().refusals.foreign > 0 && found.outcome().refusals.empty > 0);
}

pub(crate) fn a_taken_port_names_its_owner<D: Driver>() {
    let driver = D::new();
    let first = driver.start(Responder::new().port(0)).unwrap();
    let refused = driver.start(Responder::new().port(port_of(&first)));
    let Err(StartError::PortInUse { port, owner, .. }) = refused.map(|_| ()) else {
        panic!("the port is taken")
    };
    assert_eq!(port, port_of(&first));
    if cfg!(any(target_os = "linux", target_os = "macos")) {
        assert_eq!(owner.unwrap().pid, std::process::id());
    }
}

pub(crate) fn who_stands_by_takes_over<D: Driver>() {
    let driver = D::new();
    let port = UdpSocket::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port();
    let start = |service_port| {
        let responder = Responder::new().port(port).service_port(service_port).stand_by(true);
        let (responder, notices) = told(responder);
        (driver.start(responder).unwrap(), notices)
    };
    let (first, _) = start(1);
    assert!(matches!(first.state(), State::Answering { .. }));
    let (second, notices) = start(2);
    assert!(matches!(second.state(), State::StandingBy { .. }), "{:?}", second.state());
    assert_eq!(second.local_addr(), None);
    let services = if cfg!(target_os = "linux") { 2 } else { 1 };
    assert_eq!(driver.run(&calling(port)).unwrap().len(), services, "one process answers");

    driver.stop(first);
    let answering =
        |notice: &Notice| matches!(notice, Notice::State(State::Answering { .. })).then_some(());
    wait_for(&notices, answering);
    assert_eq!(driver.first(&calling(port)).unwrap().unwrap().port, 2);
}

pub(crate) fn who_stands_by_can_be_stopped<D: Driver>() {
    let driver = D::new();
    let foreign = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = foreign.local_addr().unwrap().port();
    let waiting = driver.start(Responder::new().port(port).stand_by(true)).unwrap();
    assert!(matches!(waiting.state(), State::StandingBy { .. }));
    assert_eq!(driver.stop(waiting).counters.received, 0);
}

pub(crate) fn what_is_refused_is_counted<D: Driver>() {
    let driver = D::new();
    let server = driver.start(Responder::new().port(0)).unwrap();
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.connect(("127.0.0.1", port_of(&server))).unwrap();
    for payload in [b"DISCOVER_SERVER\n".as_slice(), b"", b"SERVER_IP:10.0.0.1"] {
        client.send(payload).unwrap();
    }
    eventually("three refusals", || server.stats().counters.refused_in_all() == 3);
    let counters = driver.stop(server).counters;
    for why in [ProbeRefusal::WhiteSpace, ProbeRefusal::Empty, ProbeRefusal::Answer] {
        assert_eq!(counters.refused(why), 1, "{why:?}");
    }
    assert_eq!((counters.received, counters.answered), (3, 0));
}

pub(crate) fn what_is_answered_is_told<D: Driver>() {
    let driver = D::new();
    let (responder, notices) = told(Responder::new().port(0).service_port(9));
    let server = driver.start(responder).unwrap();
    driver.first(&calling(port_of(&server))).unwrap().unwrap();
    let (answer, from) = wait_for(&notices, |notice| match notice {
        Notice::Answered { answer, from, .. } => Some((answer.clone(), *from)),
        _ => None,
    });
    assert_eq!(answer, "SERVER_IP:127.0.0.1:9");
    assert_eq!(from, Some(Ipv4Addr::LOCALHOST.into()));
}

pub(crate) fn a_stopped_responder_frees_its_port<D: Driver>() {
    let driver = D::new();
    let server = driver.start(Responder::new().port(0)).unwrap();
    let port = port_of(&server);
    driver.stop(server);
    UdpSocket::bind(("0.0.0.0", port)).expect("the port is free at once");

    let server = driver.start(Responder::new().port(port)).unwrap();
    drop(server);
    eventually("the port is free after a drop", || UdpSocket::bind(("0.0.0.0", port)).is_ok());
}

pub(crate) fn what_cannot_work_is_refused<D: Driver>() {
    let driver = D::new();
    let echo = Responder::new().port(0).message("SERVER_IP:10.0.0.1");
    let refused = driver.start(echo).map(|_| ());
    assert!(matches!(refused, Err(StartError::Config(ConfigError::AnswerIsProbe { .. }))));

    let nowhere = Responder::new().port(0).bind(Ipv4Addr::new(198, 51, 100, 1));
    assert!(matches!(driver.start(nowhere).map(|_| ()), Err(StartError::NotOurs { .. })));

    let refused = driver.run(&Discovery::new().interface("nonesuch0")).unwrap_err();
    assert!(matches!(&refused, DiscoverError::NoSuchInterface { name, known }
        if name == "nonesuch0" && known.contains(&lo().to_owned())));

    let all = cooee::interfaces().unwrap();
    let none = all.iter().fold(Discovery::new(), |d, i| d.exclude_interface(&i.name));
    let refused = driver.run(&none).unwrap_err();
    assert!(matches!(&refused, DiscoverError::NoInterface { unused } if !unused.is_empty()));
    assert!(!refused.to_string().contains(" is no "), "{refused}");

    let refused = driver.run(&calling(9999).timeout(Duration::ZERO)).unwrap_err();
    assert!(matches!(refused, DiscoverError::Config(ConfigError::Timeout { .. })));
}

pub(crate) fn a_host_that_refuses_is_resolved_at_once<D: Driver>() {
    let driver = D::new();
    let closed = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nowhere = cooee::interfaces().unwrap();
    let nowhere = nowhere.iter().fold(Discovery::new(), |d, i| d.exclude_interface(&i.name));
    let found = driver.run(&nowhere.host(closed).timeout(Duration::from_secs(2))).unwrap();
    let outcome = found.outcome();
    if !cfg!(target_os = "linux") {
        // It is not told.
        assert_eq!((outcome.ended, &outcome.refused[..]), (Ended::Deadline, &[][..]));
        return;
    }
    assert_eq!((outcome.ended, &outcome.refused[..]), (Ended::Settled, &[closed.to_string()][..]));
    // Half of what it would take if the refusal were not heard.
    assert!(outcome.elapsed < Duration::from_secs(1), "{outcome:?}");
}

pub(crate) fn a_service_names_its_own_address<D: Driver>() {
    let driver = D::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let service = listener.local_addr().unwrap();
    let server = driver.start(Responder::for_service(service).port(0)).unwrap();
    let found = driver.first(&calling(port_of(&server))).unwrap().unwrap();
    assert_eq!(found.address(), service);

    let advertise = Advertise::Address([192, 0, 2, 7].into());
    let server = driver.start(Responder::new().port(0).advertise(advertise)).unwrap();
    let found = driver.first(&calling(port_of(&server))).unwrap().unwrap();
    assert_eq!((found.ip, found.trust), ([192, 0, 2, 7].into(), Trust::Unverified));
}

pub(crate) fn a_service_on_loopback_is_answered_for_on_loopback<D: Driver>() {
    let driver = D::new();
    let service = "127.0.0.1:8000".parse().unwrap();
    let server = driver.start(Responder::for_service(service).port(0)).unwrap();
    assert_eq!(server.local_addr().unwrap().ip(), Ipv4Addr::LOCALHOST);

    let service = "[::1]:8000".parse().unwrap();
    let refused = driver.start(Responder::for_service(service).port(0)).map(|_| ());
    assert!(matches!(refused, Err(StartError::NotIpv4 { .. })));
}

pub(crate) fn a_panicking_observer_is_survived<D: Driver>() {
    let driver = D::new();
    let responder = Responder::new().port(0).observe(|_| panic!("the observer's own fault"));
    let server = driver.start(responder).unwrap();
    let port = port_of(&server);
    assert!(driver.first(&calling(port)).unwrap().is_some());
    assert!(driver.first(&calling(port)).unwrap().is_some());
    assert!(driver.stop(server).counters.answered >= 2);
}

pub(crate) fn custom_texts_are_used<D: Driver>() {
    let driver = D::new();
    let server = driver.start(Responder::new().port(0).message("WHO?").prefix("ME=")).unwrap();
    let port = port_of(&server);
    let found = driver.first(&calling(port).message("WHO?").prefix("ME=")).unwrap().unwrap();
    assert_eq!(found.raw, b"ME=127.0.0.1");
    let timeout = Duration::from_millis(50);
    assert!(driver.first(&calling(port).timeout(timeout)).unwrap().is_none());
}
