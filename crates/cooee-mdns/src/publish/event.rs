use super::published::PublishedName;

/// What came of announcing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishEvent {
    /// Everything is announced on every link, this for the first time under this name.
    Announced {
        /// Which, by its position in what was to be announced.
        of: usize,
        /// Its names.
        name: PublishedName,
    },
    /// Another host has a name of it, so it goes by the next one (RFC 6762 section 9).
    Renamed {
        /// Which, by its position.
        of: usize,
        /// The names that it had.
        from: PublishedName,
        /// The names that it is announced under.
        to: PublishedName,
    },
    /// Nothing could be announced on a link. It is tried again.
    Failed {
        /// The name of the interface.
        interface: String,
        /// Why, as far as it is known.
        why: String,
    },
    /// Strangers have told more on a link than any network has. All of that is forgotten, and the same
    /// names are announced again.
    Flooded {
        /// The name of the interface.
        interface: String,
    },
}
