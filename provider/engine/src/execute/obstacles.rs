//! Who holds a deletion back, and how long that is borne with.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use super::Run;
use crate::{AnyKind, Blocker, Error, ErrorClass, Fate, Observed, Scope};

/// What stays is named after this long: less than a minute after it began to block.
const BORNE: Duration = Duration::from_secs(30);
/// Services take so long, at most, to remove what they have left behind (interfaces of databases and load balancers).
const DRAINING: Duration = Duration::from_secs(300);
/// Between two looks for blockers, which cost several calls.
const LOOK: Duration = Duration::from_secs(10);

/// What holds one deletion back.
#[derive(Default)]
pub(super) struct Obstacles {
    looked: Option<Instant>,
    seen: BTreeMap<String, (Instant, Blocker)>,
}

impl Obstacles {
    /// A deletion was refused because the object is in use: finds out by what.
    ///
    /// # Errors
    /// [`ErrorClass::InUse`] naming everything that stays, once it has been there for a while.
    pub(super) async fn meet(
        &mut self,
        run: &Run,
        kind: &dyn AnyKind,
        scope: &Scope,
        observed: &Observed,
        refusal: &Error,
    ) -> Result<String, Error> {
        let is_due = self.looked.is_none_or(|last| run.plan.pace.since(last) >= LOOK);
        if is_due {
            // Whoever cannot look waits as long as the kind allows.
            let found = kind.blockers(scope, observed).await.unwrap_or_else(|error| {
                tracing::debug!(id = observed.id, %error, "what holds it back could not be found out");
                Vec::new()
            });
            return self.found(run, found, &refusal.message);
        }
        Ok(self.waiting_for(&refusal.message))
    }

    /// Takes note of what was found.
    ///
    /// # Errors
    /// Those of [`Obstacles::meet`].
    pub(super) fn found(&mut self, run: &Run, found: Vec<Blocker>, otherwise: &str) -> Result<String, Error> {
        let now = Instant::now();
        self.looked = Some(now);
        let before = std::mem::take(&mut self.seen);
        for blocker in found {
            let since = before.get(&blocker.id).map_or(now, |(since, _)| *since);
            self.seen.insert(blocker.id.clone(), (since, blocker));
        }
        let pace = run.plan.pace;
        let is_overdue = |(since, blocker): &&(Instant, Blocker)| match blocker.fate {
            Fate::Goes => false,
            Fate::Unclear => pace.since(*since) >= DRAINING,
            Fate::Stays => pace.since(*since) >= BORNE,
        };
        if self.seen.values().any(|each| is_overdue(&each)) {
            let stays = self.seen.values().filter(|(_, blocker)| blocker.fate != Fate::Goes);
            let lines: Vec<String> = stays.map(|(_, blocker)| format!("\n    {blocker}")).collect();
            return Err(Error::new(
                ErrorClass::InUse,
                format!(
                    "it is held back by what does not belong to this stack:{}\n  Remove that, or move it elsewhere, then run the same \
                     command again; nothing of it was touched",
                    lines.concat()
                ),
            ));
        }
        Ok(self.waiting_for(otherwise))
    }

    fn waiting_for(&self, otherwise: &str) -> String {
        if self.seen.is_empty() {
            return format!("held back ({otherwise})");
        }
        let names: Vec<String> = self.seen.values().map(|(_, blocker)| blocker.to_string()).collect();
        format!("held back by {}", names.join(", "))
    }
}
