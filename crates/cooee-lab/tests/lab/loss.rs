//! Links that lose datagrams.

use crate::programs::{SERVER, find_one, pair, serve};

#[test]
fn a_server_is_found_though_a_fifth_is_lost_each_way() {
    let lab = pair();
    lab.segment.lose(20).unwrap();
    let _server = serve(&lab.server, &[]);
    let found = find_one(&lab.client, &["-4", "--one", "--timeout", "15s"]);
    assert_eq!(found["ip"], SERVER);
}
