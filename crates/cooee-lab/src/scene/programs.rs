//! The programs that the lab drives.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::netns::{Child, Finished, Host, Lab, Segment, Signal};
use serde_json::Value;

/// Long enough for any machine; a test that gets here has failed.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// One segment with a server and a client on it, neither with a default route.
pub struct Pair {
    /// What both are on.
    pub segment: Segment,
    /// Where a server is started.
    pub server: Host,
    /// Where one is looked for.
    pub client: Host,
}

/// The address of the pair's server.
pub const SERVER: &str = "10.0.1.2";
/// The address of the pair's client.
pub const CLIENT: &str = "10.0.1.3";

/// A segment with two hosts.
pub fn pair() -> Pair {
    let lab = Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let (server, client) = (lab.host("server").unwrap(), lab.host("client").unwrap());
    server.join(&segment, &format!("{SERVER}/24")).unwrap();
    client.join(&segment, &format!("{CLIENT}/24")).unwrap();
    Pair { segment, server, client }
}

/// A program by the environment variable that names it.
pub fn program(variable: &str) -> PathBuf {
    let path = std::env::var_os(variable);
    path.unwrap_or_else(|| panic!("{variable} is not set; run `cargo xtask lab`")).into()
}

/// The command that is tested.
pub fn cooee() -> PathBuf {
    program("COOEE_BIN")
}

/// A `cooee serve` that answers.
pub fn serve(host: &Host, arguments: &[&str]) -> Child {
    let mut server = start_serve(host, arguments);
    server.stderr_line_with("answering on", DEADLINE).unwrap();
    server
}

/// A `cooee serve` that may not answer yet.
pub fn start_serve(host: &Host, arguments: &[&str]) -> Child {
    host.spawn(cooee(), [&["serve"], arguments].concat()).unwrap()
}

/// Ends a `cooee serve` and returns what it said.
pub fn stop(mut server: Child) -> Finished {
    server.signal(Signal::SIGTERM).unwrap();
    let finished = server.finish(DEADLINE).unwrap();
    assert!(finished.status.success(), "{finished:?}");
    finished
}

/// What a `cooee find --format json` found and said, how it ended, and after how long.
#[derive(Debug)]
pub struct Search {
    /// The status that it left.
    pub status: i32,
    /// The servers that it listed.
    pub servers: Vec<Value>,
    /// What it wrote to standard error.
    pub said: String,
    /// How long it ran.
    pub took: Duration,
}

impl Search {
    /// Runs one to its end.
    pub fn run(host: &Host, arguments: &[&str]) -> Self {
        let began = Instant::now();
        let child = Self::start(host, arguments);
        Self::of(child.finish(DEADLINE + DEADLINE).unwrap(), began)
    }

    /// Starts one, for [`of`](Self::of) to read.
    pub fn start(host: &Host, arguments: &[&str]) -> Child {
        host.spawn(cooee(), [&["find", "--format", "json"], arguments].concat()).unwrap()
    }

    /// Reads what one left that began then.
    pub fn of(finished: Finished, began: Instant) -> Self {
        let servers = serde_json::from_str(&finished.stdout);
        let servers = servers.unwrap_or_else(|error| panic!("{error}: {finished:?}"));
        let status = finished.status.code().unwrap();
        Self { status, servers, said: finished.stderr, took: began.elapsed() }
    }

    /// This field of each server, as text, in order.
    pub fn each(&self, field: &str) -> Vec<String> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut texts: Vec<_> = self.servers.iter().map(|server| text(&server[field])).collect();
        texts.sort();
        texts
    }

    /// How many lines of standard error contain `part`.
    pub fn lines_with(&self, part: &str) -> usize {
        self.said.lines().filter(|line| line.contains(part)).count()
    }
}

/// What `cooee find --format json` prints, and how it ended.
pub fn find(host: &Host, arguments: &[&str]) -> (i32, Vec<Value>) {
    let Search { status, servers, .. } = Search::run(host, arguments);
    (status, servers)
}

/// The only server that `cooee find` finds.
pub fn find_one(host: &Host, arguments: &[&str]) -> Value {
    let (status, servers) = find(host, arguments);
    assert_eq!(status, 0);
    let [server] = &servers[..] else { panic!("one server: {servers:?}") };
    server.clone()
}

const STOCK_SERVER: &str = "
import sys, threading
from django.conf import settings
port, message, prefix = sys.argv[1:]
settings.configure(DISCOVERY_PORT=int(port), DISCOVERY_MESSAGE=message, RESPONSE_PREFIX=prefix)
import django
django.setup()
from django_udp_discovery import start_udp_service
assert start_udp_service()
print('ready', flush=True)
threading.Event().wait()
";

const STOCK_DISCOVER: &str = "
import sys
from discovery_client import ClientConfig, discover
port, message, prefix = sys.argv[1:]
config = ClientConfig(discovery_port=int(port), discovery_message=message,
                      response_prefix=prefix, timeout=1.0)
for server in discover(config):
    print(server.ip, server.port, server.raw_response.decode(), sep='|')
";

const STOCK_DISCOVER_ONE: &str = "
import sys
from discovery_client import ClientConfig, discover_one
port, message, prefix = sys.argv[1:]
config = ClientConfig(discovery_port=int(port), discovery_message=message, response_prefix=prefix)
server = discover_one(config)
print(server.ip, server.port, server.raw_response.decode(), sep='|')
";

/// The two texts and the port that both sides agree on.
#[derive(Clone, Copy)]
pub struct Agreement<'a> {
    /// The UDP port.
    pub port: &'a str,
    /// What is called.
    pub message: &'a str,
    /// What an answer begins with.
    pub prefix: &'a str,
}

/// What the stock programs agree on by default.
pub const STOCK: Agreement<'static> =
    Agreement { port: "9999", message: "DISCOVER_SERVER", prefix: "SERVER_IP:" };

impl<'a> Agreement<'a> {
    /// As options of `cooee`.
    pub fn options(self) -> [&'a str; 6] {
        ["--port", self.port, "--message", self.message, "--prefix", self.prefix]
    }

    fn python(self, code: &'a str) -> [&'a str; 5] {
        ["-c", code, self.port, self.message, self.prefix]
    }
}

/// A stock server that may not answer yet.
pub fn start_stock_server(host: &Host, agreement: Agreement<'_>) -> Child {
    host.spawn(program("COOEE_STOCK_PYTHON"), agreement.python(STOCK_SERVER)).unwrap()
}

/// A stock server that answers.
pub fn stock_server(host: &Host, agreement: Agreement<'_>) -> Child {
    let mut server = start_stock_server(host, agreement);
    server.stdout_line_with("ready", DEADLINE).unwrap();
    server
}

/// What the stock client finds within a second: address, port and raw answer of each server.
pub fn stock_discover(host: &Host, agreement: Agreement<'_>) -> Vec<String> {
    stock_client(host, agreement.python(STOCK_DISCOVER))
}

/// What the stock client finds with its own timeout, when it is asked for one server.
pub fn stock_discover_one(host: &Host, agreement: Agreement<'_>) -> Vec<String> {
    stock_client(host, agreement.python(STOCK_DISCOVER_ONE))
}

fn stock_client(host: &Host, arguments: [&str; 5]) -> Vec<String> {
    let client = host.spawn(program("COOEE_STOCK_PYTHON"), arguments).unwrap();
    let finished = client.finish(DEADLINE).unwrap();
    assert!(finished.status.success(), "{finished:?}");
    finished.stdout.lines().map(str::to_owned).collect()
}
