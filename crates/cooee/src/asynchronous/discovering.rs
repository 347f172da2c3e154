use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use cooee_core::{Outcome, Swept};
use futures_core::Stream;
use tokio::io::Interest;
use tokio::net::UdpSocket;
use tokio::time::{Sleep, sleep_until};

use crate::engine::{Backoff, Calling, Received};
use crate::{DiscoverError, Discovery, Found, Server, Wait};

/// The servers that answer, each when it first does, as a stream.
///
/// The discovery goes on only while this is polled; drop it to end it.
#[must_use = "nothing is received until it is polled"]
pub struct ServerStream {
    calling: Calling,
    /// Duplicates, so that the engine can be turned while the runtime has them.
    sockets: Vec<Arc<UdpSocket>>,
    /// The word for each that a datagram was refused, which does not make it readable.
    refusals: Vec<Refusal>,
    timer: Pin<Box<Sleep>>,
    backoff: Backoff,
    /// When to receive again after a failure.
    resume: Option<Instant>,
    /// Whether it was left to the runtime to wait.
    is_waiting: bool,
}

type Refusal = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// Waits until a datagram that left by `socket` was refused.
fn refusal(socket: &Arc<UdpSocket>) -> Refusal {
    let socket = Arc::clone(socket);
    Box::pin(async move {
        if socket.ready(Interest::ERROR).await.is_err() {
            // The runtime is shutting down, as whoever waits for datagrams is told.
            std::future::pending::<()>().await;
        }
    })
}

impl fmt::Debug for ServerStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = self.calling.outcome();
        f.debug_struct("ServerStream").field("outcome", &outcome).finish_non_exhaustive()
    }
}

impl ServerStream {
    pub(crate) fn start(calling: Calling) -> Result<Self, DiscoverError> {
        let sockets = calling.sockets().iter();
        let sockets = sockets.map(|(_, socket)| UdpSocket::from_std(socket.as_std().try_clone()?));
        let sockets: Vec<_> = sockets
            .map(|socket| socket.map(Arc::new))
            .collect::<io::Result<_>>()
            .map_err(DiscoverError::system("registering the socket"))?;
        let timer = Box::pin(sleep_until(Instant::now().into()));
        Ok(Self {
            calling,
            refusals: sockets.iter().map(refusal).collect(),
            sockets,
            timer,
            backoff: Backoff::default(),
            resume: None,
            is_waiting: false,
        })
    }

    /// The next server, when it answers; `None` when the discovery is over.
    ///
    /// Cancel safe: no server is lost.
    pub async fn next(&mut self) -> Option<Server> {
        poll_fn(|cx| self.poll_server(cx)).await
    }

    /// What was done, and how complete it believes to be; `None` while it goes on.
    pub fn outcome(&self) -> Option<Outcome> {
        self.calling.outcome()
    }

    /// When it ends at the latest.
    pub fn deadline(&self) -> Instant {
        self.calling.deadline()
    }

    /// How far the sweep of [subnets](crate::Discovery::subnet) has come; `None` without one.
    pub fn swept(&self) -> Option<Swept> {
        self.calling.swept()
    }

    /// Ends it, if it has not ended by itself, with the servers as they are known now: what a server
    /// said of itself replaces what another said of it before.
    pub fn finish(self) -> Found {
        self.calling.finish(Instant::now())
    }

    /// Ends it, if it has not ended by itself.
    pub fn stop(mut self) -> Outcome {
        self.calling.stop(Instant::now())
    }

