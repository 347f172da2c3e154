//! What another host says of a server that is announced.

use super::announced::workshop;
use super::*;
use crate::announced::Announcement;

fn goodbye(ip: &str) -> Told {
    Told::Gone(ip.to_owned(), Departure::Goodbye)
}

/// Says, once, that a server is at an address that is not the speaker's.
fn say(rig: &mut Rig, ip: &str) {
    rig.hear(SocketAddr::from(([10, 0, 0, 66], PORT)), &format!("SERVER_IP:{ip}"));
}

#[test]
fn a_silent_server_stays_as_long_as_it_is_announced_whatever_another_host_says() {
    let mut rig = Rig::new(&[]);
    rig.run(10.0);
    rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
    assert_eq!(rig.run(20.0), [found("10.0.0.5")]);
    say(&mut rig, "10.0.0.5");
    assert_eq!(rig.run(100.0), []);
    let gone = Announcement::Gone(workshop("10.0.0.5", "1"));
    assert_eq!(rig.announce(gone), [goodbye("10.0.0.5")]);
    assert_eq!(rig.run(200.0), []);
}

#[test]
fn what_another_host_said_of_a_server_first_does_not_hide_it() {
    for announced_at in [10.05, 12.0] {
        let mut rig = Rig::new(&[]);
        rig.run(10.0);
        say(&mut rig, "10.0.0.5");
        rig.run(announced_at);
        rig.announce(Announcement::Found(workshop("10.0.0.5", "1")));
        rig.run(200.0);
        assert_eq!(rig.names(), [Some("Workshop".to_owned())], "announced at {announced_at}");
        let gone = Announcement::Gone(workshop("10.0.0.5", "1"));
        assert_eq!(rig.announce(gone), [goodbye("10.0.0.5")]);
    }
}

#[test]
fn a_server_that_answers_from_another_of_its_announced_addresses_is_heard() {
    let mut rig = Rig::new(&[]);
    rig.run(10.0);
    let mut both = workshop("10.0.0.5", "1");
    both.addresses.extend(workshop("10.0.0.66", "1").addresses);
    rig.announce(Announcement::Found(both));
    assert_eq!(rig.run(20.0), [found("10.0.0.5")]);
    rig.servers.push((([10, 0, 0, 66], PORT).into(), "SERVER_IP:10.0.0.5".to_owned()));
    assert_eq!(rig.run(60.0), [changed("10.0.0.5")]);
    rig.stop("10.0.0.66");
    assert_eq!(rig.run(140.0), [silent("10.0.0.5")]);
    assert_eq!(rig.run(200.0), []);
}
