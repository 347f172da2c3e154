//! The programs that are measured.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use cooee_lab::netns::{Child, Host};
use cooee_lab::scene::programs::{
    DEADLINE, Pair, SERVER, STOCK, pair, program, serve, stock_server,
};
use serde::Deserialize;

use crate::turns::{in_ms, ms};

/// A program that looks for servers by calling a library, and says how long that took.
pub(crate) struct Finder {
    pub(crate) name: &'static str,
    pub(crate) command: fn(&Host) -> Command,
    pub(crate) server: fn(&Host) -> Child,
    /// How long its server has to be left alone before it answers as if nobody had asked.
    pub(crate) rest: Duration,
}

/// A responder multicasts a record at most once a second (RFC 6762, section 6).
pub(crate) const MDNS_REST: Duration = Duration::from_millis(1500);

/// What a finder says.
#[derive(Deserialize)]
pub(crate) struct Found {
    seconds: f64,
    pub(crate) found: usize,
}

impl Found {
    /// From the call of the library to its result.
    pub(crate) fn in_call(&self) -> f64 {
        in_ms(Duration::from_secs_f64(self.seconds))
    }
}

/// The finders of one server.
pub(crate) const FINDERS: [Finder; 4] = [
    Finder {
        name: "cooee, Rust library",
        command: |host| contestant(host, &["cooee-first"]),
        server: |host| serve(host, &[]),
        rest: Duration::ZERO,
    },
    Finder {
        name: "python-zeroconf",
        command: |host| zeroconf_find(host, 1),
        server: zeroconf_server,
        rest: MDNS_REST,
    },
    Finder {
        name: "mdns-sd",
        command: |host| mdns_sd_find(host, 1),
        server: mdns_sd_server,
        rest: MDNS_REST,
    },
    Finder {
        name: "stock client",
        command: |host| python(host, "COOEE_STOCK_PYTHON", STOCK_ONE, &[]),
        server: |host| stock_server(host, STOCK),
        rest: Duration::ZERO,
    },
];

const ZEROCONF_FIND: &str = include_str!("../../python/zeroconf_find.py");
const ZEROCONF_SERVE: &str = include_str!("../../python/zeroconf_serve.py");
const STOCK_ONE: &str = include_str!("../../python/client_one.py");
const STOCK_ALL: &str = include_str!("../../python/client_all.py");

/// Runs a finder. Returns what it says, and how long the whole process took in milliseconds.
pub(crate) fn run(mut command: Command) -> (Found, f64) {
    let mut output = None;
    let took = ms(|| output = Some(command.stderr(Stdio::inherit()).output().unwrap()));
    let output = output.unwrap();
    assert!(output.status.success(), "{command:?}");
    (serde_json::from_slice(&output.stdout).unwrap(), took)
}

/// A pair of hosts with a server that `start` has started.
pub(crate) fn served(start: fn(&Host) -> Child) -> (Pair, Child) {
    let lab = pair();
    let server = start(&lab.server);
    (lab, server)
}

/// The stock client's list, with its own timeout.
pub(crate) fn stock_all(host: &Host) -> Command {
    python(host, "COOEE_STOCK_PYTHON", STOCK_ALL, &[])
}

/// Looks for so many services for 20 s at the most.
pub(crate) fn zeroconf_find(host: &Host, services: u16) -> Command {
    let services = services.to_string();
    python(host, "COOEE_ZEROCONF_PYTHON", ZEROCONF_FIND, &[&services, "20"])
}

/// Looks for so many services for 20 s at the most.
pub(crate) fn mdns_sd_find(host: &Host, services: u16) -> Command {
    contestant(host, &["mdns-sd-find", &services.to_string(), "20"])
}

pub(crate) fn zeroconf_server(host: &Host) -> Child {
    let arguments = ["-c", ZEROCONF_SERVE, SERVER];
    ready(host.spawn(program("COOEE_ZEROCONF_PYTHON"), arguments).unwrap())
}

pub(crate) fn mdns_sd_server(host: &Host) -> Child {
    ready(host.spawn(contestants(), ["mdns-sd-serve", SERVER]).unwrap())
}

/// One of ours with a name, once that is announced.
pub(crate) fn named_server(host: &Host) -> Child {
    let mut server = serve(host, &["--rate-limit", "off", "--name", "Server"]);
    server.stderr_line_with("announced as", DEADLINE).unwrap();
    server
}

fn ready(mut server: Child) -> Child {
    server.stdout_line_with("ready", DEADLINE).unwrap();
    server
}

fn contestant(host: &Host, arguments: &[&str]) -> Command {
    let mut command = host.command(contestants());
    command.args(arguments);
    command
}

/// The program beside this one.
pub(crate) fn contestants() -> PathBuf {
    std::env::current_exe().unwrap().with_file_name("contestant")
}

fn python(host: &Host, interpreter: &str, code: &str, arguments: &[&str]) -> Command {
    let mut command = host.command(program(interpreter));
    command.args(["-c", code]).args(arguments);
    command
}
