/// Whether there may be more to do at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    More,
    Idle,
    /// Receiving failed, and may fail again at once: pause before the next step.
    Trouble,
}

impl Progress {
    /// That of two sockets.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Trouble, _) | (_, Self::Trouble) => Self::Trouble,
            (Self::More, _) | (_, Self::More) => Self::More,
            (Self::Idle, Self::Idle) => Self::Idle,
        }
    }
}
