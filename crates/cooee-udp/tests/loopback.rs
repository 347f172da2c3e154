//! The socket and the ownership of a port, on loopback.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::{Duration, Instant};

use cooee_core::{Transmit, limits};
use cooee_udp::{Ahead, BindError, Claim, OwnedPort, ReceiveBuffer, StandBy, UdpSocket};
use polling::{Events, Poller};

const DEADLINE: Duration = Duration::from_secs(10);

fn loopback(port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)
}

fn port_of(socket: &UdpSocket) -> u16 {
    socket.local_addr().expect("bound").port()
}

/// An address of loopback that is not the usual one, where the system has any: macOS has to be given
/// more (`ifconfig lo0 alias`).
fn another_address() -> Ipv4Addr {
    let another = Ipv4Addr::new(127, 0, 0, 9);
    match UdpSocket::bind(SocketAddrV4::new(another, 0)) {
        Ok(_) => another,
        Err(_) => Ipv4Addr::LOCALHOST,
    }
}

struct Received {
    source: SocketAddr,
    destination: Option<std::net::IpAddr>,
    interface: Option<u32>,
    payload: Vec<u8>,
}

fn receive(socket: &UdpSocket, count: usize) -> Vec<Received> {
    let mut buffer = ReceiveBuffer::new();
    let mut received = Vec::new();
    let end = Instant::now() + DEADLINE;
    while received.len() < count {
        assert!(Instant::now() < end, "{} of {count} datagrams", received.len());
        match socket.receive(&mut buffer) {
            Ok(()) => received.extend(buffer.datagrams().map(|d| Received {
                source: d.source,
                destination: d.destination,
                interface: d.interface,
                payload: d.payload.to_vec(),
            })),
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock),
        }
    }
    received
}

fn to(port: u16, source: Option<Ipv4Addr>, payload: &[u8]) -> Transmit {
    Transmit {
        socket: cooee_core::SocketId::default(),
        destination: loopback(port).into(),
        source: source.map(Into::into),
        interface: None,
        payload: payload.to_vec().into(),
    }
}

#[test]
fn datagrams_arrive_with_source_destination_and_interface() {
    let receiver = UdpSocket::bind(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0)).expect("bind");
    let sender = UdpSocket::bind(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0)).expect("bind");
    let port = port_of(&receiver);
    let from = another_address();
    let batch: Vec<_> = (0..100_u8).map(|n| to(port, Some(from), &[n])).collect();
    sender.send(&batch, |failure| panic!("{failure:?}"));

    let received = receive(&receiver, 100);
    let lo = cooee_udp::interfaces()
        .expect("the system lists interfaces")
        .into_iter()
        .find(|i| i.kind == cooee_core::interface::LinkKind::Loopback)
        .expect("loopback");
    for (n, datagram) in received.iter().enumerate() {
        assert_eq!(datagram.payload, [n as u8]);
        assert_eq!(datagram.source, SocketAddr::from((from, port_of(&sender))));
        assert_eq!(datagram.destination, Some(Ipv4Addr::LOCALHOST.into()));
        assert_eq!(datagram.interface, Some(lo.index));
    }
}

#[test]
fn empty_datagrams_arrive_and_huge_ones_show_that_they_are_too_long() {
    let receiver = UdpSocket::bind(loopback(0)).expect("bind");
    let sender = UdpSocket::bind(loopback(0)).expect("bind");
    let huge = vec![7_u8; 65_507];
    let batch = [to(port_of(&receiver), None, b""), to(port_of(&receiver), None, &huge)];
    sender.send(&batch, |failure| panic!("{failure:?}"));
    let received = receive(&receiver, 2);
    assert_eq!(received[0].payload, b"");
    assert!(received[1].payload.len() > limits::DATAGRAM_MAX);
    assert!(huge.starts_with(&received[1].payload));
}

#[test]
fn a_refused_datagram_is_reported_and_the_rest_goes_out() {
    let receiver = UdpSocket::bind(loopback(0)).expect("bind");
    let sender = UdpSocket::bind(loopback(0)).expect("bind");
    let port = port_of(&receiver);
    let not_ours = Some(Ipv4Addr::new(198, 51, 100, 1));
    let batch = [to(port, None, b"a"), to(port, not_ours, b"b"), to(port, None, b"c")];
    let mut refused = Vec::new();
    sender.send(&batch, |failure| refused.push(failure.transmit.payload.clone()));
    assert_eq!(refused, ["b"]);
    let payloads: Vec<_> = receive(&receiver, 2).into_iter().map(|r| r.payload).collect();
    assert_eq!(payloads, [b"a", b"c"]);
}

#[test]
#[cfg(target_os = "linux")]
fn the_kernels_drops_are_read() {
    let receiver = UdpSocket::bind(loopback(0)).expect("bind");
    let sender = UdpSocket::bind(loopback(0)).expect("bind");
    assert_eq!(receiver.drops(), Some(0));
    let batch = vec![to(port_of(&receiver), None, &[0; 1400]); 20_000];
    sender.send(&batch, |failure| panic!("{failure:?}"));
    let drops = receiver.drops().expect("told") as usize;
    assert!(drops > 0, "a buffer of {:?}", receiver.receive_buffer_size());
    assert_eq!(receive(&receiver, 20_000 - drops).len(), 20_000 - drops);
}

