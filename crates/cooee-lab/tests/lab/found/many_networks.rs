//! A host with more networks than a client calls on.

use std::time::Instant;

use cooee_lab::netns::Host;
use cooee_lab::scene::programs::Search;
use cooee_lab::scene::scripted::{heard, listen};

use crate::programs::{DEADLINE, SERVER, pair, serve};

const NETWORKS: u32 = 1100;

/// Networks on a cable that leads nowhere.
fn add_networks(host: &Host) {
    let mut script =
        "link add far0 type veth peer name far1\nlink set far0 up\nlink set far1 up\n".to_owned();
    for n in 0..NETWORKS {
        let (third, fourth) = (n / 64, n % 64 * 4 + 1);
        script += &format!("addr add 10.99.{third}.{fourth}/30 broadcast + dev far0\n");
    }
    host.ip_batch(&script).unwrap();
}

#[test]
fn a_client_with_a_thousand_networks_calls_on_some_of_them_and_named_hosts() {
    let lab = pair();
    add_networks(&lab.client);
    let plain = Search::run(&lab.client, &["--timeout", "600ms"]);
    assert_eq!((plain.status, plain.lines_with("are not probed, since")), (1, 1), "{plain:?}");

    let _server = serve(&lab.server, &[]);
    let arguments = ["--interface", "far0", "--host", SERVER];
    let named = Search::run(&lab.client, &arguments);
    assert_eq!((named.status, named.each("ip")), (0, vec![SERVER.to_owned()]), "{named:?}");
}

#[test]
fn networks_that_come_up_during_a_call_do_not_push_named_hosts_out() {
    let lab = pair();
    let ear = listen(&lab.server);
    let began = Instant::now();
    let arguments = ["--exclude-interface", "eth0", "--host", SERVER, "--wait", "full"];
    let client = Search::start(&lab.client, &arguments);
    ear.recv(&mut [0; 64]).unwrap();
    add_networks(&lab.client);
    heard(&ear);
    let search = Search::of(client.finish(DEADLINE).unwrap(), began);
    assert_eq!((search.status, search.lines_with("no answer from")), (1, 1), "{search:?}");
    assert!(heard(&ear) >= 2, "{search:?}");
}
