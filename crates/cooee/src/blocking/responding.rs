#[cfg(unix)]
mod noted;

use std::io;
use std::net::{SocketAddr, UdpSocket};
#[cfg(unix)]
use std::os::fd::OwnedFd;
use std::sync::{Arc, mpsc};
use std::thread::{Builder, JoinHandle, current};
use std::time::Instant;

use cooee_udp::{Claim, StandBy};

#[cfg(unix)]
use super::inherited::Descriptors;
use super::waiter::{StopSignal, Waiter, Watched};
use crate::engine::{Answering, Backoff, Plan, Progress, Shared};
use crate::{Responder, StartError, State, Stats};

/// A running responder. Stops when dropped.
///
/// A child process that is forked from the one that started it inherits this value, but not the
/// thread that answers: there its state is [`State::Stopped`], and dropping it closes the child's
/// copies of the descriptors and leaves the parent's responder alone. A child should drop it soon,
/// since its copies keep the port taken after the parent is gone. The sockets of port 5353 that a
/// responder with a name has stay open in the child.
///
/// In a process that closes all its descriptors, as daemons do, the state is [`State::Stopped`]
/// too, and dropping this value leaves files that reuse their numbers alone.
#[derive(Debug)]
#[must_use = "it stops answering when dropped"]
pub struct Responding {
    shared: Arc<Shared>,
    stop: StopSignal,
    thread: Option<JoinHandle<()>>,
    #[cfg(unix)]
    descriptors: Arc<Descriptors>,
}

impl Responding {
    fn start(claim: Claim, plan: Plan) -> Result<Self, StartError> {
        let waiter = Waiter::new().map_err(StartError::system("opening a poller"))?;
        let (shared, stop) = (Arc::clone(&plan.shared), waiter.stop_signal());
        let run = Run {
            waiter,
            plan,
            #[cfg(unix)]
            descriptors: Arc::new(
                Descriptors::new().map_err(StartError::system("opening a socket"))?,
            ),
        };
        // First the thread, then the word that it answers.
        let (hand_over, handed_over) = mpsc::sync_channel::<(Run, Turn)>(1);
        let thread = Builder::new()
            .name("cooee-responder".into())
            .spawn(move || handed_over.recv().into_iter().for_each(|(run, turn)| run.run(turn)))
            .map_err(StartError::system("starting a thread"))?;
        let turn = match run.begin(claim) {
            Ok(turn) => turn,
            Err(error) => {
                drop(hand_over);
                // It has nothing to do, and does nothing that could panic.
                let _ = thread.join();
                return Err(error);
            }
        };
        #[cfg(unix)]
        let descriptors = Arc::clone(&run.descriptors);
        // The thread waits for nothing else.
        let _ = hand_over.send((run, turn));
        Ok(Self {
            shared,
            stop,
            thread: Some(thread),
            #[cfg(unix)]
            descriptors,
        })
    }

    /// Whether this is a child's copy, without a thread.
    fn is_inherited(&self) -> bool {
        #[cfg(unix)]
        return self.descriptors.are_inherited();
        #[cfg(not(unix))]
        return false;
    }

    /// Whether nobody has closed what it has open.
    fn is_intact(&self) -> bool {
        #[cfg(unix)]
        return self.descriptors.are_intact();
        #[cfg(not(unix))]
        return true;
    }

    /// Probes received, answered and refused since start.
    pub fn stats(&self) -> Stats {
        // A child's copy of the lock may be held for ever.
        if self.is_inherited() { Stats::default() } else { self.shared.stats() }
    }

    /// Whether the responder answers, stands by or has stopped.
    pub fn state(&self) -> State {
        if self.is_inherited() || !self.is_intact() { State::Stopped } else { self.shared.state() }
    }

