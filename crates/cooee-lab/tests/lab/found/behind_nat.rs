//! A server behind network address translation, which names an address of its own network.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use cooee_lab::netns::{Child, Host, Lab, Segment};
use cooee_lab::scene::programs::Search;

use crate::programs::{DEADLINE, cooee, serve};

const ROUTER: &str = "192.168.1.10";
const NAMED: &str = "172.17.0.2";

/// A server in a container: the host of the container forwards the ports to it.
struct Container {
    _networks: [Segment; 2],
    inside: Host,
    router: Host,
    client: Host,
}

/// The client has a default route, as clients have, and it leads where the container is not.
fn container() -> Container {
    let lab = Lab::new().unwrap();
    let (bridge, lan) = (lab.segment("bridge").unwrap(), lab.segment("lan").unwrap());
    let (inside, client) = (lab.host("inside").unwrap(), lab.host("client").unwrap());
    inside.join(&bridge, &format!("{NAMED}/16")).unwrap();
    inside.default_route("172.17.0.1").unwrap();
    client.join(&lan, "192.168.1.20/24").unwrap();
    client.default_route("192.168.1.1").unwrap();
    let sides = [(&bridge, "172.17.0.1/16"), (&lan, &*format!("{ROUTER}/24"))];
    let router = lab.router("router", &sides).unwrap();
    router
        .nft(&format!(
            "table ip nat {{ chain pre {{ type nat hook prerouting priority -100; \
             ip daddr {ROUTER} udp dport 9999 dnat to {NAMED}; \
             ip daddr {ROUTER} tcp dport 8000 dnat to {NAMED}; }}; \
             chain post {{ type nat hook postrouting priority 100; \
             ip saddr 172.17.0.0/16 oifname eth1 masquerade; }}; }}"
        ))
        .unwrap();
    Container { _networks: [bridge, lan], inside, router, client }
}

/// A web server on port 8000.
fn web(host: &Host) -> Child {
    let code = "import http.server as h; s = h.ThreadingHTTPServer(('', 8000), \
                h.SimpleHTTPRequestHandler); print('ready', flush=True); s.serve_forever()";
    let mut web = host.spawn("python3", ["-c", code]).unwrap();
    web.stdout_line_with("ready", DEADLINE).unwrap();
    web
}

/// The first line of what the URL gives.
fn fetched(host: &Host, url: &str) -> String {
    let authority = url.trim().strip_prefix("http://").unwrap().trim_end_matches('/');
    let address: std::net::SocketAddr = authority.parse().unwrap();
    host.enter(|| {
        let mut stream = TcpStream::connect_timeout(&address, DEADLINE).unwrap();
        stream.write_all(b"HEAD / HTTP/1.0\r\n\r\n").unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply.lines().next().unwrap_or_default().to_owned()
    })
}

#[test]
fn the_url_of_a_server_behind_translation_can_be_fetched() {
    let net = container();
    let (_server, _web) = (serve(&net.inside, &[]), web(&net.inside));
    let to = ["find", "--host", ROUTER, "--one"];
    let run = |more: &[&str]| {
        net.client.spawn(cooee(), [&to, more].concat()).unwrap().finish(DEADLINE).unwrap()
    };
    let found = run(&["--format", "url"]);
    assert_eq!(found.stdout, format!("http://{ROUTER}:8000/\n"), "{found:?}");
    let status = fetched(&net.client, &found.stdout);
    assert!(status.contains(" 200 "), "{status}");

    let table = run(&[]).stdout;
    let row = table.lines().nth(1).unwrap();
    assert!(row.starts_with(&format!("{ROUTER}:8000 ")), "{table}");
    assert!(row.contains(&format!("(named {NAMED}, probably not reachable from here;")), "{table}");

    let search = Search::run(&net.client, &["--host", ROUTER]);
    assert_eq!(search.each("ip"), [NAMED], "{search:?}");
    assert_eq!(search.each("reach"), ["default-route"]);
    assert_eq!(search.each("url"), [format!("http://{ROUTER}:8000/")]);
    assert_eq!(search.each("named_url"), [format!("http://{NAMED}:8000/")]);
}

