//! Services of any type, by their own programs.

use cooee_lab::scene::announcers::{Avahi, Service, zeroconf};
use cooee_lab::scene::programs::{SERVER, Search, pair};
use serde_json::json;

use super::of;

#[test]
fn services_of_python_zeroconf_are_listed_with_names_and_txt() {
    let net = pair();
    let service = |name: &str, port| Service {
        kind: "_ipp._tcp",
        name: name.to_owned(),
        host: "peer",
        port,
        txt: json!({"path": "/", "Secure": null, "note": "Büro"}),
    };
    let services = [service("Laser", 631), service("Dr. Who's Büro (2) \u{202e}x", 632)];
    let _peer = zeroconf(&net.server, &[SERVER], &services);
    let search = Search::run(&net.client, &["--service", "_ipp._tcp"]);
    assert_eq!((search.status, search.servers.len()), (0, 2), "{search:#?}");
    for service in &services {
        let server = of(&search.servers, &service.name);
        assert_eq!(server["ip"], SERVER, "{server:#}");
        assert_eq!(server["port"], service.port);
        assert_eq!(server["hostname"], "peer.local");
        assert_eq!(server["txt"], service.txt);
        assert_eq!(server["services"], json!([{"type": "_ipp._tcp", "port": service.port}]));
        assert_eq!((&server["via"], &server["protocol"]), (&json!("mdns"), &json!("dns-sd")));
        assert_eq!(server["interface"], "eth0");
    }
    let table = net
        .client
        .spawn(cooee_lab::scene::programs::cooee(), ["find", "--service", "ipp", "--long"]);
    let table = table.unwrap().finish(cooee_lab::scene::programs::DEADLINE).unwrap().stdout;
    assert!(table.contains("\\u{202e}x") && !table.contains('\u{202e}'), "{table:?}");
    assert!(table.contains("note=Büro") && table.contains("peer.local"), "{table}");
}

#[test]
fn services_of_avahi_are_listed_over_both_families() {
    let net = pair();
    let inside = "<service><type>_http._tcp</type><port>8000</port>\
                  <txt-record>path=/a</txt-record></service>";
    let _avahi = Avahi::start(&net.server, &[("Shop. Floor", inside), ("Büro", inside)]).unwrap();
    let search = Search::run(&net.client, &["--service", "_http._tcp"]);
    assert_eq!((search.status, search.servers.len()), (0, 2), "{search:#?}");
    for name in ["Shop. Floor", "Büro"] {
        let server = of(&search.servers, name);
        assert_eq!((&server["ip"], &server["txt"]["path"]), (&json!(SERVER), &json!("/a")));
        let addresses = server["addresses"].as_array().unwrap();
        assert!(addresses.iter().any(|it| it.as_str().unwrap().starts_with("fe80:")), "{server:#}");
    }
}

#[test]
fn nothing_of_a_type_says_so() {
    let net = pair();
    let search = Search::run(&net.client, &["--service", "_ipp._tcp", "--timeout", "1s"]);
    assert_eq!(search.status, 1, "{search:?}");
    assert_eq!(search.lines_with("nothing of _ipp._tcp is announced"), 1, "{search:?}");
}
