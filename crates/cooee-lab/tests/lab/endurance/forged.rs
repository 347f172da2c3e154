//! Probes in the names of neighbours that nobody is. What is sent to one of those waits three seconds
//! in the sender's buffer, where it must not take the place of answers to clients that are there.

use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use cooee_lab::netns::{Child, Host, Lab};
use cooee_lab::scene::over::Over;

use super::asker::{PROBE, until_answered, while_asking_every};
use super::extent::{at_least, note};
use crate::programs::{DEADLINE, cooee, serve, stop};

const SERVER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 76, 0, 2), 9999);
const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 76, 0, 3);
const DEAD: Ipv4Addr = Ipv4Addr::new(10, 76, 1, 0);
const NEW: Ipv4Addr = Ipv4Addr::new(10, 76, 2, 0);

const NEWCOMERS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(100);

fn after(first: Ipv4Addr, n: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(first.to_bits() + 1 + n)
}

/// Who the attacker claims to be, and how often a second.
#[derive(Debug, Clone, Copy)]
struct Attack {
    dead: u32,
    per_second: u32,
}

impl Attack {
    /// While `work` goes on. It begins when waiting answers have had time to pile up.
    fn during<T>(self, attacker: &Host, work: impl FnOnce() -> T) -> (T, f64) {
        let over = Over::default();
        let (piled_up, is_piled_up) = mpsc::channel();
        thread::scope(|scope| {
            let say_over = over.when_dropped();
            let attacking = scope.spawn(|| self.go_on(attacker, &over, piled_up));
            is_piled_up.recv_timeout(DEADLINE).unwrap();
            let done = work();
            drop(say_over);
            (done, attacking.join().unwrap())
        })
    }

    /// How many a second it was.
    fn go_on(self, attacker: &Host, over: &Over, piled_up: mpsc::Sender<()>) -> f64 {
        let mut sender = attacker.raw_sender("eth0").unwrap();
        let (began, mut sent, mut piled_up) = (Instant::now(), 0, Some(piled_up));
        let source = |n| SocketAddrV4::new(after(DEAD, n % self.dead), 4000);
        while !over.is_over() {
            let due = (began.elapsed().as_secs_f64() * f64::from(self.per_second)) as u32;
            let sources: Vec<_> = (sent..due).map(source).collect();
            if !sources.is_empty() {
                sender.send_from_each(&sources, SERVER, PROBE).unwrap();
            }
            sent = due;
            if sent > self.per_second {
                piled_up.take().map(|piled_up| piled_up.send(()));
            }
            thread::sleep(Duration::from_millis(5));
        }
        f64::from(sent) / began.elapsed().as_secs_f64()
    }
}

/// A client that the server has never met.
struct Newcomer {
    socket: UdpSocket,
    came: Instant,
    rounds: usize,
}

impl Newcomer {
    /// As those of a client of ours, without jitter.
    const ROUNDS_AT: [u64; 4] = [0, 150, 450, 1050];
    const LEAVES_AT: Duration = Duration::from_millis(1500);

