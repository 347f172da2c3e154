//! What a browser's threads hear, and its owner asks for.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use cooee_core::announced::{
    Announced, AnnouncedKey, AnnouncedTable, Announcement, HeardRefusals, News,
};

type Wake = Box<dyn Fn() + Send + Sync>;

#[derive(Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    wake: OnceLock<Wake>,
}

#[derive(Default)]
struct State {
    table: AnnouncedTable,
    news: News,
    is_over: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn hear(&self, announced: Announced) {
        self.change(|table| table.hear(announced));
    }

    pub(super) fn forget(&self, key: &AnnouncedKey) {
        self.change(|table| table.forget(key));
    }

    fn change(&self, change: impl FnOnce(&mut AnnouncedTable) -> Option<Announcement>) {
        let mut state = self.state();
        let Some(news) = change(&mut state.table) else { return };
        state.news.add(news);
        drop(state);
        self.tell();
    }

    pub(super) fn end(&self) {
        self.state().is_over = true;
        self.tell();
    }

    fn tell(&self) {
        self.wake.get().into_iter().for_each(|wake| wake());
    }

    pub(super) fn poll(&self) -> Option<Announcement> {
        self.state().news.poll()
    }

    pub(super) fn is_over(&self) -> bool {
        self.state().is_over
    }

    pub(super) fn refusals(&self) -> HeardRefusals {
        self.state().table.refusals()
    }

    /// A thread that adds news meanwhile finds `wake`, or else this call finds the news: none is missed.
    pub(super) fn wake_by(&self, wake: Wake) {
        // One that is there already stays.
        let _ = self.wake.set(wake);
        let state = self.state();
        let is_news = !state.news.is_empty() || state.is_over;
        drop(state);
        if is_news {
            self.tell();
        }
    }
}
