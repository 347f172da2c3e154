use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use cooee_lab::scene::programs::{cooee, program};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;

use super::asker::{Asker, Sources};
use crate::field::contestants;

/// One who answers on loopback.
#[derive(Clone, Copy)]
pub(super) struct Server {
    pub(super) name: &'static str,
    pub(super) command: fn(&str) -> Command,
    pub(super) sources: Sources,
}

/// What a server did in one round.
pub(super) struct Score {
    pub(super) answers_per_second: f64,
    pub(super) us_per_answer: f64,
}

pub(super) struct Running {
    server: Server,
    process: Child,
    port: u16,
}

impl Server {
    /// Starts it on one core.
    pub(super) fn start(self) -> Running {
        let port = UdpSocket::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port();
        let mut command = (self.command)(&port.to_string());
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let running = Running { server: self, process, port };
        running.wait_until_it_answers();
        for task in running.tasks() {
            pin(Pid::from_raw(task.file_name().to_str().unwrap().parse().unwrap()), 0);
        }
        running
    }
}

impl Running {
    /// Asks from another core.
    pub(super) fn ask_for(&self, time: Duration, asker: Asker) -> Option<Score> {
        let (before, began) = (self.cpu(), Instant::now());
        let answers = thread::scope(|scope| {
            let asking = scope.spawn(|| {
                pin(Pid::from_raw(0), 1);
                asker.ask(self.port, time)
            });
            asking.join().unwrap()
        })?;
        let took = began.elapsed().as_secs_f64();
        let used = self.cpu().saturating_sub(before);
        Some(Score {
            answers_per_second: answers as f64 / took,
            us_per_answer: used.as_secs_f64() * 1e6 / answers as f64,
        })
    }

    fn wait_until_it_answers(&self) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            // Refused until the server has bound its port.
            let _ = socket.send_to(b"DISCOVER_SERVER", ("127.0.0.1", self.port));
            if socket.recv(&mut [0; 64]).is_ok() {
                return;
            }
        }
        panic!("{} does not answer", self.server.name);
    }

    /// The processor time that it has used, all its threads together.
    fn cpu(&self) -> Duration {
        let nanoseconds = |task: std::fs::DirEntry| -> u64 {
            let stat = std::fs::read_to_string(task.path().join("schedstat")).unwrap();
            stat.split(' ').next().unwrap().parse().unwrap()
        };
        Duration::from_nanos(self.tasks().map(nanoseconds).sum())
    }

    fn tasks(&self) -> impl Iterator<Item = std::fs::DirEntry> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.process.id())).unwrap();
        tasks.map(|task| task.unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which the figures have shown then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn pin(pid: Pid, core: usize) {
    let mut cores = CpuSet::new();
    cores.set(core).unwrap();
    sched_setaffinity(pid, &cores).unwrap();
}

pub(super) fn batched_echo(port: &str) -> Command {
    echo("echo-batched", port)
}

pub(super) fn one_by_one_echo(port: &str) -> Command {
    echo("echo-single", port)
}

fn echo(kind: &str, port: &str) -> Command {
    let mut command = Command::new(contestants());
    command.args([kind, port]);
    command
}

pub(super) fn cooee_unlimited(port: &str) -> Command {
    serve(port, "off")
}

pub(super) fn cooee_limited(port: &str) -> Command {
    serve(port, "20")
}

fn serve(port: &str, rate: &str) -> Command {
    let mut command = Command::new(cooee());
    command.args(["serve", "--port", port, "--rate-limit", rate]);
    command
}

const STOCK: &str = "
import sys, threading
from django.conf import settings
settings.configure(DISCOVERY_PORT=int(sys.argv[1]), ENABLE_LOGGING=sys.argv[2] == 'on')
import django
django.setup()
from django_udp_discovery import start_udp_service
assert start_udp_service()
threading.Event().wait()
";

pub(super) fn stock(port: &str) -> Command {
    stock_that_logs(port, "on")
}

pub(super) fn stock_without_log(port: &str) -> Command {
    stock_that_logs(port, "off")
}

fn stock_that_logs(port: &str, logs: &str) -> Command {
    let mut command = Command::new(program("COOEE_STOCK_PYTHON"));
    command.args(["-c", STOCK, port, logs]);
    command
}
