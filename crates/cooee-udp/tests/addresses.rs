//! One port, several addresses: who excludes whom, and who waits for whom.
#![cfg(target_os = "linux")]

use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use cooee_udp::{Ahead, BindError, Claim, OwnedPort, StandBy, UdpSocket};
use polling::{Event, Events, Poller};

const DEADLINE: Duration = Duration::from_secs(10);

const EVERY: Ipv4Addr = Ipv4Addr::UNSPECIFIED;
const SECOND: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const THIRD: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

fn free_port() -> u16 {
    let socket = UdpSocket::bind(SocketAddrV4::new(EVERY, 0)).expect("bind");
    socket.local_addr().expect("bound").port()
}

fn owned(ip: Ipv4Addr, port: u16) -> OwnedPort {
    match StandBy::claim(SocketAddrV4::new(ip, port), None).expect("free") {
        Claim::Owned(port) => port,
        Claim::Waiting(stand_by) => panic!("{ip} is free: {stand_by:?}"),
    }
}

fn waiting(ip: Ipv4Addr, port: u16) -> StandBy {
    match StandBy::claim(SocketAddrV4::new(ip, port), None).expect("waiting helps") {
        Claim::Waiting(stand_by) => stand_by,
        Claim::Owned(_) => panic!("{ip} is excluded"),
    }
}

fn try_again(stand_by: StandBy) -> StandBy {
    match stand_by.try_again().expect("waiting helps") {
        Claim::Waiting(still) => still,
        Claim::Owned(_) => panic!("the port is taken"),
    }
}

fn assert_asleep(stand_by: &StandBy) {
    assert_eq!(stand_by.ahead(), Ahead::Ours);
    assert_eq!(stand_by.retry_after(), None, "the kernel tells");
    assert_eq!(stand_by.owner().map(|owner| owner.pid), Some(std::process::id()));
    assert!(!is_called(stand_by, Duration::from_millis(50)), "nothing to wake for");
}

/// Whether it is time to try again within `patience`.
fn is_called(stand_by: &StandBy, patience: Duration) -> bool {
    let poller = Poller::new().expect("a poller");
    let mut events = Events::new();
    if let Some(source) = stand_by.wakes_on() {
        // SAFETY: the poller goes out of scope before `stand_by` does.
        unsafe { poller.add(source.as_raw_fd(), Event::readable(1)) }.expect("added");
    }
    let pause = stand_by.retry_after();
    let patience = pause.map_or(patience, |pause| pause.min(patience));
    poller.wait(&mut events, Some(patience)).expect("waited");
    pause.is_some_and(|pause| pause <= patience) || !events.is_empty()
}

/// Waits as a driver does, until the port is ours.
fn wait_for(mut stand_by: StandBy) -> OwnedPort {
    let end = Instant::now() + DEADLINE;
    loop {
        assert!(Instant::now() < end, "still waiting for the port");
        is_called(&stand_by, DEADLINE);
        match stand_by.try_again().expect("waiting can help") {
            Claim::Owned(port) => return port,
            Claim::Waiting(still) => stand_by = still,
        }
    }
}

#[test]
fn a_specific_address_waits_asleep_behind_the_owner_of_all_of_them() {
    let port = free_port();
    let owner = owned(EVERY, port);
    let first = waiting(SECOND, port);
    assert_asleep(&first);
    let second = waiting(SECOND, port);
    assert_asleep(&second);

    drop(owner);
    let owner = wait_for(first);
    assert_asleep(&second);
    drop(owner);
    wait_for(second);
}

#[test]
fn two_specific_addresses_are_owned_at_once_and_all_of_them_wait_for_both() {
    let port = free_port();
    let (second, third) = (owned(SECOND, port), owned(THIRD, port));
    let every = waiting(EVERY, port);
    assert_asleep(&every);

    // It is behind one of them, and whichever that is, behind the other next.
    drop(second);
    let every = if is_called(&every, Duration::ZERO) { try_again(every) } else { every };
    assert_asleep(&every);
    drop(third);
    wait_for(every);
}

#[test]
fn nobody_sleeps_behind_one_that_only_waits_itself() {
    let port = free_port();
    let foreign = UdpSocket::bind(SocketAddrV4::new(SECOND, port)).expect("bind");
    let first = waiting(SECOND, port);
    assert_eq!(first.ahead(), Ahead::Foreign);
    let every = waiting(EVERY, port);
    assert_eq!(every.ahead(), Ahead::Foreign, "the guard's holder does not have the port");
    assert!(every.retry_after().is_some());

    // Each may be the one that gets it, and the other then knows whom it is behind.
    drop(foreign);
    let owner = wait_for(every);
    let first = try_again(first);
    assert_asleep(&first);
    drop(owner);
    wait_for(first);
}

#[test]
fn whoever_lost_the_port_to_another_address_waits_behind_that_one() {
    let port = free_port();
    let owner = owned(EVERY, port);
    let (second, third) = (waiting(SECOND, port), waiting(THIRD, port));
    let every = waiting(EVERY, port);
    drop(owner);
    let owner = wait_for(every);
    let (second, third) = (try_again(second), try_again(third));
    assert_asleep(&second);
    assert_asleep(&third);
    drop(owner);
    let _both = (wait_for(second), wait_for(third));
}

#[test]
fn a_refusal_names_the_owner_by_the_other_address() {
    let port = free_port();
    let _owner = owned(SECOND, port);
    let refused = OwnedPort::take(SocketAddrV4::new(EVERY, port)).expect_err("excluded");
    let BindError::PortInUse { owner, .. } = &refused else { panic!("{refused:?}") };
    assert_eq!(owner.as_ref().map(|owner| owner.pid), Some(std::process::id()));
    drop(OwnedPort::take(SocketAddrV4::new(THIRD, port)).expect("not excluded"));
}

#[test]
fn everybody_gets_the_port_in_the_end_whoever_comes_and_goes_meanwhile() {
    let port = free_port();
    let comers: Vec<_> = [EVERY, SECOND, THIRD, EVERY, SECOND, THIRD]
        .map(|ip| {
            std::thread::spawn(move || {
                for _ in 0..100 {
                    match StandBy::claim(SocketAddrV4::new(ip, port), None).expect("waiting helps")
                    {
                        Claim::Owned(owned) => drop(owned),
                        Claim::Waiting(stand_by) => drop(wait_for(stand_by)),
                    }
                }
            })
        })
        .into();
    for comer in comers {
        comer.join().expect("it had the port a hundred times");
    }
}