#[test]
fn a_port_has_one_owner_and_the_error_names_it() {
    let foreign = UdpSocket::bind(loopback(0)).expect("bind");
    let taken = OwnedPort::take(loopback(port_of(&foreign))).expect_err("taken");
    let BindError::PortInUse { port, owner, .. } = &taken else { panic!("{taken:?}") };
    assert_eq!(*port, port_of(&foreign));
    if cfg!(any(target_os = "linux", target_os = "macos")) {
        assert_eq!(owner.as_ref().map(|owner| owner.pid), Some(std::process::id()));
        let expected = format!("port {port} is taken by pid {} (", std::process::id());
        assert!(taken.to_string().starts_with(&expected), "{taken}");
    }
    let elsewhere = SocketAddrV4::new(Ipv4Addr::new(198, 51, 100, 1), 9999);
    let refused = OwnedPort::take(elsewhere).expect_err("not ours");
    assert!(matches!(refused, BindError::NotOurs { .. }), "{refused:?}");
}

fn waiting(claim: Claim) -> StandBy {
    match claim {
        Claim::Waiting(stand_by) => stand_by,
        Claim::Owned(_) => panic!("the port is taken"),
    }
}

/// Waits as a driver does, until the port is ours.
fn wait_for(mut stand_by: StandBy) -> OwnedPort {
    let end = Instant::now() + DEADLINE;
    loop {
        assert!(Instant::now() < end, "still waiting for the port");
        wait_once(&stand_by);
        match stand_by.try_again().expect("waiting can help") {
            Claim::Owned(port) => return port,
            Claim::Waiting(still) => stand_by = still,
        }
    }
}

fn wait_once(stand_by: &StandBy) {
    let poller = Poller::new().expect("a poller");
    let mut events = Events::new();
    #[cfg(unix)]
    if let Some(source) = stand_by.wakes_on() {
        use std::os::fd::AsRawFd;
        // SAFETY: the poller goes out of scope before `stand_by` does.
        unsafe { poller.add(source.as_raw_fd(), polling::Event::readable(1)) }.expect("added");
    }
    poller.wait(&mut events, Some(stand_by.retry_after().unwrap_or(DEADLINE))).expect("waited");
}

#[test]
fn whoever_stands_by_takes_over_in_turn() {
    let port = port_of(&UdpSocket::bind(loopback(0)).expect("bind"));
    let Claim::Owned(owner) = StandBy::claim(loopback(port), None).expect("free") else {
        panic!("the port is free")
    };
    let second = waiting(StandBy::claim(loopback(port), None).expect("waiting helps"));
    let third = waiting(StandBy::claim(loopback(port), None).expect("waiting helps"));
    if cfg!(target_os = "linux") {
        assert_eq!(second.retry_after(), None, "the kernel tells");
        assert_eq!(second.ahead(), Ahead::Ours);
        assert_eq!(second.owner().map(|owner| owner.pid), Some(std::process::id()));
    }
    let taken = OwnedPort::take(loopback(port)).expect_err("taken");
    assert!(matches!(taken, BindError::PortInUse { .. }));

    drop(owner);
    let owner = wait_for(second);
    drop(owner);
    wait_for(third);
}

#[test]
fn behind_a_foreign_program_it_retries_and_keeps_its_place() {
    let foreign = UdpSocket::bind(loopback(0)).expect("bind");
    let port = port_of(&foreign);
    let first = waiting(StandBy::claim(loopback(port), None).expect("waiting helps"));
    assert!(first.retry_after().expect("must retry") <= Duration::from_secs(1));
    let first = waiting(first.try_again().expect("waiting helps"));
    if cfg!(target_os = "linux") {
        assert_eq!(first.ahead(), Ahead::Foreign);
    }
    let second = waiting(StandBy::claim(loopback(port), None).expect("waiting helps"));
    drop(foreign);
    let owner = wait_for(first);
    if cfg!(target_os = "linux") {
        assert_eq!(second.retry_after(), None, "behind the first in line");
    }
    drop(owner);
    wait_for(second);
}

#[test]
#[cfg(target_os = "linux")]
fn a_guard_that_breaks_every_connection_makes_nobody_spin() {
    use socket2::{Domain, SockAddr, Socket, Type};

    let port = port_of(&UdpSocket::bind(loopback(0)).expect("bind"));
    let name = SockAddr::unix(format!("\0cooee/udp/127.0.0.1:{port}")).expect("a name");
    let squatter = Socket::new(Domain::UNIX, Type::SEQPACKET, None).expect("a socket");
    squatter.bind(&name).expect("bind");
    squatter.listen(8).expect("it listens");
    std::thread::spawn(move || while squatter.accept().is_ok() {});

    let mut stand_by = waiting(StandBy::claim(loopback(port), None).expect("waiting helps"));
    let (began, mut attempts) = (Instant::now(), 0);
    while began.elapsed() < Duration::from_millis(500) {
        wait_once(&stand_by);
        stand_by = waiting(stand_by.try_again().expect("waiting helps"));
        attempts += 1;
    }
    assert!(attempts < 50, "{attempts} attempts in half a second");
}
