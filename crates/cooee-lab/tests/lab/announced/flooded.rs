//! A host that announces without end.

use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use cooee_lab::netns::Host;
use cooee_lab::scene::programs::{SERVER, Search, pair, serve};

/// A response that makes up five servers of ours with names and hosts that nobody has had yet.
fn made_up(first: u32) -> Vec<u8> {
    fn name(labels: &[&[u8]]) -> Vec<u8> {
        let label = |label: &&[u8]| [&[label.len() as u8], *label].concat();
        labels.iter().flat_map(label).chain([0]).collect()
    }
    fn record(name: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
        let ttl = 4500_u32.to_be_bytes();
        let length = (data.len() as u16).to_be_bytes();
        [name, &kind.to_be_bytes(), &[0, 1], &ttl, &length, data].concat()
    }
    const OURS: [&[u8]; 3] = [b"_cooee", b"_udp", b"local"];
    let mut message = vec![0, 0, 0x84, 0, 0, 0, 0, 20, 0, 0, 0, 0];
    for n in first..first + 5 {
        let (label, host) = (format!("\u{1b}[2J{n}"), format!("h{n}"));
        let instance = name(&[&[label.as_bytes()][..], &OURS].concat());
        let host = name(&[host.as_bytes(), b"local"]);
        let text = b"service=_http._tcp:8000";
        let [_, _, high, low] = n.to_be_bytes();
        message.extend(record(&name(&OURS), 12, &instance));
        message.extend(record(&instance, 33, &[&[0, 0, 0, 0, 0x27, 0x0f], &host[..]].concat()));
        message.extend(record(&instance, 16, &[&[text.len() as u8], &text[..]].concat()));
        message.extend(record(&host, 1, &[10, 0, high, low]));
    }
    message
}

/// Runs `work` while the host floods its segment.
fn flooded<T>(host: &Host, address: &str, work: impl FnOnce() -> T) -> T {
    host.ip(&["route", "add", "224.0.0.0/4", "dev", "eth0"]).unwrap();
    let socket = host.enter(|| UdpSocket::bind((address, 0))).unwrap();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut first = 0;
            while !is_over.load(Ordering::Relaxed) {
                let _ = socket.send_to(&made_up(first), "224.0.0.251:5353");
                first += 5;
            }
        });
        let done = work();
        is_over.store(true, Ordering::Relaxed);
        done
    })
}

#[test]
fn a_flood_of_announcements_neither_starves_the_probe_nor_grows_without_end() {
    let net = pair();
    let _server = serve(&net.server, &[]);
    flooded(&net.server, SERVER, || {
        let one = Search::run(&net.client, &["--one"]);
        assert_eq!(one.each("protocol"), ["classic"], "{one:#?}");
        let all = Search::run(&net.client, &["--wait", "full", "--timeout", "3s"]);
        let answered = all.servers.iter().filter(|server| server["protocol"] == "classic");
        assert_eq!(answered.count(), 1, "{:?}", all.said);
        assert!(all.servers.len() > 100, "{} are made up", all.servers.len());
        assert!(all.servers.len() <= 4096 + 1, "{}", all.servers.len());
        assert!(all.took < Duration::from_secs(15), "{:?}", all.took);
    });
}
