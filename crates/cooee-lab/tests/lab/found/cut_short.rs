//! Sweeps that their timeout cuts short.

use cooee_lab::netns::{Host, Lab, Segment};
use cooee_lab::scene::programs::Search;
use serde_json::Value;

use crate::programs::serve;

/// A server behind a router, far into a large network.
fn far_away() -> (Host, Host, [Host; 1], [Segment; 2]) {
    let lab = Lab::new().unwrap();
    let (a, b) = (lab.segment("a").unwrap(), lab.segment("b").unwrap());
    let (server, client) = (lab.host("server").unwrap(), lab.host("client").unwrap());
    server.join(&a, "10.2.77.10/16").unwrap();
    client.join(&b, "10.1.0.3/24").unwrap();
    let router = lab.router("router", &[(&a, "10.2.0.1/16"), (&b, "10.1.0.1/24")]).unwrap();
    server.default_route("10.2.0.1").unwrap();
    client.default_route("10.1.0.1").unwrap();
    (server, client, [router], [a, b])
}

const SWEEP: [&str; 4] = ["--subnet", "10.2.0.0/16", "--timeout", "2s"];

#[test]
fn a_sweep_that_was_cut_short_says_how_far_it_came_and_what_would_be_enough() {
    let (server, client, _router, _segments) = far_away();
    let _server = serve(&server, &[]);
    let search = Search::run(&client, &SWEEP);
    assert_eq!(search.status, 1, "{search:?}");
    let line = search.said.lines().find(|line| line.contains("addresses called"));
    let line = line.unwrap_or_else(|| panic!("{search:?}"));
    let (called, rest) = line.split_once(" of 65,534 addresses called; ").unwrap();
    let called: u32 = called.replace(',', "").parse().unwrap();
    assert!((100..=510).contains(&called), "{line}");
    assert!(rest.contains("--timeout"), "{line}");
}

#[test]
fn the_log_of_a_sweep_that_was_cut_short_has_figures() {
    let (_server, client, _router, _segments) = far_away();
    let search = Search::run(&client, &[&SWEEP[..], &["--log-format", "json"]].concat());
    let records = search.said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let of_sweep: Vec<_> =
        records.map(|r| r["fields"].clone()).filter(|f| f.get("addresses").is_some()).collect();
    let [fields] = &of_sweep[..] else { panic!("one record: {search:?}") };
    assert_eq!(fields["addresses"], 65_534);
    assert!((100..=510).contains(&fields["addresses_called"].as_u64().unwrap()), "{fields}");
}
