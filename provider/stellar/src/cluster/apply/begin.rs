//! A create up to its first object: the claim, and the plan made again.

use std::collections::{BTreeMap, BTreeSet};

use stellar_aws::claim::{Claim, Phase, Taking, new_id, was_second};
use stellar_engine::{Error, PlanInput, leaving, plan, refresh};
use tfplugin_sdk::CreateRequest;

use super::{Operation, alone, decode, refuse_loss, tags};
use crate::cluster::{
    facts::Facts,
    hold,
    memory::Memory,
    model::Cluster,
    origin::origin,
    plan::{already_exists, may_adopt},
    private::Private,
    resource::{ClusterResource, Region},
    run, sections,
    stack::expand,
    stop::unless_stopped,
};

/// A stack whose claim is there, and may be ours.
struct Claimed {
    name: String,
    config: Cluster,
    claim: Claim,
    /// Facts of a stack that is new; `None` for an unfinished one.
    fresh: Option<Facts>,
}

pub async fn begin(resource: &ClusterResource, request: &CreateRequest) -> Result<(Region, Operation), Error> {
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

/// The claim, if this create may finish what it stands for.
fn adoptable(claim: Claim, region: &Region, config: &Cluster) -> Result<Claim, Error> {
    if may_adopt(&claim, &origin(&region.caller), config) {
        return Ok(claim);
    }
    let name = config.name.known().map_or("", String::as_str);
    Err(Error::foreign(already_exists(name, &region.name, &claim)))
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
