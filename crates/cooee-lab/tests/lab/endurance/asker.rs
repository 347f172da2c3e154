//! Honest askers, who note how many of their probes are answered, and how soon.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use cooee_lab::netns::Host;
use cooee_lab::scene::over::Over;

pub(super) const PROBE: &[u8] = b"DISCOVER_SERVER";
const PATIENCE: Duration = Duration::from_secs(1);

/// What became of the probes of honest askers.
#[derive(Debug, Default)]
pub(super) struct Answers {
    pub(super) asked: usize,
    /// How long each answer took that came within a second.
    pub(super) after: Vec<Duration>,
}

impl Answers {
    pub(super) fn percent(&self) -> f64 {
        100.0 * self.after.len() as f64 / self.asked as f64
    }

    pub(super) fn slowest(&self) -> Duration {
        self.after.iter().max().copied().unwrap_or_default()
    }
}

/// Ten addresses on an interface of the client, so that no single one asks too often.
pub(super) fn askers(client: &Host, interface: &str, network: [u8; 3]) -> Vec<Ipv4Addr> {
    let [a, b, c] = network;
    let addresses: Vec<_> = (100..110).map(|n| Ipv4Addr::new(a, b, c, n)).collect();
    for address in &addresses {
        client.add_address(interface, &format!("{address}/24")).unwrap();
    }
    addresses
}

/// Asks for `server` every ten milliseconds while `work` goes on, from each of the host's
/// `addresses` in turn: with ten of them each stays far below what one source may draw.
pub(super) fn while_asking<T>(
    host: &Host,
    addresses: &[Ipv4Addr],
    server: SocketAddrV4,
    work: impl FnOnce() -> T,
) -> (T, Answers) {
    while_asking_every(Duration::from_millis(10), host, addresses, server, work)
}

/// The same with another pause.
pub(super) fn while_asking_every<T>(
    pause: Duration,
    host: &Host,
    addresses: &[Ipv4Addr],
    server: SocketAddrV4,
    work: impl FnOnce() -> T,
) -> (T, Answers) {
    let over = Over::default();
    thread::scope(|scope| {
        let say_over = over.when_dropped();
        let asking = scope.spawn(|| host.enter(|| ask(pause, addresses, server, &over)));
        let done = work();
        drop(say_over);
        (done, asking.join().unwrap())
    })
}

/// Each probe has a socket of its own, so that an answer belongs to one probe.
fn ask(pause: Duration, addresses: &[Ipv4Addr], server: SocketAddrV4, over: &Over) -> Answers {
    let mut answers = Answers::default();
    let mut waiting: VecDeque<(Instant, UdpSocket)> = VecDeque::new();
    let mut due = Instant::now();
    loop {
        let now = Instant::now();
        if over.is_over() {
            if waiting.is_empty() {
                return answers;
            }
        } else if now >= due {
            // What was missed is not made up for: one source would ask too often.
            due = (due + pause).max(now);
            let from = addresses[answers.asked % addresses.len()];
            let socket = UdpSocket::bind((from, 0)).unwrap();
            socket.set_nonblocking(true).unwrap();
            socket.send_to(PROBE, server).unwrap();
            waiting.push_back((now, socket));
            answers.asked += 1;
        }
        waiting.retain(|(asked, socket)| {
            let answered = socket.recv(&mut [0; 64]).is_ok();
            if answered {
                answers.after.push(asked.elapsed());
            }
            !answered && asked.elapsed() < PATIENCE
        });
        thread::sleep(Duration::from_millis(1));
    }
}

/// How long the server takes to answer again, asked once every ten milliseconds.
pub(super) fn until_answered(host: &Host, from: Ipv4Addr, server: SocketAddrV4) -> Duration {
    let began = Instant::now();
    let socket = host.enter(|| UdpSocket::bind((from, 0))).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
    while began.elapsed() < crate::programs::DEADLINE {
        socket.send_to(PROBE, server).unwrap();
        if socket.recv(&mut [0; 64]).is_ok() {
            return began.elapsed();
        }
    }
    panic!("{server} does not answer any more");
}
