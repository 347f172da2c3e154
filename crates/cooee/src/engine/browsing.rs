//! The browser of DNS-SD beside a discovery.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cooee_core::interface::Interface;
#[cfg(feature = "mdns")]
use cooee_core::wire::Families;
#[cfg(feature = "mdns")]
use cooee_mdns::Browser;

use super::machine::Machine;
#[cfg(feature = "mdns")]
use crate::evidence::{kept_mdns_port, without_mdns};
use crate::settings::Discovery;

type Wake = Arc<dyn Fn() + Send + Sync>;

/// Browses from soon after the first probe on, if that is wanted: a server that answers at once ends a
/// discovery of the first before any thread or socket is opened for it.
pub(super) struct Browsing {
    state: State,
    wake: Option<Wake>,
    /// Whether more was heard than one look takes.
    has_more: bool,
    /// Whether it has told that another program keeps the port for itself.
    #[cfg(feature = "mdns")]
    has_told_kept: bool,
    /// Whether it has told that it cannot begin.
    #[cfg(feature = "mdns")]
    has_told_failure: bool,
    /// Whether it ended before.
    #[cfg(feature = "mdns")]
    begins_again: bool,
    /// Whether to wait for a browser's threads when it ends.
    #[cfg(feature = "mdns")]
    waits: bool,
}

enum State {
    Off,
    Due(Instant),
    #[cfg(feature = "mdns")]
    On(Browser),
}

impl Browsing {
    /// Queries are to wait for 20 ms at least anyway (RFC 6762 section 5.2).
    const AFTER: Duration = Duration::from_millis(20);
    /// A flood ends it, or another program keeps the port. It would have nothing to hear for as long as
    /// a view is watched.
    #[cfg(feature = "mdns")]
    const AGAIN_AFTER: Duration = Duration::from_secs(30);
    /// What is taken before probes and answers have their turn: a flood is not to hold them up.
    #[cfg(feature = "mdns")]
    const AT_ONCE: usize = 256;

    /// Nothing is browsed.
    pub(super) fn off() -> Self {
        Self {
            state: State::Off,
            wake: None,
            has_more: false,
            #[cfg(feature = "mdns")]
            has_told_kept: false,
            #[cfg(feature = "mdns")]
            has_told_failure: false,
            #[cfg(feature = "mdns")]
            begins_again: false,
            #[cfg(feature = "mdns")]
            waits: true,
        }
    }

    pub(super) fn new(settings: &Discovery, now: Instant) -> Self {
        let mut browsing = Self::off();
        browsing.state = match settings.browses() {
            _ if !cfg!(feature = "mdns") => State::Off,
            false => State::Off,
            true if settings.sends_probes() => State::Due(now + Self::AFTER),
            true => State::Due(now),
        };
        #[cfg(feature = "mdns")]
        {
            browsing.has_told_kept = settings.is_examined();
        }
        browsing
    }

    /// From now on a browser that ends leaves its threads to end by themselves.
    #[cfg(feature = "tokio")]
    pub(super) fn never_wait(&mut self) {
        #[cfg(feature = "mdns")]
        {
            self.waits = false;
        }
    }

    /// Has `wake` called when there is news.
    pub(super) fn wake_by(&mut self, wake: impl Fn() + Send + Sync + 'static) {
        self.wake = Some(Arc::new(wake));
    }

    /// When to [`tell`](Self::tell) next, besides after news.
    pub(super) fn look_at(&self, now: Instant) -> Option<Instant> {
        match self.state {
            State::Due(at) => Some(at),
            _ => self.has_more.then_some(now),
        }
    }

    /// Begins if it is time, and hands on what was heard.
    pub(super) fn tell(
        &mut self,
        now: Instant,
        engine: &mut impl Machine,
        settings: &Discovery,
        interfaces: &[Interface],
    ) {
        if let State::Due(at) = self.state
            && at <= now
        {
            self.begin(now, settings, interfaces);
            #[cfg(feature = "mdns")]
            if matches!(self.state, State::On(_)) {
                engine.handle_browsing_begun(now);
            }
        }
        #[cfg(feature = "mdns")]
        if let State::On(browser) = &self.state {
            let mut taken = 0;
            while taken < Self::AT_ONCE
                && let Some(news) = browser.poll()
            {
                engine.handle_announcement(now, &news);
                taken += 1;
            }
            self.has_more = taken == Self::AT_ONCE;
            if !self.has_more && browser.is_over() {
                tracing::warn!("browsing by DNS-SD has ended, and begins again in 30 s");
                engine.handle_browsing_ended();
                self.begins_again = true;
                self.turn(State::Due(now + Self::AGAIN_AFTER));
            }
        }
        #[cfg(not(feature = "mdns"))]
        let _ = engine;
    }

    #[cfg(feature = "mdns")]
    fn begin(&mut self, now: Instant, settings: &Discovery, interfaces: &[Interface]) {
        let links = settings.links(interfaces);
        // Where there is no link, nothing is heard, and that is no sign that anybody is gone.
        if self.is_kept_out() || (self.begins_again && links.is_empty()) {
            self.state = State::Due(now + Self::AGAIN_AFTER);
            return;
        }
        self.state = match Browser::start(settings.browsed(), links) {
            Ok(browser) => {
                if let Some(wake) = self.wake.clone() {
                    browser.wake_by(move || wake());
                }
                State::On(browser)
            }
            Err(error) => {
                if !std::mem::replace(&mut self.has_told_failure, true) {
                    tracing::warn!(%error, "nothing is found by DNS-SD");
                }
                State::Due(now + Self::AGAIN_AFTER)
            }
        };
    }

    /// Whether another program keeps the port for itself, over both families. That it does is told once.
    #[cfg(feature = "mdns")]
    fn is_kept_out(&mut self) -> bool {
        let Some(kept) = kept_mdns_port() else { return false };
        let families = kept.families;
        if !std::mem::replace(&mut self.has_told_kept, true)
            && let Some(finding) = without_mdns(kept)
        {
            tracing::warn!("{finding}");
        }
        families == Families::Both
    }

    #[cfg(not(feature = "mdns"))]
    fn begin(&mut self, _: Instant, _: &Discovery, _: &[Interface]) {
        self.state = State::Off;
    }

    /// Browses on the interfaces that there are now.
    pub(super) fn relocate(&mut self, settings: &Discovery, interfaces: &[Interface]) {
        #[cfg(feature = "mdns")]
        if let State::On(browser) = &mut self.state
            && let Err(error) = browser.use_links(settings.links(interfaces))
        {
            tracing::debug!(%error, "browsing goes on by the interfaces of before");
        }
        #[cfg(not(feature = "mdns"))]
        let _ = (settings, interfaces);
    }

    /// Ends it.
    pub(super) fn end(&mut self) {
        self.turn(State::Off);
        self.has_more = false;
    }

    #[cfg(feature = "mdns")]
    fn turn(&mut self, state: State) {
        if let State::On(browser) = std::mem::replace(&mut self.state, state)
            && !self.waits
        {
            browser.leave();
        }
    }

    #[cfg(not(feature = "mdns"))]
    fn turn(&mut self, state: State) {
        self.state = state;
    }

    #[cfg(all(test, target_os = "linux", feature = "mdns"))]
    pub(super) fn is_on(&self) -> bool {
        matches!(self.state, State::On(_))
    }
}

impl Drop for Browsing {
    fn drop(&mut self) {
        self.end();
    }
}
