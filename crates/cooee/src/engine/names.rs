//! Hosts that are given by name, looked up beside the discovery.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use cooee_core::{DiscoveryEngine, limits};

use crate::settings::HostAddress;

type Resolved = Result<Vec<SocketAddr>, String>;

/// The look-ups of one discovery.
///
/// The system's resolver blocks, and for many seconds where a name server is silent, so each name has
/// a thread. Nobody waits for the threads: what they bring after the end is not read.
pub(super) struct Names {
    answers: Receiver<(String, Resolved)>,
    pending: usize,
    look_at: Instant,
}

/// How many names this process looks up.
static LOOKUPS: AtomicUsize = AtomicUsize::new(0);

/// One of them.
struct Lookup;

impl Lookup {
    fn begin() -> Option<Self> {
        let is_room = |count: usize| (count < limits::LOOKUPS_MAX).then_some(count + 1);
        LOOKUPS.fetch_update(Ordering::AcqRel, Ordering::Acquire, is_room).ok().map(|_| Self)
    }
}

impl Drop for Lookup {
    fn drop(&mut self) {
        LOOKUPS.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Names {
    /// How often to look whether a name is resolved, while any is not.
    const LOOK_EVERY: Duration = Duration::from_millis(10);

    /// Begins to look up those of `hosts` that are names.
    pub(super) fn look_up(hosts: &[HostAddress], port: u16, now: Instant) -> Self {
        let (sender, answers) = channel();
        let mut pending = 0;
        for host in hosts {
            if let Some((name, port)) = host.name(port) {
                pending += 1;
                begin(host.to_string(), (name.to_owned(), port), sender.clone());
            }
        }
        Self { answers, pending, look_at: now }
    }

    /// When to [`tell`](Self::tell) next; `None` when every look-up is over.
    pub(super) fn look_at(&self) -> Option<Instant> {
        (self.pending > 0).then_some(self.look_at)
    }

    /// Hands on what was looked up, if it is time to look.
    pub(super) fn tell(&mut self, now: Instant, engine: &mut DiscoveryEngine) {
        if self.look_at().is_none_or(|at| now < at) {
            return;
        }
        self.look_at = now + Self::LOOK_EVERY;
        while let Ok((host, resolved)) = self.answers.try_recv() {
            self.pending -= 1;
            engine.handle_resolved(now, &host, resolved);
        }
    }
}

fn begin(host: String, (name, port): (String, u16), answers: Sender<(String, Resolved)>) {
    let Some(lookup) = Lookup::begin() else {
        let why = "too many names are being looked up; try again later";
        let _ = answers.send((host, Err(why.into())));
        return;
    };
    let (asker, of) = (answers.clone(), host.clone());
    let work = move || {
        let resolved = resolve(&name, port);
        drop(lookup);
        // The discovery may have ended.
        let _ = answers.send((host, resolved));
    };
    if let Err(error) = thread::Builder::new().name("cooee-names".into()).spawn(work) {
        let _ = asker.send((of, Err(format!("no thread to look it up in: {error}"))));
    }
}

fn resolve(name: &str, port: u16) -> Resolved {
    match (name, port).to_socket_addrs() {
        Ok(addresses) => {
            let mut all: Vec<SocketAddr> = Vec::new();
            for address in addresses {
                if !all.contains(&address) {
                    all.push(address);
                }
            }
            Ok(all)
        }
        Err(error) => {
            let why = error.to_string();
            let told = why.strip_prefix("failed to lookup address information: ");
            Err(told.unwrap_or(&why).to_owned())
        }
    }
}