    /// The bound address; `None` while standing by.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.state().local_addr()
    }

    /// Stops, waits until the port is free, and returns the final counts.
    pub fn stop(mut self) -> Stats {
        self.end();
        self.stats()
    }

    fn end(&mut self) {
        #[cfg(unix)]
        if self.descriptors.are_inherited() {
            self.descriptors.close_inherited();
            // The thread is the parent's: there is none here to join, or to stop.
            std::mem::forget(self.thread.take());
            return;
        }
        if !self.is_intact() {
            self.stop.abandon();
            // It may wait for ever for what is closed.
            std::mem::forget(self.thread.take());
            return;
        }
        self.stop.stop();
        // Dropped by its own observer, it ends after that has returned.
        let is_this_thread = |thread: &JoinHandle<()>| thread.thread().id() == current().id();
        if let Some(thread) = self.thread.take().filter(|thread| !is_this_thread(thread))
            && thread.join().is_err()
        {
            tracing::error!("the responder's thread panicked");
        }
    }
}

impl Responder {
    /// Starts answering on a new thread, until the returned guard is dropped.
    ///
    /// # Errors
    /// [`StartError`]: the first invalid setting, or why the port is not available.
    pub fn start(self) -> Result<Responding, StartError> {
        let (claim, plan) = Plan::prepare(self, false)?;
        Responding::start(claim, plan)
    }
}

impl Drop for Responding {
    fn drop(&mut self) {
        self.end();
    }
}

enum Turn {
    Wait(StandBy),
    Answer(Box<Engaged>),
}

/// An engine whose sources the poller has, as duplicates, so that it can be turned meanwhile.
///
/// The duplicates are dropped first: when the guard of the port goes, whoever is next finds the
/// port free.
struct Engaged {
    /// That of IPv4, and then perhaps that of IPv6.
    sockets: Vec<Watched<UdpSocket>>,
    #[cfg(unix)]
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "noted on Linux"))]
    interfaces: Option<Watched<OwnedFd>>,
    #[cfg(unix)]
    _offers: Option<Watched<OwnedFd>>,
    answering: Answering,
}

/// What the thread has.
struct Run {
    waiter: Waiter,
    plan: Plan,
    #[cfg(unix)]
    descriptors: Arc<Descriptors>,
}

impl Run {
    fn begin(&self, claim: Claim) -> Result<Turn, StartError> {
        Ok(match claim {
            Claim::Owned(port) => {
                let engaged = self.engage(self.plan.answer_on(port)?);
                Turn::Answer(Box::new(engaged.map_err(StartError::system("polling the socket"))?))
            }
            Claim::Waiting(stand_by) => {
                self.plan.stands_by(&stand_by);
                #[cfg(unix)]
                self.note_waiting(&stand_by, None);
                Turn::Wait(stand_by)
            }
        })
    }

    fn run(mut self, turn: Turn) {
        match turn {
            Turn::Answer(engaged) => self.answer(*engaged),
            Turn::Wait(stand_by) => {
                if let Some(engaged) = self.wait_for_port(stand_by) {
                    self.answer(engaged);
                }
            }
        }
        self.plan.shared.enter(State::Stopped);
    }

    /// Waits until the port is ours; `None` when told to stop before that.
    fn wait_for_port(&mut self, mut stand_by: StandBy) -> Option<Engaged> {
        loop {
            self.wait_in_line(&stand_by);
            self.note_nothing();
            if self.is_cut_off() {
                self.waiter.abandon(stand_by);
                return None;
            }
            if self.waiter.is_stopping() {
                return None;
            }
            match self.plan.try_for_port(stand_by) {
                Ok(answering) => match self.engage(answering) {
                    Ok(engaged) => return Some(engaged),
                    Err(error) => {
                        let error = StartError::system("polling the socket")(error);
                        stand_by = self.plan.try_later(&error);
                    }
                },
                Err(still) => stand_by = still,
            }
            #[cfg(unix)]
            self.note_waiting(&stand_by, None);
        }
    }

    fn wait_in_line(&mut self, stand_by: &StandBy) {
        let until = stand_by.retry_after().map(|after| Instant::now() + after);
        #[cfg(unix)]
        if let Some(source) = stand_by.wakes_on() {
            match source.try_clone_to_owned().and_then(|copy| self.waiter.watch(copy)) {
                Ok(watched) => {
                    self.note_waiting(stand_by, Some(watched.source()));
                    self.wait_with_pulse(until);
                    self.note_nothing();
                    if self.is_cut_off() {
                        self.waiter.abandon(watched);
                    }
                }
                Err(error) => {
                    self.plan.waits_without_notice(&error);
                    self.wait_with_pulse(Some(Instant::now() + std::time::Duration::from_secs(1)));
                }
            }
            return;
        }
        self.wait_with_pulse(until);
    }

