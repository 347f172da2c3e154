use std::io;
use std::net::SocketAddr;
#[cfg(unix)]
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cooee_udp::{Claim, StandBy};
use tokio::io::Interest;
#[cfg(unix)]
use tokio::io::unix::AsyncFd;
use tokio::net::UdpSocket;
use tokio::task::{JoinHandle, yield_now};
use tokio::time::{sleep, sleep_until};

use super::ending::{Blocks, Ending, Held};
use super::source::Source;
#[cfg(unix)]
use super::source::readable;
use crate::engine::{Answering, Backoff, Plan, Progress, Shared};
use crate::{Responder, StartError, State, Stats};

/// A responder that runs on a task of a tokio runtime. Stops when dropped.
///
/// One with a name says goodbye then, on a thread for blocking calls; a runtime that shuts down waits for it.
///
/// Unlike [`Responding`](crate::Responding) it does not survive a fork: a child inherits the
/// runtime's descriptors, and the port stays taken until both processes have ended.
#[derive(Debug)]
#[must_use = "it stops answering when dropped"]
pub struct AsyncResponding {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
    ending: Ending,
}

impl AsyncResponding {
    fn start(claim: Claim, mut plan: Plan) -> Result<Self, StartError> {
        let shared = Arc::clone(&plan.shared);
        let ending = Ending::default();
        let of_task = ending.clone();
        let task = match claim {
            Claim::Owned(port) => {
                let engaged = Engaged::new(plan.answer_on(port)?);
                let engaged = engaged.map_err(StartError::system("registering the socket"))?;
                tokio::spawn(run(Held::new(engaged, of_task), plan))
            }
            Claim::Waiting(stand_by) => {
                plan.stands_by(&stand_by);
                let line = Line::new(&stand_by);
                let line = line.map_err(StartError::system("registering a place in the line"))?;
                tokio::spawn(async move {
                    let engaged = wait_for_port(stand_by, line, &mut plan).await;
                    run(Held::new(engaged, of_task), plan).await;
                })
            }
        };
        Ok(Self { shared, task, ending })
    }

    /// Probes received, answered and refused since start.
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }

    /// Whether the responder answers, stands by or has stopped.
    pub fn state(&self) -> State {
        self.shared.state()
    }

    /// The bound address; `None` while standing by.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.state().local_addr()
    }

    /// Stops, waits until the port is free, and returns the final counts.
    ///
    /// With a name it says goodbye first, which may take up to a second, and blocks no thread of the
    /// runtime's own.
    pub async fn stop(mut self) -> Stats {
        self.task.abort();
        if (&mut self.task).await.is_err_and(|error| error.is_panic()) {
            tracing::error!("the responder's task panicked");
        }
        self.ending.wait().await;
        self.shared.enter(State::Stopped);
        self.stats()
    }
}

impl Responder {
    /// Like [`start`](Self::start), on a task of the current tokio runtime.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    ///
    /// # Panics
    /// Outside a tokio runtime, or in one without its I/O and time drivers.
    pub fn start_async(self) -> Result<AsyncResponding, StartError> {
        let (claim, plan) = Plan::prepare(self, true)?;
        AsyncResponding::start(claim, plan)
    }
}

impl Drop for AsyncResponding {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An engine whose sources the runtime has, as duplicates, so that it can be turned meanwhile.
///
/// The duplicates are dropped first: when the guard of the port goes, whoever is next finds the
/// port free.
struct Engaged {
    socket: UdpSocket,
    socket_v6: Option<UdpSocket>,
    interfaces: Source,
    offers: Source,
    answering: Answering,
}

impl Engaged {
    fn new(mut answering: Answering) -> io::Result<Self> {
        let socket = duplicate(answering.socket())?;
        let duplicated = answering.socket_v6().map(duplicate).transpose();
        let socket_v6 = duplicated.unwrap_or_else(|error| {
            answering.release_v6(Instant::now(), &error);
            None
        });
        let (interfaces, offers) = sources(&answering)?;
        answering.begin();
        Ok(Self { socket, socket_v6, interfaces, offers, answering })
    }
}

impl Blocks for Engaged {
    fn blocks(&self) -> bool {
        self.answering.says_goodbye()
    }
}

fn duplicate(socket: &cooee_udp::UdpSocket) -> io::Result<UdpSocket> {
    UdpSocket::from_std(socket.as_std().try_clone()?)
}

async fn run(engaged: Held<Engaged>, plan: Plan) {
    if let Err(error) = answer(engaged, plan).await {
        tracing::error!(%error, "the responder cannot wait for datagrams, and stops");
    }
}

async fn wait_for_port(mut stand_by: StandBy, mut line: Line, plan: &mut Plan) -> Engaged {
    loop {
        line.wait(plan).await;
        stand_by = match plan.try_for_port(stand_by) {
            Ok(answering) => match Engaged::new(answering) {
                Ok(engaged) => return engaged,
                Err(error) => plan.try_later(&StartError::system("registering the socket")(error)),
            },
            Err(still) => still,
        };
        line = Line::new(&stand_by).unwrap_or_else(|error| {
            plan.waits_without_notice(&error);
            Line::WITHOUT_NOTICE
        });
    }
}

/// What a place in the line waits for, whichever is first.
struct Line {
    #[cfg(unix)]
    notice: Option<AsyncFd<OwnedFd>>,
    retry_after: Option<Duration>,
}

impl Line {
    const WITHOUT_NOTICE: Self = Self {
        #[cfg(unix)]
        notice: None,
        retry_after: Some(Duration::from_secs(1)),
    };

