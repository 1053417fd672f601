//! Makes a plan happen: walks the graph with as much parallelism as the dependencies allow.
//!
//! Every component is reconciled on its own: read, compare, act, read again – until it is as
//! desired. An error stops only what depends on it; everything else is finished. Cancellation stops
//! new work at once and records what runs.

mod apply;
mod obstacles;
mod remove;
mod schedule;

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, RwLock},
    time::Duration,
};

use async_trait::async_trait;
use serde::Serialize;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    Address, Component, Error, ErrorClass, Graph, Kinds, Observed, Pace, Plan, Removed, Retained, Scope, Status,
    Target, reader::Readers, refresh::target,
};

/// What an execution needs.
pub struct Execution {
    /// The kinds.
    pub kinds: Kinds,
    /// Whose objects these are.
    pub scope: Scope,
    /// What should exist; empty to destroy everything.
    pub desired: Graph,
    /// What was wanted before.
    pub prior: Graph,
    /// What is known to exist; the ids in it find the objects again.
    pub observed: BTreeMap<Address, Observed>,
    /// What may be done.
    pub plan: Plan,
    /// Components that could not be read, with the reason: each of them fails with it, so that what it needs stays.
    pub unread: BTreeMap<Address, Error>,
    /// The claim was made just now, so that nothing can carry it yet: what is to be created is not looked for first.
    pub fresh: bool,
    /// AWS's time against ours.
    pub pace: Pace,
    /// Fired when Terraform asks to stop.
    pub cancel: CancellationToken,
    /// Told of everything that happens, in order. Whether it succeeds, or panics, changes nothing.
    pub listener: Arc<dyn Fn(&Event) + Send + Sync>,
    /// Asked before every deletion.
    pub fence: Arc<dyn Fence>,
}

/// Says whether an execution still has the right to delete: somebody else may have taken the stack over.
#[async_trait]
pub trait Fence: Send + Sync {
    /// # Errors
    /// The right is gone, or it cannot be found out: nothing is deleted then.
    async fn check(&self) -> Result<(), Error>;
}

/// No fence: nobody else can be there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

#[async_trait]
impl Fence for Alone {
    async fn check(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// Something that happened to a component.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// The component.
    pub address: Address,
    /// Its kind.
    pub kind: &'static str,
    /// What happened.
    pub what: EventKind,
    /// Seconds of AWS's time since the execution began.
    pub at: f64,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Work on it began.
    Started,
    /// A create call succeeded; the id.
    Created(String),
    /// A change in place was requested; the fields.
    Updating(Vec<String>),
    /// A delete call succeeded.
    Deleting,
    /// Something that others had made on its behalf went with it; which.
    Swept(String),
    /// Its deletion has to wait; by what it is held back.
    HeldBack(String),
    /// It is as desired, or gone.
    Finished,
    /// It failed; the message.
    Failed(String),
}

/// A component that could not be brought to where it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The component.
    pub address: Address,
    /// Why.
    pub error: Error,
}

/// What an execution leaves behind: the truth, after success and after failure alike.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What exists, as far as it was seen.
    pub observed: BTreeMap<Address, Observed>,
    /// What went wrong by itself; in order of occurrence.
    pub failures: Vec<Failure>,
    /// What was not done because something that it depends on failed, or because of the cancellation.
    pub skipped: BTreeSet<Address>,
    /// What stays on purpose after deletions.
    pub retained: Vec<Retained>,
    /// What went with deleted components although it is none: others had made it on their behalf.
    pub swept: Vec<Removed>,
}

impl Outcome {
    /// True when everything planned was done.
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty() && self.skipped.is_empty()
    }

    /// Components that are not yet where they should be.
    pub fn pending(&self) -> BTreeSet<Address> {
        let failed = self.failures.iter().map(|failure| failure.address.clone());
        failed.chain(self.skipped.iter().cloned()).collect()
    }
}

/// Performs the plan.
///
/// # Guarantees
/// - Only components with a change in the plan are touched; creating, replacing or deleting what the
///   plan does not list is an error of that component.
/// - What could not be read is not touched, nor is what it depends on: it perhaps exists, and needs that.
/// - The outcome's `observed` holds every object that exists and was touched, also those of failed
///   components.
/// - After cancellation it ends as soon as the calls under way have answered, and after 1.5 s also when they have not.
pub async fn execute(execution: Execution) -> Outcome {
    schedule::run(Arc::new(Run::new(execution))).await
}

/// The state that all tasks of one execution share.
struct Run {
    plan: Execution,
    readers: Readers,
    observed: RwLock<BTreeMap<Address, Observed>>,
    retained: RwLock<Vec<Retained>>,
    swept: RwLock<Vec<Removed>>,
    start: Instant,
}

