use cooee_core::wire::Family;

/// An interface by its index, and over which family to browse there.
pub type Link = (u32, Family);
