//! The servers that were found before, kept on disk for the next time.
//!
//! The file is `cooee/servers.json` in the state directory. It holds JSON: `version`, and for each
//! network that this host was in and each message, the addresses that servers answered from, when
//! each was last heard, and in how many whole discoveries since it was silent.

mod book;
mod place;
mod store;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cooee::{Ended, Found};
use etcetera::BaseStrategy;
use etcetera::base_strategy::Xdg;

use crate::console::Console;
use crate::settings::{Find, Wire};
use book::{Book, Heard};
use store::Store;

/// What is remembered of the network that this host is in.
pub(crate) struct Memory {
    store: Store,
    /// The network; `None` while it is not known which it is.
    place: Option<String>,
    wire: Wire,
    addresses: Vec<SocketAddr>,
    console: Console,
}

impl Memory {
    /// Opens it, unless that is not wanted or there is no place for it.
    pub(crate) fn open(find: &Find, console: Console) -> Option<Self> {
        if !find.memory || find.no_memory {
            return None;
        }
        let path = path().or_else(|| {
            tracing::info!("servers are not remembered: there is no state directory");
            None
        })?;
        let store = Store::new(path);
        let (place, wire) = (place::here(), find.wire.clone());
        let mut memory = Self { store, place, wire, addresses: Vec::new(), console };
        let book = memory.read()?;
        if let Some(place) = &memory.place {
            memory.addresses = book.addresses(place, &memory.wire, now());
        }
        Some(memory)
    }

    /// The addresses that servers answered from, on this network, most recent first.
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Keeps what was found, and drops what stayed silent.
    pub(crate) fn keep(self, found: &Found) {
        let place = place::here();
        if self.place.is_some() && self.place != place {
            tracing::info!("servers are not remembered: the network changed meanwhile");
            return;
        }
        let Some(place) = place else {
            tracing::info!("servers are not remembered: the gateway is not resolved");
            return;
        };
        let outcome = found.outcome();
        let is_called = |source: &SocketAddr| source.port() == self.wire.port;
        let others = found.iter().filter(|server| !server.this_host);
        // A host that was named with another port would never be called.
        let sources = others.map(|server| server.source).filter(is_called);
        let heard = Heard {
            answered: sources.chain(outcome.remembered.answered.iter().copied()).collect(),
            silent: outcome.remembered.silent.clone(),
            is_whole: matches!(outcome.ended, Ended::Settled | Ended::Deadline),
        };
        if heard.answered.is_empty() && heard.silent.is_empty() {
            return;
        }
        // Read anew, since another discovery may have written meanwhile.
        let Some(mut book) = self.read() else { return };
        book.correct(&place, &self.wire, &heard, now());
        if let Err(error) = self.store.write(&book) {
            tracing::info!("servers are not remembered: {}: {error}", self.store.path().display());
        }
    }

    /// What the file says; `None` if it cannot be used and has to stay as it is.
    fn read(&self) -> Option<Book> {
        match self.store.read() {
            Ok(book) => Some(book),
            Err(store::Unusable::Unread(error)) => {
                let path = self.store.path().display();
                tracing::info!("servers are not remembered: {path}: {error}");
                None
            }
            Err(store::Unusable::Wrong(why)) => {
                let path = self.store.path().display();
                match self.store.set_aside() {
                    Ok(None) => self.store.read().ok(),
                    Ok(Some(aside)) => {
                        let aside = aside.display();
                        self.console.warn(format_args!(
                            "{path} {why}; it is kept as {aside}, and servers are remembered anew"
                        ));
                        Some(Book::default())
                    }
                    Err(error) => {
                        self.console.warn(format_args!(
                            "{path} {why}, and cannot be renamed: {error}; nothing is remembered \
                             until it is moved away"
                        ));
                        None
                    }
                }
            }
        }
    }
}

fn path() -> Option<PathBuf> {
    Some(Xdg::new().ok()?.state_dir()?.join("cooee/servers.json"))
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).as_ref().map_or(0, Duration::as_secs)
}
