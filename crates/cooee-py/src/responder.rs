//! The answering side.

use std::cell::Cell;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use cooee::{Notice, Responding, State};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyDict, PyTuple};
use pyo3::{PyTraverseError, PyVisit};

use crate::live::Live;
use crate::result::{self, Event, Owner, Stats};
use crate::settings::responder::Settings;
use crate::{error, live, log};

/// Makes a server discoverable, from start() to stop(), or within a with block.
///
/// service_port: the port of the service, named in the answers. None names that of http or https among
///     services, or of the first of them; without services none, as the stock server does, and clients
///     then assume 8000.
/// port: the UDP port to answer on; 0 takes a free one, which local_address has.
/// bind: the local address to answer on. With any other than 0.0.0.0 the system delivers no
///     broadcasts.
/// message: the exact probe, as text or bytes, 1 to 512 bytes.
/// prefix: what an answer begins with, as text or bytes, up to 256 bytes.
/// advertise: the IPv4 address to name in answers, not a loopback one. None names the one that the
///     client can reach.
/// require_listener: whether to answer only while a TCP socket listens on the port of the service
///     here, and only clients that can connect to it.
/// listener: the address and port of the TCP socket that the service listens on, such as
///     ("0.0.0.0", 8001). It is answered for only while it listens, to clients that can connect to
///     it; service_port is then its port.
/// name: what people call the service. It is announced under this name by DNS-SD, to phones, browsers
///     and whatever else looks there: as _http._tcp at its port unless services says otherwise. If
///     another host has the name, the next one is taken. It is in offers_on() too. None announces
///     nothing.
/// services: the types of services to announce under the name, each with its port, such as
///     {"http": 8000}.
/// txt: what is said of each announced service, such as {"path": "/"}; a key with None has no value.
/// hostname: the first label of the host to announce them on, before .local. None makes one of the name.
/// offers_from: the number of a group whose processes are answered for too, besides those of root
///     and of the same user.
/// answer: which sources to answer: "private" (on-link and private sources), "on-link", or "any".
/// allow: networks to answer as well.
/// rate_limit: answers per second that one source may draw, in bursts of two seconds' worth; None
///     for no limit.
/// stand_by: whether to wait when another process has the port, and answer when that is gone. On
///     Linux that process answers for this service meanwhile, if it uses this library and runs as
///     root or as the same user. Without, it starts only if that process answers for this service
///     from now on, and did not answer for the same one before.
/// on_event: is called with each Event, from the responder's thread, the first one from the thread
///     that starts it. It should return quickly. What it raises is logged.
/// families: "both", "ipv4" or "ipv6": the address families to answer over, as far as the system has
///     them. On a bind address other than 0.0.0.0 only IPv4 is.
///
/// Raises ConfigError when the settings cannot work.
///
/// After a fork the child's copy has stopped. If it stands by, it does so again in the child, behind
/// its parent.
#[pyclass(frozen, subclass, weakref, module = "cooee")]
pub(crate) struct Responder(Arc<Handle>);

/// A responder's settings, and the running one if it runs.
struct Handle {
    settings: Settings,
    /// Is locked only while attached to the interpreter, and never while letting go of it.
    phase: Mutex<Phase>,
}

#[expect(clippy::large_enum_variant, reason = "a responder has one, and keeps it")]
enum Phase {
    /// It does not run; what it did when it last ran.
    Stopped(cooee::Stats),
    /// It is being started.
    Starting,
    /// It is being started, but its observer wants it to stop.
    Unwanted,
    Running(Responding),
}

thread_local! {
    /// Whether this thread is calling an observer, and so may be a responder's own.
    static OBSERVING: Cell<bool> = const { Cell::new(false) };
}

impl Handle {
    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts it, if it does not run.
    ///
    /// Stays attached to the interpreter, for the moment that it takes: else another thread could
    /// fork halfway.
    fn start(self: &Arc<Self>, py: Python<'_>) -> PyResult<()> {
        match &mut *self.phase() {
            Phase::Starting | Phase::Unwanted | Phase::Running(_) => return Ok(()),
            phase @ Phase::Stopped(_) => *phase = Phase::Starting,
        }
        live::note(self);
        log::forward();
        let mut responder = self.settings.responder.clone();
        if let Some(on_event) = &self.settings.on_event {
            let observer = Observer(Some(on_event.clone_ref(py)));
            responder = responder.observe(move |notice| observer.tell(notice));
        }
        let started = responder.start();
        let mut phase = self.phase();
        let wanted = matches!(*phase, Phase::Starting);
        match started {
            Ok(running) => *phase = Phase::Running(running),
            Err(error) => {
                *phase = Phase::Stopped(cooee::Stats::default());
                return Err(error::start(error));
            }
        }
        drop(phase);
        if !wanted {
            self.stop(py);
        }
        Ok(())
    }

    /// Stops it, if it runs, and waits until the port is free.
    fn stop(&self, py: Python<'_>) -> Stats {
        let mut phase = self.phase();
        let running = match mem::replace(&mut *phase, Phase::Stopped(cooee::Stats::default())) {
            Phase::Running(running) => running,
            Phase::Starting | Phase::Unwanted => {
                *phase = Phase::Unwanted;
                return cooee::Stats::default().into();
            }
            stopped @ Phase::Stopped(stats) => {
                *phase = stopped;
                return stats.into();
            }
        };
        drop(phase);
        let stats = py.detach(|| end(running));
        if let Phase::Stopped(last) = &mut *self.phase() {
            *last = stats;
        }
        stats.into()
    }

    fn state(&self) -> State {
        match &*self.phase() {
            Phase::Running(running) => running.state(),
            _ => State::Stopped,
        }
    }
}

