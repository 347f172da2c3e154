//! The units for systemd, judged by its own tools, and what `cooee serve` asks of the kernel, held
//! against what they permit.

mod trace;
mod unit;

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;

use cooee_lab::netns::{Child, Host, Lab, Signal};

use crate::programs::{DEADLINE, cooee, find, find_one, pair, serve};
use trace::Trace;
use unit::{Unit, run};

/// `systemd-analyze security` names exposure from 0 to 10; what is above this fails.
const EXPOSURE_MAX: &str = "20";

#[test]
fn the_service_is_hardly_exposed() {
    let service = Unit::named("cooee.service");
    let threshold = format!("--threshold={EXPOSURE_MAX}");
    run(
        "systemd-analyze",
        &["security", "--offline=yes", "--no-pager", &threshold, service.path()],
    );
}

#[test]
fn the_units_are_correct() {
    // The command is where the test has it, not where it is installed.
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("units");
    std::fs::create_dir_all(&directory).unwrap();
    let copies = ["cooee.service", "cooee.socket"].map(|name| {
        let text = Unit::named(name).text.replace("/usr/bin/cooee", cooee().to_str().unwrap());
        let copy = directory.join(name);
        std::fs::write(&copy, text).unwrap();
        copy.to_str().unwrap().to_owned()
    });
    let said = run("systemd-analyze", &["verify", "--man=no", &copies[0], &copies[1]]);
    assert_eq!(said, "");
}

/// `cooee serve` under strace, whose words come with its own; the process is that of `cooee`.
fn traced(host: &Host, before: &[&str], arguments: &[&str]) -> Child {
    let cooee = cooee();
    let strace = ["strace", "-f", "-D", "-qq", "-o", "/dev/stderr"];
    let serve = [cooee.to_str().unwrap(), "serve", "-v"];
    let words = [before, &strace, &serve, arguments].concat();
    host.spawn(words[0], &words[1..]).unwrap()
}

fn trace_of(child: Child) -> Trace {
    let finished = child.finish(DEADLINE).unwrap();
    Trace::read(&finished.stderr)
}

#[test]
fn the_service_is_permitted_what_it_does() {
    let lab = pair();
    let mut traces = Vec::new();

    // It stands by, takes over, meets changes and strangers, and is told to stop.
    let mut first = serve(&lab.server, &[]);
    traces.push(trace_of(traced(&lab.server, &[], &[])));
    let mut server = traced(&lab.server, &[], &["--stand-by"]);
    server.stderr_line_with("standing by", DEADLINE).unwrap();
    first.signal(Signal::SIGTERM).unwrap();
    server.stderr_line_with("took over", DEADLINE).unwrap();
    find_one(&lab.client, &["--one"]);
    lab.server.replace_address("eth0", "10.0.1.2/24", "10.0.1.77/24").unwrap();
    find_one(&lab.client, &["--one"]);
    let stranger = Lab::new().unwrap().host("stranger").unwrap();
    stranger.join(&lab.segment, "10.99.0.2/24").unwrap();
    find(&stranger, &["--timeout", "300ms"]);
    server.signal(Signal::SIGTERM).unwrap();
    traces.push(trace_of(server));

    // systemd passes a socket, and listens.
    let manager = lab.server.enter(|| {
        let address = SocketAddr::from_abstract_name("manager").unwrap();
        UnixDatagram::bind_addr(&address).unwrap()
    });
    manager.set_read_timeout(Some(DEADLINE)).unwrap();
    let told = |expected: &str| {
        let mut message = [0; 512];
        let length = manager.recv(&mut message).unwrap();
        let message = String::from_utf8_lossy(&message[..length]);
        assert!(message.starts_with(expected), "{message}");
    };
    let pass = [
        "systemd-socket-activate",
        "--datagram",
        "--listen=0.0.0.0:9999",
        "-ENOTIFY_SOCKET=@manager",
        "-EWATCHDOG_USEC=500000",
    ];
    let mut server = traced(&lab.server, &pass, &[]);
    server.stderr_line_with("Listening on", DEADLINE).unwrap();
    find_one(&lab.client, &["--one"]);
    told("READY=1");
    told("WATCHDOG=1");
    server.signal(Signal::SIGTERM).unwrap();
    traces.push(trace_of(server));

    let service = Unit::named("cooee.service");
    let (calls, families) = (service.permitted_calls(), service.permitted_families());
    for trace in &traces {
        assert!(trace.calls.contains("exit_group"), "it was seen to its end: {trace:?}");
        let refused: Vec<_> = trace.calls.difference(&calls).collect();
        assert!(refused.is_empty(), "SystemCallFilter= refuses {refused:?}");
        let refused: Vec<_> = trace.families.difference(&families).collect();
        assert!(refused.is_empty(), "RestrictAddressFamilies= refuses {refused:?}");
        assert!(!trace.makes_code, "MemoryDenyWriteExecute= refuses writable code");
    }
    let used: Vec<_> = traces.iter().flat_map(|trace| &trace.families).collect();
    for family in &families {
        assert!(used.contains(&family), "nobody needs {family}");
    }
}
