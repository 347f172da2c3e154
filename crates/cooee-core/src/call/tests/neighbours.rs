use super::*;

/// A discovery whose neighbours are those of a table, on a link where answers to broadcasts may be
/// dropped.
struct Link {
    rig: Rig,
    table: Vec<(IpAddr, u32)>,
    servers: Vec<Server>,
    /// Whether answers are dropped until a server was called itself.
    firewall: bool,
    reads: usize,
    looked: usize,
    due: VecDeque<(Instant, IpAddr)>,
}

#[derive(Clone)]
struct Server {
    ip: IpAddr,
    takes: Duration,
    /// How much longer it takes to answer a broadcast, which others answer too.
    busy: Duration,
    /// Whether the table names it from its first answer on, or before.
    asks: bool,
    called: bool,
}

fn host(n: u32) -> IpAddr {
    std::net::Ipv4Addr::from_bits(0x0a00_0100 + n).into()
}

fn server(n: u32, ms: u64) -> Server {
    let takes = Duration::from_millis(ms);
    Server { ip: host(n), takes, busy: Duration::ZERO, asks: true, called: false }
}

impl Link {
    fn new(config: DiscoveryConfig, servers: &[Server], strangers: &[IpAddr]) -> Self {
        Self::on(config, servers, strangers, &format!("{HOST}/22"))
    }

    fn on(config: DiscoveryConfig, servers: &[Server], strangers: &[IpAddr], own: &str) -> Self {
        let start = Instant::now();
        let targets = vec![Target::neighbour(([10, 0, 1, 255], 9999).into(), 2)];
        let discovery = DiscoveryEngine::new(config, targets, &[eth0(own)], 42, start)
            .expect("a sound configuration");
        let rig = Rig { discovery, start, now: start, sent: Vec::new() };
        let table = strangers.iter().map(|ip| (*ip, 2)).collect();
        let (reads, looked, due) = (0, 0, VecDeque::new());
        let servers = servers.to_vec();
        let mut link = Self { rig, table, servers, firewall: true, reads, looked, due };
        link.timeout();
        link
    }

    fn timeout(&mut self) {
        let rig = &mut self.rig;
        if let Some(interfaces) = rig.discovery.wants_resolved_neighbours(rig.now) {
            assert_eq!(interfaces, [2]);
            self.reads += 1;
            rig.discovery.handle_resolved_neighbours(&self.table);
        }
        assert_eq!(rig.discovery.wants_resolved_neighbours(rig.now), None, "told, and asked again");
        rig.discovery.handle_timeout(rig.now);
        rig.drain();
        self.deliver();
    }

    /// What the servers make of what was sent.
    fn deliver(&mut self) {
        for (at, transmit) in &self.rig.sent[self.looked..] {
            let to = transmit.destination.ip();
            for server in &mut self.servers {
                let is_broadcast = to == IpAddr::from([10, 0, 1, 255]);
                if !is_broadcast && to != server.ip {
                    continue;
                }
                if server.asks && !self.table.contains(&(server.ip, 2)) {
                    self.table.push((server.ip, 2));
                }
                server.called |= !is_broadcast;
                if server.called || !self.firewall {
                    let busy = if is_broadcast { server.busy } else { Duration::ZERO };
                    self.due.push_back((self.rig.start + *at + server.takes + busy, server.ip));
                }
            }
        }
        self.looked = self.rig.sent.len();
        self.due.make_contiguous().sort_unstable();
    }

    fn run(mut self) -> Self {
        while let Some(next) = self.rig.discovery.poll_timeout() {
            match self.due.front().copied() {
                Some((at, ip)) if at <= next => {
                    self.due.pop_front();
                    self.rig.now = self.rig.now.max(at);
                    self.rig.hear(&format!("{ip}:9999"), format!("SERVER_IP:{ip}").as_bytes());
                    self.rig.drain();
                }
                _ => {
                    self.rig.now = next;
                    self.timeout();
                }
            }
        }
        self
    }

    /// When each call by unicast was made, and where it went.
    fn calls(&self) -> Vec<(Duration, IpAddr)> {
        let sent = self.rig.sent.iter().map(|(at, t)| (*at, t.destination.ip()));
        sent.filter(|(_, to)| *to != IpAddr::from([10, 0, 1, 255])).collect()
    }

    fn vias(&self) -> Vec<Via> {
        self.rig.discovery.servers().iter().map(|server| server.via).collect()
    }
}

fn settled() -> DiscoveryConfig {
    DiscoveryConfig::default()
}

