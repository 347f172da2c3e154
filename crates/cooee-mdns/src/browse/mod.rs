//! Finding what is announced by multicast DNS.

mod account;
mod asking;
mod heard;
mod link;
mod shared;

use std::fmt;
use std::process;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use cooee_core::announced::{AnnouncedKey, Announcement, HeardRefusals, ServiceType, instance_in};
use cooee_core::wire::Family;
use mdns_sd::{IfKind, Receiver, ServiceDaemon, ServiceEvent};

use crate::MdnsError;
use crate::stop::{stop, stop_soon};
use account::Account;
use asking::Asking;
pub use link::Link;
use shared::Shared;

/// Looks for services, as long as it lives, in threads of its own.
///
/// Queries go out by the links that it is given, from the mDNS port, which other programs of the host may
/// have too. What changes is [handed out](Self::poll) when it is asked for, and bounded until then.
pub struct Browser {
    daemon: ServiceDaemon,
    links: Vec<Link>,
    shared: Arc<Shared>,
    asking: Arc<Asking>,
    listening: Vec<JoinHandle<()>>,
    /// Is disconnected when all of these threads have ended.
    ended: Mutex<mpsc::Receiver<Never>>,
    process: u32,
    /// Whether to wait at the end for these threads.
    waits: bool,
}

/// Nothing is ever sent.
enum Never {}

impl Browser {
    /// How long the library, and then the threads that listen to it, may take to end.
    const ENDS_WITHIN: Duration = Duration::from_millis(100);

    /// Begins to look for instances of these types on these links.
    ///
    /// # Errors
    /// The system gives no thread, or no descriptor.
    pub fn start(
        services: &[ServiceType],
        on: impl IntoIterator<Item = Link>,
    ) -> Result<Self, MdnsError> {
        let daemon = ServiceDaemon::new()?;
        let shared = Arc::new(Shared::default());
        let (links, listening, process) = (Vec::new(), Vec::new(), process::id());
        let (goes_on, ended) = mpsc::channel();
        let ended = Mutex::new(ended);
        let (asking, waits) = (Arc::default(), true);
        let mut browser = Self { daemon, links, shared, asking, listening, ended, process, waits };
        // Has ended with `goes_on` even if it fails: the browser would wait for that.
        browser.listen(services, on, goes_on)?;
        Ok(browser)
    }

    fn listen(
        &mut self,
        services: &[ServiceType],
        links: impl IntoIterator<Item = Link>,
        goes_on: mpsc::Sender<Never>,
    ) -> Result<(), MdnsError> {
        self.daemon.disable_interface(IfKind::All)?;
        self.use_links(links)?;
        for (n, service) in services.iter().enumerate() {
            let listening = Listening {
                service: service.clone(),
                events: self.daemon.browse(&service.domain())?,
                account: (n == 0).then(|| Account::new(Instant::now())),
                daemon: self.daemon.clone(),
                shared: Arc::clone(&self.shared),
                asking: Arc::clone(&self.asking),
                _goes_on: goes_on.clone(),
            };
            let thread = thread::Builder::new()
                .name("cooee-browse".into())
                .spawn(move || listening.run())
                .map_err(|source| MdnsError::System { doing: "starting a thread", source })?;
            self.listening.push(thread);
        }
        Ok(())
    }

    /// From now on browses on these links and on no others.
    ///
    /// # Errors
    /// The library has stopped, or has too much to do; trying again may help.
    pub fn use_links(&mut self, links: impl IntoIterator<Item = Link>) -> Result<(), MdnsError> {
        let links: Vec<Link> = links.into_iter().collect();
        let without = |all: &[Link], others: &[Link]| -> Vec<IfKind> {
            all.iter().filter(|link| !others.contains(link)).map(kind).collect()
        };
        let (gone, new) = (without(&self.links, &links), without(&links, &self.links));
        if !gone.is_empty() {
            self.daemon.disable_interface(gone)?;
        }
        if !new.is_empty() {
            self.daemon.enable_interface(new)?;
        }
        self.asking.use_links(&links);
        self.links = links;
        Ok(())
    }

    /// The next change, if there is one.
    pub fn poll(&self) -> Option<Announcement> {
        self.shared.poll()
    }

    /// Calls `wake` when there are changes, or when [browsing has ended](Self::is_over). Another thread calls
    /// it, so it must not block or panic. Only the first `wake` is kept.
    pub fn wake_by(&self, wake: impl Fn() + Send + Sync + 'static) {
        self.shared.wake_by(Box::new(wake));
    }

