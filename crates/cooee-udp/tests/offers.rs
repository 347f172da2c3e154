//! Offers of processes that stand by, as the owner of a port hears them.
#![cfg(target_os = "linux")]

use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cooee_core::wire::classic::Classic;
use cooee_core::{Offer, OfferRefusal, OfferRequest, OfferResponse, limits};
use cooee_udp::{Ahead, Claim, OwnedPort, StandBy, UdpSocket};
use polling::{Event, Events, Poller};

const DEADLINE: Duration = Duration::from_secs(10);

fn offer(service_port: u16) -> Offer {
    Offer { service_port: Some(service_port), ..Offer::default() }
}

fn request(offers: &[Offer]) -> Option<Arc<[u8]>> {
    Some(OfferRequest::Offer(offers.to_vec()).encode().expect("it is short").into())
}

struct Host {
    address: SocketAddrV4,
    owner: OwnedPort,
    offers: Vec<Offer>,
}

impl Host {
    /// A port, and an owner with the offer of port 1.
    fn new() -> Self {
        let probe = UdpSocket::bind(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).expect("bind");
        let port = probe.local_addr().expect("bound").port();
        drop(probe);
        let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
        let mut owner = OwnedPort::take(address).expect("it is free");
        owner.hear_offers(vec![offer(1)], None).expect("the system has all it takes");
        Self { address, owner, offers: Vec::new() }
    }

    fn stand_by(&self, request: Option<Arc<[u8]>>) -> StandBy {
        match StandBy::claim(self.address, request).expect("waiting helps") {
            Claim::Waiting(stand_by) => stand_by,
            Claim::Owned(_) => panic!("the port is taken"),
        }
    }

    /// Looks whenever there is something to look at, until `done`.
    fn look_until<T>(&mut self, mut done: impl FnMut(&[Offer]) -> Option<T>) -> T {
        let end = Instant::now() + DEADLINE;
        let poller = Poller::new().expect("a poller");
        let source = self.owner.offers().expect("it hears offers").as_raw_fd();
        // SAFETY: the poller goes out of scope before the port does.
        unsafe { poller.add_with_mode(source, Event::readable(1), polling::PollMode::Level) }
            .expect("added");
        loop {
            if let Some(offers) = self.owner.look_at_offers(Instant::now()) {
                self.offers = offers;
            }
            if let Some(done) = done(&self.offers) {
                return done;
            }
            assert!(Instant::now() < end, "{:?}", self.offers);
            let mut events = Events::new();
            poller.wait(&mut events, Some(Duration::from_millis(100))).expect("waited");
        }
    }

    fn look_until_offers(&mut self, expected: &[u16]) {
        self.look_until(|offers| {
            let ports: Vec<_> = offers.iter().map(Offer::port).collect();
            (ports == expected).then_some(())
        });
    }

    fn response(&mut self, to: &mut StandBy) -> OfferResponse {
        self.look_until(|_| to.hear())
    }
}

#[test]
fn what_is_offered_is_heard_and_gone_with_its_connection() {
    let mut host = Host::new();
    let mut second = host.stand_by(request(&[offer(2)]));
    let third = host.stand_by(request(&[offer(3), offer(4)]));
    host.look_until_offers(&[2, 3, 4]);
    assert_eq!(host.response(&mut second), OfferResponse::Taken { is_new: true });
    assert!(!second.is_time(), "the owner lives");
    drop(second);
    host.look_until_offers(&[3, 4]);
    drop(third);
    host.look_until_offers(&[]);
}

#[test]
fn one_service_is_one_offer() {
    let mut host = Host::new();
    let mut workers: Vec<_> = (0..4).map(|_| host.stand_by(request(&[offer(2)]))).collect();
    let mut own = host.stand_by(request(&[offer(1)]));
    host.look_until_offers(&[2]);
    let is_new = |host: &mut Host, worker: &mut StandBy| match host.response(worker) {
        OfferResponse::Taken { is_new } => is_new,
        other => panic!("{other:?}"),
    };
    let new: Vec<_> = workers.iter_mut().map(|worker| is_new(&mut host, worker)).collect();
    assert_eq!(new, [true, false, false, false]);
    assert!(!is_new(&mut host, &mut own));
    drop(workers.remove(0));
    let end = host.stand_by(request(&[offer(5)]));
    host.look_until_offers(&[2, 5]);
    assert_eq!(workers[0].hear(), None, "nothing has changed for it");
    drop(end);
}

#[test]
fn more_offers_than_there_is_room_for_wait_for_room() {
    let mut host = Host::new();
    let last = limits::OFFERS_MAX as u16;
    let mut stand_by: Vec<_> = (2..=last).map(|n| host.stand_by(request(&[offer(n)]))).collect();
    let mut late = host.stand_by(request(&[offer(last + 1)]));
    assert_eq!(host.response(&mut late), OfferResponse::Refused(OfferRefusal::Full));
    assert_eq!(host.offers.len(), limits::OFFERS_MAX - 1, "with our own");
    drop(stand_by.remove(0));
    assert_eq!(host.response(&mut late), OfferResponse::Taken { is_new: true });
}

#[test]
fn more_processes_than_there_is_room_for_wait_in_line() {
    let mut host = Host::new();
    let mut stand_by: Vec<_> =
        (0..limits::OFFERERS_MAX).map(|_| host.stand_by(request(&[offer(2)]))).collect();
    host.look_until_offers(&[2]);
    let mut late = host.stand_by(request(&[offer(3)]));
    host.look_until(|_| (stand_by.last_mut().and_then(StandBy::hear)).map(drop));
    assert_eq!(host.owner.offerers().count(), limits::OFFERERS_MAX);
    assert_eq!(late.hear(), None);
    drop(stand_by.remove(0));
    assert_eq!(host.response(&mut late), OfferResponse::Taken { is_new: true });
}