impl Live for Handle {
    fn stop(&self, py: Python<'_>) {
        self.stop(py);
    }

    fn restart_after_fork(self: Arc<Self>, py: Python<'_>) -> PyResult<()> {
        let before = mem::replace(&mut *self.phase(), Phase::Stopped(cooee::Stats::default()));
        match before {
            Phase::Running(inherited) => drop(inherited),
            Phase::Starting | Phase::Unwanted | Phase::Stopped(_) => return Ok(()),
        }
        if self.settings.stand_by { self.start(py) } else { Ok(()) }
    }
}

/// Stops a responder. One that stops itself, from its observer, is not waited for.
fn end(running: Responding) -> cooee::Stats {
    if OBSERVING.get() {
        let stats = running.stats();
        thread::spawn(move || drop(running));
        return stats;
    }
    running.stop()
}

impl Drop for Handle {
    fn drop(&mut self) {
        let phase = self.phase.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Phase::Running(running) = mem::replace(phase, Phase::Starting) {
            // Its thread may be waiting for the interpreter, to call the observer.
            let mut running = Some(running);
            let ended =
                Python::try_attach(|py| running.take().map(|running| py.detach(|| end(running))));
            if ended.is_none() {
                mem::forget(running);
            }
        }
    }
}

/// Calls a Python function, and lets go of it, only while there is an interpreter.
struct Observer(Option<Py<PyAny>>);

impl Observer {
    fn tell(&self, notice: &Notice) {
        let Some(event) = Event::from_notice(notice) else { return };
        let _told = Python::try_attach(|py| {
            let Some(on_event) = &self.0 else { return };
            let before = OBSERVING.replace(true);
            let called = on_event.call1(py, (event,));
            OBSERVING.set(before);
            if let Err(error) = called {
                log::exception(py, "on_event raised", error);
            }
        });
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        let on_event = self.0.take();
        let mut on_event = Some(on_event);
        if Python::try_attach(|_| drop(on_event.take())).is_none() {
            mem::forget(on_event);
        }
    }
}

#[pymethods]
impl Responder {
    #[new]
    #[pyo3(
        signature = (**settings),
        text_signature = "(*, service_port=None, port=9999, bind='0.0.0.0', \
                          message='DISCOVER_SERVER', prefix='SERVER_IP:', advertise=None, \
                          require_listener=False, listener=None, name=None, services=None, \
                          txt=None, hostname=None, offers_from=None, answer='private', allow=(), \
                          rate_limit=200, stand_by=False, on_event=None, families='both')"
    )]
    fn new(settings: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let settings = Settings::from_arguments(settings)?;
        settings.responder.check().map_err(error::config)?;
        let phase = Mutex::new(Phase::Stopped(cooee::Stats::default()));
        Ok(Self(Arc::new(Handle { settings, phase })))
    }

    /// Starts to answer, on a thread of its own, and returns the responder itself. Does nothing if
    /// it runs.
    ///
    /// Raises PortInUse, unless it stands by; NotPermitted, AddressNotAvailable or NetworkError.
    fn start<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        slf.get().0.start(slf.py())?;
        Ok(slf.clone())
    }

    /// Stops, waits until the port is free, and returns what it has done. Does nothing if it does
    /// not run.
    fn stop(&self, py: Python<'_>) -> Stats {
        self.0.stop(py)
    }

    /// "answering", "standing-by" or "stopped".
    #[getter]
    fn state(&self) -> &'static str {
        result::state(&self.0.state())
    }

    /// While standing by: whether another "cooee" process has the port, a "foreign" program, or an
    /// "unknown" one. None otherwise.
    #[getter]
    fn ahead(&self) -> Option<&'static str> {
        match self.0.state() {
            State::StandingBy { ahead, .. } => Some(result::ahead(ahead)),
            _ => None,
        }
    }

    /// While standing by: who has the port, where the system tells. None otherwise.
    #[getter]
    fn owner(&self) -> Option<Owner> {
        match self.0.state() {
            State::StandingBy { owner, .. } => owner.map(Owner::from),
            _ => None,
        }
    }

    /// While standing by: whether the process that has the port answers for this service, so that
    /// clients find it. None otherwise.
    #[getter]
    fn answered_for(&self) -> Option<bool> {
        match self.0.state() {
            State::StandingBy { is_answered_for, .. } => Some(is_answered_for),
            _ => None,
        }
    }

    /// Where it answers, as address and port; None while it does not.
    #[getter]
    fn local_address(&self) -> Option<(String, u16)> {
        match self.0.state() {
            State::Answering { local_addr } => Some(result::address(local_addr)),
            _ => None,
        }
    }

    /// What it has done since it started; after a stop, what it did until then.
    #[getter]
    fn stats(&self) -> Stats {
        match &*self.0.phase() {
            Phase::Running(running) => running.stats().into(),
            Phase::Stopped(stats) => (*stats).into(),
            Phase::Starting | Phase::Unwanted => cooee::Stats::default().into(),
        }
    }

    fn __enter__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        Self::start(slf)
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyTuple>) {
        self.stop(py);
    }

    fn __repr__(&self) -> String {
        let port = self.0.settings.bind.port();
        match self.0.state() {
            State::Answering { local_addr } => {
                format!("<cooee.Responder, answering on {local_addr}>")
            }
            State::StandingBy { owner: Some(owner), .. } => {
                format!("<cooee.Responder, standing by for port {port} behind {owner}>")
            }
            State::StandingBy { owner: None, .. } => {
                format!("<cooee.Responder, standing by for port {port}>")
            }
            _ => "<cooee.Responder, stopped>".into(),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.0.settings.on_event)
    }
}
