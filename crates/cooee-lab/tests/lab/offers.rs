//! One process answers for the services of others, as long as they live and may.

use cooee_core::{Offer, OfferRequest};
use cooee_lab::netns::{Child, Host, Signal};

use crate::ownership::{ANOTHER, found_until, start_serve_as};
use crate::programs::{DEADLINE, SERVER, find, pair, serve, start_serve, stock_discover, stop};

/// `cooee serve --stand-by` as another user.
fn stand_by_as_another(host: &Host, service_port: &str) -> Child {
    start_serve_as(ANOTHER, host, &["--stand-by", "--service-port", service_port])
}

#[test]
fn stock_clients_see_every_service_of_a_host() {
    let lab = pair();
    let first = serve(&lab.server, &["--service-port", "8001"]);
    let second = start_serve(&lab.server, &["--service-port", "8002"]);
    found_until(&lab.client, &[8001, 8002]);
    let mut found = stock_discover(&lab.client, crate::programs::STOCK);
    found.sort();
    let expected =
        ["8001", "8002"].map(|port| format!("{SERVER}|{port}|SERVER_IP:{SERVER}:{port}"));
    assert_eq!(found, expected);
    stop(second);
    found_until(&lab.client, &[8001]);
    stop(first);
}

#[test]
fn offers_of_another_user_are_refused_with_the_reason() {
    let lab = pair();
    let _owner = serve(&lab.server, &["--service-port", "8001"]);
    let mut other = stand_by_as_another(&lab.server, "8002");
    let said = other.stderr_line_with("not answered for", DEADLINE).unwrap();
    assert!(said.contains("--offers-from"), "{said}");
    found_until(&lab.client, &[8001]);
}

#[test]
fn offers_of_a_group_are_taken_when_it_is_named() {
    let lab = pair();
    let owner =
        serve(&lab.server, &["--service-port", "8001", "--offers-from", &ANOTHER.to_string()]);
    let mut other = stand_by_as_another(&lab.server, "8002");
    other.stderr_line_with("answered for", DEADLINE).unwrap();
    found_until(&lab.client, &[8001, 8002]);
    // It takes over: the port is nobody's.
    stop(owner);
    other.stderr_line_with("took over", DEADLINE).unwrap();
    found_until(&lab.client, &[8002]);
}

#[test]
fn an_owner_of_another_user_answers_for_root() {
    let lab = pair();
    let mut owner = stand_by_as_another(&lab.server, "8001");
    owner.stderr_line_with("answering on", DEADLINE).unwrap();
    let mut root = start_serve(&lab.server, &["--service-port", "8002", "--stand-by"]);
    root.stderr_line_with("answered for", DEADLINE).unwrap();
    found_until(&lab.client, &[8001, 8002]);
    owner.signal(Signal::SIGKILL).unwrap();
    root.stderr_line_with("took over", DEADLINE).unwrap();
    found_until(&lab.client, &[8002]);
}

/// Offers, forks, and waits to be killed; the child lives on with the connection.
const FORKS: &str = r#"
import os, signal, socket, sys
guard = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
guard.connect("\0cooee/udp/0.0.0.0:9999")
guard.send(bytes.fromhex(sys.argv[1]))
guard.recv(100)
if os.fork() == 0:
    print("child", flush=True)
    guard.recv(100)
    os._exit(0)
signal.pause()
"#;

#[test]
fn a_child_with_the_connection_keeps_no_offer_alive() {
    let lab = pair();
    let owner = serve(&lab.server, &["--service-port", "8001"]);
    let offer = Offer { service_port: Some(8002), ..Offer::default() };
    let request = OfferRequest::Offer(vec![offer]).encode().unwrap();
    let hex: String = request.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut offerer = lab.server.spawn("python3", ["-c", FORKS, &hex]).unwrap();
    offerer.stdout_line_with("child", DEADLINE).unwrap();
    found_until(&lab.client, &[8001, 8002]);
    offerer.signal(Signal::SIGKILL).unwrap();
    found_until(&lab.client, &[8001]);
    stop(owner);
}

/// As another user, connects and leaves, as fast as it can.
const CONNECTS: &str = r#"
import os, socket, sys
os.setgroups([])
os.setgid(int(sys.argv[1]))
os.setuid(int(sys.argv[1]))
print("begins", flush=True)
while True:
    guard = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    guard.setblocking(False)
    try:
        guard.connect("\0cooee/udp/0.0.0.0:9999")
    except OSError:
        pass
    guard.close()
"#;

#[test]
fn another_user_who_connects_again_and_again_keeps_nobody_from_an_answer() {
    let lab = pair();
    let owner = serve(&lab.server, &["--service-port", "8001"]);
    let user = ANOTHER.to_string();
    let _floods: Vec<Child> = (0..2)
        .map(|_| {
            let mut flood = lab.server.spawn("python3", ["-c", CONNECTS, &user]).unwrap();
            flood.stdout_line_with("begins", DEADLINE).unwrap();
            flood
        })
        .collect();
    for _ in 0..20 {
        let (status, servers) = find(&lab.client, &["--one", "--timeout", "5s"]);
        assert_eq!((status, servers.len()), (0, 1));
    }
    stop(owner);
}
