//! The test exchange of a doctor: one call, one answer that is no longer, by the way that was asked
//! for. `docs/protocol.md` has the bytes.

mod answering;
mod message;

pub use answering::{Examiner, ExchangeRefusal};
pub(crate) use message::is_exchange;
pub use message::{TestAnswer, TestCall, Way};
