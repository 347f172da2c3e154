//! What is drawn on the terminal, and lines that are written above it.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, PoisonError, RwLock};

use indicatif::ProgressBar;

/// Takes away what is drawn, does the work, and draws it anew.
type Aside = dyn Fn(&mut dyn FnMut()) + Send + Sync;

static DRAWN: RwLock<Option<Arc<Aside>>> = RwLock::new(None);

/// Something is drawn on the terminal until this is dropped: what is written to standard error
/// meanwhile stands above it.
pub(crate) struct Drawn;

impl Drawn {
    /// `aside` takes away what is drawn, does the work, and draws it anew. It logs nothing itself.
    pub(crate) fn new(aside: impl Fn(&mut dyn FnMut()) + Send + Sync + 'static) -> Self {
        // A file or a pipe does not touch what is drawn.
        if io::stderr().is_terminal() {
            set(Some(Arc::new(aside)));
        }
        Self
    }

    pub(crate) fn bar(bar: &ProgressBar) -> Self {
        let bar = bar.clone();
        Self::new(move |work| bar.suspend(work))
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        set(None);
    }
}

fn set(aside: Option<Arc<Aside>>) {
    *DRAWN.write().unwrap_or_else(PoisonError::into_inner) = aside;
}

/// Does the work, which writes to the terminal, while nothing is drawn there.
pub(super) fn aside(work: &mut dyn FnMut()) {
    let aside = DRAWN.read().unwrap_or_else(PoisonError::into_inner).clone();
    match aside {
        Some(aside) => aside(work),
        None => work(),
    }
}

/// Standard error, above what is drawn.
pub(super) struct Above;

impl Write for Above {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut written = Ok(());
        aside(&mut || written = io::stderr().write_all(bytes));
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
