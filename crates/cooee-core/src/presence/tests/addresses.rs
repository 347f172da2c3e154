use super::*;

const LINK_LOCAL: &str = "fe80::5";

/// A server on both families that names its IPv4 address over IPv6.
fn over_both(rig: &mut Rig, v4: &str) {
    rig.servers.clear();
    rig.start(v4);
    rig.servers.push((
        SocketAddr::new(LINK_LOCAL.parse().expect("an address"), PORT),
        format!("SERVER_IP:[{LINK_LOCAL}]:8000 {v4}"),
    ));
}

#[test]
fn a_server_of_both_families_is_one() {
    let mut rig = Rig::new(&[]);
    over_both(&mut rig, "10.0.0.5");
    let told = rig.run(10.0);
    assert_eq!(told.iter().filter(|it| matches!(it, Told::Found(_))).count(), 1, "{told:?}");
    assert_eq!(rig.watch.servers().count(), 1);
    assert_eq!(rig.run(60.0), []);
}

#[test]
fn whichever_family_is_heard_in_a_round_it_stays_one_with_its_ipv4_address() {
    let mut rig = Rig::new(&[]);
    over_both(&mut rig, "10.0.0.5");
    rig.run(5.0);
    let both = rig.servers.clone();
    rig.servers = vec![both[1].clone()];
    assert_eq!(rig.run(12.0), []);
    rig.servers = vec![both[0].clone()];
    assert_eq!(rig.run(20.0), []);
}

#[test]
fn a_server_that_was_heard_over_ipv4_first_is_known_again_over_ipv6() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.run(5.0);
    rig.take();
    over_both(&mut rig, "10.0.0.5");
    rig.servers.remove(0);
    assert_eq!(rig.run(8.0), [changed("10.0.0.5")], "it has one address more");
}

#[test]
fn an_address_that_is_replaced_is_one_change() {
    let mut rig = Rig::new(&[]);
    over_both(&mut rig, "10.0.0.5");
    rig.run(5.0);
    over_both(&mut rig, "10.0.0.9");
    assert_eq!(rig.run(7.0), [changed("10.0.0.9")]);
    assert_eq!(rig.run(60.0), []);
    let addresses: Vec<_> = rig.watch.servers().next().expect("it is there").addresses().collect();
    assert!(!addresses.contains(&IpAddr::from([10, 0, 0, 5])), "{addresses:?}");
}

#[test]
fn an_answer_over_ipv6_that_names_the_old_address_once_more_makes_no_difference() {
    let mut rig = Rig::new(&[]);
    over_both(&mut rig, "10.0.0.5");
    rig.run(5.0);
    let old = rig.servers.clone();
    over_both(&mut rig, "10.0.0.9");
    let new = rig.servers.clone();
    rig.servers = vec![new[0].clone(), old[1].clone()];
    // One round hears the old name.
    let rounds = rig.calls("10.0.0.255", 0.0).len();
    while rig.calls("10.0.0.255", 0.0).len() == rounds {
        rig.run(rig.at().as_secs_f64() + 0.05);
    }
    rig.servers = new;
    assert_eq!(rig.run(8.0), [changed("10.0.0.9")]);
    assert_eq!(rig.run(60.0), []);
}

#[test]
fn without_ipv6_a_new_address_is_another_server() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.run(5.0);
    rig.take();
    rig.stop("10.0.0.5");
    rig.start("10.0.0.9");
    assert_eq!(rig.run(7.0), [found("10.0.0.9")]);
    assert_eq!(rig.run(15.0), [silent("10.0.0.5")]);
}

#[test]
fn an_address_that_is_not_heard_any_more_is_dropped() {
    let mut rig = Rig::new(&[]);
    over_both(&mut rig, "10.0.0.5");
    rig.run(5.0);
    rig.servers.remove(0);
    assert_eq!(rig.run(40.0), [changed(LINK_LOCAL)]);
}

#[test]
fn an_old_address_can_be_another_servers() {
    let mut rig = Rig::new(&[]);
    over_both(&mut rig, "10.0.0.5");
    rig.run(5.0);
    over_both(&mut rig, "10.0.0.9");
    rig.run(8.0);
    rig.start("10.0.0.5");
    assert_eq!(rig.run(10.0), [found("10.0.0.5")]);
    assert_eq!(rig.watch.servers().count(), 2);
}

#[test]
fn what_another_host_says_of_a_server_does_not_keep_it() {
    let mut rig = Rig::new(&["10.0.0.5"]);
    rig.run(5.0);
    rig.take();
    rig.stop("10.0.0.5");
    rig.servers.push((([10, 0, 0, 66], PORT).into(), "SERVER_IP:10.0.0.5".to_owned()));
    assert_eq!(rig.run(15.0), [silent("10.0.0.5"), found("10.0.0.5")]);
}

#[test]
fn a_server_without_a_name_that_gets_an_ipv4_address_stays_one() {
    let mut rig = Rig::new(&[]);
    over_both(&mut rig, "10.0.0.5");
    let both = rig.servers.clone();
    rig.servers = vec![(both[1].0, format!("SERVER_IP:[{LINK_LOCAL}]:8000"))];
    rig.run(60.0);
    // Its answers over IPv6 are lost in one round.
    rig.servers = vec![both[0].clone()];
    let rounds = rig.calls("10.0.0.255", 0.0).len();
    while rig.calls("10.0.0.255", 0.0).len() == rounds {
        rig.run(rig.at().as_secs_f64() + 0.05);
    }
    let mut told = rig.run(rig.at().as_secs_f64() + 0.2);
    rig.servers = both;
    told.extend(rig.run(120.0));
    assert_eq!(told, [changed("10.0.0.5")]);
}

#[test]
fn an_ipv4_address_that_is_not_named_any_more_can_be_another_servers() {
    let mut rig = Rig::new(&[]);
    over_both(&mut rig, "10.0.0.5");
    rig.run(5.0);
    rig.servers.remove(0);
    assert_eq!(rig.run(40.0), [changed(LINK_LOCAL)]);
    rig.servers[0].1 = format!("SERVER_IP:[{LINK_LOCAL}]:8000");
    assert_eq!(rig.run(60.0), []);
    rig.start("10.0.0.5");
    assert_eq!(rig.run(100.0), [found("10.0.0.5")]);
    assert_eq!(rig.watch.servers().count(), 2);
}
