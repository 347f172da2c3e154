mod firewall;
mod narrator;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use cooee::interface::{Interface, broadcast_address};
use cooee::{Advertise, Notice, Responder, Responding, SocketError, StartError, State};

use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::phrase::counts;
use crate::settings::Serve;
use crate::signals;
use crate::systemd::{Manager, Passed};
use narrator::Narrator;

/// Why the command stops.
enum Stop {
    Asked,
    /// The responder has failed and logged why.
    Broken,
}

/// Answers probes until stopped.
pub(crate) fn run(serve: &Serve, console: Console) -> Result<Exit, Failure> {
    let passed = Passed::take(SocketAddrV4::new(serve.bind, serve.wire.port))?;
    let bind = passed.as_ref().and_then(Passed::ip).unwrap_or(serve.bind);
    if !hears_broadcasts(bind, &cooee::interfaces().unwrap_or_default()) {
        console.warn(format_args!(
            "broadcasts do not arrive on {bind}; only clients that probe this address get an answer"
        ));
    }
    if passed.is_some() && serve.stand_by {
        console.warn("--stand-by has no effect: the service manager has passed a socket, which has the port already");
    }
    if let Advertise::Address(address) = serve.advertise
        && address.is_loopback()
    {
        console.warn(format_args!(
            "clients on other hosts cannot reach {address}, which means their own machine to them"
        ));
    }
    if let Some(port) = serve.service_port
        && !serve.services.is_empty()
        && !serve.services.iter().any(|(_, announced)| *announced == port)
    {
        console.warn(format_args!(
            "nothing is announced on port {port}, which answers name, so clients list two servers; \
             announce what is there with --service, or leave out --service-port"
        ));
    }
    let (stop, stopped) = mpsc::channel();
    let asked = stop.clone();
    signals::on_stop(move || {
        // If nothing receives it, the command is stopping already.
        let _ = asked.send(Stop::Asked);
    })?;
    let manager = Manager::of_this_process();
    let responder = serve.responder().observe_answers(console.logs_events());
    let narrator = Narrator::new(serve, responder.named_port(), console, manager.clone());
    let mut responder = responder.observe(move |notice| {
        narrator.tell(notice);
        if let Notice::State(State::Stopped) = notice {
            let _ = stop.send(Stop::Broken);
        }
    });
    if let Some(pulse) = manager.pulse() {
        responder = responder.pulse(pulse);
    }
    let responding = match passed {
        Some(passed) => start_on(passed, responder)?,
        None => responder.start()?,
    };

    let why = wait(&stopped, serve.duration, &manager);
    manager.stopping();
    let stats = responding.stop();
    let counts = counts(&stats);
    console.say(&counts);
    manager.last_words(&counts);
    match why {
        Ok(Stop::Asked) | Err(RecvTimeoutError::Timeout) => Ok(Exit::Success),
        Ok(Stop::Broken) | Err(RecvTimeoutError::Disconnected) => {
            Err(Failure::refused("the responder has failed; see the log above"))
        }
    }
}

/// Whether datagrams for everybody on a link arrive at `bind`. On Windows an address of the link is
/// enough, elsewhere it has to be the one that they are sent to.
fn hears_broadcasts(bind: Ipv4Addr, interfaces: &[Interface]) -> bool {
    let mut networks = interfaces.iter().flat_map(Interface::ipv4);
    let hears = |net| match broadcast_address(net) {
        Some(broadcast) => broadcast == bind || (cfg!(windows) && net.addr() == bind),
        None => false,
    };
    bind.is_unspecified() || bind.is_broadcast() || networks.any(hears)
}

/// Waits for a reason to stop; wakes before that only while the manager has missed a message.
fn wait(
    stopped: &Receiver<Stop>,
    duration: Option<Duration>,
    manager: &Manager,
) -> Result<Stop, RecvTimeoutError> {
    const RETRY: Duration = Duration::from_secs(1);
    let end = duration.and_then(|duration| Instant::now().checked_add(duration));
    loop {
        let rest = end.map(|end| end.saturating_duration_since(Instant::now()));
        let retry = manager.owes().then_some(RETRY);
        let Some(time) = rest.into_iter().chain(retry).min() else {
            return stopped.recv().map_err(|_| RecvTimeoutError::Disconnected);
        };
        match stopped.recv_timeout(time) {
            Err(RecvTimeoutError::Timeout) if rest != Some(time) => manager.retry(),
            why => return why,
        }
    }
}

fn start_on(passed: Passed, responder: Responder) -> Result<Responding, Failure> {
    let (socket, origin) = passed.into_parts();
    responder.socket(socket).start().map_err(|error| match error {
        // No change of the unit would help.
        StartError::SocketUnusable(SocketError::System { .. }) => error.into(),
        StartError::SocketUnusable(problem) => origin.objection(&problem.to_string(), ""),
        error => error.into(),
    })
}