    /// Whether it hears nothing any more, because a flood has filled what it may keep.
    pub fn is_over(&self) -> bool {
        self.shared.is_over()
    }

    /// Ends without waiting for its threads, which end by themselves a moment later: for a thread that has
    /// others to serve.
    pub fn leave(mut self) {
        self.waits = false;
    }

    /// What was heard and not taken so far.
    pub fn refusals(&self) -> HeardRefusals {
        self.shared.refusals()
    }
}

fn kind(&(index, family): &Link) -> IfKind {
    match family {
        Family::V4 => IfKind::IndexV4(index),
        Family::V6 => IfKind::IndexV6(index),
    }
}

impl fmt::Debug for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Browser").field("links", &self.links).finish_non_exhaustive()
    }
}

/// Waits for its threads to end unless it [leaves](Browser::leave) them, which takes less than a millisecond, unless a flood keeps them busy, or they
/// wait for what this thread has: a log may have a lock. Then they end later, by themselves.
impl Drop for Browser {
    fn drop(&mut self) {
        if self.process != process::id() {
            // A forked child has no such threads, and must not wait for what they may have locked: with
            // one more that never goes, nothing is told to the others.
            return std::mem::forget(self.daemon.clone());
        }
        if !self.waits {
            return stop_soon(&self.daemon);
        }
        let Some(done) = stop(&self.daemon) else { return };
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        if done.recv_timeout(Self::ENDS_WITHIN).is_ok()
            && matches!(ended.recv_timeout(Self::ENDS_WITHIN), Err(RecvTimeoutError::Disconnected))
        {
            for thread in self.listening.drain(..) {
                if thread.join().is_err() {
                    tracing::debug!("a thread that browsed has panicked");
                }
            }
        }
    }
}

/// What one thread listens to.
struct Listening {
    service: ServiceType,
    events: Receiver<ServiceEvent>,
    /// One watches what the library keeps for all.
    account: Option<Account>,
    daemon: ServiceDaemon,
    shared: Arc<Shared>,
    asking: Arc<Asking>,
    _goes_on: mpsc::Sender<Never>,
}

impl Listening {
    fn run(mut self) {
        loop {
            let event = match &self.account {
                Some(account) => self.events.recv_deadline(account.due()).map_err(Into::into),
                None => self.events.recv().map_err(|_| Ended::Over),
            };
            match event {
                Ok(event) => self.take(event),
                Err(Ended::NotYet) => {}
                // The library drops a listener that is slow, or stops. The first leaves nobody who would
                // see what it keeps.
                Err(Ended::Over) => return self.end(),
            }
            let account = self.account.as_mut();
            if account.is_some_and(|account| account.is_flooded(Instant::now(), &self.daemon)) {
                tracing::warn!(
                    "multicast DNS brings more records than any network has; browsing ends, and \
                     probes go on"
                );
                return self.end();
            }
        }
    }

    fn end(&self) {
        stop(&self.daemon);
        self.shared.end();
    }

    fn take(&self, event: ServiceEvent) {
        match event {
            ServiceEvent::ServiceResolved(resolved) => {
                if let Some(announced) = heard::announced(&resolved, &self.service) {
                    self.asking.look_at(&self.daemon, &resolved.host, &announced);
                    self.shared.hear(announced);
                }
            }
            ServiceEvent::ServiceRemoved(_, name) => {
                if let Some(instance) = instance_in(&name, &self.service) {
                    self.shared.forget(&AnnouncedKey::new(instance, self.service.clone()));
                }
            }
            _ => {}
        }
    }
}

enum Ended {
    NotYet,
    Over,
}

impl From<mdns_sd::RecvTimeoutError> for Ended {
    fn from(error: mdns_sd::RecvTimeoutError) -> Self {
        match error {
            mdns_sd::RecvTimeoutError::Timeout => Self::NotYet,
            mdns_sd::RecvTimeoutError::Disconnected => Self::Over,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_stops_when_it_has_dropped_a_listener() {
        let browser = Browser::start(&[ServiceType::cooee(), ServiceType::http()], []).unwrap();
        browser.daemon.stop_browse(&ServiceType::http().domain()).unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        while !matches!(browser.daemon.get_metrics(), Err(mdns_sd::Error::DaemonShutdown)) {
            assert!(Instant::now() < deadline, "it still listens");
            thread::sleep(Duration::from_millis(10));
        }
        assert!(browser.is_over());
    }
}
