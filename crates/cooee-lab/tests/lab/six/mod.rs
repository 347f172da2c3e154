//! IPv6: segments without IPv4, hosts of both families, and what the stock programs see of it.

mod alone;
mod beside;
mod clients;
mod deaf;
mod examined;
mod fetching;
mod named;
mod remembered;
mod taken;
mod walled;
