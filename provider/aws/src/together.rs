//! Reads for which several kinds ask at the same moment are sent once.

use std::{
    collections::HashMap,
    fmt,
    future::Future,
    sync::{Arc, Mutex},
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};

type Waiting<T> = Arc<Mutex<HashMap<String, Shared<BoxFuture<'static, T>>>>>;

/// Reads that were asked for and not sent yet, by what they ask; one is under way at a time.
///
/// Whoever comes while one is under way goes into the next: the answer may be older than what the newcomer has just
/// changed.
pub(crate) struct Together<T: Clone> {
    waiting: Waiting<T>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl<T: Clone> Default for Together<T> {
    fn default() -> Self {
        Self { waiting: Arc::default(), turn: Arc::default() }
    }
}

impl<T: Clone> fmt::Debug for Together<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Together").finish_non_exhaustive()
    }
}

impl<T: Clone + Send + Sync + 'static> Together<T> {
    /// The answer of `read`, or of the same read of somebody else that is about to be sent.
    pub(crate) async fn read(&self, what: String, read: impl Future<Output = T> + Send + 'static) -> T {
        let shared = {
            // A poisoned lock only says that another task panicked while inserting; the map is still whole.
            let mut waiting = self.waiting.lock().unwrap_or_else(|e| e.into_inner());
            let (all, key, turn) = (self.waiting.clone(), what.clone(), self.turn.clone());
            let send = async move {
                let _turn = turn.lock().await;
                all.lock().unwrap_or_else(|e| e.into_inner()).remove(&key);
                read.await
            };
            waiting.entry(what).or_insert_with(|| send.boxed().shared()).clone()
        };
        // Everybody who asks at this moment joins before it is sent.
        tokio::task::yield_now().await;
        shared.await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::future::join_all;

    use super::*;

    #[tokio::test]
    async fn what_is_asked_at_one_moment_is_sent_once_and_later_again() {
        let together = Together::default();
        let sent = Arc::new(AtomicU32::new(0));
        let read = |what: &str| {
            let sent = sent.clone();
            together.read(what.to_owned(), async move { sent.fetch_add(1, Ordering::SeqCst) })
        };
        assert_eq!(join_all([read("a"), read("a"), read("b"), read("a")]).await, [0, 0, 1, 0]);
        assert_eq!(read("a").await, 2);
    }
}
