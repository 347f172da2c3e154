//! The stock server and client from PyPI, in both directions.

use crate::programs::{
    Agreement, SERVER, STOCK, find_one, pair, serve, stock_discover, stock_discover_one,
    stock_server, stop,
};

const CUSTOM: Agreement<'static> =
    Agreement { port: "4545", message: "IST DA WER?", prefix: "JA: " };

#[test]
fn the_stock_client_finds_our_server() {
    let lab = pair();
    let server = serve(&lab.server, &[]);
    let found = stock_discover(&lab.client, STOCK);
    assert_eq!(found, [format!("{SERVER}|8000|SERVER_IP:{SERVER}")]);
    stop(server);
}

#[test]
fn the_stock_client_finds_our_server_with_a_service_port() {
    let lab = pair();
    let _server = serve(&lab.server, &["--service-port", "8123"]);
    let expected = [format!("{SERVER}|8123|SERVER_IP:{SERVER}:8123")];
    assert_eq!(stock_discover(&lab.client, STOCK), expected);
    assert_eq!(stock_discover_one(&lab.client, STOCK), expected);
}

#[test]
fn our_client_finds_the_stock_server() {
    let lab = pair();
    let _server = stock_server(&lab.server, STOCK);
    let found = find_one(&lab.client, &[]);
    // Without a default route the stock server believes to be 127.0.0.1.
    assert_eq!(found["raw"], "SERVER_IP:127.0.0.1");
    assert_eq!(found["ip"], SERVER);
    assert_eq!(found["claimed"], "127.0.0.1");
    assert_eq!(found["port"], 8000);
}

#[test]
fn our_client_finds_a_stock_server_that_knows_its_address() {
    let lab = pair();
    lab.server.default_route("10.0.1.1").unwrap();
    let _server = stock_server(&lab.server, STOCK);
    let found = find_one(&lab.client, &[]);
    assert_eq!(found["raw"], format!("SERVER_IP:{SERVER}"));
    assert_eq!(found["ip"], SERVER);
    assert_eq!(found["trust"], "none");
    assert_eq!(found.get("claimed"), None);
}

#[test]
fn other_ports_messages_and_prefixes_work_both_ways() {
    let lab = pair();
    let server = serve(&lab.server, &CUSTOM.options());
    assert_eq!(stock_discover(&lab.client, CUSTOM), [format!("{SERVER}|8000|JA: {SERVER}")]);
    assert_eq!(find_one(&lab.client, &CUSTOM.options())["ip"], SERVER);
    stop(server);

    let _server = stock_server(&lab.server, CUSTOM);
    assert_eq!(find_one(&lab.client, &CUSTOM.options())["ip"], SERVER);
    assert_eq!(stock_discover(&lab.client, STOCK), Vec::<String>::new());
}

#[test]
fn ours_finds_ours() {
    let lab = pair();
    let _server = serve(&lab.server, &["--service-port", "8123"]);
    let found = find_one(&lab.client, &["--one"]);
    assert_eq!(found["ip"], SERVER);
    assert_eq!(found["port"], 8123);
    assert_eq!(found["url"], format!("http://{SERVER}:8123/"));
    assert_eq!(found["source"], format!("{SERVER}:9999"));
    assert_eq!(found["interface"], "eth0");
    assert_eq!(found["protocol"], "classic");
}
