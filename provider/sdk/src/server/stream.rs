//! Answers that are streams.

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::Status;

/// The events of a running task.
pub(super) type Events<T> = BoxStream<'static, Result<T, Status>>;

/// How many events wait for a slow client.
pub(super) const BUFFER: usize = 16;

/// What a task sends, until it has sent everything. When the client goes, `kept` is dropped.
pub(super) fn events<T: Send + 'static, K: Send + 'static>(mut receiver: mpsc::Receiver<T>, kept: K) -> Events<T> {
    let received = stream::poll_fn(move |context| {
        let _kept = &kept;
        receiver.poll_recv(context)
    });
    received.map(Ok).boxed()
}

/// A token that fires with `parent`, or when the guard is dropped.
pub(super) fn token(parent: &CancellationToken) -> (CancellationToken, DropGuard) {
    let token = parent.child_token();
    (token.clone(), token.drop_guard())
}