#[test]
fn servers_whose_answers_to_broadcasts_are_dropped_are_found_by_calling_them() {
    let servers: Vec<_> = (10..15).map(|n| server(n, 1)).collect();
    let link = Link::new(settled(), &servers, &[]).run();
    let outcome = link.rig.outcome();
    assert_eq!((outcome.servers, outcome.behind_firewall), (5, 5), "{outcome:?}");
    assert_eq!(link.vias(), [Via::Neighbour; 5]);
    assert_eq!(link.calls().len(), 5, "each once");
    assert!(link.calls().iter().all(|(at, _)| *at == Duration::from_millis(50)));
    let rtts = link.rig.discovery.servers().iter().map(|server| server.rtt);
    assert!(rtts.into_iter().all(|rtt| rtt == Some(Duration::from_millis(1))));
    // Their later answers are let in, so it settles as it does elsewhere.
    assert_eq!((outcome.ended, outcome.rounds), (Ended::Settled, 4), "{outcome:?}");
    assert!(outcome.elapsed < Duration::from_millis(1700), "{outcome:?}");
    assert!(outcome.estimate.expect("four rounds").unseen < 0.1);
}

#[test]
fn those_that_answer_broadcasts_are_not_called_again() {
    let servers: Vec<_> = (10..15).map(|n| server(n, 1)).collect();
    let strangers: Vec<_> = (100..150).map(host).collect();
    let mut link = Link::new(settled(), &servers, &strangers);
    link.firewall = false;
    link.deliver();
    link.due = servers.iter().map(|s| (link.rig.start + s.takes, s.ip)).collect();
    let link = link.run();
    let outcome = link.rig.outcome();
    assert_eq!((outcome.servers, outcome.behind_firewall), (5, 0));
    assert_eq!((link.calls(), link.vias()), (vec![], vec![Via::Broadcast; 5]));
    assert!(link.reads <= 1 + outcome.rounds as usize, "{} for {outcome:?}", link.reads);
    assert_eq!((outcome.ended, outcome.rounds), (Ended::Settled, 4), "{outcome:?}");
}

#[test]
fn of_a_thousand_strangers_few_are_called_and_new_neighbours_first() {
    let servers = [server(10, 1), server(11, 1)];
    let strangers: Vec<_> = (20..1020).map(host).collect();
    let own = "10.0.1.1/20";
    let link = Link::on(full(5000, 3), &servers, &strangers, own).run();
    assert_eq!(link.rig.outcome().servers, 2);
    let calls = link.calls();
    assert_eq!(calls.iter().map(|(_, to)| *to).take(2).collect::<Vec<_>>(), [host(10), host(11)]);
    let known = calls.iter().filter(|(_, to)| strangers.contains(to)).count();
    assert_eq!(known, limits::KNOWN_NEIGHBOUR_CALLS_MAX);
    assert!(calls.len() <= limits::NEIGHBOUR_CALLS_MAX, "{} calls", calls.len());
    for burst in calls.windows(limits::NEIGHBOUR_CALLS_AT_ONCE + 1) {
        assert!(burst[burst.len() - 1].0 - burst[0].0 >= limits::NEIGHBOUR_CALLS_PAUSE);
    }
}

#[test]
fn neighbours_that_stay_silent_are_called_twice_at_most() {
    let silent: Vec<_> = (20..30).map(host).collect();
    let link = Link::new(full(5000, 3), &[], &silent).run();
    assert!(link.rig.outcome().rounds > 4);
    assert!(link.calls().len() == 2 * silent.len(), "{:?}", link.calls());
    assert_eq!(link.rig.outcome().behind_firewall, 0);
}

#[test]
fn forged_neighbours_draw_no_more_calls_than_there_may_be() {
    let mut link = Link::new(full(5000, 3), &[], &[]);
    let mut n = 300;
    while link.rig.discovery.outcome().is_none() {
        // Others turn up before each reading, and some that are on none of our networks.
        link.table = (n..n + 500).map(|n| (host(n), 2)).collect();
        link.table.extend([([192, 0, 2, 7].into(), 2), (host(2), 3), (host(1), 2)]);
        link.table.extend([([224, 0, 0, 1].into(), 2), ("fe80::7".parse().expect("one"), 2)]);
        n += 100;
        link.rig.now = link.rig.discovery.poll_timeout().expect("not over");
        link.timeout();
    }
    let calls = link.calls();
    assert_eq!(calls.len(), limits::NEIGHBOUR_CALLS_MAX);
    let foreign = |(_, to): &&(Duration, IpAddr)| !(2..1020).any(|n| host(n) == *to);
    assert_eq!(calls.iter().filter(foreign).count(), 0);
}

#[test]
fn a_slow_server_is_one_that_answers_broadcasts() {
    for ms in [60, 70, 90] {
        // It was a neighbour before.
        let mut link = Link::new(settled(), &[server(10, ms)], &[host(10)]);
        link.firewall = false;
        link.due.push_back((link.rig.start + Duration::from_millis(ms), host(10)));
        let link = link.run();
        let outcome = link.rig.outcome();
        assert_eq!(link.calls().len(), 1, "{ms} ms: {:?}", link.calls());
        assert_eq!((link.vias(), outcome.behind_firewall), (vec![Via::Broadcast], 0), "{ms} ms");
        assert_eq!(outcome.ended, Ended::Settled);
    }
}

