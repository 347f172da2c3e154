use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket as StdSocket};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cooee_core::Transmit;
use cooee_udp::{ReceiveBuffer, UdpSocket};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;

use crate::Score;
use crate::asker::{Sources, ask};

pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    command: fn(&str) -> Command,
    sources: Sources,
}

impl Contestant {
    pub(crate) fn all() -> Vec<Self> {
        vec![
            Self {
                name: "batched echo, the limit",
                command: |port| echo("batched", port),
                sources: Sources::One,
            },
            Self {
                name: "one-by-one echo",
                command: |port| echo("single", port),
                sources: Sources::One,
            },
            Self { name: "stock server", command: stock, sources: Sources::One },
            Self {
                name: "`cooee serve`, no rate limit",
                command: |port| cooee(port, "off"),
                sources: Sources::One,
            },
            Self {
                name: "`cooee serve`, 100,000 sources",
                command: |port| cooee(port, "20"),
                sources: Sources::Many,
            },
        ]
    }

    /// Starts it on one core, asks from another, and takes its time.
    pub(crate) fn run(&self, time: Duration) -> Score {
        let port = StdSocket::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port();
        let mut command = (self.command)(&port.to_string());
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        pin(Pid::from_raw(process.id().cast_signed()), 0);
        pin(Pid::from_raw(0), 1);
        wait_until_it_answers(port);
        let before = cpu(&process);
        let began = Instant::now();
        let answers = ask(port, self.sources, time);
        let took = began.elapsed();
        let used = cpu(&process) - before;
        process.kill().unwrap();
        process.wait().unwrap();
        Score {
            answers_per_second: answers as f64 / took.as_secs_f64(),
            cpu_per_answer: used.div_f64(answers as f64),
        }
    }
}

fn pin(pid: Pid, core: usize) {
    let mut cores = CpuSet::new();
    cores.set(core).unwrap();
    sched_setaffinity(pid, &cores).unwrap();
}

fn wait_until_it_answers(port: u16) {
    let socket = StdSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    while Instant::now() < end {
        // Refused until the server has bound its port.
        let _ = socket.send_to(b"DISCOVER_SERVER", ("127.0.0.1", port));
        if socket.recv(&mut [0; 64]).is_ok() {
            return;
        }
    }
    panic!("no answer on port {port}");
}

/// The processor time that a process has used, all its threads together.
fn cpu(process: &Child) -> Duration {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", process.id())).unwrap();
    let nanoseconds = |task: std::fs::DirEntry| -> u64 {
        let stat = std::fs::read_to_string(task.path().join("schedstat")).unwrap();
        stat.split(' ').next().unwrap().parse().unwrap()
    };
    Duration::from_nanos(tasks.map(|task| nanoseconds(task.unwrap())).sum())
}

fn echo(role: &str, port: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([role, port]);
    command
}

fn cooee(port: &str, rate: &str) -> Command {
    let mut command = Command::new(std::env::var_os("COOEE_BIN").unwrap());
    command.args(["serve", "--port", port, "--rate-limit", rate]);
    command
}

const STOCK: &str = "
import sys, threading
from django.conf import settings
settings.configure(DISCOVERY_PORT=int(sys.argv[1]), ENABLE_LOGGING=False)
import django
django.setup()
from django_udp_discovery import start_udp_service
assert start_udp_service()
threading.Event().wait()
";

fn stock(port: &str) -> Command {
    let mut command = Command::new(std::env::var_os("COOEE_STOCK_PYTHON").unwrap());
    command.args(["-c", STOCK, port]);
    command
}

/// Echoes until killed.
pub(crate) fn serve(role: &str, port: &str) {
    let address = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port.parse().unwrap());
    match role {
        "single" => echo_one_by_one(&StdSocket::bind(address).unwrap()),
        _ => echo_in_batches(address),
    }
}

fn echo_one_by_one(socket: &StdSocket) {
    let mut buffer = [0; 2048];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).unwrap();
        let _ = socket.send_to(&buffer[..length], from);
    }
}

/// As little as a server can do that knows where each datagram was sent to.
fn echo_in_batches(address: SocketAddrV4) {
    let socket = UdpSocket::bind(address).unwrap();
    socket.as_std().set_nonblocking(false).unwrap();
    let mut buffer = ReceiveBuffer::new();
    let mut batch = Vec::new();
    loop {
        socket.receive(&mut buffer).unwrap();
        batch.extend(buffer.datagrams().map(|datagram| Transmit {
            destination: SocketAddr::new(datagram.source.ip(), datagram.source.port()),
            source: datagram.destination,
            interface: None,
            payload: Bytes::from_static(b"SERVER_IP:127.0.0.1"),
        }));
        socket.send(&batch, |failure| panic!("{failure:?}"));
        batch.clear();
    }
}
