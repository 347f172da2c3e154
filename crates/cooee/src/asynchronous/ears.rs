//! Waiting for the sockets of a discovery or a live view.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::io::Interest;
use tokio::net::UdpSocket;

use crate::engine::{Backoff, Received, Sockets};

/// What hears answers.
pub(super) struct Ears {
    /// Duplicates, so that the engine can be turned while the runtime has them.
    sockets: Vec<Arc<UdpSocket>>,
    /// The word for each that a datagram was refused, which does not make it readable.
    refusals: Vec<Refusal>,
    backoff: Backoff,
    /// When to receive again after a failure.
    resume: Option<Instant>,
}

type Refusal = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// Waits until a datagram that left by `socket` was refused.
fn refusal(socket: &Arc<UdpSocket>) -> Refusal {
    let socket = Arc::clone(socket);
    Box::pin(async move {
        if socket.ready(Interest::ERROR).await.is_err() {
            // The runtime is shutting down; the task that waits for datagrams gets the error.
            std::future::pending::<()>().await;
        }
    })
}

impl Ears {
    pub(super) fn new(sockets: &Sockets) -> io::Result<Self> {
        let sockets = sockets.iter();
        let sockets = sockets.map(|(_, socket)| UdpSocket::from_std(socket.as_std().try_clone()?));
        let sockets: Vec<_> =
            sockets.map(|socket| socket.map(Arc::new)).collect::<io::Result<_>>()?;
        Ok(Self {
            refusals: sockets.iter().map(refusal).collect(),
            sockets,
            backoff: Backoff::default(),
            resume: None,
        })
    }

    /// Takes note of what receiving brought; returns when to go on if that is not at once.
    pub(super) fn note(&mut self, received: Poll<Received>, now: Instant) -> Option<Instant> {
        match received {
            Poll::Ready(Received::Trouble) => self.resume = Some(now + self.backoff.pause()),
            Poll::Ready(_) => self.backoff.reset(),
            Poll::Pending => {}
        }
        self.resume
    }

    /// As [`poll`](Self::poll), if a datagram was refused.
    fn poll_refusals(
        &mut self,
        cx: &mut Context<'_>,
        receive: &mut impl FnMut() -> Received,
    ) -> Poll<Received> {
        for (socket, refused) in self.sockets.iter().zip(&mut self.refusals) {
            while refused.as_mut().poll(cx).is_ready() {
                *refused = refusal(socket);
                let mut received = Received::Nothing;
                // The error by which the runtime knows that all was read of them.
                let _ = socket.try_io(Interest::ERROR, || {
                    received = receive();
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
    ///
    /// # Errors
    /// The runtime is shutting down: nothing will be received any more.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        now: Instant,
        mut receive: impl FnMut() -> Received,
    ) -> Poll<io::Result<Received>> {
        if self.resume.is_some_and(|resume| now < resume) {
            return Poll::Pending;
        }
        self.resume = None;
        if let Poll::Ready(received) = self.poll_refusals(cx, &mut receive) {
            return Poll::Ready(Ok(received));
        }
        loop {
            let mut readable = None;
            for socket in &self.sockets {
                match socket.poll_recv_ready(cx) {
                    Poll::Ready(Ok(())) => readable = readable.or(Some(socket)),
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => {}
                }
            }
            let Some(readable) = readable else { return Poll::Pending };
            let mut received = Received::Nothing;
            // The error by which the runtime knows that the socket is empty.
            let _ = readable.try_io(Interest::READABLE, || {
                received = receive();
                match received {
                    Received::Nothing => Err(io::Error::from(io::ErrorKind::WouldBlock)),
                    Received::Some | Received::Trouble => Ok(()),
                }
            });
            match received {
                Received::Nothing => {}
                received => return Poll::Ready(Ok(received)),
            }
        }
    }
}