impl Run {
    fn new(execution: Execution) -> Self {
        let observed = RwLock::new(execution.observed.clone());
        Self {
            plan: execution,
            readers: Readers::default(),
            observed,
            retained: RwLock::default(),
            swept: RwLock::default(),
            start: Instant::now(),
        }
    }

    /// What to look for, as far as everything that it refers to is known by now.
    fn target(&self, component: &Component) -> Target {
        let observed = self.observed.read().unwrap_or_else(|e| e.into_inner());
        let id = observed.get(&component.address).map(|observed| &observed.id);
        target(component, id, &observed)
    }

    /// The component as it was last seen.
    fn last(&self, address: &Address) -> Option<Observed> {
        self.observed.read().unwrap_or_else(|e| e.into_inner()).get(address).cloned()
    }

    fn record(&self, address: &Address, observed: Option<Observed>) {
        let mut all = self.observed.write().unwrap_or_else(|e| e.into_inner());
        match observed {
            Some(observed) => drop(all.insert(address.clone(), observed)),
            None => drop(all.remove(address)),
        }
    }

    /// Takes note of what stays.
    fn keep(&self, retained: Vec<Retained>) {
        let mut all = self.retained.write().unwrap_or_else(|e| e.into_inner());
        for one in retained {
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }

    /// Takes note of what went with a component.
    fn swept(&self, component: &Component, removed: Vec<Removed>) {
        for one in removed {
            let text = one.to_string();
            let mut all = self.swept.write().unwrap_or_else(|e| e.into_inner());
            if !all.contains(&one) {
                all.push(one);
                drop(all);
                self.tell(&component.address, component.kind, EventKind::Swept(text));
            }
        }
    }

    /// What was planned to go because it holds nothing goes only as long as that is so.
    fn check_data(&self, component: &Component, observed: &Observed) -> Result<(), Error> {
        let traits = self.plan.kinds.traits(component.kind)?;
        let as_empty = self.plan.plan.get(&component.address).is_some_and(|change| !change.data);
        if traits.data && as_empty && !matches!(observed.status, Status::Unmade(_)) {
            return Err(Error::permanent(
                "it was planned to go because its creation had failed, but it is usable by now; plan and apply again",
            ));
        }
        Ok(())
    }

    fn tell(&self, address: &Address, kind: &'static str, what: EventKind) {
        let at = self.plan.pace.since(self.start).as_secs_f64();
        let event = Event { address: address.clone(), kind, what, at };
        // It writes for people; its failure must not become that of the component.
        if catch_unwind(AssertUnwindSafe(|| (self.plan.listener)(&event))).is_err() {
            tracing::warn!(address = %event.address, "the listener of an execution has panicked");
        }
    }
}

/// Waits between two looks at one component, up to its limit.
struct Patience<'a> {
    run: &'a Run,
    /// Since the last thing we did: the interval follows from it.
    since: Instant,
    /// Nobody has looked since then.
    unseen: bool,
    /// Since the beginning: the limit counts from it.
    began: Instant,
    limit: Duration,
}

impl<'a> Patience<'a> {
    fn new(run: &'a Run, limit_minutes: u32) -> Self {
        let now = Instant::now();
        let limit = Duration::from_secs(u64::from(limit_minutes) * 60);
        Self { run, since: now, unseen: true, began: now, limit }
    }

    /// Something was done: the next look comes soon again.
    fn acted(&mut self) {
        self.since = Instant::now();
        self.unseen = true;
    }

    /// Waits for the next look at the target, or until somebody else's look has taken it along: then with the answer.
    ///
    /// # Errors
    /// [`ErrorClass::Cancelled`] at once when asked to stop; a permanent error that says what was
    /// waited for when the limit has passed.
    async fn wait(
        &mut self,
        waiting_for: &str,
        component: &Component,
        scope: &Scope,
        target: &Target,
    ) -> Result<Option<Result<Option<Observed>, Error>>, Error> {
        let Run { plan, readers, .. } = self.run;
        if plan.pace.passed(self.began, self.limit) {
            let minutes = self.limit.as_secs() / 60;
            return Err(Error::permanent(format!(
                "still {waiting_for} after {minutes} minutes; apply again to go on waiting"
            )));
        }
        let waited = if std::mem::take(&mut self.unseen) { Duration::ZERO } else { plan.pace.since(self.since) };
        tokio::select! {
            biased;
            () = plan.cancel.cancelled() => Err(cancelled(waiting_for)),
            answer = readers.doze(&plan.kinds, scope, component.kind, target, plan.pace.interval(waited)) => Ok(answer),
        }
    }
}

fn cancelled(doing: &str) -> Error {
    Error::new(
        ErrorClass::Cancelled,
        format!("stopped while {doing}; it continues on AWS, and the next apply picks it up"),
    )
}
