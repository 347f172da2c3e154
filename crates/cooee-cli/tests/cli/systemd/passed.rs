use std::net::{TcpListener, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;

use super::manager::passing;
use crate::support::{Done, Running, free_port};

fn refusal(socket: impl Into<OwnedFd>, words: &[&str]) -> String {
    let done: Done = passing(socket, &[&["serve"], words].concat()).output().unwrap().into();
    assert_eq!(done.code, Some(2), "{}", done.err);
    done.err
}

#[test]
fn a_socket_of_the_wrong_kind_is_refused_with_the_fix() {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let address = listener.local_addr().unwrap();
    assert_eq!(
        refusal(listener, &["--port", &address.port().to_string()]),
        format!(
            "error: the socket that was passed as \"cooee.socket\" cannot be used: it is a TCP \
             socket on {address}, not a UDP socket for IPv4; set ListenDatagram=0.0.0.0:{} in the \
             socket unit\n",
            address.port()
        )
    );
    let (unix, _other) = UnixDatagram::pair().unwrap();
    let said = refusal(unix, &[]);
    assert!(said.contains("it is a unix socket, not a UDP socket for IPv4"), "{said}");
}

#[test]
fn a_bare_port_in_the_unit_gives_an_ipv6_socket() {
    // Not every host has IPv6.
    let Ok(socket) = UdpSocket::bind("[::]:0") else { return };
    let said = refusal(socket, &[]);
    assert!(said.contains("it is a UDP socket for IPv6 on [::]:"), "{said}");
    assert!(said.ends_with("set ListenDatagram=0.0.0.0:9999 in the socket unit\n"), "{said}");
}

#[test]
fn a_socket_on_another_port_or_address_is_refused_with_both_fixes() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let bound = socket.local_addr().unwrap();
    let port = bound.port().to_string();
    let said = refusal(socket.try_clone().unwrap(), &[]);
    assert!(
        said.ends_with(&format!(
            "it is bound to {bound}, but the port of this service is 9999; \
             set ListenDatagram=0.0.0.0:9999 in the socket unit, or give the service --port {port}\n"
        )),
        "{said}"
    );
    let said = refusal(socket, &["--port", &port, "--bind", "127.0.0.2"]);
    assert!(said.contains("it is bound to 127.0.0.1:"), "{said}");
    assert!(said.ends_with("in the socket unit, or leave out --bind\n"), "{said}");
}

#[test]
fn what_has_no_effect_is_said() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    let mut command = passing(socket, &["serve", "--stand-by", "--port", &port.to_string()]);
    let serve = Running::start(&mut command, port);
    assert!(serve.saw("broadcasts do not arrive on 127.0.0.1").is_some());
    assert!(serve.saw("--stand-by has no effect").is_some());
    assert!(serve.saw("answering on").is_some());
}

#[test]
fn two_sockets_or_none_there_are_refused() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    for (names, expected) in [
        (
            "a.socket:b.socket",
            "2 sockets were passed (a.socket, b.socket), but a service answers on one",
        ),
        ("a.socket", "the sockets of LISTEN_FDS cannot be used: invalid LISTEN_FDNAMES"),
    ] {
        let pass = r#"exec 3<&0 4<&0 0</dev/null; LISTEN_PID=$$ exec "$@""#;
        let mut command = crate::support::program("sh");
        command.args(["-c", pass, "sh", &crate::support::path(), "serve"]);
        command.env("LISTEN_FDS", "2").env("LISTEN_FDNAMES", names);
        command.stdin(std::process::Stdio::from(OwnedFd::from(socket.try_clone().unwrap())));
        let done: Done = command.output().unwrap().into();
        assert_eq!(done.code, Some(2), "{}", done.err);
        assert!(done.err.contains(expected), "{}", done.err);
    }
}

#[test]
fn a_socket_that_was_passed_to_another_process_is_left_alone() {
    let port = free_port();
    let mut command = crate::support::cooee(&["serve", "--port", &port.to_string()]);
    // All that systemd sets, as whoever is started by the one it was passed to inherits it.
    command.env("LISTEN_FDS", "1").env("LISTEN_PID", "1").env("LISTEN_FDNAMES", "a.socket");
    let serve = Running::start(&mut command, port);
    assert!(serve.saw(&format!("answering on 0.0.0.0:{port}")).is_some());
}
