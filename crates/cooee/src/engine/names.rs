//! Hosts that are given by name, looked up beside the discovery.

use std::net::{SocketAddr, ToSocketAddrs};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use cooee_core::limits;

use super::machine::Machine;
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

/// How many names are looked up, beside the process that counts: a forked child inherits the number
/// and not the threads.
static LOOKUPS: AtomicU64 = AtomicU64::new(0);

/// One of them, in this process.
struct Lookup(u32);

impl Lookup {
    fn begin() -> Option<Self> {
        let process = process::id();
        let begun = |count| one_more(count, process);
        LOOKUPS.fetch_update(Ordering::AcqRel, Ordering::Acquire, begun).ok()?;
        Some(Self(process))
    }
}

impl Drop for Lookup {
    fn drop(&mut self) {
        let ended = |count| one_less(count, self.0);
        let _ = LOOKUPS.fetch_update(Ordering::AcqRel, Ordering::Acquire, ended);
    }
}

/// How many look-ups of `process` are in `count`, which may be another's.
fn of_process(count: u64, process: u32) -> u64 {
    let is_its = count >> u32::BITS == u64::from(process);
    if is_its { count & u64::from(u32::MAX) } else { 0 }
}

/// The count after the process began another; `None` if it may not.
fn one_more(count: u64, process: u32) -> Option<u64> {
    let lookups = of_process(count, process);
    let is_room = lookups < limits::LOOKUPS_MAX as u64;
    is_room.then_some(u64::from(process) << u32::BITS | (lookups + 1))
}

/// The count after one of the process ended; `None` if it counts none.
fn one_less(count: u64, process: u32) -> Option<u64> {
    (of_process(count, process) > 0).then(|| count - 1)
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
    pub(super) fn tell(&mut self, now: Instant, engine: &mut impl Machine) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forked_child_has_its_parents_number_and_none_of_its_look_ups() {
        let mut full = 0;
        while let Some(more) = one_more(full, 7) {
            full = more;
        }
        assert_eq!(of_process(full, 7), limits::LOOKUPS_MAX as u64);
        let child = one_more(full, 8).expect("it looks nothing up yet");
        assert_eq!((of_process(child, 8), of_process(child, 7)), (1, 0));
        let none = one_less(child, 8).expect("one has ended");
        assert_eq!((of_process(none, 8), one_less(none, 8), one_less(child, 7)), (0, None, None));
        assert_eq!(one_less(full, 7).and_then(|room| one_more(room, 7)), Some(full));
    }
}
