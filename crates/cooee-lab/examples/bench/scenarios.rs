use std::time::{Duration, Instant};

use cooee_lab::netns::Signal;

use crate::crowd_server::{SERVERS, with_crowd};
use crate::load::{while_busy, with_flood};
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
    let lab = pair();
    with_flood(&lab, || time(|| find(&lab.client, &["--timeout", "2s", "--wait", "full"])))
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
    while_busy(&lab, &mut server, |server| {
        server.signal(Signal::SIGTERM).unwrap();
        time(|| assert!(server.wait(DEADLINE).unwrap().success()))
    })
}
