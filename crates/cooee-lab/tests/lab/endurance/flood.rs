//! A flood of probes from a million forged sources, with honest askers beside it.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::thread;
use std::time::{Duration, Instant};

use cooee_lab::netns::{Host, Lab};

use super::asker::{PROBE, until_answered, while_asking};
use super::extent::{at_least, at_most, exactly, note, progress, short_or_long};
use super::vitals::{cpu_share, holdings, resident_kib};
use crate::programs::{CLIENT, SERVER, pair, serve, stop};

const SCENARIO: &str = "flood";
const PER_SECOND: f64 = 50_000.0;
const SOURCES: u32 = 1_000_000;

/// The forged sources are behind the client, which has none of them and forwards nothing. On the
/// server's own link each would take a place in the neighbour table, which the whole machine shares.
const FORGED: Ipv4Addr = Ipv4Addr::new(10, 64, 0, 0);

/// Sends probes for `time`, from as many forged sources as there are. How many.
pub(super) fn flood(from: &Host, server: SocketAddrV4, time: Duration) -> u32 {
    const CHUNK: u32 = 64;
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
            // Strides over all of them, so that neighbours in time are none in number.
            let n = (u64::from(n) * 7_919 % u64::from(SOURCES)) as u32;
            SocketAddrV4::new(Ipv4Addr::from_bits(FORGED.to_bits() + n), 4000)
        }));
        sent += sender.send_from_each(&sources, server, PROBE).unwrap() as u32;
        if began.elapsed().as_secs() / 10 > said {
            said += 1;
            progress(format_args!("{SCENARIO}: {sent} sent in {:.0?}", began.elapsed()));
        }
    }
    sent
}

#[test]
fn a_flood_from_a_million_sources_costs_no_memory_and_no_honest_asker_an_answer() {
    let time = short_or_long(Duration::from_secs(4), Duration::from_secs(60));
    let lab = pair();
    let attacker = Lab::new().unwrap().host("attacker").unwrap();
    attacker.join(&lab.segment, "10.0.1.66/24").unwrap();
    lab.server.add_route("10.64.0.0/12", CLIENT).unwrap();
    let askers: Vec<Ipv4Addr> = (100..110).map(|n| Ipv4Addr::new(10, 0, 1, n)).collect();
    for asker in &askers {
        lab.client.add_address("eth0", &format!("{asker}/24")).unwrap();
    }
    let address = format!("{SERVER}:9999").parse().unwrap();
    let server = serve(&lab.server, &[]);
    let pid = server.pid();
    until_answered(&lab.client, askers[0], address);
    let (before, (resident, _)) = (holdings(pid), resident_kib(pid));

    let mut sent = 0;
    let mut share = 0.0;
    let ((), answers) = while_asking(&lab.client, &askers, address, || {
        share = cpu_share(pid, || sent = flood(&attacker, address, time));
    });
    let recovery = until_answered(&lab.client, askers[0], address);

    let rate = f64::from(sent) / time.as_secs_f64();
    let grown = resident_kib(pid).1 - resident;
    at_least(SCENARIO, "forged probes a second", short_or_long(0.5, 0.98) * PER_SECOND, rate);
    note(SCENARIO, "forged sources", sent.min(SOURCES));
    at_least(SCENARIO, "honest probes answered within 1 s, of 100", 97.5, answers.percent());
    note(SCENARIO, "honest probes", answers.asked);
    note(SCENARIO, "slowest honest answer", answers.slowest());
    at_most(SCENARIO, "recovery", Duration::from_secs(1), recovery);
    at_most(SCENARIO, "memory growth at its peak, KiB", 8 * 1024, grown);
    exactly(SCENARIO, "threads and descriptors", before, holdings(pid));
    note(SCENARIO, "server's share of a processor", share);
    note(SCENARIO, "server's own counts", stop(server).stderr.lines().last().unwrap());
}
