//! The drivers that wait by blocking a thread. No runtime, and no wake-up without a reason.

mod answers;
#[cfg(unix)]
mod inherited;
mod responding;
mod waiter;

pub use answers::{Answers, Next, Stopper};
pub use responding::Responding;
