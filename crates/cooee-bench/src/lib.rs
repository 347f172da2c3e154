//! What was measured, and how it is written down. The measuring is done by the programs of this
//! crate.

pub mod document;
pub mod plot;
pub mod record;
pub mod report;
pub mod spread;
pub mod summary;
