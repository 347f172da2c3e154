//! On each link, with the addresses of that link.

use std::time::Instant;

use cooee_lab::netns::{Lab, eventually};
use cooee_lab::scene::avahi::{beside_avahi, browse, output};

use super::{link_local, named};
use crate::programs::{DEADLINE, SERVER, Search, pair, serve, stop};

#[test]
fn avahi_and_the_resolver_find_a_server_by_its_name_on_each_of_its_links() {
    let lab = Lab::new().unwrap();
    let segments = ["a", "b"].map(|name| lab.segment(name).unwrap());
    let server = lab.host("server").unwrap();
    for (n, segment) in segments.iter().enumerate() {
        server.join(segment, &format!("10.0.{n}.2/24")).unwrap();
    }
    let named = named(&server, "Ärzte Büro", &["--txt", "path=/shop", "--txt", "list=a,b"]);
    for (n, segment) in segments.iter().enumerate() {
        let client = lab.host(&format!("client{n}")).unwrap();
        client.join(segment, &format!("10.0.{n}.3/24")).unwrap();
        let mut found = browse(&client, "_http._tcp");
        found.sort();
        // avahi escapes what is not of ASCII's letters and digits.
        let instance = r"\195\132rzte\032B\195\188ro;Web Site;local;arzte-buro.local";
        let v6 = link_local(&server, &format!("eth{n}"));
        let expected = [("IPv4", format!("10.0.{n}.2")), ("IPv6", v6.to_string())]
            .map(|(ip, at)| format!(r#"eth0;{ip};{instance};{at};8000;"list=a,b" "path=/shop""#));
        assert_eq!(found, expected);
        let resolved = output(&client, &["getent", "ahostsv4", "arzte-buro.local"]);
        assert!(resolved.starts_with(&format!("10.0.{n}.2 ")), "{resolved:?}");
        let marked = browse(&client, "_cooee._udp");
        assert_eq!(marked.len(), 2, "{marked:?}");
        for part in [";9999;", "\"service=_http._tcp:8000\"", "\"version=", "\"instance="] {
            assert!(marked.iter().all(|line| line.contains(part)), "{part}: {marked:?}");
        }
    }
    stop(named);
}

#[test]
fn nothing_is_announced_without_a_name() {
    let lab = pair();
    let server = serve(&lab.server, &["--service-port", "8000"]);
    // The sockets of port 5353 would be there before it says that it answers.
    for table in ["udp", "udp6"] {
        let sockets =
            std::fs::read_to_string(format!("/proc/{}/net/{table}", server.pid())).unwrap();
        assert!(!sockets.contains(":14E9 "), "{sockets}");
    }
    stop(server);
}

#[test]
fn other_addresses_are_announced_within_two_seconds() {
    let lab = pair();
    let named = named(&lab.server, "Workshop", &[]);
    // A cache that has the old address.
    let mut cache = beside_avahi(
        &lab.client,
        "",
        &["sh", "-c", "while getent ahostsv4 workshop.local; do :; done"],
    );
    cache.stdout_line_with(SERVER, DEADLINE).unwrap();
    lab.server.replace_address("eth0", &format!("{SERVER}/24"), "10.0.1.77/24").unwrap();
    let began = Instant::now();
    cache.stdout_line_with("10.0.1.77", DEADLINE).unwrap();
    let took = began.elapsed();
    println!("an address changed, and a resolver knew after {took:?}");
    assert!(took.as_secs() < 5, "{took:?}");
    stop(named);
}

#[test]
fn a_segment_of_ipv6_alone_has_the_name_too() {
    let lab = Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let (server, client) = (lab.host("server").unwrap(), lab.host("client").unwrap());
    server.plug(&segment).unwrap();
    client.plug(&segment).unwrap();
    let named = named(&server, "Workshop", &[]);
    let v6 = link_local(&server, "eth0");
    let expected = format!("eth0;IPv6;Workshop;Web Site;local;workshop.local;{v6};8000;");
    assert_eq!(browse(&client, "_http._tcp"), [expected]);
    stop(named);
}

#[test]
fn an_interface_that_comes_later_is_announced_on() {
    let lab = Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let (server, client) = (lab.host("server").unwrap(), lab.host("client").unwrap());
    client.join(&segment, "10.0.1.3/24").unwrap();
    let mut named = serve(&server, &["--name", "Workshop"]);
    server.join(&segment, "10.0.1.2/24").unwrap();
    named.stderr_line_with("announced as", DEADLINE).unwrap();
    let found =
        eventually(DEADLINE, || Some(browse(&client, "_http._tcp")).filter(|it| it.len() == 2));
    assert!(found.is_some());
    stop(named);
}

#[test]
fn a_service_that_listens_on_two_addresses_of_three_is_announced_at_those() {
    let lab = pair();
    for more in ["10.0.1.22/24", "10.0.1.23/24"] {
        lab.server.add_address("eth0", more).unwrap();
    }
    let listens = "import socket, time; \
                   sites = [socket.create_server((at, 8000)) for at in ('10.0.1.22', '10.0.1.23')]; \
                   print('listens', flush=True); time.sleep(600)";
    let mut site = lab.server.spawn("python3", ["-c", listens]).unwrap();
    site.stdout_line_with("listens", DEADLINE).unwrap();
    let named = named(&lab.server, "Workshop", &["--require-listener"]);
    let found = Search::run(&lab.client, &["--service", "_http._tcp"]);
    assert_eq!(found.each("addresses"), [r#"["10.0.1.22","10.0.1.23"]"#]);
    stop(named);
}
