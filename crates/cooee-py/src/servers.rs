//! Servers as they answer.

use std::collections::VecDeque;
use std::mem;
use std::process;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use cooee::{Next, Stopper};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::detached::drop_detached;
use crate::findings::Finding;
use crate::found::{Outcome, Server};
use crate::settings::discovery::built;
use crate::{error, log};

/// How long a signal such as Ctrl-C may wait for its handler.
pub(crate) const SLICE: Duration = Duration::from_millis(50);

/// A discovery that goes on, and the servers heard but not yet given out.
///
/// They are heard in batches: to attach to the interpreter anew for each would let another busy
/// thread slow a thousand answers to seconds.
pub(crate) struct Listening {
    servers: cooee::Servers,
    heard: VecDeque<cooee::Server>,
}

impl Listening {
    /// Sends the first probes.
    pub(crate) fn begin(py: Python<'_>, discovery: &cooee::Discovery) -> PyResult<Self> {
        log::forward();
        let servers = py.detach(|| discovery.servers()).map_err(error::discover)?;
        Ok(Self { servers, heard: VecDeque::new() })
    }

    /// Waits for servers, but no longer than `patience`, and takes all that are there. Says
    /// whether it is over.
    pub(crate) fn listen(&mut self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        let mut next = self.servers.next_within(patience);
        loop {
            match next {
                Next::Found(server) => self.heard.push_back(server),
                Next::Nothing => return false,
                Next::Over => return true,
            }
            if Instant::now() >= until && !patience.is_zero() {
                return false;
            }
            next = self.servers.next_within(Duration::ZERO);
        }
    }

    /// Ends it, with all servers as they are known now.
    pub(crate) fn finish(self) -> cooee::Found {
        self.servers.finish()
    }
}

/// The servers that answer, each when it first does: an iterator, and a context manager that ends
/// the discovery when it is left.
#[pyclass(frozen, subclass, module = "cooee")]
pub(crate) struct Servers {
    process: u32,
    turn: Mutex<Turn>,
    returned: Condvar,
}

enum Turn {
    /// Nobody is waiting.
    Free(Box<Listening>),
    /// A thread is waiting, and has it.
    Lent { stopper: Stopper, to: ThreadId },
    /// It is over, but for servers not yet given out.
    Over { heard: VecDeque<cooee::Server>, found: Box<cooee::Found> },
}

impl Turn {
    fn over(mut listening: Listening) -> Self {
        let heard = mem::take(&mut listening.heard);
        Self::Over { heard, found: Box::new(listening.finish()) }
    }

    /// What is free, which is lent from now on.
    fn lend(&mut self) -> Option<Box<Listening>> {
        let Self::Free(listening) = self else { return None };
        let stopper = listening.servers.stopper();
        let lent = Self::Lent { stopper, to: thread::current().id() };
        match mem::replace(self, lent) {
            Self::Free(listening) => Some(listening),
            Self::Lent { .. } | Self::Over { .. } => None,
        }
    }
}

impl Servers {
    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A server that was heard before, or the right to wait for more; `None` when it is over.
    fn heard_or_lent(&self) -> PyResult<Option<Result<Server, Box<Listening>>>> {
        let mut turn = self.turn();
        let heard = match &mut *turn {
            Turn::Free(listening) => listening.heard.pop_front(),
            Turn::Lent { .. } => {
                return Err(PyRuntimeError::new_err("another thread waits for the next server"));
            }
            Turn::Over { heard, .. } => heard.pop_front(),
        };
        Ok(match heard {
            Some(server) => Some(Ok(server.into())),
            None => turn.lend().map(Err),
        })
    }

    fn give_back(&self, turn: Turn) {
        *self.turn() = turn;
        self.returned.notify_all();
    }

    /// Listens for a while, and lets signals be handled. What they raise ends it.
    fn listen(
        &self,
        py: Python<'_>,
        mut listening: Box<Listening>,
        patience: Duration,
    ) -> PyResult<()> {
        let over = if patience.is_zero() {
            listening.listen(patience)
        } else {
            py.detach(|| listening.listen(patience))
        };
        let end = |listening: Box<Listening>| py.detach(|| Turn::over(*listening));
        self.give_back(if over { end(listening) } else { Turn::Free(listening) });
        // Only now, for a handler may end it, or ask for more.
        py.check_signals().or_else(|signal| {
            py.detach(|| self.end())?;
            Err(signal)
        })
    }

