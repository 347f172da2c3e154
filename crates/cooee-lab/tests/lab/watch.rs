//! `cooee watch`: servers that come, change and go.

use std::time::{Duration, Instant};

use cooee_lab::netns::{Child, Host, Lab, Signal};
use serde_json::Value;

use crate::conforms::Schema;
use crate::programs::{DEADLINE, Pair, SERVER, cooee, pair, program, serve, stop};

/// A live view, whose every event has to be what the schema says.
struct View(Child, Schema);

impl View {
    fn begin(host: &Host, arguments: &[&str]) -> Self {
        let watch = include_str!("../../../../docs/watch.schema.json");
        let find = include_str!("../../../../docs/find.schema.json");
        let schema = Schema::of(watch, &[("find.schema.json", find)]);
        Self(host.spawn(cooee(), [&["watch"], arguments].concat()).unwrap(), schema)
    }

    fn next(&mut self) -> Value {
        let line = self.0.stdout_line(DEADLINE).unwrap();
        let event = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(self.1.objections(&event), [""; 0], "{event}");
        event
    }

    /// The next event, which has to be of this kind and about this address.
    fn expect(&mut self, event: &str, ip: &str) -> Value {
        let next = self.next();
        assert_eq!(
            (next["event"].as_str(), next["server"]["ip"].as_str()),
            (Some(event), Some(ip))
        );
        next
    }

    fn end(mut self) {
        self.0.signal(Signal::SIGINT).unwrap();
        let finished = self.0.finish(DEADLINE).unwrap();
        assert_eq!(finished.status.code(), Some(0), "{finished:?}");
        assert_eq!(finished.stderr, "");
    }
}

#[test]
fn a_killed_server_is_gone_since_its_host_says_so() {
    let lab = pair();
    let mut server = serve(&lab.server, &[]);
    let mut view = View::begin(&lab.client, &["-4"]);
    let found = view.expect("found", SERVER);
    server.signal(Signal::SIGKILL).unwrap();
    let killed = Instant::now();
    let gone = view.expect("gone", SERVER);
    assert!(killed.elapsed() < Duration::from_secs(10), "{:?}", killed.elapsed());
    assert_eq!((&gone["why"], &gone["id"]), (&"refused".into(), &found["id"]));
    println!("refused: gone after {:.1?}", killed.elapsed());
    view.end();
}

#[test]
fn a_host_that_is_cut_off_is_gone_within_ten_seconds_by_the_odds() {
    let lab = pair();
    let _server = serve(&lab.server, &[]);
    let mut view = View::begin(&lab.client, &["-4"]);
    view.expect("found", SERVER);
    lab.server.ip(&["link", "set", "eth0", "down"]).unwrap();
    let cut = Instant::now();
    assert_eq!(view.expect("gone", SERVER)["why"], "silent");
    assert!(cut.elapsed() < Duration::from_secs(10), "{:?}", cut.elapsed());
    println!("silent: gone after {:.1?}", cut.elapsed());
    lab.server.ip(&["link", "set", "eth0", "up"]).unwrap();
    view.expect("found", SERVER);
    view.end();
}

#[test]
fn a_server_that_is_started_anew_at_once_is_no_event() {
    let lab = pair();
    let other = Lab::new().unwrap().host("other").unwrap();
    other.join(&lab.segment, "10.0.1.4/24").unwrap();
    let server = serve(&lab.server, &[]);
    let mut view = View::begin(&lab.client, &["-4"]);
    view.expect("found", SERVER);
    stop(server);
    let _again = serve(&lab.server, &[]);
    let _other = serve(&other, &[]);
    view.expect("found", "10.0.1.4");
    view.end();
}

#[test]
fn an_address_that_is_replaced_is_one_change_within_two_seconds() {
    let lab = pair();
    let _server = serve(&lab.server, &[]);
    let mut view = View::begin(&lab.client, &[]);
    let mut known = view.expect("found", SERVER);
    while known["server"]["addresses"].as_array().is_some_and(|all| all.len() < 2) {
        known = view.expect("changed", SERVER);
    }
    lab.server.replace_address("eth0", "10.0.1.2/24", "10.0.1.77/24").unwrap();
    let replaced = Instant::now();
    let changed = view.expect("changed", "10.0.1.77");
    assert!(replaced.elapsed() < Duration::from_secs(2), "{:?}", replaced.elapsed());
    assert_eq!(changed["id"], known["id"]);
    println!("changed after {:.1?}", replaced.elapsed());
    view.end();
}

#[test]
fn over_ipv4_alone_a_new_address_is_another_server_within_two_seconds() {
    let lab = pair();
    let _server = serve(&lab.server, &[]);
    let mut view = View::begin(&lab.client, &["-4"]);
    view.expect("found", SERVER);
    lab.server.replace_address("eth0", "10.0.1.2/24", "10.0.1.77/24").unwrap();
    let replaced = Instant::now();
    view.expect("found", "10.0.1.77");
    assert!(replaced.elapsed() < Duration::from_secs(2), "{:?}", replaced.elapsed());
    view.expect("gone", SERVER);
    view.end();
}

