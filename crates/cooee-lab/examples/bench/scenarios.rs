use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cooee_lab::netns::Signal;

use crate::crowd_server::{SERVERS, with_crowd};
use crate::programs::{
    DEADLINE, Pair, SERVER, STOCK, cooee, find, pair, serve, start_serve, stock_discover_one,
};

fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

pub(crate) fn first_server() -> Duration {
    let lab = pair();
    let _server = serve(&lab.server, &[]);
    time(|| {
        let status = lab
            .client
            .command(cooee())
            .args(["find", "--one", "--format", "json"])
            .stdout(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(status.success());
    })
}

pub(crate) fn first_server_stock() -> Duration {
    let lab = pair();
    let _server = serve(&lab.server, &[]);
    time(|| assert_eq!(stock_discover_one(&lab.client, STOCK).len(), 1))
}

pub(crate) fn settled() -> Duration {
    let lab = pair();
    let _server = serve(&lab.server, &[]);
    time(|| assert_eq!(find(&lab.client, &[]).1.len(), 1))
}

pub(crate) fn flooded() -> Duration {
    const PER_SECOND: f64 = 10_000.0;
    let lab = pair();
    let flooder = lab.server.enter(|| UdpSocket::bind("0.0.0.0:9999")).unwrap();
    flooder.set_read_timeout(Some(DEADLINE)).unwrap();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let (_, asker) = flooder.recv_from(&mut [0; 64]).unwrap();
            let (began, mut sent) = (Instant::now(), 0_u32);
            while !over.load(Ordering::Relaxed) {
                let due = (began.elapsed().as_secs_f64() * PER_SECOND) as u32;
                for n in sent..due {
                    let valid = format!("SERVER_IP:10.0.{}.{}", n / 3 % 256, n / 768 % 256);
                    let payload = [valid.as_bytes(), b"hello", b""][n as usize % 3];
                    // Refused once the client has closed its socket.
                    let _ = flooder.send_to(payload, asker);
                }
                sent = due;
                thread::yield_now();
            }
        });
        let took = time(|| find(&lab.client, &["--timeout", "2s", "--wait", "full"]));
        over.store(true, Ordering::Relaxed);
        took
    })
}

pub(crate) fn crowd() -> Duration {
    let lab = pair();
    with_crowd(&lab, || time(|| assert_eq!(find(&lab.client, &[]).1.len(), SERVERS as usize)))
}

fn wait_for_answer(lab: &Pair, expected: &str) {
    let (_, found) = find(&lab.client, &["--one"]);
    assert_eq!(found[0]["raw"], expected);
}

pub(crate) fn takeover() -> Duration {
    let lab = pair();
    let mut first = serve(&lab.server, &["--service-port", "1"]);
    let mut second = start_serve(&lab.server, &["--service-port", "2", "--stand-by"]);
    second.stderr_line_with("pid", DEADLINE).unwrap();
    first.signal(Signal::SIGKILL).unwrap();
    time(|| {
        second.stderr_line_with("answering on", DEADLINE).unwrap();
        wait_for_answer(&lab, &format!("SERVER_IP:{SERVER}:2"));
    })
}

pub(crate) fn address_change() -> Duration {
    let lab = pair();
    let _server = serve(&lab.server, &[]);
    wait_for_answer(&lab, &format!("SERVER_IP:{SERVER}"));
    lab.server.replace_address("eth0", "10.0.1.2/24", "10.0.1.77/24").unwrap();
    time(|| wait_for_answer(&lab, "SERVER_IP:10.0.1.77"))
}

pub(crate) fn stopped_while_busy() -> Duration {
    let lab = pair();
    let mut server = serve(&lab.server, &["--rate-limit", "off"]);
    let client = lab.client.enter(|| UdpSocket::bind("0.0.0.0:0")).unwrap();
    client.set_read_timeout(Some(DEADLINE)).unwrap();
    client.connect((SERVER, 9999)).unwrap();
    let busy = AtomicBool::new(true);
    thread::scope(|scope| {
        scope.spawn(|| {
            while busy.load(Ordering::Relaxed) {
                // Refused once the server is gone.
                let _ = client.send(b"DISCOVER_SERVER");
            }
        });
        client.recv(&mut [0; 64]).unwrap();
        server.signal(Signal::SIGTERM).unwrap();
        let took = time(|| assert!(server.wait(DEADLINE).unwrap().success()));
        busy.store(false, Ordering::Relaxed);
        took
    })
}