    /// Ends it, after a thread that waits has returned, but for servers not yet given out.
    ///
    /// # Errors
    /// On the thread that waits, where a handler of the log may call this: it ends when the wait returns.
    fn end(&self) -> PyResult<Outcome> {
        let mut turn = self.turn();
        loop {
            if let Some(listening) = turn.lend() {
                drop(turn);
                self.give_back(Turn::over(*listening));
                turn = self.turn();
            }
            match &*turn {
                Turn::Over { found, .. } => return Ok(found.outcome().clone().into()),
                Turn::Free(_) => {}
                Turn::Lent { stopper, to } => {
                    stopper.stop();
                    if *to == thread::current().id() {
                        return Err(PyRuntimeError::new_err(
                            "this thread waits for the next server; the discovery ends when it returns",
                        ));
                    }
                    turn = self.returned.wait(turn).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

#[pymethods]
impl Servers {
    #[new]
    #[pyo3(
        signature = (**settings),
        text_signature = "(*, port=9999, message='DISCOVER_SERVER', prefix='SERVER_IP:', \
                          timeout=None, retries=3, wait='settled', interfaces=None, \
                          exclude_interfaces=None, hosts=(), subnets=(), sweep=False, \
                          allow_public=False, remembered=(), check=False, families='both', \
                          mdns=True, probes=True, services=())"
    )]
    pub(crate) fn begin(py: Python<'_>, settings: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let listening = Listening::begin(py, &built(settings)?)?;
        Ok(Self {
            process: process::id(),
            turn: Mutex::new(Turn::Free(Box::new(listening))),
            returned: Condvar::new(),
        })
    }

    /// What was done, and how complete it believes to be; None while it goes on.
    #[getter]
    fn outcome(&self) -> Option<Outcome> {
        match &*self.turn() {
            Turn::Over { found, .. } => Some(found.outcome().clone().into()),
            Turn::Free(_) | Turn::Lent { .. } => None,
        }
    }

    /// All servers as they are known at the end: what a server said of itself replaces what
    /// another said of it before. None while it goes on.
    #[getter]
    fn servers(&self) -> Option<Vec<Server>> {
        match &*self.turn() {
            Turn::Over { found, .. } => Some(found.iter().cloned().map(Server::from).collect()),
            Turn::Free(_) | Turn::Lent { .. } => None,
        }
    }

    /// Why nobody was found, or a host that was named is missing, the likeliest cause first. Empty if
    /// nothing is missing; None while it goes on.
    ///
    /// Looks around on this host, which may take some milliseconds; sends nothing.
    fn _findings(&self, py: Python<'_>) -> Option<Vec<Finding>> {
        let found = match &*self.turn() {
            Turn::Over { found, .. } => found.clone(),
            Turn::Free(_) | Turn::Lent { .. } => return None,
        };
        let findings = py.detach(|| found.findings());
        Some(findings.iter().map(Finding::from).collect())
    }

    /// Ends it, if it has not ended by itself. What waits for the next server returns at once.
    fn stop(&self, py: Python<'_>) -> PyResult<Outcome> {
        let outcome = py.detach(|| self.end())?;
        if let Turn::Over { heard, .. } = &mut *self.turn() {
            heard.clear();
        }
        Ok(outcome)
    }

    /// The next server that was not given out before, without waiting. None if there is none yet,
    /// or it is over.
    ///
    /// For an event loop: to be called when the descriptor is readable, and when it is due. waited
    /// says that the loop has waited for that until now.
    #[pyo3(signature = (*, waited=false))]
    fn poll(&self, py: Python<'_>, waited: bool) -> PyResult<Option<Server>> {
        match self.heard_or_lent()? {
            None => return Ok(None),
            Some(Ok(server)) => return Ok(Some(server)),
            Some(Err(mut listening)) => {
                if waited {
                    listening.servers.woke();
                }
                self.listen(py, listening, Duration::ZERO)?;
            }
        }
        Ok(match &mut *self.turn() {
            Turn::Free(listening) => listening.heard.pop_front().map(Server::from),
            Turn::Over { heard, .. } => heard.pop_front().map(Server::from),
            Turn::Lent { .. } => None,
        })
    }

    /// Seconds until poll() is due even if the descriptor does not become readable; None when it is
    /// over.
    #[getter]
    fn due(&self) -> Option<f64> {
        match &*self.turn() {
            Turn::Free(listening) if !listening.heard.is_empty() => Some(0.0),
            Turn::Free(listening) => {
                let due = listening.servers.due().unwrap_or_else(Instant::now);
                Some(due.saturating_duration_since(Instant::now()).as_secs_f64())
            }
            Turn::Lent { .. } => Some(SLICE.as_secs_f64()),
            Turn::Over { heard, .. } => (!heard.is_empty()).then_some(0.0),
        }
    }

    /// A descriptor that is readable when any socket is; -1 when it is closed. It stays this
    /// object's.
    #[cfg(unix)]
    fn fileno(&self) -> i32 {
        use std::os::fd::{AsFd, AsRawFd};
        match &*self.turn() {
            Turn::Free(listening) => listening.servers.as_fd().as_raw_fd(),
            Turn::Lent { .. } | Turn::Over { .. } => -1,
        }
    }

    /// Waits for servers, at most so many seconds, or a quarter of one, and keeps what it hears for
    /// poll(). For a thread beside an event loop that cannot watch a descriptor.
    fn _listen(&self, py: Python<'_>, seconds: f64) -> PyResult<()> {
        // The interpreter waits for the thread at its end, though the loop may be gone.
        const LONGEST: Duration = Duration::from_millis(250);
        let patience = Duration::try_from_secs_f64(seconds).unwrap_or(SLICE).min(LONGEST);
        let lent = self.turn().lend();
        lent.map_or(Ok(()), |listening| self.listen(py, listening, patience))
    }

    /// Has what waits for the descriptor return, and then ask, which ends it.
    fn _interrupt(&self) {
        match &*self.turn() {
            Turn::Free(listening) => listening.servers.stopper().stop(),
            Turn::Lent { stopper, .. } => stopper.stop(),
            Turn::Over { .. } => {}
        }
    }

    fn __iter__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Server>> {
        loop {
            match self.heard_or_lent()? {
                None => return Ok(None),
                Some(Ok(server)) => return Ok(Some(server)),
                Some(Err(listening)) => self.listen(py, listening, SLICE)?,
            }
        }
    }

    fn __enter__(this: Py<Self>) -> Py<Self> {
        this
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.stop(py).map(drop)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(match self.outcome() {
            None => "<cooee.Servers, going on>".into(),
            Some(outcome) => {
                let outcome = outcome.into_pyobject(py)?;
                format!("<cooee.Servers, over: {}>", outcome.repr()?)
            }
        })
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        if self.process != process::id() {
            // A forked child shares the parent's poller: to take the sockets out of it would leave
            // the parent waiting.
            mem::forget(self.turn().lend());
        }
        let listening = self.turn().lend();
        drop_detached(listening);
    }
}
