use std::net::UdpSocket;

use crate::support::{free_port, run};

#[test]
fn it_finds_its_own_server() {
    let port = free_port().to_string();
    let done = run(&["demo", "--port", &port, "--message", "HI THERE"]);
    assert_eq!(done.code, Some(0), "{}{}", done.out, done.err);
    assert_eq!(done.err, "");
    let steps = ["answers on", "sends \"HI THERE\"", "heard", "found http://", "stopped: answered"];
    let mut rest = done.out.as_str();
    for step in steps {
        let at = rest.find(step).unwrap_or_else(|| panic!("no {step:?} in {}", done.out));
        rest = &rest[at..];
    }
    assert!(rest.contains(&format!("cooee find --port {port} --message \"HI THERE\"")), "{rest}");
}

#[test]
fn it_takes_another_port_when_its_own_is_taken() {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = socket.local_addr().unwrap().port().to_string();
    let done = run(&["demo", "--port", &port]);
    assert_eq!(done.code, Some(0), "{}{}", done.out, done.err);
    // Wine does not tell whose that is: the socket is not exclusive.
    let owner = if cfg!(windows) { "" } else { &format!("pid {}", std::process::id()) };
    let taken = format!("port {port} is taken by {owner}");
    assert!(done.out.contains(&taken), "{}", done.out);
    assert!(done.out.contains("using a free port instead"), "{}", done.out);
}
