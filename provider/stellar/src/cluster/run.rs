//! Runs the engine for a resource: time limit, progress in the log, refresh results.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use stellar_engine::{
    Address, Alone, Error, ErrorClass, Event, EventKind, Execution, Fence, Graph, Observed, Outcome, Plan, Refreshed,
    Scope, execute,
};
use tfplugin_sdk::{Attr, CancellationToken};

use super::{hold::Held, model::Cluster, resource::Region};
use crate::{report::Chronicle, session::Session};

const MINUTE: Duration = Duration::from_secs(60);

/// One execution of the engine.
pub(super) struct Run<'a> {
    pub region: &'a Region,
    pub scope: Scope,
    pub desired: Graph,
    pub prior: Graph,
    pub observed: BTreeMap<Address, Observed>,
    pub plan: Plan,
    /// See [`Execution::unread`].
    pub unread: BTreeMap<Address, Error>,
    /// See [`Execution::fresh`].
    pub fresh: bool,
    pub held: Option<&'a Held>,
}

impl Run<'_> {
    /// Executes until done, stopped by the user, or out of time; the latter two end alike.
    pub(super) async fn execute(self, cancel: &CancellationToken, limit: Duration) -> Outcome {
        let pace = Session::pace();
        let cancel = cancel.child_token();
        let execution = Execution {
            kinds: self.region.kinds.clone(),
            scope: self.scope,
            desired: self.desired,
            prior: self.prior,
            observed: self.observed,
            plan: self.plan,
            unread: self.unread,
            fresh: self.fresh,
            pace,
            cancel: cancel.clone(),
            listener: listener(self.held.map(|held| held.chronicle().clone())),
            fence: self.held.map_or_else(|| Arc::new(Alone) as Arc<dyn Fence>, Held::fence),
        };
        let is_late = AtomicBool::new(false);
        let out_of_time = async {
            tokio::time::sleep(pace.local(limit)).await;
            tracing::warn!("the operation's time limit has passed; stopping");
            is_late.store(true, Ordering::Relaxed);
            cancel.cancel();
            std::future::pending::<Outcome>().await
        };
        let mut outcome = tokio::select! {
            outcome = execute(execution) => outcome,
            never = out_of_time => never,
        };
        if is_late.load(Ordering::Relaxed) {
            for failure in outcome.failures.iter_mut().filter(|f| f.error.class == ErrorClass::Cancelled) {
                failure.error.message = format!("the time limit (`timeouts`) has passed: {}", failure.error.message);
            }
        }
        outcome
    }
}

/// The operation's time limit, from `timeouts`.
pub(super) fn limit(config: &Cluster, creating: bool) -> Duration {
    let timeouts = config.timeouts.known();
    let (chosen, default) = match creating {
        true => (timeouts.map(|t| &t.create), 90),
        false => (timeouts.map(|t| &t.update), 120),
    };
    parse(chosen, default)
}

/// The time limit of a destroy.
pub(super) fn delete_limit(config: &Cluster) -> Duration {
    parse(config.timeouts.known().map(|t| &t.delete), 90)
}

fn parse(chosen: Option<&Attr<String>>, default_minutes: u32) -> Duration {
    let chosen = chosen.and_then(Attr::known).and_then(|text| humantime::parse_duration(text).ok());
    chosen.unwrap_or(MINUTE * default_minutes)
}

/// Everything that exists, or the first look-up that failed: half a picture must not be acted on.
pub(super) fn complete(refreshed: Refreshed) -> Result<BTreeMap<Address, Observed>, Error> {
    match refreshed.errors.into_iter().next() {
        Some((address, error)) => Err(Error { message: format!("{address}: {}", error.message), ..error }),
        None => Ok(refreshed.observed),
    }
}

/// What exists, and what could not be read: only what AWS did not let us see. Whatever else went wrong stops, and so does
/// everything when nothing at all could be read.
pub(super) fn partly(
    refreshed: Refreshed,
    graph: &Graph,
) -> Result<(BTreeMap<Address, Observed>, BTreeMap<Address, Error>), Error> {
    let is_hidden =
        |error: &Error| matches!(error.class, ErrorClass::Denied | ErrorClass::Transient | ErrorClass::Unreachable);
    if refreshed.observed.is_empty() || !refreshed.errors.iter().all(|(_, error)| is_hidden(error)) {
        return complete(refreshed).map(|observed| (observed, BTreeMap::new()));
    }
    let unread = refreshed.unread(graph);
    Ok((refreshed.observed, unread))
}

/// Every event goes into the log, and what a person wants to know into the journal.
fn listener(chronicle: Option<Arc<Chronicle>>) -> Arc<dyn Fn(&Event) + Send + Sync> {
    Arc::new(move |event| {
        log(event);
        if let Some(chronicle) = &chronicle {
            chronicle.note(event);
        }
    })
}

fn log(event: &Event) {
    let (address, kind, at) = (event.address.as_str(), event.kind, event.at);
    match &event.what {
        EventKind::Started => tracing::debug!(address, kind, at, "started"),
        EventKind::Created(id) => tracing::info!(address, kind, at, id, "created"),
        EventKind::Updating(fields) => tracing::info!(address, kind, at, fields = fields.join(","), "updating"),
        EventKind::Deleting => tracing::info!(address, kind, at, "deleting"),
        EventKind::Swept(what) => tracing::info!(address, kind, at, what, "swept"),
        EventKind::HeldBack(why) => tracing::info!(address, kind, at, why, "held back"),
        EventKind::Finished => tracing::info!(address, kind, at, "finished"),
        EventKind::Failed(why) => tracing::warn!(address, kind, at, why, "failed"),
    }
}
