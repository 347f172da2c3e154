//! The servers that were found before, kept on disk for the next time.
//!
//! The file is `cooee/servers.json` in the state directory. It holds JSON: `version`, and for each
//! network that this host was in and each message, the addresses that servers answered from, when
//! each was last heard, and in how many whole discoveries since it was silent. Discoveries that end
//! at one moment write it one after the other.

mod address;
mod book;
mod lock;
mod place;
mod store;

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cooee::interface::Interface;
use cooee::{Ended, Found, Server, Via};

use crate::console::Console;
use crate::directories;
use crate::settings::{Find, Wire};
use address::Address;
use book::{Book, Heard};
use place::Unknown;
use store::Store;

/// What is remembered of the network that this host is in.
pub(crate) struct Memory {
    store: Store,
    /// The network, as far as it is known which it is.
    place: Result<String, Unknown>,
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
        let path = directories::state().map(|state| state.join("servers.json"));
        let path = path.or_else(|| {
            tracing::info!("servers are not remembered: there is no state directory");
            None
        })?;
        let store = Store::new(path);
        let interfaces = cooee::interfaces().unwrap_or_default();
        let (place, wire) = (place::here(&interfaces), find.wire.clone());
        let mut memory = Self { store, place, wire, addresses: Vec::new(), console };
        let book = match memory.store.read() {
            Ok(book) => book,
            Err(_) => memory.store.alone(|| Ok(memory.read())).unwrap_or_else(|_| memory.read())?,
        };
        if let Ok(place) = &memory.place {
            let known = book.addresses(place, &memory.wire, now());
            memory.addresses = known.iter().filter_map(|it| it.resolve(&interfaces)).collect();
        }
        Some(memory)
    }

    /// The addresses that servers answered from, on this network, most recent first.
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Keeps what was found, and drops what stayed silent.
    pub(crate) fn keep(self, found: &Found) {
        let interfaces = cooee::interfaces().unwrap_or_default();
        let place = place::here(&interfaces);
        if self.place.is_ok() && self.place != place {
            tracing::info!("servers are not remembered: the network changed meanwhile");
            return;
        }
        let place = match place {
            Ok(place) => place,
            Err(Unknown(why)) => {
                tracing::info!("servers are not remembered: {why}");
                return;
            }
        };
        let heard = self.heard(found, &interfaces);
        if heard.answered.is_empty() && heard.silent.is_empty() {
            return;
        }
        // Read anew, since another discovery may have written meanwhile.
        let written = self.store.alone(|| {
            let Some(mut book) = self.read() else { return Ok(()) };
            book.correct(&place, &self.wire, &heard, now());
            self.store.write(&book)
        });
        if let Err(error) = written {
            tracing::info!("servers are not remembered: {}: {error}", self.store.path().display());
        }
    }

    fn heard(&self, found: &Found, interfaces: &[Interface]) -> Heard {
        let outcome = found.outcome();
        let is_called = |source: &SocketAddr| source.port() == self.wire.port;
        // What is only announced has answered nothing.
        let is_heard = |server: &&Server| !server.this_host && server.via != Via::Mdns;
        let others = found.iter().filter(is_heard);
        // A host that was named with another port would never be called.
        let sources = others.map(|server| server.source).filter(is_called);
        let answered = sources.chain(outcome.remembered.answered.iter().copied());
        let kept = |address| Address::new(address, interfaces);
        Heard {
            answered: answered.filter_map(kept).collect(),
            silent: outcome.remembered.silent.iter().copied().filter_map(kept).collect(),
            is_whole: matches!(outcome.ended, Ended::Settled | Ended::Deadline),
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

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).as_ref().map_or(0, Duration::as_secs)
}
