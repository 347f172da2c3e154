//! A server behind network address translation, which names an address of its own network.

use std::io::{Read, Write};
use std::net::TcpStream;

use cooee_lab::netns::{Child, Host, Lab, Segment};
use cooee_lab::scene::programs::Search;

use crate::programs::{DEADLINE, cooee, serve};

pub(super) const ROUTER: &str = "192.168.1.10";
pub(super) const NAMED: &str = "172.17.0.2";

/// A server in a container: the host of the container forwards the ports to it.
pub(super) struct Container {
    _networks: [Segment; 2],
    pub(super) inside: Host,
    pub(super) router: Host,
    pub(super) client: Host,
}

/// The client has a default route, as clients have, and it leads where the container is not.
pub(super) fn container() -> Container {
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
pub(super) fn web(host: &Host) -> Child {
    let code = "import http.server as h; s = h.ThreadingHTTPServer(('', 8000), \
                h.SimpleHTTPRequestHandler); print('ready', flush=True); s.serve_forever()";
    let mut web = host.spawn("python3", ["-c", code]).unwrap();
    web.stdout_line_with("ready", DEADLINE).unwrap();
    web
}

/// The first line of what the URL gives.
pub(super) fn fetched(host: &Host, url: &str) -> String {
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
