use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use cooee::Families;
use cooee::finding::{Code, Finding};

use crate::console::Console;

/// Warns when the firewall of this host drops probes, and says when it may: once, until that
/// changes.
pub(super) struct FirewallWatch {
    port: u16,
    families: Families,
    console: Console,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    looking: Looking,
    told: Option<Finding>,
}

/// Interfaces may change many times while the programs run that list the rules.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Looking {
    #[default]
    No,
    Once,
    /// Something has changed meanwhile.
    Again,
}

impl FirewallWatch {
    pub(super) fn new(port: u16, families: Families, console: Console) -> Self {
        Self { port, families, console, state: Arc::default() }
    }

    /// Reads the rules in a thread of its own, since programs list them: answers do not wait.
    pub(super) fn look(&self) {
        {
            let mut state = lock(&self.state);
            if state.looking != Looking::No {
                state.looking = Looking::Again;
                return;
            }
            state.looking = Looking::Once;
        }
        let (port, families, console) = (self.port, self.families, self.console);
        let state = Arc::clone(&self.state);
        let look = move || cooee::firewall_of_server(port, families);
        let reading = thread::Builder::new()
            .name("firewall".into())
            .spawn(move || while tell(&state, console, look()) {});
        if let Err(error) = reading {
            lock(&self.state).looking = Looking::No;
            tracing::debug!(%error, "the firewall is not looked at");
        }
    }
}

/// Warns of a finding that is new. Returns whether to look again.
fn tell(state: &Mutex<State>, console: Console, finding: Option<Finding>) -> bool {
    let mut state = lock(state);
    if state.told != finding {
        if let Some(finding) = &finding {
            // A suspicion is no fault: the port may be open.
            match finding.code() {
                Code::FirewallSuspected => console.say(finding),
                _ => console.warn(finding),
            }
        }
        state.told = finding;
    }
    let again = state.looking == Looking::Again;
    state.looking = if again { Looking::Once } else { Looking::No };
    again
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
