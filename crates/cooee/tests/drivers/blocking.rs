use std::net::SocketAddr;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cooee::{
    DiscoverError, Discovery, Ended, Found, Next, Notice, Presence, Responder, Responding, Server,
    StartError, State, Stats,
};

use super::suite::calling;
use super::{Driver, Running, run_suite};

struct Blocking;

impl Driver for Blocking {
    type Running = Responding;

    fn new() -> Self {
        Self
    }

    fn start(&self, responder: Responder) -> Result<Responding, StartError> {
        responder.start()
    }

    fn run(&self, discovery: &Discovery) -> Result<Found, DiscoverError> {
        discovery.run()
    }

    fn first(&self, discovery: &Discovery) -> Result<Option<Server>, DiscoverError> {
        discovery.first()
    }

    fn take(&self, discovery: &Discovery, count: usize) -> Result<Vec<Server>, DiscoverError> {
        Ok(discovery.servers()?.take(count).collect())
    }

    fn each(
        &self,
        discovery: &Discovery,
        mut act: impl FnMut(&Server),
    ) -> Result<(), DiscoverError> {
        discovery.servers()?.for_each(|server| act(&server));
        Ok(())
    }

    fn watch(
        &self,
        discovery: &Discovery,
        mut act: impl FnMut(&Presence) -> bool,
    ) -> Result<(), DiscoverError> {
        discovery.watch()?.take_while(|event| act(event)).for_each(drop);
        Ok(())
    }

    fn stop(&self, running: Responding) -> Stats {
        running.stop()
    }
}

impl Running for Responding {
    fn stats(&self) -> Stats {
        Self::stats(self)
    }

    fn state(&self) -> State {
        Self::state(self)
    }

    fn local_addr(&self) -> Option<SocketAddr> {
        Self::local_addr(self)
    }
}

run_suite! { Blocking }

#[cfg(target_os = "linux")]
super::run_offers! { Blocking }

#[test]
#[cfg(target_os = "linux")]
fn a_second_service_shares_the_port() {
    let first = Responder::new().port(0).service_port(1).start().unwrap();
    let port = first.local_addr().unwrap().port();
    let second = Responder::new().port(port).service_port(2).start().unwrap();
    let state = second.state();
    assert!(matches!(state, State::StandingBy { is_answered_for: true, .. }), "{state:?}");
    let same = Responder::new().port(port).service_port(2).start().map(drop);
    assert!(matches!(same, Err(StartError::PortInUse { refusal: None, .. })), "{same:?}");
    let found = calling(port).wait(cooee::Wait::Quick).run().unwrap();
    assert_eq!(found.len(), 2);
}

#[test]
fn another_thread_can_end_a_discovery() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let discovery = calling(port).timeout(Duration::from_secs(60));
    let mut answers = discovery.servers().unwrap();
    let stopper = answers.stopper();
    let began = Instant::now();
    let other = std::thread::spawn(move || stopper.stop());
    assert_eq!(answers.next(), None);
    other.join().unwrap();
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(answers.stop().ended, Ended::Stopped);
}

#[test]
fn a_handle_may_be_dropped_by_its_own_observer() {
    let handle: Arc<Mutex<Option<Responding>>> = Arc::default();
    let (tell, told) = channel();
    let own = Arc::clone(&handle);
    let responder = Responder::new().port(0).observe(move |notice| match notice {
        Notice::Answered { .. } => drop(own.lock().unwrap().take()),
        Notice::State(State::Stopped) => tell.send(()).unwrap(),
        _ => {}
    });
    let running = responder.start().unwrap();
    let port = running.local_addr().unwrap().port();
    *handle.lock().unwrap() = Some(running);
    assert!(calling(port).first().unwrap().is_some());
    told.recv_timeout(Duration::from_secs(20)).expect("it stops");
}

#[test]
fn patience_is_bounded() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let discovery = calling(port).timeout(Duration::from_secs(60));
    let mut answers = discovery.servers().unwrap();
    assert_eq!(answers.next_within(Duration::from_millis(1)), Next::Nothing);
    assert_eq!(answers.outcome(), None);
}

#[test]
fn an_event_loop_that_waited_knows_the_round_trip() {
    let server = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let discovery = calling(port).timeout(Duration::from_secs(60));
    let mut servers = discovery.servers().unwrap();
    let (_, client) = server.recv_from(&mut [0; 64]).unwrap();
    assert_eq!(servers.next_within(Duration::ZERO), Next::Nothing);
    std::thread::sleep(Duration::from_millis(20));
    server.send_to(b"SERVER_IP:127.0.0.1:8001", client).unwrap();
    servers.woke();
    let Next::Found(found) = servers.next_within(Duration::ZERO) else { panic!("nobody") };
    assert!(found.rtt.is_some_and(|rtt| rtt >= Duration::from_millis(20)), "{found:?}");
}

#[test]
fn an_event_loop_that_was_busy_does_not_know_the_round_trip() {
    const BUSY: Duration = Duration::from_millis(300);
    let server = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let discovery = calling(port).timeout(Duration::from_secs(60));
    let mut servers = discovery.servers().unwrap();
    let (_, client) = server.recv_from(&mut [0; 64]).unwrap();
    assert_eq!(servers.next_within(Duration::ZERO), Next::Nothing);
    server.send_to(b"SERVER_IP:127.0.0.1:8001", client).unwrap();
    std::thread::sleep(BUSY);
    servers.woke();
    let Next::Found(found) = servers.next_within(Duration::ZERO) else { panic!("nobody") };
    assert_eq!(found.rtt, None, "the second round was due meanwhile");
}
