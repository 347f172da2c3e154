//! A laboratory of network namespaces: hosts, segments, routers and loss on one Linux machine.
//!
//! A [`Host`] is a network namespace, a [`Segment`] is a bridge in a namespace of its own, and
//! a veth pair joins the two. Real programs and real sockets run in them without seeing the
//! machine's own network. Everything goes away when its handle is dropped, also on a panic;
//! what a killed process left behind is removed by the next [`Lab::new`].
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use cooee_lab::netns::{Lab, LabError};
//!
//! # fn main() -> Result<(), LabError> {
//! let lab = Lab::new()?;
//! let office = lab.segment("office")?;
//! let server = lab.host("server")?;
//! let client = lab.host("client")?;
//! server.join(&office, "10.0.1.2/24")?;
//! client.join(&office, "10.0.1.3/24")?;
//!
//! let _serving = server.spawn("cooee", ["serve"])?;
//! office.lose(20)?;
//! let found = client.spawn("cooee", ["find"])?.finish(Duration::from_secs(10))?;
//! assert!(found.status.success());
//! # Ok(())
//! # }
//! ```

mod child;
mod error;
mod host;
mod lab;
mod namespace;
mod raw;
mod segment;
mod wait;

pub use child::{Child, Finished};
pub use error::{LabError, Stream, Unavailable};
pub use host::Host;
pub use lab::Lab;
pub use nix::sys::signal::Signal;
pub use raw::RawSender;
pub use segment::Segment;
pub use wait::eventually;
