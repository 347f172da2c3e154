//! DNS-SD over multicast DNS for Cooee: announces named servers, and finds what others announce.
//!
//! The protocol is that of `mdns-sd`; no type of it is seen outside.

mod browse;
mod error;
mod kept;
mod publish;
mod stop;
#[cfg(test)]
mod stuck;

pub use browse::{Browser, Link};
pub use error::MdnsError;
pub use publish::{PublishEvent, Published, PublishedName, Publisher};
