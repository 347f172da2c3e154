//! Segments without IPv4, on which two links have one address.

use cooee_lab::netns::{Host, Lab, Segment};
use cooee_lab::scene::announcers::{Service, quiet_zeroconf};
use cooee_lab::scene::programs::Search;
use serde_json::json;

use crate::six::fetching::{fetch, web};

const TWICE: &str = "fe80::1";

/// Hosts with one link-local address, each on a segment of its own, and a client on both.
fn twins() -> ([Segment; 2], [Host; 2], Host) {
    let lab = Lab::new().unwrap();
    let (segments, client) =
        (["a", "b"].map(|name| lab.segment(name).unwrap()), lab.host("client").unwrap());
    let hosts = ["one", "two"].map(|name| lab.host(name).unwrap());
    for (host, segment) in hosts.iter().zip(&segments) {
        let link = host.plug(segment).unwrap();
        host.add_address(&link, &format!("{TWICE}/64")).unwrap();
        client.plug(segment).unwrap();
    }
    (segments, hosts, client)
}

#[test]
fn one_link_local_address_on_two_links_is_found_on_each_and_can_be_fetched() {
    let (_segments, hosts, client) = twins();
    let names = ["One", "Two"];
    let _peers: Vec<_> = hosts
        .iter()
        .zip(names)
        .map(|(host, name)| {
            web(host, 8000, name);
            let service = Service {
                kind: "_http._tcp",
                name: name.to_owned(),
                host: name,
                port: 8000,
                txt: json!({}),
            };
            quiet_zeroconf(host, &[TWICE], &[service])
        })
        .collect();
    let search = Search::run(&client, &["--service", "_http._tcp"]);
    assert_eq!(search.each("name"), names, "{search:#?}");
    for server in &search.servers {
        assert_eq!(server["ip"], TWICE);
        let interface = server["interface"].as_str().unwrap();
        let url = format!("http://[{TWICE}%25{interface}]:8000/");
        assert_eq!(server["url"], url, "{server:#}");
        assert_eq!(fetch(&client, &url), server["name"].as_str().unwrap());
    }
}
