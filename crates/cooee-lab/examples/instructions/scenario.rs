use std::net::{Ipv4Addr, UdpSocket};
use std::time::Duration;

use crate::batch;
use crate::callgrind::Counted;

/// Something that is done many times over.
#[derive(Clone, Copy)]
pub(crate) struct Scenario {
    /// Its key in the record.
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    /// Does it so often, and returns the instructions of the whole process.
    run: fn(u32) -> u64,
}

pub(crate) const SCENARIOS: [Scenario; 4] = [
    Scenario {
        name: "answer",
        what: "`cooee serve` answers a probe, without a rate limit",
        run: |times| answer(times, "off"),
    },
    Scenario {
        name: "answer_limited",
        what: "`cooee serve` answers a probe, with a rate limit",
        run: |times| answer(times, "1000000"),
    },
    Scenario {
        name: "new_server",
        what: "`cooee find` hears of a server and prints it",
        run: |times| receive(times, times),
    },
    Scenario {
        name: "known_server",
        what: "`cooee find` hears again of a server",
        run: |times| receive(times, FEW),
    },
];

const FEW: u32 = 512;
const MANY: u32 = 4096;

impl Scenario {
    /// What one time costs: the start and the end of the process are in both runs.
    pub(crate) fn instructions_each(&self) -> u64 {
        let (few, many) = ((self.run)(FEW), (self.run)(MANY));
        many.saturating_sub(few) / u64::from(MANY - FEW)
    }
}

fn strings<const N: usize>(arguments: [&str; N]) -> Vec<String> {
    arguments.map(str::to_owned).into()
}

fn answer(times: u32, rate_limit: &str) -> u64 {
    let asker = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = UdpSocket::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port().to_string();
    let mut server =
        Counted::start(&strings(["serve", "--port", &port, "--rate-limit", rate_limit]));
    server.wait_for_line_with("answering on");
    batch::send(&asker, port.parse().unwrap(), &server, times, |_| "DISCOVER_SERVER".into());
    let finished = server.finish();
    let counts = format!("answered {times}, refused 0");
    assert!(finished.stderr.contains(&counts), "{}", finished.stderr);
    finished.instructions
}

/// `times` answers of `servers` servers.
fn receive(times: u32, servers: u32) -> u64 {
    let server = UdpSocket::bind("0.0.0.0:0").unwrap();
    server.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let port = server.local_addr().unwrap().port().to_string();
    let client = Counted::start(&strings([
        "find",
        "--interface",
        "lo",
        "--port",
        &port,
        "--timeout",
        "60s",
        "--wait",
        "full",
        "--format",
        "url",
    ]));
    let (_, asker) = server.recv_from(&mut [0; 64]).unwrap();
    batch::send(&server, asker.port(), &client, times, |n| {
        let address = Ipv4Addr::from_bits(0x0a00_0000 + n % servers);
        format!("SERVER_IP:{address}:8000")
    });
    let finished = client.finish();
    assert_eq!(finished.stdout.lines().count(), servers as usize, "{}", finished.stderr);
    finished.instructions
}
