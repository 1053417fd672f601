//! Create and update: claim, facts, graph, execution – and the true state afterwards.

mod execute;

use std::collections::{BTreeMap, BTreeSet};

use stellar_aws::claim::{Claim, Phase, Taking, new_id, was_second};
use stellar_engine::{Address, Error, Graph, Observed, Outcome, Plan, PlanInput, Tags, leaving, plan, refresh};
use tfplugin_sdk::{ApplyResponse, Attr, CancellationToken, CreateRequest, Diagnostics, UpdateRequest, Value};

use super::{
    changes,
    facts::Facts,
    guard,
    hold::{self, Held},
    kubernetes::ladder,
    memory::{self, Memory, with_leaving},
    model::Cluster,
    origin::origin,
    owner::{Owner, fence, take_over},
    plan::{already_exists, is_blank, may_adopt},
    private::Private,
    promise, read,
    resource::{ClusterResource, Region, fail, identity},
    run, sections,
    stack::expand,
    state,
    stop::{last_words, unless_stopped},
};
use crate::trouble;

pub async fn create(resource: &ClusterResource, request: CreateRequest) -> ApplyResponse {
    let mut diagnostics = Diagnostics::new();
    match begin(resource, &request).await {
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
    match resume(resource, &request, &mut diagnostics).await {
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

/// A stack whose claim is there, and may be ours.
struct Claimed {
    name: String,
    config: Cluster,
    claim: Claim,
    /// Facts of a stack that is new; `None` for an unfinished one.
    fresh: Option<Facts>,
}

async fn begin(resource: &ClusterResource, request: &CreateRequest) -> Result<(Region, Operation), Error> {
    let (mut region, mut claimed) = unless_stopped(&request.cancel, claim(resource, request)).await?;
    let held = hold::take(&region, &claimed.name, &mut claimed.claim, &request.cancel).await?;
    region.continues(&claimed.claim);
    match unless_stopped(&request.cancel, prepare(&region, request, claimed)).await {
        Ok(operation) => {
            // Whoever held the claim before has perhaps made something.
            let fresh = operation.fresh && held.is_first();
            Ok((region, Operation { held: Some(held), fresh, ..operation }))
        }
        Err(error) => {
            held.release(&request.cancel).await;
            Err(error)
        }
    }
}

/// Up to the claim: whoever may not create the stack has left nothing behind.
async fn claim(resource: &ClusterResource, request: &CreateRequest) -> Result<(Region, Claimed), Error> {
    let mut config = decode(&request.planned)?;
    config.tags_all = resource.session.tagging().all(&config.tags);
    let region = resource.region(&config.region).await?;
    let name = config.name.known().cloned().unwrap_or_default();
    alone(resource, &region.name, &name)?;
    let (claim, fresh) = match region.claims.find(&name).await? {
        Some(claim) => (adoptable(claim, &region, &config)?, None),
        None => {
            let planned = resource.session.facts_of(&region.name, &name);
            let mut facts = planned.unwrap_or_else(|| Facts::of(&region.caller));
            sections::look_up(&region.aws, &region.name, &config, &mut facts).await?;
            (make_claim(&region, &name, &config).await?, Some(facts))
        }
    };
    Ok((region, Claimed { name, config, claim, fresh }))
}

/// Up to the first object: takes the stack over and plans.
async fn prepare(region: &Region, request: &CreateRequest, claimed: Claimed) -> Result<Operation, Error> {
    let Claimed { name, config, claim, fresh } = claimed;
    let adopting = fresh.is_none();
    let (mut claim, memory) = match fresh {
        Some(facts) => (claim, Memory::of_new(facts)),
        None => {
            let claim = adoptable(claim, region, &config)?;
            let mut memory = Memory::recall(region, &name, Some(&claim), &Private::default()).await?;
            sections::look_up(&region.aws, &region.name, &config, &mut memory.facts).await?;
            (claim, memory)
        }
    };
    let desired = expand(&config, &claim.id, &region.name, &memory.facts).map_err(|e| Error::bug(e.to_string()))?;
    // The first attempt may have wanted, and made, something else.
    let prior = memory.begun(&name, &claim.id, region)?;
    let scope = region.scope(&name, &claim.id, &[&prior, &desired]);
    let observed = match adopting {
        true => {
            let all = desired.clone().with(prior.iter().cloned().collect()).map_err(|e| Error::bug(e.to_string()))?;
            run::complete(refresh(&region.kinds, &scope, &all, &BTreeMap::new(), &BTreeMap::new()).await)?
        }
        false => BTreeMap::new(),
    };
    let input = PlanInput {
        kinds: &region.kinds,
        scope: &scope,
        desired: &desired,
        prior: &prior,
        observed: &observed,
        recorded: &BTreeSet::new(),
    };
    let mut plan = plan(&input)?;
    sections::explain(&config, &mut plan);
    refuse_loss(&Cluster::default(), &config, &plan)?;
    let taking = if adopting { Taking::Resumed } else { Taking::Anew };
    let record = Memory::record(&request.config, &memory.facts, &leaving(&prior, &desired, &observed))?;
    region.claims.take_over(&name, &mut claim, (&new_id(), taking), Phase::Creating, &record).await?;
    Ok(Operation {
        name,
        planned: request.planned.clone(),
        config,
        claim,
        facts: memory.facts,
        desired,
        prior,
        observed,
        recorded: BTreeMap::new(),
        plan,
        retained: Vec::new(),
        creating: true,
        fresh: !adopting,
        held: None,
    })
}

/// Two resources of one run cannot stand for one stack: neither origin nor claim tells them apart.
fn alone(resource: &ClusterResource, region: &str, name: &str) -> Result<(), Error> {
    if resource.session.begin(region, name) {
        return Ok(());
    }
    Err(Error::foreign(format!(
        "two resources of this configuration have the name {name} in {region}; every stack needs a name of its own. If the resource was \
         renamed, say so with `moved {{ from = OLD, to = NEW }}`"
    )))
}

/// The claim, if this create may finish what it stands for.
fn adoptable(claim: Claim, region: &Region, config: &Cluster) -> Result<Claim, Error> {
    if may_adopt(&claim, &origin(&region.caller), config) {
        return Ok(claim);
    }
    let name = config.name.known().map_or("", String::as_str);
    Err(Error::foreign(already_exists(name, &region.name, &claim)))
}

/// Takes the stack, when there is something to be done.
async fn resume(
    resource: &ClusterResource,
    request: &UpdateRequest,
    diagnostics: &mut Diagnostics,
) -> Result<(Region, Operation), Error> {
    let again = unless_stopped(&request.cancel, plan_again(resource, request, diagnostics)).await?;
    let Again { mut region, before, mut operation, restored, is_current } = again;
    let imported = Owner::of(&before).is_some_and(Owner::is_pending);
    if operation.plan.is_empty() && is_current && !restored && !imported {
        return Ok((region, operation));
    }
    let held = hold::take(&region, &operation.name, &mut operation.claim, &request.cancel).await?;
    region.continues(&operation.claim);
    match unless_stopped(&request.cancel, operation.enter(&region, &before, request)).await {
        Ok(()) => Ok((region, Operation { held: Some(held), ..operation })),
        Err(error) => {
            held.release(&request.cancel).await;
            Err(error)
        }
    }
}

/// An update before it has written anything but a claim that was missing.
struct Again {
    region: Region,
    before: Cluster,
    operation: Operation,
    restored: bool,
    /// See [`Memory::is_current`].
    is_current: bool,
}

/// Checks the fence, and plans again what the plan has shown.
async fn plan_again(
    resource: &ClusterResource,
    request: &UpdateRequest,
    diagnostics: &mut Diagnostics,
) -> Result<Again, Error> {
    let tagging = resource.session.tagging();
    let mut before = decode(&request.prior)?;
    before.tags_all = before.tags_all.map(|tags| tagging.ours(tags));
    let mut config = decode(&request.planned)?;
    config.tags_all = tagging.all(&config.tags);
    let region = resource.region(&config.region).await?;
    read::same_account(&before, &region.caller)?;
    let name = config.name.known().cloned().unwrap_or_default();
    alone(resource, &region.name, &name)?;
    let claim_id = before.claim.known().cloned().unwrap_or_default();
    let found = region.claims.find(&name).await?;
    let restored = found.is_none();
    let claim = match found {
        Some(claim) => claim,
        None => restore_claim(&region, &name, &claim_id, &before, diagnostics).await?,
    };
    fence(&before, &claim)?;
    let private = Private::decode(&request.private);
    let mut memory = Memory::recall(&region, &name, Some(&claim), &private).await?;
    sections::look_up(&region.aws, &region.name, &config, &mut memory.facts).await?;
    let graph =
        |stack: &Cluster| expand(stack, &claim_id, &region.name, &memory.facts).map_err(|e| Error::bug(e.to_string()));
    let (stated, desired) = (graph(&before)?, graph(&config)?);
    memory.look_beyond(&stated, &name, &claim_id, &region)?;
    let Memory { facts, leaving: earlier, is_current, .. } = memory;
    let prior = with_leaving(stated, &earlier, &region.kinds)?;
    let scope = region.scope(&name, &claim_id, &[&prior, &desired]);
    let recorded = memory::recorded(&before, &earlier);
    let observed = match private.observed {
        // An import without a record has seen nothing: what exists decides what has to be done.
        _ if is_blank(&before) => {
            run::complete(refresh(&region.kinds, &scope, &desired, &recorded, &BTreeMap::new()).await)?
        }
        Some(observed) if is_current && !private.unread => observed,
        // What was begun since that was seen has perhaps made something.
        _ => run::complete(refresh(&region.kinds, &scope, &prior, &recorded, &BTreeMap::new()).await)?,
    };
    let input = PlanInput {
        kinds: &region.kinds,
        scope: &scope,
        desired: &desired,
        prior: &prior,
        observed: &observed,
        recorded: &recorded.keys().cloned().collect(),
    };
    let mut plan = plan(&input)?;
    sections::explain(&config, &mut plan);
    ladder::describe(&mut plan, &desired, &observed, &region.kinds);
    refuse_loss(&before, &config, &plan)?;
    if !is_blank(&before) {
        let begun = earlier.iter().map(|one| &one.address).collect();
        let waits = promise::keep(&mut plan, &config.changes, &begun, &region.kinds)?;
        if !waits.is_empty() {
            let lines = waits.join("\n- ");
            diagnostics
                .warning("Something else has changed since the plan", format!("The next plan shows it:\n- {lines}"));
        }
    }
    let operation = Operation {
        name,
        planned: request.planned.clone(),
        config,
        claim,
        facts,
        desired,
        prior,
        observed,
        recorded,
        plan,
        retained: before.retained.known().cloned().unwrap_or_default(),
        creating: false,
        fresh: false,
        held: None,
    };
    Ok(Again { region, before, operation, restored, is_current })
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

    /// Up to the first change: the claim says that one is under way, by whom, and to what end.
    async fn enter(&mut self, region: &Region, before: &Cluster, request: &UpdateRequest) -> Result<(), Error> {
        fence(before, &self.claim)?;
        take_over(region, &self.name, &mut self.claim, before).await?;
        region.claims.enter(&self.name, &mut self.claim, Phase::Updating).await?;
        region.claims.retag(&self.name, &tags(before), &tags(&self.config)).await?;
        let leaving = leaving(&self.prior, &self.desired, &self.observed);
        let record = Memory::record(&request.config, &self.facts, &leaving)?;
        region.claims.remember(&self.name, &mut self.claim, &record).await
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

/// Makes the claim of a new stack; whoever is second sees the first one's.
async fn make_claim(region: &Region, name: &str, config: &Cluster) -> Result<Claim, Error> {
    let id = new_id();
    match region.claims.create(name, &id, &origin(&region.caller), &tags(config)).await {
        Err(error) if was_second(&error) => match region.claims.find(name).await? {
            // Made by a request of ours whose answer got lost.
            Some(claim) if claim.id == id => Ok(claim),
            Some(claim) => Err(Error::foreign(already_exists(name, &region.name, &claim))),
            None => Err(error),
        },
        made => made,
    }
}

/// A claim that was tidied away is made again with the ids of the state.
async fn restore_claim(
    region: &Region,
    name: &str,
    id: &str,
    before: &Cluster,
    diagnostics: &mut Diagnostics,
) -> Result<Claim, Error> {
    let mut claim = region.claims.create(name, id, &origin(&region.caller), &tags(before)).await?;
    let owner = Owner::of(before).map_or("", |owner| owner.id);
    region.claims.own(name, &mut claim, owner, Taking::Anew).await?;
    region.claims.enter(name, &mut claim, Phase::Ready).await?;
    diagnostics.warning(
        "The stack's claim was missing",
        format!(
            "The log group {} has been made again with the ids in Terraform's state. Whoever tidies up log groups should leave it \
             alone: it says whose the stack is.",
            stellar_aws::claim::group(name)
        ),
    );
    Ok(claim)
}