#[test]
fn an_address_that_a_route_of_the_clients_leads_to_comes_first_as_it_is() {
    let net = container();
    let (_server, _web) = (serve(&net.inside, &[]), web(&net.inside));
    for (route, reach) in [("172.17.0.0/16", "routed"), ("172.16.0.0/12", "routed")] {
        net.client.add_route(route, ROUTER).unwrap();
        let search = Search::run(&net.client, &["--host", ROUTER]);
        assert_eq!(search.each("reach"), [reach], "{search:?}");
        assert_eq!(search.each("url"), [format!("http://{NAMED}:8000/")]);
        assert_eq!(search.each("named_url"), ["null"]);
        assert!(fetched(&net.client, &search.each("url")[0]).contains(" 200 "));
        net.client.ip(&["route", "del", route]).unwrap();
    }
    // As VPNs write the default route.
    for half in ["0.0.0.0/1", "128.0.0.0/1"] {
        net.client.add_route(half, "192.168.1.1").unwrap();
    }
    let search = Search::run(&net.client, &["--host", ROUTER]);
    assert_eq!(search.each("reach"), ["default-route"], "{search:?}");
    net.client.ip(&["route", "flush", "root", "0.0.0.0/0", "via", "192.168.1.1"]).unwrap();
    let search = Search::run(&net.client, &["--host", ROUTER]);
    assert_eq!(search.each("reach"), ["none"], "{search:?}");
    assert_eq!(search.each("url"), [format!("http://{ROUTER}:8000/")]);
}

/// The client has a route to the container, and the router lets nobody use it: the address that is
/// listed first is dead, the sender's is live.
fn dead_and_live() -> (Container, [Child; 2]) {
    let net = container();
    net.client.add_route("172.17.0.0/16", ROUTER).unwrap();
    // What was not forwarded by translation was sent there.
    let filter = format!(
        "table ip filter {{ chain f {{ type filter hook forward priority 0; \
         tcp dport 8000 ct original ip daddr {NAMED} drop; }}; }}"
    );
    net.router.nft(&filter).unwrap();
    let running = [serve(&net.inside, &[]), web(&net.inside)];
    (net, running)
}

#[test]
fn a_live_address_is_printed_before_a_dead_one_that_was_listed_first() {
    let (net, _running) = dead_and_live();
    let search = Search::run(&net.client, &["--host", ROUTER, "--one"]);
    assert_eq!(search.each("url"), [format!("http://{NAMED}:8000/")], "unchecked: {search:?}");

    let began = Instant::now();
    let words = ["find", "--host", ROUTER, "--one", "--check", "--format", "url"];
    let found = net.client.spawn(cooee(), words).unwrap().finish(DEADLINE).unwrap();
    let took = began.elapsed();
    println!("a live address is printed after {} ms, the process included", took.as_millis());
    assert_eq!(found.stdout, format!("http://{ROUTER}:8000/\n"), "{found:?}");
    assert!(fetched(&net.client, &found.stdout).contains(" 200 "));
    // The dead one takes a second to give up; to start the process takes as long without the check.
    assert!(took < search.took + Duration::from_millis(900), "{took:?}");
}

#[test]
fn a_dead_address_is_marked() {
    let (net, _running) = dead_and_live();
    let search = Search::run(&net.client, &["--host", ROUTER, "--check"]);
    let [server] = &search.servers[..] else { panic!("one server: {search:?}") };
    let state = |n: usize| [&server["checked"][n]["address"], &server["checked"][n]["state"]];
    assert_eq!(state(0), [&format!("{ROUTER}:8000"), "open"], "{search:?}");
    assert_eq!(state(1), [&format!("{NAMED}:8000"), "timeout"], "{search:?}");
    assert_eq!(server["url"], format!("http://{ROUTER}:8000/"));
    assert_eq!(server["named_url"], format!("http://{NAMED}:8000/"));
    assert_eq!(search.status, 0);
    let ms = server["checked"][0]["ms"].as_f64().unwrap();
    println!("the live address took {ms} ms");

    let words = ["find", "--host", ROUTER, "--check"];
    let table = net.client.spawn(cooee(), words).unwrap().finish(DEADLINE).unwrap();
    let mark = format!("(named {NAMED}:8000)  (no TCP from {NAMED}:8000 yet)");
    assert!(table.stdout.contains(&mark), "{table:?}");
}
