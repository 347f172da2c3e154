use std::env;
use std::io;
use std::net::UdpSocket;
use std::os::fd::{FromRawFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;

use super::channel::{Channel, LOG};

/// The service manager that started this process, if it expects messages: `sd_notify(3)`.
#[derive(Debug, Clone)]
pub(crate) struct Manager {
    channel: Option<Arc<Channel>>,
    watchdog: Option<Duration>,
}

impl Manager {
    pub(crate) fn of_this_process() -> Self {
        let channel = env::var_os("NOTIFY_SOCKET").and_then(|name| {
            let opened = Channel::open(&name);
            let problem = |error: &io::Error| {
                tracing::warn!(target: LOG, %error, ?name, "NOTIFY_SOCKET cannot be used");
            };
            opened.inspect_err(problem).ok()
        });
        let watchdog = sd_notify::watchdog_enabled().filter(|every| !every.is_zero());
        // Without a channel there is no reason to wake.
        let watchdog = watchdog.filter(|_| channel.is_some());
        Self { channel: channel.map(Arc::new), watchdog }
    }

    /// How often to report that the process is alive: twice within the watchdog's time, as
    /// `sd_watchdog_enabled(3)` recommends.
    pub(crate) fn pulse(&self) -> Option<Duration> {
        self.watchdog.map(|watchdog| watchdog / 2)
    }

    /// Reports that the service is ready, with a short status.
    pub(crate) fn ready(&self, status: &str) {
        let status = one_line(status);
        if let Some(channel) = &self.channel {
            channel.insist(&message(&[NotifyState::Ready, NotifyState::Status(&status)]));
        }
    }

    /// Whether the message of readiness is still undelivered.
    pub(crate) fn owes(&self) -> bool {
        self.channel.as_ref().is_some_and(|channel| channel.owes())
    }

    /// Sends an undelivered message again.
    pub(crate) fn retry(&self) {
        if let Some(channel) = &self.channel {
            channel.retry();
        }
    }

    pub(crate) fn alive(&self) {
        self.tell(&[NotifyState::Watchdog]);
    }

    pub(crate) fn stopping(&self) {
        self.tell(&[NotifyState::Stopping]);
    }

    /// Reports a last short status. An unreachable manager does not delay the end.
    pub(crate) fn last_words(&self, status: &str) {
        if let Some(channel) = self.channel.as_ref().filter(|channel| channel.gets_through()) {
            channel.send(&message(&[NotifyState::Status(&one_line(status))]));
        }
    }

    fn tell(&self, what: &[NotifyState<'_>]) {
        if let Some(channel) = &self.channel {
            channel.send(&message(what));
        }
    }
}

fn message(what: &[NotifyState<'_>]) -> String {
    what.iter().map(|state| format!("{state}\n")).collect()
}

/// The service manager takes each line for a message of its own.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// The passed sockets with their names: `sd_listen_fds(3)`.
pub(super) fn passed() -> io::Result<Vec<(String, UdpSocket)>> {
    // Without a socket for this process, the names belong to a parent process.
    if sd_notify::listen_fds()?.len() == 0 {
        return Ok(Vec::new());
    }
    let passed = sd_notify::listen_fds_with_names()?;
    // SAFETY: the descriptors are open (the call above has set their flags) and belong to this
    // process by the protocol; this is called once, so nothing else has taken them.
    let own = |fd| unsafe { OwnedFd::from_raw_fd(fd) };
    Ok(passed.map(|(fd, name)| (name, own(fd).into())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_add_a_message() {
        assert_eq!(one_line("taken by pid 1 (x\nMAINPID=1)"), "taken by pid 1 (x MAINPID=1)");
    }
}
