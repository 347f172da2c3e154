//! The live view under random operations, in virtual time.
//!
//! An input is operations, until it is used up. Then everybody dies, and the view must see it: a reader of
//! its events alone knows at any time who is there, and in the end that nobody is.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use arbitrary::{Arbitrary, Unstructured};
use cooee_core::announced::{Announced, AnnouncedTable, Announcement};
use cooee_core::interface::{Interface, Selection};
use cooee_core::wire::Families;
use cooee_core::{
    Datagram, DiscoveryConfig, NeighbourRoom, PresenceEngine, PresenceEvent, ServerRecord,
    SocketId, Target, Transmit, Unsent, broadcast_targets, limits,
};

use crate::announced::instance;
use crate::network::{self, Address, Family, Present};
use crate::operation::{Arrival, Texts};

/// A server that lives, and answers what it is sent while it hears broadcasts, or what it is sent alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Living {
    source: SocketAddr,
    hears_broadcasts: bool,
}

#[derive(Debug, Clone, Arbitrary)]
enum Operation<'a> {
    Arrival(Arrival<'a>),
    /// One answer from each of so many servers.
    Crowd(u8),
    Lives(Address, Family, bool),
    Dies(u8),
    Hear([u8; 3], &'a [u8]),
    Forget([u8; 3]),
    WaitMs(u16),
    WaitSeconds(u8),
    /// Nobody looks at the clock for so long.
    SleepMs(u16),
    /// The clock is looked at for no reason.
    Timeout,
    Drops(u8),
    Interfaces(Present),
    Refuses(u8),
    /// The system has no room for the next so many probes.
    NoRoom(u8),
    Neighbours(u16, u16),
    Resolved(Address, u8),
    Stop,
    /// Another browser begins, which has heard of nothing yet.
    BrowsingBegins,
    BrowsingEnds,
}

/// Takes one input.
///
/// # Panics
/// When the live view breaks a promise.
pub fn run(input: &[u8]) {
    let mut input = Unstructured::new(input);
    let Ok((present, seed)) = <(Present, u8)>::arbitrary(&mut input) else { return };
    let mut view = View::new(present, seed);
    while !input.is_empty() {
        let Ok(operation) = Operation::arbitrary(&mut input) else { break };
        view.take(&operation);
        view.drain();
    }
    view.end();
}

/// What a user is told of a server, without figures of a single answer.
#[derive(Debug, PartialEq, Eq)]
struct Facts {
    ip: IpAddr,
    others: BTreeSet<IpAddr>,
    port: u16,
    interface: Option<u32>,
    name: Option<String>,
}

impl Facts {
    fn of(server: &ServerRecord) -> Self {
        Self {
            ip: server.ip,
            others: server.other_addresses.iter().copied().collect(),
            port: server.port,
            interface: server.interface,
            name: server.named.as_ref().map(|named| named.name.clone()),
        }
    }
}

struct View {
    engine: PresenceEngine,
    now: Instant,
    living: BTreeSet<Living>,
    announced: AnnouncedTable,
    /// What somebody knows who only hears the events.
    told: BTreeMap<u64, Facts>,
    /// The highest number of a server that was found.
    last: Option<u64>,
    drops: u64,
    unsent: u8,
    /// Whether another browser began, or the one there was ended.
    has_browsed_anew: bool,
    has_stopped: bool,
}

fn targets(interfaces: &[Interface]) -> Vec<Target> {
    broadcast_targets(interfaces, &Selection::default(), DiscoveryConfig::default().port)
}

impl View {
    /// More than a server may be silent, at the slowest pace.
    const LONGEST_FAREWELL: Duration = Duration::from_secs(3 * 60 * 60);

    fn new(present: Present, seed: u8) -> Self {
        let (interfaces, start) = (present.interfaces(), network::start());
        let config = DiscoveryConfig { families: Families::V4, ..DiscoveryConfig::default() };
        let engine =
            PresenceEngine::new(config, targets(&interfaces), &interfaces, seed.into(), start);
        let mut view = Self {
            engine: engine.expect("the defaults are sound"),
            now: start,
            living: BTreeSet::new(),
            announced: AnnouncedTable::default(),
            told: BTreeMap::new(),
            last: None,
            drops: 0,
            unsent: 0,
            has_browsed_anew: false,
            has_stopped: false,
        };
        view.timeout();
        view
    }

    fn take(&mut self, operation: &Operation<'_>) {
        match *operation {
            Operation::Arrival(ref arrival) => {
                let payload = arrival.payload(&[Texts::STOCK]);
                self.engine.handle_datagram(self.now, &arrival.datagram(&payload));
            }
            Operation::Crowd(servers) => {
                for n in 0..servers {
                    self.answer(SocketAddr::from(([10, 0, 7, n], 9999)));
                }
            }
            Operation::Lives(address, family, hears_broadcasts) => {
                let source = SocketAddr::new(address.of(family), 9999);
                self.living.insert(Living { source, hears_broadcasts });
            }
            Operation::Dies(nth) => {
                let nth = self.living.iter().nth(usize::from(nth)).copied();
                nth.map(|living| self.living.remove(&living));
            }
            Operation::Hear(who, text) => {
                let news = self.announced.hear(announced(who, text));
                self.announce(news);
            }
            Operation::Forget(who) => {
                let news = self.announced.forget(&announced(who, &[]).key());
                self.announce(news);
            }
            Operation::WaitMs(ms) => self.wait(Duration::from_millis(ms.into())),
            Operation::WaitSeconds(seconds) => self.wait(Duration::from_secs(seconds.into())),
            Operation::SleepMs(ms) => {
                self.now += Duration::from_millis(ms.into());
                self.timeout();
            }
            Operation::Timeout => self.timeout(),
            Operation::Drops(more) => {
                self.drops += u64::from(more);
                self.engine.handle_drops(self.drops);
            }
            Operation::Interfaces(present) => {
                let interfaces = present.interfaces();
                self.engine.handle_interfaces(self.now, &interfaces, targets(&interfaces));
            }
            Operation::Refuses(nth) => {
                let source = self.engine.servers().nth(nth.into()).map(|server| server.source);
                source.into_iter().for_each(|it| self.engine.handle_refusal(self.now, it));
            }
            Operation::NoRoom(probes) => self.unsent = probes,
            Operation::Neighbours(waiting, free) => {
                let room = NeighbourRoom { waiting: waiting.into(), free: free.into() };
                if self.engine.wants_neighbours(self.now) {
                    self.engine.handle_neighbours(self.now, room);
                }
            }
            Operation::Resolved(Address(ip), interface) => {
                self.engine.wants_resolved_neighbours(self.now);
                self.engine.handle_resolved_neighbours(&[(ip.into(), interface.into())]);
            }
            Operation::Stop => {
                self.engine.stop();
                self.has_stopped = true;
            }
            Operation::BrowsingBegins => {
                self.has_browsed_anew = true;
                self.announced = AnnouncedTable::default();
                self.engine.handle_browsing_begun(self.now);
            }
            Operation::BrowsingEnds => {
                self.has_browsed_anew = true;
                self.engine.handle_browsing_ended();
            }
        }
    }

    fn announce(&mut self, news: Option<Announcement>) {
        news.into_iter().for_each(|news| self.engine.handle_announcement(self.now, &news));
    }

    fn answer(&mut self, source: SocketAddr) {
        let payload = format!("SERVER_IP:{}", source.ip());
        let datagram = Datagram {
            socket: if source.is_ipv4() { SocketId::V4 } else { SocketId::V6 },
            interface: Some(2),
            ..Datagram::new(source, payload.as_bytes())
        };
        self.engine.handle_datagram(self.now, &datagram);
    }

    /// Goes on for so long, and does all that is due.
    fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(next) = self.engine.poll_timeout()
            && next <= until
        {
            self.now = self.now.max(next);
            self.timeout();
        }
        self.now = until;
    }

    /// Has it do what is due. Nothing is due twice at one time.
    fn timeout(&mut self) {
        for _ in 0..4 {
            self.engine.handle_timeout(self.now);
            self.drain();
            if self.engine.poll_timeout().is_none_or(|next| next > self.now) {
                return;
            }
        }
        panic!("something is due at once for ever");
    }

    fn drain(&mut self) {
        let mut sent = 0;
        while let Some(transmit) = self.engine.poll_transmit() {
            sent += 1;
            assert!(sent <= 16 * limits::WATCHED_MAX, "it sends without an end");
            self.send(&transmit);
        }
        assert!(sent == 0 || !self.has_stopped, "it sends when it was stopped");
        assert!(self.has_stopped == self.engine.poll_timeout().is_none());
        while let Some(event) = self.engine.poll_event() {
            self.hear(event);
        }
        let there: Vec<_> = self.engine.servers().map(Facts::of).collect();
        assert!(there.len() <= limits::WATCHED_MAX);
        assert!(self.told.values().eq(&there), "told {:?}, there {there:?}", self.told);
    }

    fn send(&mut self, transmit: &Transmit) {
        if self.unsent > 0 {
            self.unsent -= 1;
            self.engine.handle_unsent(self.now, transmit, Unsent::NoRoom);
            return;
        }
        let to = transmit.destination;
        let hears =
            |living: &&Living| living.source == to || (living.hears_broadcasts && is_broadcast(to));
        let answering: Vec<_> = self.living.iter().filter(hears).map(|it| it.source).collect();
        answering.into_iter().for_each(|source| self.answer(source));
    }

    fn hear(&mut self, event: PresenceEvent) {
        match event {
            PresenceEvent::Found { id, server } => {
                assert!(self.last.is_none_or(|last| last < id), "a number that was given before");
                self.last = Some(id);
                self.told.insert(id, Facts::of(&server));
            }
            PresenceEvent::Changed { id, server } => {
                self.told.insert(id, Facts::of(&server)).expect("it was found before");
            }
            PresenceEvent::Gone { id, .. } => {
                self.told.remove(&id).expect("it was found before");
            }
            _ => panic!("an event without a model: {event:?}"),
        }
    }

    /// Everybody dies, and what was announced is forgotten in time.
    fn end(mut self) {
        if self.has_stopped {
            return;
        }
        self.unsent = 0;
        self.living.clear();
        let keys: Vec<_> = self.announced.iter().map(Announced::key).collect();
        for key in keys {
            let news = self.announced.forget(&key);
            self.announce(news);
        }
        if self.has_browsed_anew {
            // What was told of before that is forgotten by nobody.
            self.engine.handle_browsing_begun(self.now);
        }
        let latest = self.now + Self::LONGEST_FAREWELL;
        while !self.told.is_empty() {
            assert!(self.now < latest, "for ever there: {:?}", self.told);
            self.wait(Duration::from_secs(60));
        }
    }
}

fn is_broadcast(to: SocketAddr) -> bool {
    matches!(to, SocketAddr::V4(to) if matches!(to.ip().octets(), [.., 255] | [203, 0, 113, _]))
}

fn announced([a, b, c]: [u8; 3], text: &[u8]) -> Announced {
    instance(&mut &[&[a, b, c], text].concat()[..])
}
