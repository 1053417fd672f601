//! Takes a stack for one operation: whoever comes second waits, and never works beside the first.

use std::sync::Arc;

use stellar_aws::claim::{Claim, Ended, Hold, Journal, group, was_second};
use stellar_engine::{Error, ErrorClass, Fence};
use tfplugin_sdk::CancellationToken;

use super::{
    resource::Region,
    stop::{last_words, unless_stopped},
};
use crate::{report::Chronicle, session::Session};

/// A stack that is ours to change, with the journal of what happens to it.
pub(super) struct Held {
    hold: Hold,
    journal: Journal,
    chronicle: Arc<Chronicle>,
}

/// Takes the hold, after having waited for whoever has it.
///
/// # Errors
/// When another operation has worked on the stack until just now: what was planned is out of date. When asked to stop.
/// Those of the calls.
pub(super) async fn take(
    region: &Region,
    name: &str,
    claim: &mut Claim,
    cancel: &CancellationToken,
) -> Result<Held, Error> {
    loop {
        if let Some(number) = claim.held() {
            wait(region, name, number, cancel).await?;
            *claim = unless_stopped(cancel, find(region, name)).await?;
        }
        match unless_stopped(cancel, region.claims.hold(name, claim, Session::pace())).await {
            Ok(hold) => {
                let journal = region.claims.journal(name, hold.number());
                let chronicle = Arc::new(Chronicle::new(journal.pen()));
                return Ok(Held { hold, journal, chronicle });
            }
            Err(error) if was_second(&error) => *claim = unless_stopped(cancel, find(region, name)).await?,
            Err(error) => return Err(error),
        }
    }
}

impl Held {
    /// True for the first operation ever on the stack.
    pub(super) fn is_first(&self) -> bool {
        self.hold.number() == 1
    }

    /// Asked before every deletion.
    pub(super) fn fence(&self) -> Arc<dyn Fence> {
        Arc::new(self.hold.fence())
    }

    /// Takes down what the operation does, in the journal and for the report.
    pub(super) fn chronicle(&self) -> &Arc<Chronicle> {
        &self.chronicle
    }

    /// The next operation may begin. When AWS does not take that in time, it waits until this one counts as silent.
    pub(super) async fn release(self, cancel: &CancellationToken) {
        let Self { hold, journal, chronicle } = self;
        // The journal ends with its last pen.
        drop(chronicle);
        last_words(cancel, async { tokio::join!(journal.close(), hold.release()) }).await;
    }

    /// The stack is about to go, with its claim: nothing is written into that any more.
    pub(super) async fn end(self) {
        drop(self.chronicle);
        self.journal.close().await;
        drop(self.hold);
    }
}

async fn wait(region: &Region, name: &str, number: u64, cancel: &CancellationToken) -> Result<(), Error> {
    tracing::warn!(
        stack = name,
        "another operation works on the stack; waiting for it (see it: aws logs tail {} --follow --log-stream-name-prefix journal/)",
        group(name)
    );
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Error::new(
            ErrorClass::Cancelled,
            "stopped on request while waiting for another operation on the stack; nothing was touched",
        )),
        ended = region.claims.wait_for(name, number, Session::pace()) => match ended? {
            Ended::Silent => Ok(()),
            Ended::Released => Err(Error::foreign(
                "another operation has worked on the stack until just now, so what was planned here may be out of date. Nothing was \
                 touched: run the same command again",
            )),
        },
    }
}

async fn find(region: &Region, name: &str) -> Result<Claim, Error> {
    let gone =
        || Error::foreign("the stack was destroyed by another operation meanwhile; nothing was touched: plan again");
    region.claims.find(name).await?.ok_or_else(gone)
}
