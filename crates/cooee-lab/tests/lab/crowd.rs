//! Ten thousand servers that answer one broadcast.

use cooee_lab::scene::crowd::with_crowd;

use crate::programs::{find, pair};

const SERVERS: u32 = 10_000;

#[test]
fn ten_thousand_answers_to_one_broadcast_are_all_found() {
    let lab = pair();
    let (status, found) = with_crowd(&lab, SERVERS, || find(&lab.client, &["--timeout", "5s"]));
    assert_eq!(status, 0);
    assert_eq!(found.len(), SERVERS as usize);
    assert!(found.iter().all(|server| server["trust"] == "none"));
}
