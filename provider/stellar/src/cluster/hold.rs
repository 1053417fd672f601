//! Takes a stack for one operation: whoever comes second waits, and never works beside the first.

use std::{
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use stellar_aws::claim::{Claim, Ended, Hold, Journal, Line, group, was_second};
use stellar_engine::{Error, ErrorClass, Fence};
use tfplugin_sdk::{CancellationToken, Diagnostics};

use super::{
    resource::Region,
    stop::{last_words, unless_stopped},
};
use crate::{
    report::{self, Chronicle},
    session::Session,
};

/// A stack that is ours to change, with the journal of what happens to it.
pub(super) struct Held {
    hold: Hold,
    journal: Journal,
    chronicle: Arc<Chronicle>,
    /// What is known of the operation that died with the stack in its hands, if one did.
    died: Option<String>,
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
    let mut died = None;
    loop {
        if let Some(number) = claim.held() {
            wait(region, name, number, cancel).await?;
            died = Some(unless_stopped(cancel, async { Ok(last_of(region, name, number).await) }).await?);
            *claim = unless_stopped(cancel, find(region, name)).await?;
        }
        match unless_stopped(cancel, region.claims.hold(name, claim, Session::pace())).await {
            Ok(hold) => {
                let journal = region.claims.journal(name, hold.number());
                let chronicle = Arc::new(Chronicle::new(journal.pen()));
                return Ok(Held { hold, journal, chronicle, died });
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

    /// Tells whose work this operation goes on with.
    pub(super) fn tell(&self, diagnostics: &mut Diagnostics) {
        if let Some(died) = &self.died {
            diagnostics.warning("An operation that was interrupted is taken over", died.clone());
        }
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
        let Self { hold, journal, chronicle, .. } = self;
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

/// What people want to know about an operation that has gone silent: what it was, by whom, when it was last heard of.
/// Nothing depends on it, so what cannot be read is left out.
async fn last_of(region: &Region, name: &str, number: u64) -> String {
    let (heartbeat, journal) =
        tokio::join!(region.claims.last_heard(name, number), region.claims.read_journal(name, number, None));
    let (lines, _) = journal.unwrap_or_default();
    let heard = heartbeat.ok().flatten().max(lines.last().map(|(at, _)| *at));
    died(name, number, heard, lines.first().map(|(_, text)| Line::parse(text)))
}

/// `heard` in milliseconds since 1970, `began` the first line of its journal.
fn died(name: &str, number: u64, heard: Option<i64>, began: Option<Line>) -> String {
    let what = match began {
        Some(Line::Begin { operation, about, .. }) => format!("The {operation} of {about}"),
        _ => format!("An operation on the stack {name}"),
    };
    let heard = heard.and_then(|at| u64::try_from(at).ok());
    let heard = heard.map_or_else(String::new, |at| {
        format!(" was last heard of at {} and", report::clock(UNIX_EPOCH + Duration::from_millis(at)))
    });
    format!(
        "{what}{heard} has not ended: its process is gone. This one goes on where it stopped, with everything that it has made. What it \
         did is in its journal: `aws logs tail {} --log-stream-names journal/{number:06} --since 1d`.",
        group(name)
    )
}

async fn find(region: &Region, name: &str) -> Result<Claim, Error> {
    let gone =
        || Error::foreign("the stack was destroyed by another operation meanwhile; nothing was touched: plan again");
    region.claims.find(name).await?.ok_or_else(gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_died_is_told_as_far_as_it_is_known() {
        let began = Line::Begin {
            version: "0.1.0".to_owned(),
            operation: "update".to_owned(),
            about: "shop in us-east-1 by arn:aws:iam::1:user/ann from pc:/a".to_owned(),
        };
        let whole = died("shop", 3, Some(1_700_000_000_000), Some(began));
        let start = "The update of shop in us-east-1 by arn:aws:iam::1:user/ann from pc:/a was last heard of at 2023-11-14 22:13:20 UTC \
                     and has not ended";
        assert!(whole.starts_with(start), "{whole}");
        assert!(whole.contains("aws logs tail /stellar/shop --log-stream-names journal/000003 "), "{whole}");
        let nothing = died("shop", 3, None, None);
        assert!(nothing.starts_with("An operation on the stack shop has not ended"), "{nothing}");
    }
}
