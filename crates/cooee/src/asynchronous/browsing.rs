use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use futures_core::Stream;
use tokio::time::{Sleep, sleep_until};

use super::ears::Ears;
use super::source::Source;
use crate::engine::{Received, Watching};
use crate::{DiscoverError, Discovery, Presence, Server};

/// The same as [`Browser`](crate::Browser), as a stream, which ends when its runtime does.
///
/// Made by [`Discovery::watch_async`]. The view advances only while the stream is polled. Drop the
/// stream to end it.
#[must_use = "nothing is received until it is polled"]
pub struct BrowserStream {
    watching: Watching,
    ears: Ears,
    interfaces: Arc<Source>,
    /// The word that interfaces have changed.
    change: Change,
    timer: Pin<Box<Sleep>>,
    /// Whether it was left to the runtime to wait.
    is_waiting: bool,
    /// The task to wake when a thread outside the runtime has news.
    waker: Arc<Mutex<Option<Waker>>>,
}

type Change = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// Waits until interfaces have changed.
fn change(source: &Arc<Source>) -> Change {
    let source = Arc::clone(source);
    Box::pin(async move {
        if source.changed().await.is_err() {
            // The runtime is shutting down; the task that waits for datagrams gets the error.
            std::future::pending::<()>().await;
        }
    })
}

impl fmt::Debug for BrowserStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrowserStream").finish_non_exhaustive()
    }
}

impl BrowserStream {
    fn start(mut watching: Watching) -> Result<Self, DiscoverError> {
        watching.never_wait();
        let system = || DiscoverError::system("registering the socket");
        let ears = Ears::new(watching.sockets()).map_err(system())?;
        let interfaces = Source::of_interfaces(watching.interface_watch()).map_err(system())?;
        let interfaces = Arc::new(interfaces);
        let waker = Arc::new(Mutex::new(None::<Waker>));
        let woken = Arc::clone(&waker);
        watching.wake_by(move || {
            let waker = woken.lock().unwrap_or_else(PoisonError::into_inner).take();
            waker.into_iter().for_each(Waker::wake);
        });
        Ok(Self {
            watching,
            ears,
            change: change(&interfaces),
            interfaces,
            timer: Box::pin(sleep_until(Instant::now().into())),
            is_waiting: false,
            waker,
        })
    }

    /// Waits for what happens next; `None` when the runtime ends.
    ///
    /// Cancel safe: no event is lost.
    pub async fn next(&mut self) -> Option<Presence> {
        poll_fn(|cx| self.poll_event(cx)).await
    }

    /// The servers that are there now, in the order in which they were found.
    pub fn servers(&mut self) -> Vec<Server> {
        self.watching.servers()
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Presence>> {
        if self.is_waiting {
            self.is_waiting = false;
            self.watching.woke(Instant::now());
        }
        // Before it is looked whether there is anything.
        *self.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(cx.waker().clone());
        loop {
            while self.change.as_mut().poll(cx).is_ready() {
                self.change = change(&self.interfaces);
                self.watching.woke(Instant::now());
            }
            let now = Instant::now();
            self.watching.handle_timeout(now);
            if let Some(event) = self.watching.next_event() {
                return Poll::Ready(Some(event));
            }
            let Some(due) = self.watching.poll_timeout() else { return Poll::Ready(None) };
            let received = self.poll_receive(cx, now);
            let resume = self.ears.note(received, now);
            if matches!(received, Poll::Ready(Received::Some | Received::Nothing)) {
                continue;
            }
            self.timer.as_mut().reset(resume.map_or(due, |resume| resume.min(due)).into());
            if self.timer.as_mut().poll(cx).is_pending() {
                self.is_waiting = true;
                return Poll::Pending;
            }
        }
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<Received> {
        let watching = &mut self.watching;
        let received = self.ears.poll(cx, now, || {
            let attempt = watching.receive(now);
            watching.judge(now, attempt)
        });
        received.map(|received| {
            received.unwrap_or_else(|error| {
                tracing::error!(%error, "the live view ends");
                self.watching.stop();
                Received::Nothing
            })
        })
    }
}

impl Stream for BrowserStream {
    type Item = Presence;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Presence>> {
        self.get_mut().poll_event(cx)
    }
}

impl Discovery {
    /// Like [`watch`](Self::watch), as a stream.
    ///
    /// # Errors
    /// As [`watch`](Self::watch).
    ///
    /// # Panics
    /// Outside a tokio runtime, or in one without its I/O and time drivers.
    pub fn watch_async(&self) -> Result<BrowserStream, DiscoverError> {
        BrowserStream::start(Watching::begin(self.clone())?)
    }
}
