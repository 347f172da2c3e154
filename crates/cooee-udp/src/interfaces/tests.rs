use cooee_core::interface::{LinkKind, LinkState};
use ipnet::IpNet;

use super::interfaces;

#[cfg(target_os = "linux")]
#[path = "portable.rs"]
mod portable;

#[test]
fn loopback_is_listed_whole() {
    let interfaces = interfaces().expect("the system lists interfaces");
    let lo = interfaces.iter().find(|i| i.kind == LinkKind::Loopback).expect("loopback");
    assert_ne!(lo.index, 0);
    assert_eq!(lo.state, LinkState::Up);
    let net: IpNet = "127.0.0.1/8".parse().expect("a network");
    assert!(lo.addresses.contains(&net), "{lo:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn where_the_system_does_not_tell_no_link_is_virtual() {
    assert!(!portable::has_only_virtual_links().expect("nothing is asked"));
}

/// Both ask the same kernel. Other tests may change the host between the two questions.
#[test]
#[cfg(target_os = "linux")]
fn the_kernel_and_the_c_library_list_the_same_addresses() {
    let same = || {
        let ours = interfaces().expect("the system lists interfaces");
        let portable = portable::interfaces().expect("the system lists interfaces");
        portable.iter().all(|theirs| {
            ours.iter().any(|ours| {
                (ours.index, &ours.addresses, ours.kind)
                    == (theirs.index, &theirs.addresses, theirs.kind)
                    && (ours.state == LinkState::Up) == (theirs.state == LinkState::Up)
                    && theirs.name.split(':').next() == Some(&ours.name)
            })
        })
    };
    assert!((0..10).any(|_| same()), "{:?}\n{:?}", interfaces(), portable::interfaces());
}
