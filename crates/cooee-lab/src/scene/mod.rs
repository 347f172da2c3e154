//! What tests and benchmarks play in the lab: the programs of both sides, crowds of servers,
//! and traffic that disturbs. What goes wrong here panics.

pub mod announcers;
pub mod avahi;
pub mod broken;
pub mod crowd;
pub mod load;
pub mod over;
pub mod programs;
pub mod resolved;
pub mod scripted;
