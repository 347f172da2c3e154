//! An answered probe costs no allocation. The only test in its process, since it counts them all.
#![allow(clippy::unwrap_used, missing_docs)]

use std::alloc::System;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use cooee::{RateLimit, Responder};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Probes on their way at one time.
const AT_ONCE: usize = 64;
const PROBES: usize = 100 * AT_ONCE;
/// Elsewhere the interfaces are listed once a second meanwhile. Windows tells too, but not wine.
const CHANGES_ARE_TOLD: bool =
    cfg!(any(target_os = "linux", target_os = "macos", target_os = "freebsd"));
/// To list them, and to look up what depends on them, took 145 allocations under wine at the most. An
/// allocation for every eighth answer would show there, and any elsewhere.
const A_LISTING: usize = 250;

#[test]
fn an_answered_probe_costs_none() {
    let limits = [RateLimit::Off, RateLimit::per_source(u32::MAX).unwrap()];
    for limit in limits {
        // As `cooee serve` has one.
        let responder = Responder::new().port(0).rate_limit(limit).observe(|_| {});
        let server = responder.start().unwrap();
        let allocations = allocations(server.local_addr().unwrap().port());
        assert_eq!(allocations, 0, "blocking, {limit:?}");
        let counters = server.stop().counters;
        assert_eq!(counters.answered, 2 * PROBES as u64, "blocking, {limit:?}");
    }
    #[cfg(feature = "tokio")]
    for limit in limits {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let responder = Responder::new().port(0).rate_limit(limit).observe(|_| {});
        let server = runtime.block_on(async { responder.start_async() }).unwrap();
        let allocations = allocations(server.local_addr().unwrap().port());
        assert_eq!(allocations, 0, "tokio, {limit:?}");
        let counters = runtime.block_on(server.stop()).counters;
        assert_eq!(counters.answered, 2 * PROBES as u64, "tokio, {limit:?}");
    }
}

/// How often anything in this process allocated during the second half of the probes, beyond what it
/// takes to list the interfaces as often as the system makes necessary.
fn allocations(port: u16) -> usize {
    let asker = UdpSocket::bind("127.0.0.1:0").unwrap();
    asker.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    ask(&asker, port);
    let (region, began) = (Region::new(ALLOCATOR), Instant::now());
    ask(&asker, port);
    let (allocations, took) = (since(&region), began.elapsed());
    let listings = if CHANGES_ARE_TOLD { 0 } else { 1 + took.as_secs() as usize };
    println!("{allocations} allocations in {took:?}, with {listings} listings at the most");
    allocations.saturating_sub(listings * A_LISTING)
}

fn since(region: &Region<'_, System>) -> usize {
    let change = region.change();
    change.allocations + change.reallocations
}

fn ask(asker: &UdpSocket, port: u16) {
    let server = SocketAddr::from(([127, 0, 0, 1], port));
    let mut answer = [0; 64];
    for _ in 0..PROBES / AT_ONCE {
        for _ in 0..AT_ONCE {
            asker.send_to(b"DISCOVER_SERVER", server).unwrap();
        }
        for _ in 0..AT_ONCE {
            let length = asker.recv(&mut answer).unwrap();
            assert_eq!(&answer[..length], b"SERVER_IP:127.0.0.1");
        }
    }
}