#[test]
fn a_network_that_comes_up_is_watched_at_once() {
    let lab = pair();
    let second = Lab::new().unwrap().segment("b").unwrap();
    lab.server.join(&second, "10.0.2.2/24").unwrap();
    let _server = serve(&lab.server, &[]);
    let mut view = View::begin(&lab.client, &["-4"]);
    view.expect("found", SERVER);
    lab.client.join(&second, "10.0.2.3/24").unwrap();
    let joined = Instant::now();
    let found = view.expect("found", "10.0.2.2");
    assert!(joined.elapsed() < Duration::from_secs(2), "{:?}", joined.elapsed());
    lab.client.ip(&["link", "delete", "eth1"]).unwrap();
    let gone = view.expect("gone", "10.0.2.2");
    assert_eq!(gone["server"]["interface"], found["server"]["interface"]);
    view.end();
}

/// A view that knows the server's name, with what it last told.
fn named(lab: &Pair) -> (View, Value) {
    let mut view = View::begin(&lab.client, &["-4"]);
    let mut known = view.next();
    while known["server"]["name"] != "Workshop" {
        assert_eq!(known["id"], 0, "{known}");
        known = view.next();
    }
    (view, known)
}

#[test]
fn a_server_that_says_goodbye_is_gone_within_one_and_a_half_seconds() {
    let lab = pair();
    let mut server = serve(&lab.server, &["--name", "Workshop"]);
    let (mut view, _) = named(&lab);
    server.signal(Signal::SIGTERM).unwrap();
    let told = Instant::now();
    assert_eq!(view.expect("gone", SERVER)["why"], "goodbye");
    println!("goodbye: gone after {:.2?}", told.elapsed());
    assert!(told.elapsed() < Duration::from_millis(1500), "{:?}", told.elapsed());
    view.end();
}

#[test]
fn a_server_with_a_name_that_is_started_anew_is_one_change() {
    let lab = pair();
    let server = serve(&lab.server, &["--name", "Workshop"]);
    let (mut view, known) = named(&lab);
    stop(server);
    let again = serve(&lab.server, &["--name", "Workshop"]);
    assert_eq!(view.expect("changed", SERVER)["id"], known["id"]);
    stop(again);
    view.expect("gone", SERVER);
    view.end();
}

#[test]
fn a_new_address_of_a_server_with_a_name_is_one_change_over_ipv4_alone_too() {
    let lab = pair();
    let _server = serve(&lab.server, &["-4", "--name", "Workshop"]);
    let (mut view, known) = named(&lab);
    lab.server.replace_address("eth0", "10.0.1.2/24", "10.0.1.77/24").unwrap();
    let replaced = Instant::now();
    let changed = view.next();
    assert!(replaced.elapsed() < Duration::from_secs(2), "{:?}", replaced.elapsed());
    assert_eq!((&changed["event"], &changed["id"]), (&"changed".into(), &known["id"]), "{changed}");
    println!("a new address: changed after {:.2?}", replaced.elapsed());
    view.end();
}

#[test]
fn a_reader_that_leaves_ends_it() {
    let lab = pair();
    let server = serve(&lab.server, &[]);
    let command = format!("'{}' watch | head -n 1", cooee().display());
    let piped = lab.client.spawn("sh", ["-c", &command]).unwrap();
    // The second event is that which nobody reads.
    let other = Lab::new().unwrap().host("other").unwrap();
    other.join(&lab.segment, "10.0.1.4/24").unwrap();
    let _other = serve(&other, &[]);
    let finished = piped.finish(DEADLINE).unwrap();
    assert_eq!(finished.status.code(), Some(0), "{finished:?}");
    stop(server);
}

/// Runs the command on a terminal, waits until it shows one server, presses Ctrl-C, and prints its
/// status, whether the terminal is as it was, and what it showed.
const ON_A_TERMINAL: &str = r"
import os, pty, sys, termios
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], [sys.argv[1], 'watch'])
before = termios.tcgetattr(terminal)
shown, pressed = b'', False
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    shown += part
    if b'watching: 1 server' in shown and not pressed:
        pressed = True
        after = termios.tcgetattr(terminal)
        os.write(terminal, b'\x03')
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(status, before == after, shown.count(b'\x1b[?25l') == shown.count(b'\x1b[?25h'))
print(shown.decode().replace('\x1b', '^'))
";

#[test]
fn on_a_terminal_it_shows_who_is_there_and_leaves_the_terminal_as_it_was() {
    let lab = pair();
    let _server = serve(&lab.server, &[]);
    let (python, command) = (program("COOEE_STOCK_PYTHON"), cooee());
    let command = command.to_str().unwrap();
    let shown = lab.client.spawn(python, ["-c", ON_A_TERMINAL, command]).unwrap();
    let finished = shown.finish(DEADLINE).unwrap();
    assert!(finished.stdout.starts_with("0 True True\n"), "{finished:?}");
    assert!(finished.stdout.contains(&format!("http://{SERVER}:8000/")), "{finished:?}");
    assert!(finished.stdout.ends_with('\n'), "{finished:?}");
}
