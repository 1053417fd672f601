//! Ctrl-C: whatever waits for AWS ends at once, also for an answer that never comes.
//!
//! What is dropped in the middle is in the state of a provider that was killed: everything can go on from there.

use std::{future::Future, time::Duration};

use stellar_engine::{Error, ErrorClass};
use tfplugin_sdk::CancellationToken;

/// How long the end of an operation may take, for what is nice to have: the phase, the released hold. Together with the
/// time that calls under way are given it stays below the five seconds that Terraform's users are promised.
const LAST_WORDS: Duration = Duration::from_millis(1500);

/// The outcome of `work`, unless the user stops it before.
///
/// # Errors
/// Those of the work; [`ErrorClass::Cancelled`].
pub(super) async fn unless_stopped<T>(
    cancel: &CancellationToken,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    tokio::select! {
        biased;
        done = work => done,
        () = cancel.cancelled() => Err(Error::new(
            ErrorClass::Cancelled,
            "stopped on request before any object was changed; run the same command again",
        )),
    }
}

/// The outcome of `work`; `None` when the user has asked to stop and it does not come soon.
pub(super) async fn last_words<T>(cancel: &CancellationToken, work: impl Future<Output = T>) -> Option<T> {
    let too_late = async {
        cancel.cancelled().await;
        tokio::time::sleep(LAST_WORDS).await;
    };
    tokio::select! {
        biased;
        done = work => Some(done),
        () = too_late => None,
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_never_ends_ends_when_it_is_stopped() {
        let cancel = CancellationToken::new();
        assert_eq!(unless_stopped(&cancel, ready(Ok(1))).await, Ok(1));
        cancel.cancel();
        assert_eq!(unless_stopped(&cancel, ready(Ok(1))).await, Ok(1), "what is done is done");
        let stopped = unless_stopped(&cancel, pending::<Result<(), Error>>()).await;
        assert_eq!(stopped.map_err(|error| error.class), Err(ErrorClass::Cancelled));
        assert_eq!(last_words(&cancel, ready(1)).await, Some(1));
        assert_eq!(last_words(&cancel, pending::<()>()).await, None);
    }
}
