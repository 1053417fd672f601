//! Which step runs when: steps with their prerequisites, started as soon as those have succeeded.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::task::JoinSet;

use super::{EventKind, Execution, Failure, Outcome, Run, cancelled};
use crate::{
    Action, Address, Component, Error, ErrorClass, Graph, Status,
    refresh::{Refreshed, read_all},
};

/// How long calls under way may still answer after a cancellation, in our own time: an answer gives an id. One that comes
/// later, or never, is like an answer that got lost, and the next execution looks for what it did.
const GRACE: Duration = Duration::from_millis(1500);

/// One unit of work.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// Create, change or wait for a component.
    Apply(Address),
    /// Delete a component that is not desired any more.
    Remove(Address),
}

impl Step {
    fn address(&self) -> &Address {
        match self {
            Self::Apply(address) | Self::Remove(address) => address,
        }
    }
}

pub(super) async fn run(run: Arc<Run>) -> Outcome {
    let mut waiting = prerequisites(&run);
    let mut running = BTreeSet::new();
    let mut tasks = JoinSet::new();
    let mut outcome = Outcome::default();
    let too_late = async {
        run.plan.cancel.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::pin!(too_late);
    loop {
        if !run.plan.cancel.is_cancelled() {
            for step in take_ready(&mut waiting) {
                let run = run.clone();
                running.insert(step.clone());
                tasks.spawn(async move { (step.clone(), perform(&run, &step).await) });
            }
        }
        let done = tokio::select! {
            biased;
            done = tasks.join_next() => done,
            () = &mut too_late => None,
        };
        let Some(done) = done else { break };
        match done {
            Ok((step, Ok(()))) => {
                running.remove(&step);
                for before in waiting.values_mut() {
                    before.remove(&step);
                }
            }
            Ok((step, Err(error))) => {
                running.remove(&step);
                skip_dependents(&mut waiting, &step, &mut outcome.skipped);
                outcome.failures.push(Failure { address: step.address().clone(), error });
            }
            // A panic of one task must not lose what the others did.
            Err(panic) => outcome.failures.push(Failure {
                address: Address::new(["unknown"]),
                error: Error::bug(format!("a component's task died: {panic}")),
            }),
        }
    }
    // Dropped in the middle of a call.
    tasks.shutdown().await;
    if run.plan.cancel.is_cancelled() {
        let unanswered = running.iter().map(|step| step.address().clone());
        let failure = |address| Failure { address, error: cancelled("waiting for an answer of AWS") };
        outcome.failures.extend(unanswered.map(failure));
    }
    look_again(&run).await;
    outcome.skipped.extend(waiting.into_keys().map(|step| step.address().clone()));
    outcome.observed = run.observed.read().unwrap_or_else(|e| e.into_inner()).clone();
    outcome.retained = run.retained.read().unwrap_or_else(|e| e.into_inner()).clone();
    outcome.swept = run.swept.read().unwrap_or_else(|e| e.into_inner()).clone();
    outcome
}

/// Takes along what updates have done to neighbours of what they changed, and what has recovered meanwhile. Without an
/// answer it stays as it was last seen.
async fn look_again(run: &Run) {
    let Execution { plan, kinds, desired, scope, cancel, .. } = &run.plan;
    let seen = run.observed.read().unwrap_or_else(|e| e.into_inner()).clone();
    let mut again = plan.reflecting(kinds, desired).unwrap_or_default();
    let is_unwell = |c: &&Component| matches!(seen.get(&c.address).map(|o| &o.status), Some(Status::Degraded(_)));
    let is_new = |c: &&Component| again.iter().all(|other| other.address != c.address);
    let unwell: Vec<_> = desired.iter().filter(is_unwell).filter(is_new).collect();
    again.extend(unwell);
    let ids = seen.iter().map(|(address, observed)| (address.clone(), observed.id.clone())).collect();
    let mut found = Refreshed::default();
    tokio::select! {
        biased;
        () = cancel.cancelled() => return,
        () = read_all(kinds, scope, &again, &ids, &seen, &mut found) => {}
    }
    for (address, observed) in found.observed {
        run.record(&address, Some(observed));
    }
    for (address, error) in found.errors {
        tracing::debug!(%address, %error, "not looked at again");
    }
}

/// Every step of the plan with the steps that must succeed before it.
fn prerequisites(run: &Run) -> BTreeMap<Step, BTreeSet<Step>> {
    let (plan, desired, prior) = (&run.plan.plan, &run.plan.desired, &run.plan.prior);
    let unread = &run.plan.unread;
    let step_of = |address: &Address| match plan.get(address).map(|change| change.action) {
        Some(Action::Delete) => Some(Step::Remove(address.clone())),
        Some(_) => Some(Step::Apply(address.clone())),
        None if !unread.contains_key(address) => None,
        None if desired.get(address).is_some() => Some(Step::Apply(address.clone())),
        None => Some(Step::Remove(address.clone())),
    };
    let mut steps = BTreeMap::new();
    for address in plan.changes.iter().map(|change| &change.address).chain(unread.keys()) {
        let Some(step) = step_of(address) else { continue };
        let before: BTreeSet<Step> = match &step {
            // It fails at once.
            _ if unread.contains_key(address) => BTreeSet::new(),
            Step::Apply(address) => desired.dependencies(address).filter_map(step_of).collect(),
            // What referred to it is gone, or refers to it no more; and its successor is there.
            Step::Remove(address) => {
                let successors = successors(desired, prior, address);
                prior.dependents(address).chain(successors).filter_map(step_of).collect()
            }
        };
        steps.insert(step, before);
    }
    steps
}

/// The later generations of a component: those of its slot.
fn successors<'a>(desired: &'a Graph, prior: &Graph, address: &Address) -> impl Iterator<Item = &'a Address> {
    let slot = prior.get(address).and_then(|component| component.slot.clone());
    desired.iter().filter(move |c| slot.is_some() && c.slot == slot).map(|c| &c.address)
}

