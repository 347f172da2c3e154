use cooee_bench::report::{Limit, Table};
use cooee_lab::netns::Signal;
use cooee_lab::scene::load::{while_busy, with_flood};
use cooee_lab::scene::programs::{DEADLINE, Pair, SERVER, find, pair, serve, start_serve};

use crate::turns::{Contestant, Effort, in_turns, ms};

type Measure = fn() -> f64;

/// Each of ours alone, with the most it may take in milliseconds.
const CONTESTANTS: [(&str, Measure, f64); 4] = [
    ("`cooee find --timeout 2s` under 10,000 datagrams/s", flooded, 2100.0),
    ("`cooee serve --stand-by`, owner killed: to the next answer", takeover, 1000.0),
    ("`cooee serve`, address replaced: to the first correct answer", address_change, 2000.0),
    ("`cooee serve`, SIGTERM under load: to exit", stopped_while_busy, 1000.0),
];

pub(crate) fn measure(effort: Effort) -> Vec<(&'static str, Table)> {
    let contestants = CONTESTANTS.map(|(name, measure, _)| Contestant::new(name, measure)).into();
    let mut table = in_turns("Floods, changes and shutdown", "ms", effort.rounds(5), contestants);
    for (name, _, most) in CONTESTANTS {
        let greatest = table.spread(name).greatest;
        table.check(format!("{name}, maximum, ms"), greatest, Limit::AtMost(most));
    }
    vec![("upkeep", table)]
}

fn flooded() -> f64 {
    let lab = pair();
    with_flood(&lab, || ms(|| find(&lab.client, &["--timeout", "2s", "--wait", "full"])))
}

fn wait_for_answer(lab: &Pair, expected: &str) {
    let (_, found) = find(&lab.client, &["--one"]);
    assert_eq!(found[0]["raw"], expected);
}

fn takeover() -> f64 {
    let lab = pair();
    let mut first = serve(&lab.server, &["--service-port", "1"]);
    let mut second = start_serve(&lab.server, &["--service-port", "2", "--stand-by"]);
    second.stderr_line_with("pid", DEADLINE).unwrap();
    first.signal(Signal::SIGKILL).unwrap();
    ms(|| {
        second.stderr_line_with("answering on", DEADLINE).unwrap();
        wait_for_answer(&lab, &format!("SERVER_IP:{SERVER}:2"));
    })
}

fn address_change() -> f64 {
    let lab = pair();
    let _server = serve(&lab.server, &[]);
    wait_for_answer(&lab, &format!("SERVER_IP:{SERVER}"));
    lab.server.replace_address("eth0", "10.0.1.2/24", "10.0.1.77/24").unwrap();
    ms(|| wait_for_answer(&lab, "SERVER_IP:10.0.1.77"))
}

fn stopped_while_busy() -> f64 {
    let lab = pair();
    let mut server = serve(&lab.server, &["--rate-limit", "off"]);
    while_busy(&lab, &mut server, |server| {
        server.signal(Signal::SIGTERM).unwrap();
        ms(|| assert!(server.wait(DEADLINE).unwrap().success()))
    })
}
