//! An examination that ends before it is through.

#![allow(clippy::unwrap_used)]

use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cooee::finding::Code;
use cooee::{Checkup, Discovery, Doctor, Stage};

/// A doctor on loopback, for a port that nobody has.
fn doctor() -> Doctor {
    let free = UdpSocket::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port();
    Doctor::new().discovery(Discovery::new().interface(loopback()).port(free))
}

fn loopback() -> String {
    let interfaces = cooee::interfaces().unwrap();
    let is_loopback =
        |i: &&cooee::interface::Interface| i.addresses.iter().any(|net| net.addr().is_loopback());
    interfaces.iter().find(is_loopback).unwrap().name.clone()
}

fn says_nobody_answered(checkup: &Checkup) -> bool {
    checkup.findings.iter().any(|finding| finding.code() == Code::NobodyAnswered)
}

#[test]
fn stopped_between_stages_it_has_what_those_before_found() {
    let (stop, mut stages) = (AtomicBool::new(false), Vec::new());
    let checkup = doctor().examine(&stop, |stage| {
        stages.push(stage);
        stop.store(stage == Stage::OwnCalls, Ordering::Relaxed);
    });
    let checkup = checkup.unwrap();
    assert_eq!(stages, [Stage::Discovery, Stage::Surroundings, Stage::OwnCalls]);
    assert!(checkup.stopped && says_nobody_answered(&checkup), "{checkup:?}");
    assert!(!checkup.timed_out, "{checkup:?}");
    let cut = [Stage::OwnCalls, Stage::SharedAddresses, Stage::Services, Stage::Exchange];
    assert_eq!(checkup.left_out, cut);
}

#[test]
fn without_time_it_finds_only_what_needs_none() {
    let stop = AtomicBool::new(false);
    let checkup = doctor().within(Duration::ZERO).examine(&stop, |stage| panic!("{stage:?}"));
    let checkup = checkup.unwrap();
    assert!(checkup.timed_out && !says_nobody_answered(&checkup), "{checkup:?}");
    assert!(!checkup.stopped, "nobody has asked for it: {checkup:?}");
    assert_eq!(checkup.left_out.len(), 6);
}