#[test]
fn what_is_not_understood_is_refused_and_keeps_its_place() {
    let mut host = Host::new();
    let nonsense: Arc<[u8]> = b"\xff\x00nonsense".as_slice().into();
    let mut stand_by = host.stand_by(Some(nonsense));
    assert_eq!(host.response(&mut stand_by), OfferResponse::Refused(OfferRefusal::Unsound));
    let long: Arc<[u8]> = vec![0; limits::OFFER_MAX + 1].into();
    let mut other = host.stand_by(Some(long));
    assert_eq!(host.response(&mut other), OfferResponse::Refused(OfferRefusal::TooLong));
    assert_eq!((stand_by.ahead(), stand_by.retry_after()), (Ahead::Ours, None));
    assert!(!stand_by.is_time());
}

#[test]
fn who_stands_by_is_told_that_nothing_listens() {
    let mut host = Host::new();
    let mut stand_by = host.stand_by(request(&[offer(2)]));
    assert_eq!(host.response(&mut stand_by), OfferResponse::Taken { is_new: true });
    host.owner.tell_not_listening(&offer(3));
    host.owner.tell_not_listening(&offer(2));
    assert_eq!(stand_by.hear(), Some(OfferResponse::NotListening { port: 2 }));
    assert_eq!(stand_by.hear(), None);
}

#[test]
fn the_next_owner_is_handed_the_offers_of_the_others() {
    let mut host = Host::new();
    let second = host.stand_by(request(&[offer(2)]));
    let mut third = host.stand_by(request(&[offer(3)]));
    host.look_until_offers(&[2, 3]);
    drop(host.owner);
    let Ok(Claim::Owned(mut owner)) = second.try_again() else { panic!("the port is free") };
    owner.hear_offers(vec![offer(2)], None).expect("the system has all it takes");
    while third.hear().is_some() {}
    assert!(third.is_time());
    let Ok(Claim::Waiting(mut third)) = third.try_again() else { panic!("the port is taken") };
    let mut host = Host { address: host.address, owner, offers: Vec::new() };
    assert_eq!(host.response(&mut third), OfferResponse::Taken { is_new: true });
    host.look_until_offers(&[3]);
}

#[test]
fn what_is_offered_before_there_is_an_owner_is_heard_later() {
    let foreign = UdpSocket::bind(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).expect("bind");
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, foreign.local_addr().unwrap().port());
    let claim = |request| match StandBy::claim(address, request).expect("waiting helps") {
        Claim::Waiting(stand_by) => stand_by,
        Claim::Owned(_) => panic!("the port is taken"),
    };
    let (first, mut second) = (claim(request(&[offer(1)])), claim(request(&[offer(2)])));
    assert_eq!(second.hear(), None);
    drop(foreign);
    let Ok(Claim::Owned(mut owner)) = first.try_again() else { panic!("the port is free") };
    owner.hear_offers(vec![offer(1)], None).expect("the system has all it takes");
    let mut host = Host { address, owner, offers: Vec::new() };
    assert_eq!(host.response(&mut second), OfferResponse::Taken { is_new: true });
}

#[test]
fn an_offer_whose_answer_is_a_probe_of_another_is_refused() {
    let mut host = Host::new();
    let texts = |message: &str, prefix: &str| {
        let codec = Classic::new(message.to_owned(), prefix.to_owned());
        Offer { codec: codec.expect("lengths are fine").into(), ..Offer::default() }
    };
    let mut first = host.stand_by(request(&[texts("Q:127.0.0.1:9", "P:")]));
    assert_eq!(host.response(&mut first), OfferResponse::Taken { is_new: true });
    let mut second = host.stand_by(request(&[texts("P:127.0.0.1:8", "Q:")]));
    assert_eq!(host.response(&mut second), OfferResponse::Refused(OfferRefusal::Echo));
}

#[test]
fn an_owner_of_one_address_is_not_asked_for_all_of_them() {
    let host = Host::new();
    let every = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, host.address.port());
    let claim = StandBy::claim(every, request(&[offer(2)])).expect("waiting helps");
    let Claim::Waiting(mut stand_by) = claim else { panic!("the port is taken") };
    assert_eq!(stand_by.ahead(), Ahead::Ours);
    let began = Instant::now();
    assert_eq!(stand_by.await_response(DEADLINE), None);
    assert!(began.elapsed() < DEADLINE / 2, "nobody was asked");
    assert!(!stand_by.is_answered_for());
}

#[test]
fn many_connections_are_accepted_a_few_at_a_time() {
    let mut host = Host::new();
    let _many: Vec<_> = (0..100).map(|_| host.stand_by(None)).collect();
    host.owner.look_at_offers(Instant::now());
    let accepted = host.owner.offerers().count();
    assert!((1..100).contains(&accepted), "{accepted}");
    assert!(host.owner.offers_due().is_some(), "the others are not forgotten");
    let end = Instant::now() + DEADLINE;
    while host.owner.offerers().count() < 100 {
        assert!(Instant::now() < end, "{} are accepted", host.owner.offerers().count());
        host.owner.look_at_offers(host.owner.offers_due().unwrap_or_else(Instant::now));
    }
}
