mod peers;
mod report;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use cooee::{Checkup, Doctor, StartError, TestCalls};
use indicatif::{ProgressBar, ProgressStyle};

use super::interface_names::refuse_unknown;
use crate::console::{Console, Drawn};
use crate::exit::{Exit, Failure};
use crate::phrase::count;
use crate::settings::Find;
use crate::signals;
use crate::value::ReportFormat;

/// Examines this host and its networks, and prints what is wrong.
pub(crate) fn run(
    find: &Find,
    peers: &[String],
    format: ReportFormat,
    console: Console,
) -> Result<Exit, Failure> {
    refuse_unknown(&find.selection, &cooee::interfaces().unwrap_or_default())?;
    let begun = Instant::now();
    let stop = Arc::new(AtomicBool::new(false));
    let asked = stop.clone();
    signals::on_stop(move || asked.store(true, Ordering::Relaxed))?;
    let mut doctor = Doctor::new().discovery(find.discovery());
    for address in peers::resolve(peers, find.wire.port, &stop)? {
        doctor = doctor.peer(address);
    }
    let doctor = doctor.within(Doctor::TIME.saturating_sub(begun.elapsed()));
    let checkup = examine(&doctor, &stop, console)?;
    let printed = match format {
        ReportFormat::Text => report::text(&checkup),
        ReportFormat::Json => report::json(&checkup),
    };
    printed.or_else(|error| Failure::output(&error))?;
    if let Some(why) = report::cut_short(&checkup, peers::have_names(peers)) {
        console.say(why);
    }
    let is_healthy = checkup.findings.is_empty() && checkup.is_complete();
    Ok(if is_healthy { Exit::Success } else { Exit::FINDINGS })
}

/// Answers the test calls of other hosts until stopped.
pub(crate) fn listen(port: u16, console: Console) -> Result<Exit, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = stop.clone();
    signals::on_stop(move || asked.store(true, Ordering::Relaxed))?;
    let begun = || console.say(format_args!("answering test calls on port {port}"));
    let calls = cooee::answer_test_calls(port, &stop, begun).map_err(|error| match error {
        StartError::PortInUse { .. } => {
            Failure::refused(format!("{error}; if that is cooee, start it with `serve --doctor`"))
        }
        error => error.into(),
    })?;
    let TestCalls { answered, refused, .. } = calls;
    console.say(format_args!(
        "{} answered, {} refused",
        count(answered, "test call"),
        count(refused, "datagram")
    ));
    Ok(Exit::Success)
}

fn examine(doctor: &Doctor, stop: &AtomicBool, console: Console) -> Result<Checkup, Failure> {
    let bar = console.wants_progress().then(ProgressBar::new_spinner);
    let _drawn = bar.as_ref().map(Drawn::bar);
    if let Some(bar) = &bar
        && let Ok(style) = ProgressStyle::with_template("{spinner} {msg}")
    {
        bar.set_style(style);
        bar.enable_steady_tick(std::time::Duration::from_millis(100));
    }
    let examined = doctor.examine(stop, |stage| {
        if let Some(bar) = &bar {
            bar.set_message(format!("examining {}", stage.as_str()));
        }
    });
    if let Some(bar) = &bar {
        bar.finish_and_clear();
    }
    Ok(examined?)
}
