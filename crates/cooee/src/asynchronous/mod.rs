//! The drivers that wait on a tokio runtime.

mod answers;
mod responding;

pub use answers::AsyncAnswers;
pub use responding::AsyncResponding;
