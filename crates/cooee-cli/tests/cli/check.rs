//! `find --check`.

use std::net::{TcpListener, UdpSocket};

use serde_json::Value;

use crate::support::{Running, find};

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    (listener, port)
}

#[test]
fn a_server_that_accepts_connections_is_printed_and_nothing_is_sent_to_it() {
    let (listener, port) = listener();
    let serve = Running::serve(&["--service-port", &port]);
    let done = find(serve.port, &["--one", "--check", "--format", "url"]);
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""));
    assert_eq!(done.out, format!("http://127.0.0.1:{port}/\n"));
    let (mut stream, _) = listener.accept().unwrap();
    let mut sent = Vec::new();
    std::io::Read::read_to_end(&mut stream, &mut sent).unwrap();
    assert_eq!(sent, b"");
}

#[test]
fn a_server_that_refuses_connections_is_marked_and_its_url_is_not_handed_out() {
    let (_, port) = listener();
    let serve = Running::serve(&["--service-port", &port]);
    let done = find(serve.port, &["--check"]);
    assert_eq!(done.code, Some(1), "{done:?}");
    let row = done.out.lines().nth(1).unwrap();
    assert!(row.ends_with(&format!("(this host)  (127.0.0.1:{port} refuses TCP)")), "{row}");
    assert!(done.err.contains("1 server answered, but accepted no TCP connection"), "{}", done.err);

    let done = find(serve.port, &["--check", "--format", "json"]);
    let servers: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!((done.code, &servers[0]["checked"][0]["state"]), (Some(1), &"refused".into()));

    for format in ["url", "table", "ndjson"] {
        let words = ["--check", "--one", "--format", format, "--timeout", "1s"];
        let done = find(serve.port, &words);
        assert_eq!((done.code, done.out.as_str()), (Some(1), ""), "{done:?}");
        assert!(done.err.contains("see the addresses with `cooee find --check`"), "{}", done.err);
    }
    let done = find(serve.port, &["--check", "--format", "url"]);
    assert_eq!((done.code, done.out.as_str()), (Some(1), ""), "{done:?}");
}

#[test]
fn without_the_option_nothing_is_connected_to() {
    let (listener, port) = listener();
    let serve = Running::serve(&["--service-port", &port]);
    let done = find(serve.port, &["--one", "--format", "ndjson"]);
    let server: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!((done.code, server.get("checked")), (Some(0), None));
    listener.set_nonblocking(true).unwrap();
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn the_address_that_accepted_a_connection_is_the_one_that_is_printed() {
    let (_listener, port) = listener();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = socket.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((_, from)) = socket.recv_from(&mut [0; 64]) {
            socket.send_to(format!("SERVER_IP:203.0.113.9:{port}").as_bytes(), from).unwrap();
        }
    });
    let done = find(at, &["--one", "--check"]);
    let row = done.out.lines().nth(1).unwrap();
    assert!(row.starts_with("127.0.0.1:") && row.contains("(named 203.0.113.9:"), "{row}");
    assert!(row.contains("TCP"), "the other address is marked: {row}");
}
