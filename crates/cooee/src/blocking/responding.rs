use std::io;
use std::net::SocketAddr;
#[cfg(target_os = "linux")]
use std::os::fd::AsFd;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use cooee_udp::{Claim, StandBy};

use super::waiter::{StopSignal, Waiter};
use crate::responder::{Answering, Plan, Progress, Shared};
use crate::{StartError, State, Stats};

/// A running responder. Stops when dropped.
#[derive(Debug)]
#[must_use = "it stops answering when dropped"]
pub struct Responding {
    shared: Arc<Shared>,
    stop: StopSignal,
    thread: Option<JoinHandle<()>>,
}

impl Responding {
    pub(crate) fn start(claim: Claim, plan: Plan) -> Result<Self, StartError> {
        let waiter = Waiter::new().map_err(StartError::system("opening a poller"))?;
        let (shared, stop) = (Arc::clone(&plan.shared), waiter.stop_signal());
        let claim = match claim {
            Claim::Owned(port) => Turn::Answer(Box::new(plan.answer_on(port)?)),
            Claim::Waiting(stand_by) => {
                plan.stands_by(&stand_by);
                Turn::Wait(stand_by)
            }
        };
        let thread = Builder::new()
            .name("cooee-responder".into())
            .spawn(move || run(waiter, claim, &plan))
            .map_err(StartError::system("starting a thread"))?;
        Ok(Self { shared, stop, thread: Some(thread) })
    }

    /// What it has done so far.
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }

    /// Whether it answers or stands by.
    pub fn state(&self) -> State {
        self.shared.state()
    }

    /// Where it answers; `None` while it stands by.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.shared.local_addr()
    }

    /// Stops, and waits until the port is free. Returns what it has done.
    pub fn stop(mut self) -> Stats {
        self.end();
        self.stats()
    }

    fn end(&mut self) {
        self.stop.stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the responder's thread panicked");
        }
    }
}

impl Drop for Responding {
    fn drop(&mut self) {
        self.end();
    }
}

enum Turn {
    Wait(StandBy),
    Answer(Box<Answering>),
}

fn run(mut waiter: Waiter, turn: Turn, plan: &Plan) {
    let answering = match turn {
        Turn::Answer(answering) => Some(*answering),
        Turn::Wait(stand_by) => wait_for_port(&mut waiter, stand_by, plan),
    };
    let ended = answering.map_or(Ok(()), |answering| answer(&mut waiter, answering));
    if let Err(error) = ended {
        tracing::error!(%error, "the responder cannot wait for datagrams, and stops");
    }
}

/// Waits until the port is ours; `None` when told to stop before that.
fn wait_for_port(waiter: &mut Waiter, mut stand_by: StandBy, plan: &Plan) -> Option<Answering> {
    loop {
        wait_in_line(waiter, &stand_by);
        if waiter.is_stopping() {
            plan.shared.enter(State::Stopped);
            return None;
        }
        match plan.try_for_port(stand_by) {
            Ok(answering) => return Some(answering),
            Err(still) => stand_by = still,
        }
    }
}

fn wait_in_line(waiter: &mut Waiter, stand_by: &StandBy) {
    let until = stand_by.retry_after().map(|after| Instant::now() + after);
    #[cfg(unix)]
    if let Some(source) = stand_by.wakes_on() {
        match source.try_clone_to_owned().and_then(|source| waiter.watch(source)) {
            Ok(_watched) => return waiter.wait(until),
            Err(error) => tracing::warn!(%error, "standing by without the kernel's notice"),
        }
        return waiter.wait(Some(Instant::now() + Duration::from_secs(1)));
    }
    waiter.wait(until);
}

fn answer(waiter: &mut Waiter, mut answering: Answering) -> io::Result<()> {
    /// After this many batches, events other than datagrams are looked at.
    const BATCHES: usize = 16;
    // The sources are watched by duplicates, so that the engine can be turned meanwhile.
    let _socket = waiter.watch(answering.socket().as_std().try_clone()?)?;
    #[cfg(target_os = "linux")]
    let _interfaces = answering
        .watch()
        .map(|watch| waiter.watch(watch.as_fd().try_clone_to_owned()?))
        .transpose()?;

    while !waiter.is_stopping() {
        let busy = (0..BATCHES).all(|_| answering.step(Instant::now()) == Progress::More);
        if !busy {
            waiter.wait(None);
        }
    }
    Ok(())
}
