use std::collections::BTreeSet;
use std::time::Instant;

use crate::announced::AnnouncedKey;

/// The instances that are to be announced again, and by when.
#[derive(Debug, Default)]
pub(super) struct Awaited {
    pub(super) keys: BTreeSet<AnnouncedKey>,
    pub(super) by: Option<Instant>,
}
