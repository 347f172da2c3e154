use super::Family;

/// The address families to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Families {
    /// IPv4 and IPv6.
    #[default]
    Both,
    /// IPv4 only, as the stock programs.
    V4,
    /// IPv6 only.
    V6,
}

impl Families {
    /// Whether `family` is used.
    pub fn has(self, family: Family) -> bool {
        match self {
            Self::Both => true,
            Self::V4 => family == Family::V4,
            Self::V6 => family == Family::V6,
        }
    }
}
