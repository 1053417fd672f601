//! Create and update: claim, facts, graph, execution – and the true state afterwards.

mod begin;
mod execute;
mod resume;

use std::collections::{BTreeMap, BTreeSet};

use stellar_aws::claim::{Claim, Phase};
use stellar_engine::{Address, Error, Graph, Observed, Outcome, Plan, Tags, leaving};
use tfplugin_sdk::{ApplyResponse, Attr, CancellationToken, CreateRequest, Diagnostics, UpdateRequest, Value};

use super::{
    changes,
    facts::Facts,
    guard,
    hold::Held,
    model::Cluster,
    private::Private,
    read,
    resource::{ClusterResource, Region, fail, identity},
    state,
    stop::last_words,
};
use crate::trouble;

pub async fn create(resource: &ClusterResource, request: CreateRequest) -> ApplyResponse {
    let mut diagnostics = Diagnostics::new();
    match begin::begin(resource, &request).await {
        Ok((region, operation)) => {
            operation.tell(&mut diagnostics);
            operation.create(&region, &request.cancel, diagnostics).await
        }
        Err(error) => {
            fail(&mut diagnostics, "The stack was not created", &error);
            ApplyResponse { diagnostics, ..ApplyResponse::default() }
        }
    }
}

pub async fn update(resource: &ClusterResource, request: UpdateRequest) -> ApplyResponse {
    let mut diagnostics = Diagnostics::new();
    match resume::resume(resource, &request, &mut diagnostics).await {
        Ok((region, operation)) => {
            operation.tell(&mut diagnostics);
            operation.update(&region, &request.cancel, diagnostics).await
        }
        Err(error) => {
            fail(&mut diagnostics, "The stack was not changed", &error);
            let private = Private { intent: None, protected: false, ..Private::decode(&request.private) }.encode();
            ApplyResponse { state: Some(request.prior), private, diagnostics, ..ApplyResponse::default() }
        }
    }
}

/// One create or update, once the claim is ours.
struct Operation {
    name: String,
    /// Inputs, and what the plan promised.
    planned: Value,
    config: Cluster,
    claim: Claim,
    facts: Facts,
    desired: Graph,
    prior: Graph,
    observed: BTreeMap<Address, Observed>,
    /// Ids that the stack had before.
    recorded: BTreeMap<Address, String>,
    plan: Plan,
    /// From earlier operations.
    retained: Vec<String>,
    creating: bool,
    /// The claim was made by this very call, and nobody else has worked under it.
    fresh: bool,
    /// `None` when there is nothing to do.
    held: Option<Held>,
}

/// Two resources of one run cannot stand for one stack: neither origin nor claim tells them apart.
fn alone(resource: &ClusterResource, region: &str, name: &str) -> Result<(), Error> {
    if resource.session.begin(region, name) {
        return Ok(());
    }
    Err(Error::foreign(format!(
        "every stack needs a name of its own: two resources of this configuration have the name {name} in {region}. If the resource was \
         renamed, say so with `moved {{ from = OLD, to = NEW }}`"
    )))
}

/// The guards hold at apply time too: what the plan did not show is refused as well.
fn refuse_loss(before: &Cluster, config: &Cluster, plan: &Plan) -> Result<(), Error> {
    let mut refused = Diagnostics::new();
    guard::data(before, config, plan, &mut refused);
    match refused.iter().next() {
        Some(first) => Err(Error::permanent(format!("{}. {}", first.summary, first.detail))),
        None => Ok(()),
    }
}

impl Operation {
    fn tell(&self, diagnostics: &mut Diagnostics) {
        if let Some(held) = &self.held {
            held.tell(diagnostics);
        }
    }

    async fn create(
        mut self,
        region: &Region,
        cancel: &CancellationToken,
        mut diagnostics: Diagnostics,
    ) -> ApplyResponse {
        let outcome = self.chronicled(region, cancel, &mut diagnostics).await;
        // As long as it is not written the stack counts as unfinished, which the next apply mends: no reason to fail, and
        // none to be told besides what else the next apply has to mend.
        let entered = region.claims.enter(&self.name, &mut self.claim, Phase::Created);
        if let Some(Err(error)) = last_words(cancel, entered).await
            && outcome.is_complete()
        {
            let (summary, detail) = trouble::explain("The stack's phase could not be written", &error);
            diagnostics.warning(summary, detail);
        }
        if !outcome.is_complete() {
            let summary = format!("The stack {} is not finished", self.name);
            let what = trouble::report(&outcome);
            if self.config.keeps_on_error() {
                let next = "Everything that exists is in the state and nothing is thrown away. Remove the cause and run the same apply again.";
                diagnostics.warning(summary, format!("{what}\n{next}"));
            } else {
                let next = "Everything that exists is in the state. Terraform marks the resource as tainted, but nothing is thrown away: \
                            remove the cause and run the same apply again, which finishes the stack in place. To have it shown as a \
                            change instead of a replacement, run `terraform untaint ADDRESS` before.";
                diagnostics.error(summary, format!("{what}\n{next}"));
            }
        }
        self.let_go(cancel).await;
        self.answer(region, outcome, diagnostics)
    }

