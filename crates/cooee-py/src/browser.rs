//! Servers that come, change and go.

use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::process;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use cooee::{NextPresence, Stopper};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::detached::drop_detached;
use crate::found::Server;
use crate::record::record;
use crate::servers::SLICE;
use crate::settings::discovery::built;
use crate::{error, log, value};

record! {
    /// What happened to a server.
    Presence {
        /// `found`, `changed` or `gone`.
        event: String,
        /// What names the server as long as it is there; another is never given the same.
        id: u64,
        /// The server as it is now, or was last known.
        server: Server,
        /// How it is known that it is gone: `silent`, `refused` or `goodbye`. None if it is
        /// there.
        why: Option<String>,
    }
}

impl From<cooee::Presence> for Presence {
    fn from(event: cooee::Presence) -> Self {
        let why = match &event {
            cooee::Presence::Gone { why, .. } => Some(why.as_str().to_owned()),
            _ => None,
        };
        let (id, server) = (event.id(), event.server().clone().into());
        Self { event: event.as_str().to_owned(), id, server, why }
    }
}

/// A live view of the servers: an iterator over what happens to them, and a context manager
/// that ends the view when it is left.
///
/// It probes as discover() does at first, then once a second for 30 s after anything has
/// happened, and less and less often after that, every 30 s at the least; at once when this
/// host's interfaces change. A server is gone when the odds that a living one were silent for
/// so long are below 1 in 1,000. The view goes on only while the next event is awaited, and
/// tells what is so by then.
///
/// Takes the settings of discover(), without timeout, retries, wait, remembered, check, probes
/// and services, and raises the same; it goes on where no interface can be used yet.
#[pyclass(frozen, module = "cooee")]
pub(crate) struct Browser {
    process: u32,
    stopper: Stopper,
    state: Mutex<State>,
    returned: Condvar,
}

struct State {
    /// Who waits has it.
    view: Option<Box<cooee::Browser>>,
    /// The thread that had it last, or has it.
    lent_to: Option<ThreadId>,
    events: VecDeque<cooee::Presence>,
    /// The servers that are there by all events, by number, which is the order in which they were found.
    known: BTreeMap<u64, cooee::Server>,
    is_over: bool,
}

impl State {
    /// Lends the view; `None` once it has ended.
    fn lend(&mut self) -> PyResult<Option<Box<cooee::Browser>>> {
        match self.lend_if_free() {
            None if !self.is_over => {
                Err(PyRuntimeError::new_err("another thread waits for the next event"))
            }
            view => Ok(view),
        }
    }

    fn lend_if_free(&mut self) -> Option<Box<cooee::Browser>> {
        let view = self.view.take()?;
        self.lent_to = Some(thread::current().id());
        Some(view)
    }

    /// Keeps events until they are asked for.
    fn keep(&mut self, events: VecDeque<cooee::Presence>) {
        for event in &events {
            match event {
                cooee::Presence::Gone { id, .. } => self.known.remove(id),
                _ => self.known.insert(event.id(), event.server().clone()),
            };
        }
        self.events.extend(events);
    }

    /// Whether this thread has the view: then what runs here was called while it waits.
    fn is_lent_here(&self) -> bool {
        self.view.is_none() && !self.is_over && self.lent_to == Some(thread::current().id())
    }
}

impl Browser {
    /// What says nothing in a view.
    const WITHOUT: [&str; 7] =
        ["timeout", "retries", "wait", "remembered", "check", "probes", "services"];

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for events, but no longer than `patience`, keeps all that are there, and lets signals be
    /// handled. What they raise ends it.
    fn watch(
        &self,
        py: Python<'_>,
        mut view: Box<cooee::Browser>,
        patience: Duration,
    ) -> PyResult<()> {
        let (events, over) = py.detach(|| {
            let mut events = VecDeque::new();
            let until = Instant::now() + patience.max(SLICE);
            let mut next = view.next_within(patience);
            loop {
                match next {
                    NextPresence::Event(event) => events.push_back(event),
                    NextPresence::Over => break (events, true),
                    _ => break (events, false),
                }
                // While events come as fast as they are taken, signals have their turn too.
                if Instant::now() >= until {
                    break (events, false);
                }
                next = view.next_within(Duration::ZERO);
            }
        });
        let mut state = self.state();
        if !state.is_over {
            state.keep(events);
            state.is_over = over;
        }
        let ended = if state.is_over { Some(view) } else { state.view.replace(view) };
        drop(state);
        self.returned.notify_all();
        drop_detached(ended);
        // Only now, for a handler may end the view, or ask for more.
        let signal = py.check_signals();
        if signal.is_err() {
            py.detach(|| self.end());
        }
        signal
    }

    /// Lets go of the view in a forked child, which shares the parent's poller: to take the sockets out of
    /// it would leave the parent waiting.
    fn leave_to_parent(&self) {
        let mut state = self.state();
        state.is_over = true;
        mem::forget(state.view.take());
    }

    fn next_event(&self) -> Option<Presence> {
        self.state().events.pop_front().map(Presence::from)
    }