    fn poll_server(&mut self, cx: &mut Context<'_>) -> Poll<Option<Server>> {
        if self.is_waiting {
            self.is_waiting = false;
            self.calling.woke(Instant::now());
        }
        loop {
            if let Some(server) = self.calling.next_server() {
                return Poll::Ready(Some(server));
            }
            let now = Instant::now();
            self.calling.handle_timeout(now);
            if self.calling.poll_timeout().is_none() {
                return Poll::Ready(self.calling.next_server());
            }
            let received = self.poll_receive(cx, now);
            // What was received may have been all that was missing.
            let Some(due) = self.calling.poll_timeout() else { continue };
            let wake = match received {
                Poll::Ready(Received::Trouble) => {
                    let resume = now + self.backoff.pause();
                    self.resume = Some(resume);
                    due.min(resume)
                }
                Poll::Ready(_) => {
                    self.backoff.reset();
                    continue;
                }
                Poll::Pending => self.resume.map_or(due, |resume| resume.min(due)),
            };
            self.timer.as_mut().reset(wake.into());
            if self.timer.as_mut().poll(cx).is_pending() {
                self.is_waiting = true;
                return Poll::Pending;
            }
        }
    }

    /// As [`poll_receive`](Self::poll_receive), if a datagram was refused.
    fn poll_refusals(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<Received> {
        let calling = &mut self.calling;
        for (socket, refused) in self.sockets.iter().zip(&mut self.refusals) {
            while refused.as_mut().poll(cx).is_ready() {
                *refused = refusal(socket);
                let mut received = Received::Nothing;
                // The error by which the runtime knows that all was read of them.
                let _ = socket.try_io(Interest::ERROR, || {
                    let attempt = calling.receive(now);
                    received = calling.judge(now, attempt);
                    Err::<(), _>(io::Error::from(io::ErrorKind::WouldBlock))
                });
                if received != Received::Nothing {
                    return Poll::Ready(received);
                }
            }
        }
        Poll::Pending
    }

    /// Ready when something was received or failed; otherwise the task is woken when something can
    /// be received, unless it pauses after a failure.
    fn poll_receive(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<Received> {
        if self.resume.is_some_and(|resume| now < resume) {
            return Poll::Pending;
        }
        self.resume = None;
        if let Poll::Ready(received) = self.poll_refusals(cx, now) {
            return Poll::Ready(received);
        }
        loop {
            let mut readable = None;
            for socket in &self.sockets {
                match socket.poll_recv_ready(cx) {
                    Poll::Ready(Ok(())) => readable = readable.or(Some(socket)),
                    Poll::Ready(Err(error)) => {
                        // The runtime is shutting down: nothing will be received any more.
                        tracing::error!(%error, "the discovery ends");
                        self.calling.stop(now);
                        return Poll::Ready(Received::Nothing);
                    }
                    Poll::Pending => {}
                }
            }
            let Some(readable) = readable else { return Poll::Pending };
            let mut received = Received::Nothing;
            let calling = &mut self.calling;
            // The error by which the runtime knows that the socket is empty.
            let _ = readable.try_io(Interest::READABLE, || {
                let attempt = calling.receive(now);
                received = calling.judge(now, attempt);
                match received {
                    Received::Nothing => Err(io::Error::from(io::ErrorKind::WouldBlock)),
                    Received::Some | Received::Trouble => Ok(()),
                }
            });
            match received {
                Received::Nothing => {}
                received => return Poll::Ready(received),
            }
        }
    }
}

impl Stream for ServerStream {
    type Item = Server;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Server>> {
        self.get_mut().poll_server(cx)
    }
}

impl Discovery {
    /// As [`run`](Self::run), without blocking.
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

    /// As [`first`](Self::first), without blocking.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    ///
    /// # Panics
    /// As [`run_async`](Self::run_async).
    pub async fn first_async(&self) -> Result<Option<Server>, DiscoverError> {
        Ok(self.until(Wait::First).servers_async()?.next().await)
    }

    /// As [`servers`](Self::servers), as a stream. Dropping it ends the discovery.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    ///
    /// # Panics
    /// As [`run_async`](Self::run_async).
    pub fn servers_async(&self) -> Result<ServerStream, DiscoverError> {
        ServerStream::start(Calling::begin(self.clone())?)
    }
}
