//! Ten thousand servers that answer one broadcast.

use crate::crowd_server::{SERVERS, with_crowd};
use crate::programs::{find, pair};

#[test]
fn ten_thousand_answers_to_one_broadcast_are_all_found() {
    let lab = pair();
    let (status, found) = with_crowd(&lab, || find(&lab.client, &["--timeout", "5s"]));
    assert_eq!(status, 0);
    assert_eq!(found.len(), SERVERS as usize);
    assert!(found.iter().all(|server| server["trust"] == "none"));
}
