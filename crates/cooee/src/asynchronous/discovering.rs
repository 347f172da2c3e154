use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use cooee_core::{Outcome, Swept};
use cooee_udp::connected;
use futures_core::Stream;
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep_until};

use super::ears::Ears;
use crate::engine::{Connections, Received, Searching};
use crate::{DiscoverError, Discovery, Found, Server, Wait};

/// A stream of the servers of a running discovery; yields each at its first answer.
///
/// The discovery advances only while the stream is polled. Drop the stream to end it.
#[must_use = "nothing is received until it is polled"]
pub struct ServerStream {
    calling: Searching,
    ears: Ears,
    /// Those that are opened to see whether servers accept them.
    connections: Connections<TcpStream>,
    timer: Pin<Box<Sleep>>,
    /// Whether it was left to the runtime to wait.
    is_waiting: bool,
    /// The task to wake when a thread outside the runtime has news.
    waker: Arc<Mutex<Option<Waker>>>,
}

/// What came of a connection; otherwise the task is woken when more is known.
fn look(stream: &TcpStream, cx: &mut Context<'_>) -> Option<io::Result<()>> {
    loop {
        if stream.poll_write_ready(cx).is_pending() {
            return None;
        }
        let known = connected(stream);
        if known.is_some() {
            return known;
        }
        // The error by which the runtime knows that it has to wait again.
        let again = || Err::<(), _>(io::Error::from(io::ErrorKind::WouldBlock));
        let _ = stream.try_io(Interest::WRITABLE, again);
    }
}

impl fmt::Debug for ServerStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = self.calling.outcome();
        f.debug_struct("ServerStream").field("outcome", &outcome).finish_non_exhaustive()
    }
}

impl ServerStream {
    pub(crate) fn start(mut calling: Searching) -> Result<Self, DiscoverError> {
        calling.never_wait();
        let ears = Ears::new(calling.sockets());
        let ears = ears.map_err(DiscoverError::system("registering the socket"))?;
        let timer = Box::pin(sleep_until(Instant::now().into()));
        let waker = Arc::new(Mutex::new(None::<Waker>));
        let woken = Arc::clone(&waker);
        calling.wake_by(move || {
            let waker = woken.lock().unwrap_or_else(PoisonError::into_inner).take();
            waker.into_iter().for_each(Waker::wake);
        });
        let connections = Connections::default();
        Ok(Self { calling, ears, connections, timer, is_waiting: false, waker })
    }

    /// Waits for the next server; `None` when the discovery has ended.
    ///
    /// Cancel safe: no server is lost.
    pub async fn next(&mut self) -> Option<Server> {
        poll_fn(|cx| self.poll_server(cx)).await
    }

    /// How the discovery went and how complete it probably is; `None` while it runs.
    pub fn outcome(&self) -> Option<Outcome> {
        self.calling.outcome()
    }

    /// The latest end of the discovery.
    pub fn deadline(&self) -> Instant {
        self.calling.deadline()
    }

    /// The progress of the sweep over [subnets](crate::Discovery::subnet); `None` without one.
    pub fn swept(&self) -> Option<Swept> {
        self.calling.swept()
    }

    /// Ends the discovery if it still runs, and returns all servers, brought up to date: an answer
    /// from a server itself replaces what another host said about it.
    pub fn finish(self) -> Found {
        self.calling.finish(Instant::now())
    }

    /// Ends the discovery if it still runs.
    pub fn stop(mut self) -> Outcome {
        self.calling.conclude(Instant::now())
    }

    fn poll_server(&mut self, cx: &mut Context<'_>) -> Poll<Option<Server>> {
        if self.is_waiting {
            self.is_waiting = false;
            self.calling.woke(Instant::now());
        }
        // Before it is looked whether there is anything.
        *self.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(cx.waker().clone());
        loop {
            // Connections that were opened in time are looked at before timers are.
            if let Some(server) = self.turn(cx) {
                return Poll::Ready(Some(server));
            }
            let now = Instant::now();
            self.calling.handle_timeout(now);
            if let Some(server) = self.turn(cx) {
                return Poll::Ready(Some(server));
            }
            if self.calling.poll_timeout().is_none() {
                return Poll::Ready(None);
            }
            let received = self.poll_receive(cx, now);
            // What was received may have been all that was missing.
            let Some(due) = self.calling.poll_timeout() else { continue };
            let resume = self.ears.note(received, now);
            if matches!(received, Poll::Ready(Received::Some | Received::Nothing)) {
                continue;
            }
            let wake = resume.map_or(due, |resume| resume.min(due));
            self.timer.as_mut().reset(wake.into());
            if self.timer.as_mut().poll(cx).is_pending() {
                self.is_waiting = true;
                return Poll::Pending;
            }
        }
    }

    /// The next server that is known, after a look at the connections.
    fn turn(&mut self, cx: &mut Context<'_>) -> Option<Server> {
        let look = |stream: &mut TcpStream| look(stream, cx);
        self.calling.turn(&mut self.connections, TcpStream::from_std, look)
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<Received> {
        let calling = &mut self.calling;
        let received = self.ears.poll(cx, now, || {
            let attempt = calling.receive(now);
            calling.judge(now, attempt)
        });
        received.map(|received| {
            received.unwrap_or_else(|error| {
                tracing::error!(%error, "the discovery ends");
                self.calling.stop(now);
                Received::Nothing
            })
        })
    }
}

impl Stream for ServerStream {
    type Item = Server;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Server>> {
        self.get_mut().poll_server(cx)
    }
}

impl Discovery {
    /// Like [`run`](Self::run), without blocking.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    ///
    /// # Panics
    /// Outside a tokio runtime, or in one without its I/O and time drivers.
    pub async fn run_async(&self) -> Result<Found, DiscoverError> {
        let mut servers = self.servers_async()?;
        while servers.next().await.is_some() {}
        Ok(servers.finish())
    }

    /// Like [`first`](Self::first), without blocking.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    ///
    /// # Panics
    /// As [`run_async`](Self::run_async).
    pub async fn first_async(&self) -> Result<Option<Server>, DiscoverError> {
        Ok(self.until(Wait::First).servers_async()?.next().await)
    }

    /// Like [`servers`](Self::servers), as a stream.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    ///
    /// # Panics
    /// As [`run_async`](Self::run_async).
    pub fn servers_async(&self) -> Result<ServerStream, DiscoverError> {
        ServerStream::start(Searching::begin(self.clone())?)
    }
}
