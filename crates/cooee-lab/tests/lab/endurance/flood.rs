//! A flood of probes from a million forged sources, with honest askers beside it.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::thread;
use std::time::{Duration, Instant};

use cooee_lab::netns::{Host, Lab};
use cooee_lab::scene::over::Over;

use super::asker::{PROBE, askers, until_answered, while_asking};
use super::extent::{at_least, at_most, exactly, note, progress, short_or_long};
use super::vitals::{Holdings, cpu_share, holdings, resident_kib};
use crate::counts::{answered, dropped, refused, refused_for};
use crate::programs::{CLIENT, SERVER, pair, serve, stop};

const PER_SECOND: f64 = 50_000.0;
const SOURCES: u32 = 1_000_000;

/// Most of the forged sources are behind the client, which has none of them and forwards nothing. On
/// the server's own link each would take a place in the neighbour table, which the whole machine
/// shares.
const FORGED: Ipv4Addr = Ipv4Addr::new(10, 64, 0, 0);

/// These are on the server's own link, and nobody has them.
const ON_LINK: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 150);
const NEIGHBOURS: u32 = 100;

/// Sends probes for `time`, from as many forged sources as there are. How many.
pub(super) fn flood(from: &Host, server: SocketAddrV4, time: Duration) -> u32 {
    const CHUNK: u32 = 64;
    /// 1,562 a second.
    const ON_LINK_EVERY: u32 = 32;
    let mut sender = from.raw_sender("eth0").unwrap();
    let (began, mut sent) = (Instant::now(), 0_u32);
    let (mut said, mut sources) = (0, Vec::new());
    while began.elapsed() < time {
        let due = (began.elapsed().as_secs_f64() * PER_SECOND) as u32;
        if due < sent + CHUNK {
            thread::sleep(Duration::from_micros(500));
            continue;
        }
        sources.clear();
        sources.extend((sent..sent + CHUNK).map(|n| {
            let source = match n % ON_LINK_EVERY {
                0 => ON_LINK.to_bits() + n / ON_LINK_EVERY % NEIGHBOURS,
                // Strides over all of them, so that neighbours in time are none in number.
                _ => FORGED.to_bits() + (u64::from(n) * 7_919 % u64::from(SOURCES)) as u32,
            };
            SocketAddrV4::new(Ipv4Addr::from_bits(source), 4000)
        }));
        sent += sender.send_from_each(&sources, server, PROBE).unwrap() as u32;
        if began.elapsed().as_secs() / 10 > said {
            said += 1;
            progress(format_args!("flood: {sent} sent in {:.0?}", began.elapsed()));
        }
    }
    sent
}

/// The most and the least that the process had, looked at again and again while `work` goes on.
fn extremes<T>(pid: u32, work: impl FnOnce() -> T) -> (T, [Holdings; 2]) {
    let over = Over::default();
    thread::scope(|scope| {
        let say_over = over.when_dropped();
        let looking = scope.spawn(|| {
            let mut seen = vec![holdings(pid)];
            over.repeat_until(Duration::from_millis(100), || seen.push(holdings(pid)));
            seen
        });
        let done = work();
        drop(say_over);
        let seen = looking.join().unwrap();
        let by = |of: fn(&Holdings) -> usize| {
            let all = || seen.iter().map(of);
            [all().min().unwrap(), all().max().unwrap()]
        };
        let (threads, descriptors) = (by(|has| has.threads), by(|has| has.descriptors));
        let end = |n: usize| Holdings { threads: threads[n], descriptors: descriptors[n] };
        (done, [end(0), end(1)])
    })
}

/// A flood to `destination`, which is the server's address or everybody's.
fn endures(scenario: &str, destination: &str, descriptors_for_a_moment: usize) -> (String, u32) {
    let _alone = super::alone();
    let time = short_or_long(Duration::from_secs(4), Duration::from_secs(60));
    let lab = pair();
    let attacker = Lab::new().unwrap().host("attacker").unwrap();
    attacker.join(&lab.segment, "10.0.1.66/24").unwrap();
    lab.server.add_route("10.64.0.0/12", CLIENT).unwrap();
    let askers = askers(&lab.client, "eth0", [10, 0, 1]);
    let address = format!("{SERVER}:9999").parse().unwrap();
    let flooded = format!("{destination}:9999").parse().unwrap();
    let server = serve(&lab.server, &[]);
    let pid = server.pid();
    until_answered(&lab.client, CLIENT.parse().unwrap(), address);
    let (before, (resident, _)) = (holdings(pid), resident_kib(pid));

    let (mut sent, mut share) = (0, 0.0);
    let ((recovery, [least, most]), answers) = while_asking(&lab.client, &askers, address, || {
        extremes(pid, || {
            share = cpu_share(pid, || sent = flood(&attacker, flooded, time));
            until_answered(&lab.client, CLIENT.parse().unwrap(), address)
        })
    });

    let rate = f64::from(sent) / time.as_secs_f64();
    let grown = resident_kib(pid).1 - resident;
    at_least(scenario, "forged probes a second", short_or_long(0.5, 0.98) * PER_SECOND, rate);
    note(scenario, "forged sources", sent.min(SOURCES));
    at_least(scenario, "honest probes answered within 1 s, of 100", 97.5, answers.percent());
    let asked = answers.asked as f64 / time.as_secs_f64();
    at_least(scenario, "honest probes a second", short_or_long(50.0, 90.0), asked);
    note(scenario, "slowest honest answer", answers.slowest());
    at_most(scenario, "recovery", Duration::from_secs(1), recovery);
    at_most(scenario, "memory growth at its peak, KiB", 8 * 1024, grown);
    exactly(scenario, "threads and descriptors at the least", before, least);
    let descriptors = before.descriptors + descriptors_for_a_moment;
    at_most(scenario, "descriptors at the most", descriptors, most.descriptors);
    exactly(scenario, "threads at the most", before.threads, most.threads);
    exactly(scenario, "threads and descriptors in the end", before, holdings(pid));
    note(scenario, "server's share of a processor", share);
    let said = stop(server).stderr;
    note(scenario, "server's own counts", said.lines().last().unwrap());
    let reached = answered(&said) + refused(&said) + dropped(&said);
    let share = 100.0 * reached as f64 / f64::from(sent);
    at_least(scenario, "forged probes that reached the server, of 100", 90.0, share);
    (said, sent)
}

/// Judges how many of the forged probes something became of.
fn most(scenario: &str, what: &str, count: u64, sent: u32) {
    let share = 100.0 * count as f64 / f64::from(sent);
    at_least(scenario, &format!("{what}, of 100"), short_or_long(25.0, 90.0), share);
}

#[test]
fn a_flood_from_a_million_sources_costs_no_memory_and_no_honest_asker_an_answer() {
    const SCENARIO: &str = "flood";
    let (said, sent) = endures(SCENARIO, SERVER, 0);
    most(SCENARIO, "forged probes answered", answered(&said), sent);
}

/// The sources are on none of the server's networks and call none of its addresses, so it asks for
/// routes, as many as it may, by a socket that it opens and closes.
#[test]
fn a_flood_of_broadcasts_whose_answers_need_a_route_is_endured_too() {
    const SCENARIO: &str = "flood of broadcasts";
    let (said, sent) = endures(SCENARIO, "10.0.1.255", 1);
    most(SCENARIO, "forged probes refused for want of a route", refused_for(&said, "busy"), sent);
}