    async fn update(
        mut self,
        region: &Region,
        cancel: &CancellationToken,
        mut diagnostics: Diagnostics,
    ) -> ApplyResponse {
        let outcome = self.chronicled(region, cancel, &mut diagnostics).await;
        if outcome.is_complete() {
            if let Err(error) = region.claims.enter(&self.name, &mut self.claim, Phase::Ready).await {
                fail(&mut diagnostics, "The stack's phase could not be written", &error);
            }
        } else {
            let next =
                "What was done is in the state. Remove the cause and run the same apply again: it does the rest.";
            diagnostics.error(
                format!("The stack {} is not finished", self.name),
                format!("{}\n{next}", trouble::report(&outcome)),
            );
        }
        self.let_go(cancel).await;
        self.answer(region, outcome, diagnostics)
    }

    /// Executes, and leaves word of it in the journal and in a report.
    async fn chronicled(
        &mut self,
        region: &Region,
        cancel: &CancellationToken,
        diagnostics: &mut Diagnostics,
    ) -> Outcome {
        if let Some(held) = &self.held {
            let operation = if self.creating { "create" } else { "update" };
            held.chronicle().begin(region.head(&self.name, operation), &self.plan);
        }
        let outcome = self.execute(region, cancel).await;
        if let Some(held) = &self.held {
            let report = held.chronicle().end(&outcome, None, &region.kinds, &self.desired, &self.prior);
            region.file(&report, diagnostics);
        }
        outcome
    }

    async fn let_go(&mut self, cancel: &CancellationToken) {
        if let Some(held) = self.held.take() {
            held.release(cancel).await;
        }
    }

    /// What is desired, and what could not be removed yet.
    fn standing(&self, observed: &BTreeMap<Address, Observed>) -> Graph {
        let left = self.prior.iter().filter(|component| observed.contains_key(&component.address)).cloned();
        self.desired.clone().with(left.collect()).unwrap_or_else(|_| self.desired.clone())
    }

    /// State and private state from what really exists.
    fn answer(self, region: &Region, outcome: Outcome, mut diagnostics: Diagnostics) -> ApplyResponse {
        read::warn_of_degraded(&outcome.observed, &mut diagnostics);
        let pending = outcome.pending();
        let untouched = BTreeSet::new();
        let text = |text: &str| Attr::Known(text.to_owned());
        let account = &region.caller.account;
        let standing = self.standing(&outcome.observed);
        let mut retained = self.retained;
        retained.extend(outcome.retained.iter().map(ToString::to_string));
        let mut computed = Cluster {
            region: text(&region.name),
            id: Attr::Known(format!("{account}/{}/{}", region.name, self.name)),
            claim: text(&self.claim.id),
            owner: Attr::from(self.claim.owner().map(str::to_owned)),
            tags_all: self.config.tags_all.clone(),
            status: text(state::status(&pending, &outcome.observed)),
            pending: Attr::Known(pending.iter().map(ToString::to_string).collect()),
            components: state::components(&standing, &outcome.observed, &untouched),
            changes: Attr::Known(changes::lines(&self.plan, &region.kinds)),
            retained: Attr::Known(retained),
            ..Cluster::default()
        };
        state::keep_lost(&mut computed.components, &self.recorded, &self.desired, &outcome.observed, &region.kinds);
        state::set_outputs(&mut computed, &self.config, &outcome.observed, &untouched);
        let mut new = state::compose(&self.planned, &computed);
        if !diagnostics.has_errors() {
            new = state::keep_promises(&self.planned, new);
        }
        let mut leaving = leaving(&self.prior, &self.desired, &outcome.observed);
        leaving.retain(|one| one.id.is_some());
        let (facts, observed) = (Some(self.facts), Some(outcome.observed));
        let record = self.claim.last_record();
        let private = Private { facts, observed, leaving, record, ..Private::default() };
        let identity = Some(identity(account, &region.name, &self.name));
        ApplyResponse { state: Some(new), private: private.encode(), identity, diagnostics }
    }
}

fn decode(value: &Value) -> Result<Cluster, Error> {
    state::decode(value).map_err(|e| Error::bug(format!("state: {e}")))
}

/// The user's tags.
fn tags(stack: &Cluster) -> Tags {
    stack.tags_all.known().cloned().unwrap_or_default()
}
