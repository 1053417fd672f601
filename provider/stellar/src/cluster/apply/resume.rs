//! An update up to its first change: the fence, and the plan made again.

use std::collections::BTreeMap;

use stellar_aws::claim::{self, Claim, Phase, Taking};
use stellar_engine::{Error, PlanInput, leaving, plan, refresh};
use tfplugin_sdk::{Diagnostics, UpdateRequest};

use super::{Operation, alone, decode, refuse_loss, tags};
use crate::cluster::{
    hold,
    kubernetes::ladder,
    memory::{self, Memory, with_leaving},
    model::Cluster,
    origin::origin,
    owner::{Owner, become_owner, fence},
    plan::is_blank,
    private::Private,
    promise, read,
    resource::{ClusterResource, Region},
    run, sections,
    stack::expand,
    stop::unless_stopped,
};

/// Takes the stack, when there is something to be done.
pub async fn resume(
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
        Some(observed) if is_current => observed,
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

impl Operation {
    /// Up to the first change: the claim says that one is under way, by whom, and to what end.
    async fn enter(&mut self, region: &Region, before: &Cluster, request: &UpdateRequest) -> Result<(), Error> {
        fence(before, &self.claim)?;
        become_owner(region, &self.name, &mut self.claim, before).await?;
        region.claims.enter(&self.name, &mut self.claim, Phase::Updating).await?;
        region.claims.retag(&self.name, &tags(before), &tags(&self.config)).await?;
        let leaving = leaving(&self.prior, &self.desired, &self.observed);
        let record = Memory::record(&request.config, &self.facts, &leaving)?;
        region.claims.remember(&self.name, &mut self.claim, &record).await
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
            claim::group(name)
        ),
    );
    Ok(claim)
}
