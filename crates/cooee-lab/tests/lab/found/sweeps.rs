//! Sweeps of small networks, which end when they have heard enough.

use std::time::Duration;

use cooee_lab::scene::programs::Search;

use crate::counts::answered;
use crate::programs::{SERVER, pair, serve, stop};

#[test]
fn a_sweep_of_a_small_network_with_a_server_ends_early() {
    let lab = pair();
    let _server = serve(&lab.server, &[]);
    for network in ["10.0.1.2/32", "10.0.1.0/30", "10.0.1.0/28", "10.0.1.0/27", "10.0.1.0/26"] {
        let search = Search::run(&lab.client, &["--subnet", network]);
        assert_eq!(search.each("ip"), [SERVER], "{network}: {search:?}");
        assert!(search.took < Duration::from_millis(3500), "{network}: {search:?}");
        assert_eq!(search.said, "", "{network}");
    }
}

#[test]
fn without_retries_there_is_one_round() {
    let lab = pair();
    let server = serve(&lab.server, &[]);
    let search = Search::run(&lab.client, &["--retries", "0", "-4"]);
    assert_eq!(search.each("ip"), [SERVER]);
    let said = stop(server).stderr;
    assert_eq!(answered(&said), 1, "{said}");
}
