//! Settings as keyword arguments.

pub(crate) mod discovery;
pub(crate) mod responder;
