//! The ladder of a discovery, tried with its eyes open.

mod own_call;
mod services;
mod settings;
mod stages;
mod surroundings;
mod twins;

pub use settings::Doctor;
pub use stages::{Checkup, Stage};
