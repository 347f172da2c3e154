//! Sweeps of a network that is a link of the client, most of whose addresses nobody has.

use std::net::Ipv4Addr;
use std::thread;
use std::time::{Duration, Instant};

use cooee_lab::netns::{Host, Lab, Segment};
use cooee_lab::scene::over::Over;
use cooee_lab::scene::programs::{DEADLINE, Search};
use cooee_lab::scene::scripted::{heard, listen};

use nix::sys::signal::Signal;

use crate::programs::serve;

const SERVERS: u32 = 17;

/// What a sweep may have the system look for at a time, and what it may overshoot by: others look
/// for neighbours too, in the one table that the machine has.
const WAITING_MAX: usize = 512 + 64;

/// Addresses spread over the first `size` of 10.77.0.0/20.
fn spread(size: u32) -> Vec<String> {
    let first = Ipv4Addr::new(10, 77, 0, 0).to_bits();
    let nth = |n| Ipv4Addr::from_bits(first + 10 + n * (size - 20) / (SERVERS - 1));
    (0..SERVERS).map(|n| nth(n).to_string()).collect()
}

/// The most neighbours that the host looked for at a time, looked at again and again.
fn most_waiting<T>(host: &Host, work: impl FnOnce() -> T) -> (T, usize) {
    let over = Over::default();
    let waiting =
        || host.ip(&["-4", "neigh", "show", "nud", "incomplete"]).unwrap().lines().count();
    thread::scope(|scope| {
        let say_over = over.when_dropped();
        let looking = scope.spawn(|| {
            let mut most = 0;
            over.repeat_until(Duration::from_millis(200), || most = most.max(waiting()));
            most
        });
        let done = work();
        drop(say_over);
        (done, looking.join().unwrap())
    })
}

fn finds_all(arguments: &[&str], size: u32) -> Search {
    let _alone = crate::endurance::alone();
    let lab = Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let [servers, client, ear] = ["servers", "client", "ear"].map(|name| lab.host(name).unwrap());
    let addresses = spread(size);
    servers.join(&segment, &format!("{}/20", addresses[0])).unwrap();
    for address in &addresses[1..] {
        servers.add_address("eth0", &format!("{address}/20")).unwrap();
    }
    // Only who calls them by their addresses reaches them.
    servers
        .nft(
            "table inet deaf { chain in { type filter hook input priority 0; \
             meta pkttype { broadcast, multicast } drop; }; }",
        )
        .unwrap();
    client.join(&segment, "10.77.15.3/20").unwrap();
    ear.join(&segment, "10.77.15.4/20").unwrap();
    let _serving = serve(&servers, &[]);
    let by_broadcast = listen(&ear);
    let (search, most) =
        most_waiting(&client, || Search::run(&client, &[&["-v"], arguments].concat()));
    let mut expected = addresses;
    expected.sort();
    assert_eq!(search.each("ip"), expected, "{search:?}");
    assert!(most <= WAITING_MAX, "{most} neighbours were looked for at a time");

    // Each round calls everybody, every second one twice.
    let round = |line: &&str| line.contains("sent probes (rung: broadcast,");
    let rounds = search.said.lines().filter(round).count();
    assert!(rounds as u64 >= search.took.as_secs() * 4 / 5, "{rounds}: {search:?}");
    let swept_by_the_way = usize::from(size > 3844);
    let heard = heard(&by_broadcast);
    let expected = rounds + rounds / 2 + swept_by_the_way;
    // Once the sweep has resolved it, it is a neighbour that has not answered.
    let as_neighbour = 2;
    assert!(
        (expected..=expected + as_neighbour).contains(&heard),
        "{rounds} rounds, {heard} probes: {search:?}"
    );
    assert_eq!(search.lines_with("was not sent"), 0, "{search:?}");
    search
}

#[test]
fn a_sweep_of_four_thousand_neighbours_finds_all_servers_in_one_pass() {
    let search = finds_all(&["--subnet", "10.77.0.0/20"], 4094);
    assert_eq!(search.lines_with("addresses called"), 0, "{search:?}");
    let passes = search.lines_with("finished a pass (");
    assert_eq!(passes, 1, "{search:?}");
    assert_eq!(search.lines_with("calling 4,094 addresses takes about"), 1, "{search:?}");
}

#[test]
fn a_sweep_of_a_thousand_neighbours_finds_all_servers_in_ten_seconds() {
    let search = finds_all(&["--subnet", "10.77.0.0/22", "--timeout", "10s"], 1022);
    assert!(search.took < Duration::from_secs(11), "{search:?}");
}

/// A client that has a /22 to itself.
fn alone() -> (Segment, Host) {
    let lab = Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let client = lab.host("client").unwrap();
    client.join(&segment, "10.77.1.3/22").unwrap();
    (segment, client)
}

/// What a search says before it sweeps a /22, up to the time.
const SAYS: &str = "calling 1,022 addresses takes about ";

#[test]
fn a_sweep_of_empty_addresses_ends_when_it_said() {
    let _alone = crate::endurance::alone();
    let (_segment, client) = alone();
    let (search, most) = most_waiting(&client, || Search::run(&client, &["--sweep"]));
    assert_eq!((search.status, search.servers.len()), (1, 0), "{search:?}");
    let (_, told) = search.said.split_once(SAYS).unwrap_or_else(|| panic!("{search:?}"));
    let told: u64 = told.split_once("s\n").unwrap().0.parse().unwrap();
    let took = search.took.as_secs_f64();
    println!("told {told} s, took {took:.2} s, {most} neighbours at a time");
    assert!(took <= told as f64 * 1.1, "{search:?}");
    assert!(most <= WAITING_MAX, "{most} neighbours were looked for at a time");
    assert_eq!(search.lines_with("addresses called"), 0, "all were called: {search:?}");
}

#[test]
fn a_sweep_stops_at_once() {
    let (_segment, client) = alone();
    let mut search = Search::start(&client, &["--sweep"]);
    search.stderr_line_with(SAYS, DEADLINE).unwrap();
    let began = Instant::now();
    search.signal(Signal::SIGINT).unwrap();
    let finished = search.finish(DEADLINE).unwrap();
    let took = began.elapsed();
    println!("stopped after {took:?}");
    // The whole sweep takes about ten.
    assert!(took < Duration::from_secs(4), "{took:?}");
    assert!(finished.stderr.contains("then stopped"), "{finished:?}");
}