    fn new(stand_by: &StandBy) -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            notice: stand_by
                .wakes_on()
                .map(|source| readable(source.try_clone_to_owned()?))
                .transpose()?,
            retry_after: stand_by.retry_after(),
        })
    }

    async fn wait(&self, plan: &mut Plan) {
        let until = self.retry_after.map(|after| Instant::now() + after);
        loop {
            tokio::select! {
                () = self.noticed() => break,
                () = pause(until) => break,
                () = pause(plan.pulse.next()) => plan.beat(Instant::now()),
            }
        }
        // Notices may come sooner than the pulse every time.
        plan.beat(Instant::now());
    }

    #[cfg(unix)]
    async fn noticed(&self) {
        match &self.notice {
            Some(notice) if notice.readable().await.is_ok() => {}
            _ => std::future::pending().await,
        }
    }

    #[cfg(not(unix))]
    async fn noticed(&self) {
        std::future::pending::<()>().await;
    }
}

async fn pause(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until.into()).await,
        None => std::future::pending().await,
    }
}

async fn answer(mut engaged: Held<Engaged>, mut plan: Plan) -> io::Result<()> {
    let Engaged { answering, socket, socket_v6, interfaces, offers } = &mut *engaged;
    let mut backoff = Backoff::default();
    loop {
        let mut progress = Progress::Idle;
        tokio::select! {
            ready = socket.readable() => {
                ready?;
                // The error by which the runtime knows that the socket is empty.
                let _ = socket.try_io(Interest::READABLE, || {
                    progress = answering.step(Instant::now());
                    match progress {
                        Progress::Idle => Err(io::ErrorKind::WouldBlock.into()),
                        Progress::More | Progress::Trouble => Ok(()),
                    }
                });
            }
            ready = readable_v6(socket_v6.as_ref()) => {
                ready?;
                answering.note_v6_readable();
                if let Some(socket) = &*socket_v6 {
                    let _ = socket.try_io(Interest::READABLE, || {
                        progress = answering.step(Instant::now());
                        match progress {
                            Progress::Idle => Err(io::ErrorKind::WouldBlock.into()),
                            Progress::More | Progress::Trouble => Ok(()),
                        }
                    });
                }
            }
            changed = interfaces.changed() => {
                changed?;
                answering.look_at_interfaces(Instant::now());
                continue;
            }
            changed = offers.changed() => {
                changed?;
                answering.look_at_offers(Instant::now());
                continue;
            }
            () = pause(plan.pulse.or_before(answering.poll_timeout())) => {
                progress = answering.step(Instant::now());
            }
        }
        if socket_v6.is_none() {
            match answering.socket_v6().map(duplicate).transpose() {
                Ok(duplicated) => *socket_v6 = duplicated,
                Err(error) => answering.release_v6(Instant::now(), &error),
            }
        }
        match progress {
            Progress::More | Progress::Idle => {
                backoff.reset();
                plan.beat(Instant::now());
            }
            Progress::Trouble => sleep(backoff.pause()).await,
        }
        yield_now().await;
    }
}

async fn readable_v6(socket: Option<&UdpSocket>) -> io::Result<()> {
    match socket {
        Some(socket) => socket.readable().await,
        None => std::future::pending().await,
    }
}

/// What the engine is told by besides the socket: changes of the interfaces, and of offers.
fn sources(answering: &Answering) -> io::Result<(Source, Source)> {
    let interfaces = Source::of_interfaces(answering.watch())?;
    #[cfg(unix)]
    let offers = Source::new(answering.port().offers())?;
    #[cfg(windows)]
    let offers = Source::default();
    Ok((interfaces, offers))
}