    fn new(n: u32) -> Self {
        let socket = UdpSocket::bind((after(NEW, n), 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        Self { socket, came: Instant::now(), rounds: 0 }
    }

    fn call_if_due(&mut self) {
        let due = Self::ROUNDS_AT.get(self.rounds).copied().map(Duration::from_millis);
        if due.is_some_and(|due| self.came.elapsed() >= due) {
            self.socket.send_to(PROBE, SERVER).unwrap();
            self.rounds += 1;
        }
    }

    fn is_answered(&self) -> bool {
        self.socket.recv(&mut [0; 64]).is_ok()
    }
}

/// How many of the newcomers are answered, who come one after the other.
fn newcomers() -> u32 {
    let (began, mut here, mut came, mut answered) = (Instant::now(), Vec::new(), 0, 0);
    while came < NEWCOMERS || !here.is_empty() {
        if came < NEWCOMERS && began.elapsed() >= PAUSE * came {
            here.push(Newcomer::new(came));
            came += 1;
        }
        here.iter_mut().for_each(Newcomer::call_if_due);
        here.retain(|newcomer| {
            let is_answered = newcomer.is_answered();
            answered += u32::from(is_answered);
            !is_answered && newcomer.came.elapsed() < Newcomer::LEAVES_AT
        });
        thread::sleep(Duration::from_millis(1));
    }
    answered
}

fn traced(host: &Host, listed_in: &str) -> Command {
    let mut strace = host.command("strace");
    strace.args(["-f", "-qq", "--seccomp-bpf", "-e", "trace=setsockopt", "-o", listed_in]);
    strace
}

/// The how-manieth socket option of a server this one is.
fn number_of_the_option(host: &Host, option: &str) -> usize {
    let listed = concat!(env!("CARGO_TARGET_TMPDIR"), "/socket-options");
    let mut strace = traced(host, listed);
    strace.arg(cooee()).args(["serve", "--duration", "1ms"]);
    assert!(Child::spawn(&mut strace).unwrap().wait(DEADLINE).unwrap().success());
    let listed = std::fs::read_to_string(listed).unwrap();
    let is_it = |line: &&str| line.contains(option);
    let thread = listed.lines().find(is_it).unwrap().split(' ').next().unwrap();
    let mut of_thread = listed.lines().filter(|line| line.starts_with(thread));
    1 + of_thread.position(|line| is_it(&line)).unwrap()
}

/// A server that is granted no more of a send buffer than where `net.core.wmem_max` is 212,992, as
/// Linux has it by default. That is one setting for the whole machine, so it is strace that asks
/// for as much instead.
fn serve_with_a_small_buffer(host: &Host) -> Child {
    let number = number_of_the_option(host, "SO_SNDBUF");
    let little_endian: String = 212_992_u32.to_le_bytes().map(|b| format!("{b:02x}")).concat();
    let inject = format!("inject=setsockopt:poke_enter=@arg4={little_endian}:when={number}");
    let mut strace = traced(host, "/dev/null");
    strace.args(["-D", "-e", &inject]).arg(cooee()).arg("serve");
    let mut server = Child::spawn(&mut strace).unwrap();
    server.stderr_line_with("answering on", DEADLINE).unwrap();
    let sockets = host.command("ss").args(["-uamnH"]).output().unwrap();
    let sockets = String::from_utf8_lossy(&sockets.stdout).into_owned();
    // The kernel doubles what is asked for.
    assert!(sockets.contains(",tb425984,"), "{sockets}");
    server
}

fn endures(attacks: &[Attack], start: fn(&Host) -> Child) {
    let _alone = super::alone();
    let lab = Lab::new().unwrap();
    let segment = lab.segment("a").unwrap();
    let hosts = [("server", "10.76.0.2"), ("client", "10.76.0.3"), ("attacker", "10.76.0.66")];
    let [server, client, attacker] = hosts.map(|(name, address)| {
        let host = lab.host(name).unwrap();
        host.join(&segment, &format!("{address}/22")).unwrap();
        host
    });
    let new = (0..NEWCOMERS).map(|n| format!("addr add {}/22 dev eth0\n", after(NEW, n)));
    client.ip_batch(&new.collect::<String>()).unwrap();
    for attack in attacks {
        let scenario = format!("forged neighbours: {attack:?}");
        server.ip(&["neigh", "flush", "all"]).unwrap();
        let serving = start(&server);
        until_answered(&client, CLIENT, SERVER);
        let (((answered, honest), rate), said) = (
            attack.during(&attacker, || {
                let work = || client.enter(newcomers);
                while_asking_every(PAUSE, &client, &[CLIENT], SERVER, work)
            }),
            stop(serving).stderr,
        );
        note(&scenario, "server's own counts", said.lines().last().unwrap());
        at_least(&scenario, "forged probes a second", 0.9 * f64::from(attack.per_second), rate);
        at_least(&scenario, "honest probes", 30, honest.asked);
        at_least(&scenario, "honest probes answered, of 100", 97.5, honest.percent());
        let answered = 100.0 * f64::from(answered) / f64::from(NEWCOMERS);
        at_least(&scenario, "newcomers answered in four rounds, of 100", 95.0, answered);
    }
}

/// As many neighbours, by one of the two rates.
fn both_rates(dead: u32) -> [Attack; 2] {
    [400, 1500].map(|per_second| Attack { dead, per_second })
}

#[test]
fn twenty_forged_neighbours_cost_no_client_an_answer() {
    endures(&both_rates(20), |host| serve(host, &[]));
}

#[test]
fn a_hundred_forged_neighbours_cost_no_client_an_answer() {
    endures(&both_rates(100), |host| serve(host, &[]));
}

#[test]
fn two_hundred_and_fifty_forged_neighbours_cost_no_client_an_answer() {
    endures(&both_rates(250), |host| serve(host, &[]));
}

#[test]
fn with_a_send_buffer_as_linux_grants_it_they_cost_no_client_an_answer_either() {
    let attacks = [20, 100, 250].map(|dead| Attack { dead, per_second: 1500 });
    endures(&attacks, serve_with_a_small_buffer);
}
