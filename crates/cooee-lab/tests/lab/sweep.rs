//! Calling every address of a subnet that broadcasts do not reach.

use cooee_lab::netns::Lab;

use crate::programs::{find_one, serve};

#[test]
fn a_sweep_finds_a_server_behind_a_router() {
    let lab = Lab::new().unwrap();
    let (a, b) = (lab.segment("a").unwrap(), lab.segment("b").unwrap());
    let (server, client) = (lab.host("server").unwrap(), lab.host("client").unwrap());
    server.join(&a, "10.0.1.50/26").unwrap();
    client.join(&b, "10.0.2.3/24").unwrap();
    let _router = lab.router("router", &[(&a, "10.0.1.1/26"), (&b, "10.0.2.1/24")]).unwrap();
    server.default_route("10.0.1.1").unwrap();
    client.default_route("10.0.2.1").unwrap();
    let _server = serve(&server, &[]);
    let found = find_one(&client, &["--subnet", "10.0.1.0/26"]);
    assert_eq!(found["raw"], "SERVER_IP:10.0.1.50");
    assert_eq!(found["source"], "10.0.1.50:9999");
}
