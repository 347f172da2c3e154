use std::io;
use std::time::Duration;

use cooee::{Ended, Next, Outcome, Server, Servers};

use super::interface_names::warn_of_unknown;
use super::{none_found, sweeping};
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::memory::Memory;
use crate::output::{self, Results};
use crate::phrase::count;
use crate::progress::Progress;
use crate::settings::Find;
use crate::signals;
use crate::value::Format;

/// Probes for servers and prints those that answer.
pub(crate) fn run(find: &Find, console: Console) -> Result<Exit, Failure> {
    if let Some(unprobed) = find.unprobed() {
        console.warn(unprobed);
    }
    if !find.selection.exclude.is_empty() {
        // The discovery reports interfaces that cannot be read.
        let interfaces = cooee::interfaces().unwrap_or_default();
        warn_of_unknown(&find.selection, &interfaces, console);
    }
    let memory = find.sends_probes().then(|| Memory::open(find, console)).flatten();
    let remembered = memory.as_ref().map_or(&[][..], Memory::addresses);
    let servers = find.discovery().remembered(remembered.iter().copied()).servers();
    let mut servers = servers.map_err(|error| find.failure(error))?;
    let stopper = servers.stopper();
    signals::on_stop(move || stopper.stop())?;

    sweeping::announce(find, servers.swept(), console);
    let progress = console.wants_progress().then(Progress::new);
    let mut results = output::to_stdout(find.format, find.scheme, find.long);
    let printed = print(&mut servers, results.as_mut(), progress.as_ref());
    drop(progress);
    let found = servers.finish();
    let outcome = found.outcome();
    let printed = printed.and_then(|()| results.end(&found));
    if let Some(memory) = memory {
        memory.keep(&found);
    }
    printed.or_else(|error| Failure::output(&error))?;

    if outcome.servers == 0 {
        none_found::explain(find, &found, console);
        return Ok(Exit::NothingFound);
    }
    none_found::explain_missing(find, outcome, console);
    console.tell_beside(&none_found::findings(&found, console));
    if console.wants_summary() {
        console.say(summary(outcome));
    }
    if find.check && !found.iter().any(Server::is_live) {
        console.say(none_live(find, outcome));
        return Ok(Exit::NothingFound);
    }
    Ok(Exit::Success)
}

/// That servers answered, and none can be connected to.
fn none_live(find: &Find, outcome: &Outcome) -> String {
    let servers = count(outcome.servers as u64, "server");
    let next = if find.one || find.format == Format::Url {
        "see the addresses with `cooee find --check`"
    } else {
        "check that the service runs there, and that no firewall blocks it"
    };
    format!("{servers} answered, but accepted no TCP connection; {next}")
}

fn print(
    servers: &mut Servers,
    results: &mut dyn Results,
    progress: Option<&Progress>,
) -> io::Result<()> {
    let patience = if progress.is_some() { Progress::EVERY } else { Duration::MAX };
    let mut found = 0;
    loop {
        match servers.next_within(patience) {
            Next::Found(server) => {
                found += 1;
                match progress {
                    Some(progress) => progress.aside(|| results.found(&server))?,
                    None => results.found(&server)?,
                }
            }
            Next::Nothing => {}
            Next::Over => return Ok(()),
        }
        if let Some(progress) = progress {
            progress.tick(found, servers.swept(), servers.deadline());
        }
    }
}

fn summary(outcome: &Outcome) -> String {
    let mut line = format!(
        "found {} in {:.1} s{}",
        count(outcome.servers as u64, "server"),
        outcome.elapsed.as_secs_f64(),
        if outcome.ended == Ended::Stopped { ", then stopped" } else { "" },
    );
    if outcome.rounds > 0 {
        let (rounds, answers) = (outcome.rounds.into(), outcome.answers);
        line += &format!(": {}, {}", count(rounds, "round"), count(answers, "answer"));
    }
    if let Some(estimate) = outcome.estimate {
        line += &format!(", about {:.1} not heard", estimate.unseen);
    }
    if outcome.kernel_drops > 0 {
        line += &format!(", {} dropped by the kernel", count(outcome.kernel_drops, "datagram"));
    }
    if outcome.truncated {
        line += "; the list is full, and more servers were left out";
    }
    line
}