    /// Ends it, after a thread that waits has returned, but for events not yet given out. On the thread
    /// that waits, where a handler of the log may call this, it ends when the wait returns.
    fn end(&self) {
        if self.process != process::id() {
            return self.leave_to_parent();
        }
        self.stopper.stop();
        let mut state = self.state();
        while state.view.is_none() && !state.is_over && !state.is_lent_here() {
            state = self.returned.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.is_over = true;
        let view = state.view.take();
        drop(state);
        drop(view);
    }
}

#[pymethods]
impl Browser {
    #[new]
    #[pyo3(
        signature = (**settings),
        text_signature = "(*, port=9999, message='DISCOVER_SERVER', prefix='SERVER_IP:', \
                          interfaces=None, exclude_interfaces=None, hosts=(), subnets=(), \
                          sweep=False, allow_public=False, families='both', mdns=True)"
    )]
    fn begin(py: Python<'_>, settings: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        for name in Self::WITHOUT {
            if settings.is_some_and(|settings| settings.contains(name).unwrap_or(false)) {
                let error = value::unexpected(py, "Browser", name);
                return Err(value::naming(py, name, error));
            }
        }
        log::forward();
        let discovery = built(settings)?;
        let view = py.detach(|| discovery.watch()).map_err(error::discover)?;
        Ok(Self {
            process: process::id(),
            stopper: view.stopper(),
            state: Mutex::new(State {
                view: Some(Box::new(view)),
                lent_to: None,
                events: VecDeque::new(),
                known: BTreeMap::new(),
                is_over: false,
            }),
            returned: Condvar::new(),
        })
    }

    /// The servers that are there now, in the order in which they were found; while a thread waits for
    /// the next event, those that it has told of. None when the view has ended.
    #[getter]
    fn servers(&self) -> Option<Vec<Server>> {
        let mut state = self.state();
        if state.is_over {
            return None;
        }
        let servers = match &mut state.view {
            Some(view) => view.servers(),
            None => state.known.values().cloned().collect(),
        };
        Some(servers.into_iter().map(Server::from).collect())
    }

    /// Ends it. What waits for the next event returns at once.
    fn stop(&self, py: Python<'_>) {
        py.detach(|| self.end());
        self.state().events.clear();
    }

    /// The next event, without waiting. None if there is none yet, or the view has ended.
    ///
    /// For an event loop: to be called when the descriptor is readable, and when it is due. waited
    /// says that the loop has waited for that until now.
    #[pyo3(signature = (*, waited=false))]
    fn poll(&self, py: Python<'_>, waited: bool) -> PyResult<Option<Presence>> {
        if let Some(event) = self.next_event() {
            return Ok(Some(event));
        }
        let lent = self.state().lend()?;
        if let Some(mut view) = lent {
            if waited {
                view.woke();
            }
            self.watch(py, view, Duration::ZERO)?;
        }
        Ok(self.next_event())
    }

    /// Seconds until poll() is due even if the descriptor does not become readable; None when it is
    /// over.
    #[getter]
    fn due(&self) -> Option<f64> {
        let state = self.state();
        if !state.events.is_empty() {
            return Some(0.0);
        }
        match &state.view {
            Some(view) => {
                let due = view.due().unwrap_or_else(Instant::now);
                Some(due.saturating_duration_since(Instant::now()).as_secs_f64())
            }
            None => (!state.is_over).then_some(SLICE.as_secs_f64()),
        }
    }

    /// A descriptor that is readable when any socket is, or interfaces have changed; -1 when it is
    /// closed. It stays this object's.
    #[cfg(unix)]
    fn fileno(&self) -> i32 {
        use std::os::fd::{AsFd, AsRawFd};
        self.state().view.as_ref().map_or(-1, |view| view.as_fd().as_raw_fd())
    }

    /// Waits for events, at most so many seconds, or one, and keeps them for poll(). For a thread beside
    /// an event loop that cannot watch a descriptor.
    fn _listen(&self, py: Python<'_>, seconds: f64) -> PyResult<()> {
        // The interpreter waits for the thread at its end, though the loop may be gone.
        const LONGEST: Duration = Duration::from_secs(1);
        let patience = Duration::try_from_secs_f64(seconds).unwrap_or(SLICE).min(LONGEST);
        let lent = self.state().lend_if_free();
        lent.map_or(Ok(()), |view| self.watch(py, view, patience))
    }

    /// Has what waits for the descriptor return, and then ask, which ends it.
    fn _interrupt(&self) {
        self.stopper.stop();
    }

    fn __iter__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Presence>> {
        loop {
            if let Some(event) = self.next_event() {
                return Ok(Some(event));
            }
            let lent = self.state().lend()?;
            match lent {
                Some(view) => self.watch(py, view, SLICE)?,
                None => return Ok(None),
            }
        }
    }

    fn __enter__(this: Py<Self>) -> Py<Self> {
        this
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) {
        self.stop(py);
    }

    fn __repr__(&self) -> &'static str {
        if self.state().is_over { "<cooee.Browser, over>" } else { "<cooee.Browser, going on>" }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if self.process != process::id() {
            self.leave_to_parent();
        }
        let view = self.state().view.take();
        drop_detached(view);
    }
}
