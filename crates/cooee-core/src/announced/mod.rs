//! What DNS-SD (RFC 6763) tells of services, and what of a server is published there: types and
//! their rules, without a socket or a packet.

mod error;
mod host;
mod instance;
mod marker;
mod news;
mod publication;
mod service_type;
mod shown;
mod table;
mod txt;

pub use error::AnnouncedError;
pub use host::{check_host_label, host_label};
pub use instance::{Announced, AnnouncedAddress, AnnouncedKey, check_instance_name, instance_in};
pub use marker::Marker;
pub use news::News;
pub use publication::{Publication, PublishedService};
pub use service_type::ServiceType;
pub use shown::shown;
pub use table::{AnnouncedTable, Announcement, HeardRefusals};
pub use txt::{Txt, TxtPair};

/// The port of multicast DNS (RFC 6762 section 3), which all programs of a host share.
pub const MDNS_PORT: u16 = 5353;
