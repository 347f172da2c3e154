//! The ladder of a discovery, tried with its eyes open.

mod course;
mod exchange;
mod limit;
mod links;
mod listen;
mod own_call;
mod services;
mod settings;
mod stages;
mod surroundings;
mod twins;

pub use listen::{TestCalls, answer_test_calls};
pub use settings::Doctor;
pub use stages::{Checkup, Stage};
