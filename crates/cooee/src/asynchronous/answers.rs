use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use cooee_core::Outcome;
use futures_core::Stream;
use tokio::io::Interest;
use tokio::net::UdpSocket;
use tokio::time::{Sleep, sleep_until};

use crate::backoff::Backoff;
use crate::discovery::{Call, Received};
use crate::{DiscoverError, Found, Server};

/// The servers that answer, each when it first does, as a stream.
///
/// The discovery goes on only while this is polled; drop it to end it.
#[must_use = "nothing is received until it is polled"]
pub struct AsyncAnswers {
    call: Call,
    /// A duplicate, so that the engine can be turned while the runtime has it.
    socket: UdpSocket,
    timer: Pin<Box<Sleep>>,
    backoff: Backoff,
    /// When to receive again after a failure.
    resume: Option<Instant>,
}

impl fmt::Debug for AsyncAnswers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = self.call.outcome();
        f.debug_struct("AsyncAnswers").field("outcome", &outcome).finish_non_exhaustive()
    }
}

impl AsyncAnswers {
    pub(crate) fn start(call: Call) -> Result<Self, DiscoverError> {
        let socket = call.socket().as_std().try_clone().and_then(UdpSocket::from_std);
        let socket = socket.map_err(DiscoverError::system("registering the socket"))?;
        let timer = Box::pin(sleep_until(Instant::now().into()));
        Ok(Self { call, socket, timer, backoff: Backoff::default(), resume: None })
    }

    /// The next server, when it answers; `None` when the discovery is over.
    ///
    /// Cancel safe: no server is lost.
    pub async fn next(&mut self) -> Option<Server> {
        poll_fn(|cx| self.poll_server(cx)).await
    }

    /// What was done, and how complete it believes to be; `None` while it goes on.
    pub fn outcome(&self) -> Option<Outcome> {
        self.call.outcome()
    }

    /// Ends it, if it has not ended by itself, with the servers as they are known now: what a server
    /// said of itself replaces what another said of it before.
    pub fn finish(self) -> Found {
        self.call.finish(Instant::now())
    }

    /// Ends it, if it has not ended by itself.
    pub fn stop(mut self) -> Outcome {
        self.call.stop(Instant::now())
    }

    fn poll_server(&mut self, cx: &mut Context<'_>) -> Poll<Option<Server>> {
        loop {
            if let Some(server) = self.call.next_server() {
                return Poll::Ready(Some(server));
            }
            let now = Instant::now();
            self.call.handle_timeout(now);
            let Some(due) = self.call.poll_timeout() else { return Poll::Ready(None) };
            let wake = match self.poll_receive(cx, now) {
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
            ready!(self.timer.as_mut().poll(cx));
        }
    }

    /// Ready when something was received or failed; otherwise the task is woken when something can
    /// be received, unless it pauses after a failure.
    fn poll_receive(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<Received> {
        if self.resume.is_some_and(|resume| now < resume) {
            return Poll::Pending;
        }
        self.resume = None;
        loop {
            if let Err(error) = ready!(self.socket.poll_recv_ready(cx)) {
                // The runtime is shutting down: nothing will be received any more.
                tracing::error!(%error, "the discovery ends");
                self.call.stop(now);
                return Poll::Ready(Received::Nothing);
            }
            let attempt = self.socket.try_io(Interest::READABLE, || self.call.receive(now));
            match self.call.judge(now, attempt) {
                Received::Nothing => {}
                received => return Poll::Ready(received),
            }
        }
    }
}

impl Stream for AsyncAnswers {
    type Item = Server;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Server>> {
        self.get_mut().poll_server(cx)
    }
}
