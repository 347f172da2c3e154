//! One owner of a port for each host: who has it, and who is next.
//!
//! Where the system has a lock with the scope of a port (Linux: an abstract unix socket, which
//! like a port belongs to a network namespace), its holder owns the port, or is first in line for
//! it while a foreign program has it. Everybody else waits, without waking, until the holder is
//! gone; the kernel tells, even of a SIGKILL. The owner answers for them meanwhile: each hands over
//! its offers. Elsewhere the bind itself decides, and a process that waits tries once a second.
//!
//! The end of a foreign program is told by the kernel too, but it may also give up the port and
//! live on: whoever is first in line behind it tries once a second besides.
//!
//! Each address has a guard of its own, since two specific addresses of one port can have owners at
//! the same time. An owner of the unspecified address excludes them all, and they exclude it:
//! whoever cannot bind because of one of us waits behind that one, holding its own guard.

#[cfg(target_os = "linux")]
#[path = "linux/mod.rs"]
mod sys;
#[cfg(not(target_os = "linux"))]
#[path = "portable/mod.rs"]
mod sys;

mod bound;
mod error;
mod held;
mod kept;
mod owned_port;
mod owner;
mod owners;
mod pace;
mod port_offers;
mod search;
#[cfg(any(target_os = "macos", test))]
mod socket_info;
mod stand_by;
#[cfg(any(windows, test))]
mod udp_rows;

pub use error::BindError;
pub use kept::{KeptPort, kept_port};
pub use owned_port::OwnedPort;
pub use owner::Owner;
pub use owners::{PortOwners, port_owners};
pub use port_offers::{PortOffers, offers_on};
pub use stand_by::{Ahead, Claim, StandBy};
