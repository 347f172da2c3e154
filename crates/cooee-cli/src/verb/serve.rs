use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};

use cooee::{Advertise, Notice, Responder, State, Stats};

use crate::args::Serve;
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::signals;

/// The target of what is logged here, whatever this module is called.
const LOG: &str = "cooee::verb::serve";

/// Why to stop.
enum Stop {
    Asked,
    /// The responder has given up; it has said why.
    Broken,
}

/// Answers until stopped.
pub(crate) fn run(serve: &Serve, console: Console) -> Result<Exit, Failure> {
    if !serve.bind.is_unspecified() {
        console.warn(format_args!(
            "broadcasts do not arrive on {}: only clients that call this address are answered",
            serve.bind
        ));
    }
    if let Advertise::Address(address) = serve.advertise
        && address.is_loopback()
    {
        console.warn(format_args!("{address} means another machine to every client but this host"));
    }
    let (stop, stopped) = mpsc::channel();
    let asked = stop.clone();
    signals::on_stop(move || {
        // It is stopping already if nobody listens.
        let _ = asked.send(Stop::Asked);
    })?;
    let narrator = Narrator::new(serve, console);
    let responding = responder(serve)
        .observe(move |notice| {
            narrator.tell(notice);
            if let Notice::State(State::Stopped) = notice {
                let _ = stop.send(Stop::Broken);
            }
        })
        .start()?;

    let why = match serve.duration {
        Some(duration) => stopped.recv_timeout(duration),
        None => stopped.recv().map_err(|_| RecvTimeoutError::Disconnected),
    };
    let stats = responding.stop();
    console.say(counts(&stats));
    match why {
        Ok(Stop::Asked) | Err(RecvTimeoutError::Timeout) => Ok(Exit::Success),
        Ok(Stop::Broken) | Err(RecvTimeoutError::Disconnected) => {
            Err(Failure::refused("the responder stopped by itself; see the log above"))
        }
    }
}

fn responder(serve: &Serve) -> Responder {
    let mut responder = Responder::new()
        .bind(serve.bind)
        .port(serve.wire.port)
        .message(serve.wire.message.clone())
        .prefix(serve.wire.prefix.clone())
        .advertise(serve.advertise)
        .answer(serve.answer)
        .rate_limit(serve.rate_limit)
        .stand_by(serve.stand_by);
    if let Some(port) = serve.service_port {
        responder = responder.service_port(port);
    }
    for &network in &serve.allow {
        responder = responder.allow(network);
    }
    responder
}

/// Tells what a responder does.
struct Narrator {
    console: Console,
    port: u16,
    message: String,
    answer: String,
    has_waited: AtomicBool,
}

impl Narrator {
    fn new(serve: &Serve, console: Console) -> Self {
        let address = match serve.advertise {
            Advertise::Address(address) => address.to_string(),
            _ => "<address>".to_owned(),
        };
        let port = serve.service_port.map_or_else(String::new, |port| format!(":{port}"));
        Self {
            console,
            port: serve.wire.port,
            message: serve.wire.message.clone(),
            answer: format!("{}{address}{port}", serve.wire.prefix),
            has_waited: AtomicBool::new(false),
        }
    }

    fn tell(&self, notice: &Notice) {
        match notice {
            Notice::State(State::Answering { local_addr }) => {
                let took_over =
                    if self.has_waited.load(Ordering::Relaxed) { "took over, " } else { "" };
                let (message, answer) = (&self.message, &self.answer);
                self.console.say(format_args!(
                    "{took_over}answering on {local_addr}: {message:?} gets {answer:?}"
                ));
            }
            Notice::State(State::StandingBy { owner, .. }) => {
                self.has_waited.store(true, Ordering::Relaxed);
                let owner =
                    owner.as_ref().map_or("another process".to_owned(), ToString::to_string);
                let port = self.port;
                self.console.say(format_args!(
                    "standing by: port {port} is taken by {owner}; answering when that is gone"
                ));
            }
            Notice::Answered { asker, answer, .. } => {
                let answer = String::from_utf8_lossy(answer);
                tracing::info!(target: LOG, %asker, %answer, "answered");
            }
            Notice::InterfacesChanged => tracing::info!(target: LOG, "the interfaces have changed"),
            _ => {}
        }
    }
}

/// `answered 12, refused 3 (2 prefix, 1 empty)`, and what went wrong, if anything did.
pub(super) fn counts(stats: &Stats) -> String {
    let counters = &stats.counters;
    let answered = counters.answered - stats.send_failures;
    let mut line = format!("answered {answered}, refused {}", counters.refused_in_all());
    let reasons: Vec<_> =
        counters.refusals().map(|(why, times)| format!("{times} {}", why.as_str())).collect();
    if !reasons.is_empty() {
        line += &format!(" ({})", reasons.join(", "));
    }
    for (times, what) in [
        (stats.kernel_drops, "dropped by the kernel"),
        (stats.send_failures, "not sent"),
        (stats.receive_failures, "not received"),
    ] {
        if times > 0 {
            line += &format!(", {times} {what}");
        }
    }
    line
}
