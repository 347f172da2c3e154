//! Ends what may block meanwhile, without holding up a runtime.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// What may block while it is dropped.
pub(super) trait Blocks: Send + 'static {
    /// Whether it would, if it were dropped now.
    fn blocks(&self) -> bool;
}

/// What a task has, and that is dropped on a thread for blocking calls if need be.
///
/// A runtime that shuts down waits for such a thread, or drops what it has not begun with itself.
pub(super) struct Held<T: Blocks> {
    it: Option<T>,
    ending: Ending,
}

impl<T: Blocks> Held<T> {
    pub(super) fn new(it: T, ending: Ending) -> Self {
        Self { it: Some(it), ending }
    }
}

impl<T: Blocks> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.it.as_ref().expect("only a drop takes it away")
    }
}

impl<T: Blocks> DerefMut for Held<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.it.as_mut().expect("only a drop takes it away")
    }
}

impl<T: Blocks> Drop for Held<T> {
    fn drop(&mut self) {
        let Some(it) = self.it.take().filter(T::blocks) else { return };
        // Without a runtime there is nothing to hold up.
        if let Ok(runtime) = Handle::try_current() {
            self.ending.begin(runtime.spawn_blocking(move || drop(it)));
        }
    }
}

/// By which the end of what is held can be waited for.
#[derive(Debug, Clone, Default)]
pub(super) struct Ending(Arc<Mutex<Option<JoinHandle<()>>>>);

impl Ending {
    fn begin(&self, thread: JoinHandle<()>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
    }

    /// Waits until it has ended, if it has begun to.
    pub(super) async fn wait(&self) {
        let begun = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = begun
            && thread.await.is_err_and(|error| error.is_panic())
        {
            tracing::error!("a responder panicked as it stopped");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    use tokio::runtime::Builder;
    use tokio::task::yield_now;

    use super::*;

    const DEADLINE: Duration = Duration::from_secs(20);

    /// Ends once it may, and says whether it might.
    struct Slow {
        may: mpsc::Receiver<()>,
        has_ended: Arc<AtomicBool>,
    }

    impl Blocks for Slow {
        fn blocks(&self) -> bool {
            true
        }
    }

    impl Drop for Slow {
        fn drop(&mut self) {
            let might = self.may.recv_timeout(DEADLINE).is_ok();
            self.has_ended.store(might, Ordering::SeqCst);
        }
    }

    fn slow() -> (Slow, mpsc::Sender<()>, Arc<AtomicBool>) {
        let (let_go, may) = mpsc::channel();
        let has_ended = Arc::new(AtomicBool::new(false));
        (Slow { may, has_ended: Arc::clone(&has_ended) }, let_go, has_ended)
    }

    #[test]
    fn a_runtime_goes_on_while_something_ends() {
        let (slow, let_go, has_ended) = slow();
        let ending = Ending::default();
        let held = Held::new(slow, ending.clone());
        Builder::new_current_thread().build().unwrap().block_on(async {
            let task = tokio::spawn(async move {
                let _held = held;
                pending::<()>().await;
            });
            yield_now().await;
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
            let_go.send(()).unwrap();
            ending.wait().await;
            assert!(has_ended.load(Ordering::SeqCst), "the only thread was blocked");
        });
    }

    #[test]
    fn a_runtime_that_ends_waits_for_it() {
        let (slow, let_go, has_ended) = slow();
        let held = Held::new(slow, Ending::default());
        let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
        runtime.spawn(async move {
            let _held = held;
            pending::<()>().await;
        });
        let_go.send(()).unwrap();
        drop(runtime);
        assert!(has_ended.load(Ordering::SeqCst));
    }
}
