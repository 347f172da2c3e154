//! A client whose firewall lets in what belongs to a connection only, and so no answer to a
//! broadcast.

use std::time::Duration;

use cooee_lab::netns::{Child, Host, Lab, Segment};
use cooee_lab::scene::programs::{DEADLINE, Search, start_serve};

use crate::wall;

const UNICAST: &str = "ip daddr != { 10.0.0.0, 10.0.15.255, 255.255.255.255 }";

struct Walled {
    _segment: Segment,
    client: Host,
    servers: Vec<(Host, Child)>,
}

fn address(n: usize) -> String {
    format!("10.0.{}.{}/20", n / 250, n % 250 + 1)
}

/// A client behind a firewall, and so many servers on its segment.
fn walled(servers: usize) -> Walled {
    let lab = Lab::new().unwrap();
    let (client, segment) = (lab.host("client").unwrap(), lab.segment("a").unwrap());
    client.join(&segment, "10.0.15.250/20").unwrap();
    wall::put_up(&client, "", UNICAST);
    let start = |n| {
        let host = lab.host(&format!("server{n}")).unwrap();
        host.join(&segment, &address(n)).unwrap();
        let server = start_serve(&host, &[]);
        (host, server)
    };
    let mut servers: Vec<_> = (0..servers).map(start).collect();
    for (_, server) in &mut servers {
        server.stderr_line_with("answering on", DEADLINE).unwrap();
    }
    Walled { _segment: segment, client, servers }
}

impl Walled {
    /// Adds neighbours that are not there, outside the addresses of the servers.
    fn add_strangers(&self, strangers: usize) {
        let entry = |n: usize| {
            let (net, host) = (1 + n / 250, n % 250 + 1);
            format!("neigh add 10.0.{net}.{host} lladdr 02:00:00:00:00:01 dev eth0 nud permanent\n")
        };
        self.client.ip_batch(&(0..strangers).map(entry).collect::<String>()).unwrap();
    }
}

/// Finds all of so many servers, and returns how many calls that took.
fn finds_all(servers: usize) {
    let _alone = crate::endurance::alone();
    let lab = walled(servers);
    let search = Search::run(&lab.client, &["-v"]);
    assert_eq!(search.servers.len(), servers, "{}", search.said);
    assert!(wall::dropped(&lab.client) >= servers, "the firewall was in place");
    assert!(search.each("via").iter().all(|via| via == "neighbour"), "{:?}", search.each("via"));
    let calls = wall::called(&lab.client);
    assert!(calls <= 2 * servers, "{calls} calls to {servers} servers");
    assert_eq!(search.lines_with("ended (why: settled,"), 1, "{}", search.said);
    println!("{servers} servers: {calls} calls, {:?}", search.took);

    // They are neighbours of old now.
    let again = Search::run(&lab.client, &[]);
    assert_eq!(again.servers.len(), servers, "{}", again.said);

    for kind in ["known", "new"] {
        if kind == "new" {
            // Else no server asks for the client's link address, and none becomes its neighbour.
            let hosts = lab.servers.iter().map(|(host, _)| host).chain([&lab.client]);
            hosts.for_each(|host| drop(host.ip(&["neigh", "flush", "all"]).unwrap()));
        }
        // One that is found at the end of the timeout only shows.
        let first = Search::run(&lab.client, &["--one", "--timeout", "15s"]);
        assert_eq!(first.servers.len(), 1);
        println!("the first of {servers} {kind} ones after {:?}", first.took);
        assert!(first.took < Duration::from_secs(5), "{first:?}");
    }
}

#[test]
fn one_server_is_found_with_no_option() {
    finds_all(1);
}

#[test]
fn five_servers_are_found_with_no_option() {
    finds_all(5);
}

#[test]
fn two_hundred_servers_are_found_with_no_option() {
    finds_all(200);
}

#[test]
fn servers_are_found_beside_a_thousand_strangers_with_few_calls() {
    let lab = walled(2);
    lab.add_strangers(1000);
    let search = Search::run(&lab.client, &["--wait", "full", "--timeout", "3s"]);
    assert_eq!(search.servers.len(), 2, "{search:?}");
    let calls = wall::called(&lab.client);
    assert!((200..=256).contains(&calls), "{calls} calls");
    println!("a thousand strangers: {calls} calls");
}

#[test]
fn a_server_that_asks_nobody_is_not_found_and_nobody_else_is_called() {
    let mut lab = walled(1);
    let (server, _) = &lab.servers[0];
    let mac = lab.client.ip(&["-br", "link", "show", "dev", "eth0"]).unwrap();
    let mac = mac.split_whitespace().nth(2).unwrap();
    let entry =
        ["neigh", "replace", "10.0.15.250", "lladdr", mac, "dev", "eth0", "nud", "permanent"];
    server.ip(&entry).unwrap();
    lab.client.ip(&["neigh", "flush", "all"]).unwrap();
    let search = Search::run(&lab.client, &["--timeout", "1s"]);
    assert_eq!((search.status, search.servers.len()), (1, 0), "{search:?}");
    assert!(wall::dropped(&lab.client) > 0, "it has answered");
    assert_eq!(wall::called(&lab.client), 0);
    lab.servers.clear();
}

#[test]
fn without_a_firewall_nobody_is_called_twice_over() {
    let _alone = crate::endurance::alone();
    let lab = walled(5);
    lab.client.nft("add rule inet filter input accept").unwrap();
    let search = Search::run(&lab.client, &["-v"]);
    assert_eq!(search.each("via"), ["broadcast"; 5], "{search:?}");
    // A server whose answer takes over 50 ms is called once by its address.
    assert!(wall::called(&lab.client) <= 5, "{search:?}");
    assert_eq!(search.lines_with("ended (why: settled,"), 1, "{search:?}");
}

#[test]
fn the_rule_that_is_told_lets_answers_to_broadcasts_in() {
    let _alone = crate::endurance::alone();
    let lab = walled(2);
    let search = Search::run(&lab.client, &[]);
    assert_eq!(search.each("via"), ["neighbour"; 2]);
    let [line] = search.said.lines().collect::<Vec<_>>()[..] else {
        panic!("one line: {search:?}")
    };
    assert!(line.contains("answered only when called by address"), "{line}");
    let rule = line.split('`').nth(1).unwrap();
    assert_eq!(rule, "nft insert rule inet filter input udp sport 9999 accept");

    assert!(lab.client.command("sh").args(["-c", rule]).status().unwrap().success());
    let calls = wall::called(&lab.client);
    let search = Search::run(&lab.client, &[]);
    assert_eq!(search.each("via"), ["broadcast"; 2], "{search:?}");
    assert!(wall::called(&lab.client) <= calls + 2, "{search:?}");
    assert_eq!(search.lines_with("firewall"), 0, "{search:?}");
}