#[test]
fn a_server_behind_the_firewall_may_take_as_long_for_a_later_broadcast() {
    // As long as if its first answer had been to the first.
    let busy = Duration::from_millis(50);
    let outcome_of = |server| {
        let link = Link::new(settled(), &[server], &[]).run();
        (link.vias(), link.rig.outcome().behind_firewall)
    };
    assert_eq!(outcome_of(Server { busy, ..server(10, 1) }), (vec![Via::Neighbour], 1));
}

#[test]
fn a_host_that_was_named_is_not_called_as_a_neighbour_too() {
    let named = crate::Host { name: "box".into(), addresses: vec![(host(30), 9999).into()] };
    let config = DiscoveryConfig { hosts: vec![named], ..full(2000, 3) };
    let link = Link::new(config, &[], &[host(30), host(31)]).run();
    let outcome = link.rig.outcome();
    let to = |n| link.calls().iter().filter(|(_, to)| *to == host(n)).count();
    assert_eq!((to(30), to(31)), (outcome.rounds as usize, 2));
    assert_eq!(outcome.silent, ["box"]);
}

#[test]
fn where_no_table_is_told_nothing_is_called_and_no_timer_stands_still() {
    let mut rig = Rig::new(full(3000, 3));
    while let Some(next) = rig.discovery.poll_timeout() {
        assert!(next > rig.now);
        rig.now = next;
        rig.discovery.handle_timeout(next);
        rig.drain();
    }
    assert!(rig.sent.iter().all(|(_, t)| t.destination.ip() == IpAddr::from([10, 0, 1, 255])));
}

#[test]
fn the_first_answer_ends_it_behind_a_firewall_too() {
    let config = DiscoveryConfig { wait: Wait::First, ..settled() };
    let link = Link::new(config, &[server(10, 1), server(11, 2)], &[]).run();
    let outcome = link.rig.outcome();
    assert_eq!((outcome.ended, outcome.servers, outcome.behind_firewall), (Ended::First, 1, 0));
    assert_eq!(outcome.elapsed, Duration::from_millis(51));
}

#[test]
fn old_neighbours_are_left_alone_where_a_remembered_server_answers() {
    let strangers: Vec<_> = (100..150).map(host).collect();
    let config = DiscoveryConfig { remembered: vec![(host(10), 9999).into()], ..settled() };
    let link = Link::new(config, &[server(10, 1)], &strangers).run();
    assert_eq!(link.vias(), [Via::Remembered]);
    assert!(link.calls().iter().all(|(_, to)| *to == host(10)), "{:?}", link.calls());
}

#[test]
fn one_lost_broadcast_is_no_proof_of_a_firewall() {
    // Nothing is dropped; what was lost is the first broadcast, or its answer.
    for was_there_before in [true, false] {
        let table: &[IpAddr] = if was_there_before { &[host(10)] } else { &[] };
        let mut link = Link::new(settled(), &[server(10, 1)], table);
        link.firewall = false;
        let link = link.run();
        let outcome = link.rig.outcome();
        assert_eq!((link.calls().len(), outcome.behind_firewall), (1, 1), "{outcome:?}");
        assert!(!outcome.drops_answers, "{outcome:?}");
    }
}

#[test]
fn one_broadcast_that_is_lost_to_everybody_is_no_proof_either() {
    let servers: Vec<_> = (10..15).map(|n| server(n, 1)).collect();
    let table: Vec<_> = (10..15).map(host).collect();
    let outcome = Link::new(settled(), &servers, &table).run().rig.outcome();
    assert_eq!((outcome.behind_firewall, outcome.drops_answers), (5, false));
}

#[test]
fn hosts_that_turned_up_and_missed_no_later_round_are_proof() {
    let servers: Vec<_> = (10..12).map(|n| server(n, 1)).collect();
    let outcome = Link::new(settled(), &servers, &[]).run().rig.outcome();
    assert_eq!((outcome.behind_firewall, outcome.drops_answers), (2, true));
    let quick = DiscoveryConfig { wait: Wait::First, ..settled() };
    assert!(!Link::new(quick, &servers, &[]).run().rig.outcome().drops_answers, "one round");
}

#[test]
fn neighbours_of_ipv6_are_called_on_their_link_within_the_same_bounds() {
    let strangers: Vec<IpAddr> =
        (1..=1000).map(|n| std::net::Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 1, n).into()).collect();
    let link = Link::on(full(5000, 3), &[], &strangers, "fe80::1/64").run();
    let calls: Vec<_> = link.rig.sent.iter().filter(|(_, t)| t.destination.is_ipv6()).collect();
    assert_eq!(calls.len(), limits::KNOWN_NEIGHBOUR_CALLS_MAX);
    for (_, call) in calls {
        let SocketAddr::V6(to) = call.destination else { panic!("{call:?}") };
        assert!(strangers.contains(&IpAddr::V6(*to.ip())), "{call:?}");
        assert_eq!((to.scope_id(), to.port(), call.socket), (2, 9999, crate::SocketId::V6));
    }
}
