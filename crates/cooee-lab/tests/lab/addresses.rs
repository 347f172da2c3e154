//! Which address the answer names, and which it leaves from.

use cooee_lab::netns::Lab;

use crate::programs::{DEADLINE, SERVER, cooee, find, find_one, pair, serve};

#[test]
fn without_a_default_route_the_answer_names_the_segments_address() {
    let lab = pair();
    let _server = serve(&lab.server, &[]);
    let found = find_one(&lab.client, &[]);
    assert_eq!(found["raw"], format!("SERVER_IP:{SERVER}"));
    assert_eq!(found["source"], format!("{SERVER}:9999"));
}

#[test]
fn each_asker_gets_the_address_on_its_own_segment_from_the_address_it_called() {
    let lab = Lab::new().unwrap();
    let (a, b, c) =
        (lab.segment("a").unwrap(), lab.segment("b").unwrap(), lab.segment("c").unwrap());
    let server = lab.host("server").unwrap();
    server.join(&a, "10.0.1.2/24").unwrap();
    let second = server.join(&b, "10.0.2.2/24").unwrap();
    server.add_address(&second, "10.0.3.2/24").unwrap();
    server.join(&c, "10.0.9.2/24").unwrap();
    // Leads away from both segments.
    server.default_route("10.0.9.1").unwrap();

    let hosts =
        [("on-a", &a, "10.0.1.9/24"), ("on-b", &b, "10.0.2.9/24"), ("on-b2", &b, "10.0.3.9/24")]
            .map(|(name, segment, address)| {
                let host = lab.host(name).unwrap();
                host.join(segment, address).unwrap();
                host
            });
    let _server = serve(&server, &[]);
    for (host, own) in hosts.iter().zip(["10.0.1.2", "10.0.2.2", "10.0.3.2"]) {
        let found = find_one(host, &[]);
        assert_eq!(found["raw"], format!("SERVER_IP:{own}"));
        assert_eq!(found["source"], format!("{own}:9999"), "a broadcast, answered from its link");
    }

    // Called by another of its addresses: the answer leaves from that one, and names the asker's.
    let on_b = &hosts[1];
    on_b.add_route("10.0.3.0/24", "10.0.2.2").unwrap();
    let (_, found) = find(on_b, &["--exclude-interface", "eth0", "--host", "10.0.3.2"]);
    assert_eq!(found[0]["raw"], "SERVER_IP:10.0.2.2");
    assert_eq!(found[0]["source"], "10.0.3.2:9999");
    let (_, found) = find(on_b, &["--exclude-interface", "eth0", "--host", "10.0.2.2"]);
    assert_eq!(found[0]["source"], "10.0.2.2:9999");
}

#[test]
fn a_routed_asker_gets_the_address_that_it_called() {
    let lab = Lab::new().unwrap();
    let (a, b) = (lab.segment("a").unwrap(), lab.segment("b").unwrap());
    let (server, client) = (lab.host("server").unwrap(), lab.host("client").unwrap());
    server.join(&a, "10.0.1.2/24").unwrap();
    client.join(&b, "10.0.2.3/24").unwrap();
    let _router = lab.router("router", &[(&a, "10.0.1.1/24"), (&b, "10.0.2.1/24")]).unwrap();
    server.default_route("10.0.1.1").unwrap();
    client.default_route("10.0.2.1").unwrap();

    let _server = serve(&server, &[]);
    let (status, found) = find(&client, &["--timeout", "300ms"]);
    assert_eq!((status, found.len()), (1, 0), "a broadcast does not cross a router");
    let found = find_one(&client, &["--host", "10.0.1.2"]);
    assert_eq!(found["raw"], "SERVER_IP:10.0.1.2");
}

#[test]
fn a_host_finds_its_own_server_with_and_without_a_network() {
    let lab = pair();
    let server = serve(&lab.server, &[]);
    assert_eq!(find_one(&lab.server, &[])["ip"], SERVER);
    drop(server);

    let alone = Lab::new().unwrap().host("alone").unwrap();
    let _server = serve(&alone, &[]);
    assert_eq!(find_one(&alone, &[])["ip"], "127.0.0.1");
}

#[test]
fn without_any_interface_find_says_so() {
    let alone = Lab::new().unwrap().host("alone").unwrap();
    let finished =
        alone.spawn(cooee(), ["find", "--exclude-interface", "lo"]).unwrap().finish(DEADLINE);
    let finished = finished.unwrap();
    assert_eq!(finished.status.code(), Some(3), "{finished:?}");
    assert!(finished.stderr.contains("no interface to search from"), "{finished:?}");
}