    /// Waits as the waiter does, and wakes for nothing else but the pulse.
    fn wait_with_pulse(&mut self, until: Option<Instant>) {
        loop {
            let readable = self.waiter.wait(self.plan.pulse.or_before(until));
            let now = Instant::now();
            self.plan.beat(now);
            if readable || self.waiter.is_stopping() {
                return;
            }
            if until.is_some_and(|until| until <= now) {
                return;
            }
        }
    }

    fn engage(&self, answering: Answering) -> io::Result<Engaged> {
        let sockets = vec![self.waiter.watch(answering.socket().as_std().try_clone()?)?];
        #[cfg(unix)]
        let watched = |source: Option<std::os::fd::BorrowedFd<'_>>| {
            source.map(|of| self.waiter.watch(of.try_clone_to_owned()?)).transpose()
        };
        #[cfg(unix)]
        let (interfaces, offers) = (
            watched(answering.watch().and_then(cooee_udp::InterfaceWatch::wakes_on))?,
            watched(answering.port().offers())?,
        );
        let mut engaged = Engaged {
            sockets,
            #[cfg(unix)]
            interfaces,
            #[cfg(unix)]
            _offers: offers,
            answering,
        };
        self.follow_v6(&mut engaged);
        #[cfg(target_os = "linux")]
        self.note_open(&engaged);
        #[cfg(windows)]
        engaged.answering.watch().into_iter().for_each(|watch| self.waiter.wake_on_changes(watch));
        engaged.answering.begin();
        Ok(engaged)
    }

    fn answer(&mut self, mut engaged: Engaged) {
        let mut backoff = Backoff::default();
        #[cfg(target_os = "linux")]
        let mut noted = engaged.answering.opened();
        while !self.waiter.is_stopping() {
            let now = Instant::now();
            let progress = engaged.answering.step(now);
            #[cfg_attr(
                not(target_os = "linux"),
                allow(unused_variables, reason = "noted on Linux")
            )]
            let is_new = self.follow_v6(&mut engaged);
            #[cfg(target_os = "linux")]
            if is_new || noted != engaged.answering.opened() {
                noted = engaged.answering.opened();
                self.note_open(&engaged);
            }
            match progress {
                Progress::More => {
                    backoff.reset();
                    self.plan.beat(now);
                }
                Progress::Idle => {
                    backoff.reset();
                    self.plan.beat(now);
                    let due = engaged.answering.poll_timeout();
                    self.waiter.wait(self.plan.pulse.or_before(due));
                    if self.waiter.has_woken_apart() {
                        engaged.answering.note_v6_readable();
                    }
                }
                Progress::Trouble => {
                    self.waiter.pause(&engaged.sockets, backoff.pause());
                }
            }
        }
        self.note_nothing();
        if self.is_cut_off() {
            self.waiter.abandon(engaged);
        }
    }

    /// Waits for the socket of IPv6 too once there is one. Returns whether it is new.
    fn follow_v6(&self, engaged: &mut Engaged) -> bool {
        let Some(socket) = engaged.answering.socket_v6().filter(|_| engaged.sockets.len() < 2)
        else {
            return false;
        };
        let duplicate = socket.as_std().try_clone();
        match duplicate.and_then(|duplicate| self.waiter.watch_apart(duplicate)) {
            Ok(watched) => engaged.sockets.push(watched),
            Err(error) => engaged.answering.release_v6(Instant::now(), &error),
        }
        engaged.sockets.len() > 1
    }

    /// Whether somebody has closed the descriptors: nothing may be closed by its number any more.
    fn is_cut_off(&self) -> bool {
        #[cfg(unix)]
        if !self.descriptors.are_intact() {
            return true;
        }
        self.waiter.is_broken()
    }

    /// Forgets the descriptors before they are closed: a number may soon name another's.
    fn note_nothing(&self) {
        #[cfg(unix)]
        self.descriptors.note(&[]);
    }
}
