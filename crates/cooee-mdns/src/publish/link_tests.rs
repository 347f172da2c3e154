use std::thread;

use super::*;
use crate::stuck::Stuck;

fn link(records: Vec<Record>, names: Names) -> Link {
    // No interface has this index.
    let on = LinkAddresses { index: 1 << 30, name: "none".into(), addresses: Vec::new() };
    Link::start(Instant::now(), on, records, names).unwrap()
}

#[test]
fn names_that_were_found_free_are_ours_before_they_are_said() {
    let records = || vec![Record::of_http("Workshop")];
    assert!(!link(records(), Names::Unknown).has_its_names());
    let taken_over = link(records(), Names::Free);
    assert!(!taken_over.is_announced());
    assert!(taken_over.has_its_names());
    assert!(taken_over.announced.iter().all(Announcing::is_ours));
}

#[test]
fn an_instance_that_another_host_has_is_not_withdrawn() {
    let now = Instant::now();
    let mut link = link(vec![Record::of_http("Workshop")], Names::Unknown);
    let original = link.announced[0].fullname.clone();
    let change = mdns_sd::DnsNameChange {
        new_name: original.replace("Workshop", "Workshop (2)"),
        original: original.clone(),
        rr_type: mdns_sd::RRType::SRV,
        intf_name: "none".into(),
    };
    let mut heard = Heard::default();
    link.take(now, DaemonEvent::NameChange(change), &mut heard);
    // So the library does for names with capitals.
    link.take(now, DaemonEvent::Announce(original.to_lowercase(), String::new()), &mut heard);
    assert_eq!(heard.instances, [("Workshop".into(), "Workshop (2)".into())]);
    assert_eq!(link.hand_over(&[]).len(), 0);
}

#[test]
fn a_withdrawal_that_a_busy_daemon_does_not_take_is_tried_again() {
    let records = || vec![Record::of_http("Workshop"), Record::of_http("Office")];
    let now = Instant::now();
    let mut link = link(records(), Names::Free);
    let stuck = Stuck::full(&link.daemon);
    assert!(link.change(now, records().split_off(1)).is_err());
    assert_eq!(link.records().count(), 2);
    drop(stuck);
    let deadline = now + Duration::from_secs(20);
    while link.change(now, records().split_off(1)).is_err() {
        assert!(Instant::now() < deadline);
        thread::yield_now();
    }
    assert_eq!(link.records().count(), 1);
    assert!(link.due().is_some());
}

#[test]
fn goodbye_is_said_for_what_ends_and_is_ours() {
    let records = || vec![Record::of_http("Workshop"), Record::of_http("Office")];
    let ends = |names, next: &[Record]| link(records(), names).hand_over(next).len();
    assert_eq!(ends(Names::Free, &records()), 0);
    assert_eq!(ends(Names::Free, &records()[..1]), 1);
    assert_eq!(ends(Names::Free, &[]), 2);
    assert_eq!(ends(Names::Unknown, &[]), 0);
}
