//! Servers on several links, and links that are lost.

use super::announced::workshop;
use super::*;
use crate::announced::{Announced, AnnouncedAddress, Announcement};

const LINK_LOCAL: &str = "fe80::5";

fn on_links(name: &str, ip: &str, links: &[u32]) -> Announced {
    let ip = ip.parse().expect("an address");
    let addresses = links.iter().map(|link| AnnouncedAddress { ip, interface: Some(*link) });
    Announced { instance: name.into(), addresses: addresses.collect(), ..workshop("10.0.0.5", "1") }
}

fn answers(rig: &mut Rig, ip: &str) {
    let source = SocketAddr::new(ip.parse().expect("an address"), PORT);
    rig.servers.push((source, format!("SERVER_IP:[{ip}]:8000")));
}

fn scopes(rig: &Rig) -> Vec<Option<u32>> {
    rig.watch.servers().map(|it| it.interface).collect()
}

#[test]
fn a_named_server_that_is_heard_on_another_link_alone_is_there() {
    let mut rig = Rig::new(&[]);
    answers(&mut rig, LINK_LOCAL);
    rig.announce(Announcement::Found(on_links("Workshop", LINK_LOCAL, &[2, 3])));
    rig.run(10.0);
    assert_eq!(scopes(&rig), [Some(2)]);
    rig.link = 3;
    assert_eq!(rig.run(30.0), [changed(LINK_LOCAL)]);
    assert_eq!(scopes(&rig), [Some(3)]);
    assert_eq!(rig.run(100.0), []);
}

#[test]
fn a_link_that_is_down_is_given_up_at_once() {
    let mut rig = Rig::new(&[]);
    answers(&mut rig, LINK_LOCAL);
    rig.announce(Announcement::Found(on_links("Workshop", LINK_LOCAL, &[2, 3])));
    rig.run(200.0);
    rig.link = 3;
    let wlan0 = Interface { index: 3, name: "wlan0".into(), ..eth0() };
    let targets = vec![Target::routed(([10, 0, 0, 255], PORT).into())];
    rig.watch.handle_interfaces(rig.now, &[wlan0], targets);
    assert_eq!(rig.run(202.0), [changed(LINK_LOCAL)]);
    assert_eq!(scopes(&rig), [Some(3)]);
}

#[test]
fn a_named_server_that_is_heard_on_two_links_stays_on_the_first() {
    let mut rig = Rig::new(&[]);
    rig.announce(Announcement::Found(on_links("Workshop", LINK_LOCAL, &[2, 3])));
    answers(&mut rig, LINK_LOCAL);
    rig.run(10.0);
    for n in 0..60 {
        rig.link = if n % 4 == 0 { 2 } else { 3 };
        let rounds = rig.calls("10.0.0.255", 0.0).len();
        while rig.calls("10.0.0.255", 0.0).len() == rounds {
            assert_eq!(rig.run(rig.at().as_secs_f64() + 0.05), [], "round {n}");
        }
    }
    assert_eq!(scopes(&rig), [Some(2)]);
}

#[test]
fn a_dead_server_is_not_found_again_by_one_with_its_address_on_another_link() {
    let mut rig = Rig::new(&[]);
    rig.link = 3;
    answers(&mut rig, "fe80::1");
    rig.announce(Announcement::Found(on_links("B", "fe80::1", &[3])));
    rig.run(10.0);
    rig.servers.clear();
    assert_eq!(rig.run(25.0), [silent("fe80::1")]);
    rig.link = 2;
    answers(&mut rig, "fe80::1");
    assert_eq!(rig.run(60.0), [found("fe80::1")]);
    assert_eq!((scopes(&rig), rig.names()), (vec![Some(2)], vec![None]));
}
