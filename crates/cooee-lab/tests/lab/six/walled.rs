//! A client whose firewall lets in what belongs to a connection only, on a segment without IPv4: no
//! answer to the group comes through, and what answered is a neighbour.

use cooee_lab::netns::{Child, Host, Lab, Segment};
use cooee_lab::scene::programs::Search;

use crate::programs::serve;
use crate::wall;

struct Walled {
    _segment: Segment,
    client: Host,
    _servers: Vec<(Host, Child)>,
}

fn walled(servers: usize) -> Walled {
    let lab = Lab::new().unwrap();
    let (client, segment) = (lab.host("client").unwrap(), lab.segment("a").unwrap());
    client.plug(&segment).unwrap();
    wall::put_up(&client, "meta l4proto icmpv6 accept", "ip6 daddr != ff00::/8");
    let start = |n| {
        let host = lab.host(&format!("server{n}")).unwrap();
        host.plug(&segment).unwrap();
        let server = serve(&host, &[]);
        (host, server)
    };
    let servers = (0..servers).map(start).collect();
    Walled { _segment: segment, client, _servers: servers }
}

fn finds_all(servers: usize) {
    let lab = walled(servers);
    let search = Search::run(&lab.client, &["--no-memory", "-v"]);
    assert_eq!(search.servers.len(), servers, "{search:?}");
    assert!(wall::dropped(&lab.client) >= servers, "the firewall was in place");
    assert!(search.each("via").iter().all(|via| via == "neighbour"), "{search:?}");
    assert!(search.each("ip").iter().all(|ip| ip.starts_with("fe80::")), "{search:?}");
    let calls = wall::called(&lab.client);
    assert!(calls <= 2 * servers, "{calls} calls to {servers} servers");
    assert_eq!(search.lines_with("ended (why: settled,"), 1, "{search:?}");
    println!("{servers} servers: {calls} calls, {:?}", search.took);

    // They are neighbours of old now.
    let again = Search::run(&lab.client, &["--no-memory"]);
    assert_eq!(again.servers.len(), servers, "{again:?}");
}

#[test]
fn one_server_is_found_by_the_table_of_neighbours() {
    finds_all(1);
}

#[test]
fn five_servers_are_found_by_the_table_of_neighbours() {
    finds_all(5);
}

#[test]
fn servers_are_found_beside_a_thousand_strangers_with_few_calls() {
    let lab = walled(2);
    let entry = |n: usize| {
        format!("neigh add fe80::1:{n:x} lladdr 02:00:00:00:00:01 dev eth0 nud permanent\n")
    };
    lab.client.ip_batch(&(0..1000).map(entry).collect::<String>()).unwrap();
    let search = Search::run(&lab.client, &["--no-memory", "--wait", "full", "--timeout", "3s"]);
    assert_eq!(search.servers.len(), 2, "{search:?}");
    let calls = wall::called(&lab.client);
    assert!((200..=256).contains(&calls), "{calls} calls");
}