fn take_ready(waiting: &mut BTreeMap<Step, BTreeSet<Step>>) -> Vec<Step> {
    let ready: Vec<Step> =
        waiting.iter().filter(|(_, before)| before.is_empty()).map(|(step, _)| step.clone()).collect();
    for step in &ready {
        waiting.remove(step);
    }
    ready
}

fn skip_dependents(waiting: &mut BTreeMap<Step, BTreeSet<Step>>, failed: &Step, skipped: &mut BTreeSet<Address>) {
    let dependents: Vec<Step> =
        waiting.iter().filter(|(_, before)| before.contains(failed)).map(|(step, _)| step.clone()).collect();
    for step in dependents {
        waiting.remove(&step);
        skipped.insert(step.address().clone());
        skip_dependents(waiting, &step, skipped);
    }
}

async fn perform(run: &Run, step: &Step) -> Result<(), Error> {
    let address = step.address();
    let graph = match step {
        Step::Apply(_) => &run.plan.desired,
        Step::Remove(_) => &run.plan.prior,
    };
    let component =
        graph.get(address).ok_or_else(|| Error::bug(format!("{address} is planned but not in the graph")))?;
    run.tell(address, component.kind, EventKind::Started);
    let result = match (run.plan.unread.get(address), step) {
        (Some(error), _) => Err(error.clone()),
        (None, Step::Apply(_)) => super::apply::apply(run, component).await,
        (None, Step::Remove(_)) => super::remove::remove(run, component).await,
    };
    run.tell(
        address,
        component.kind,
        match &result {
            Ok(()) => EventKind::Finished,
            Err(error) if error.class == ErrorClass::Cancelled => EventKind::Failed("interrupted".to_owned()),
            Err(error) => EventKind::Failed(error.message.clone()),
        },
    );
    result
}
