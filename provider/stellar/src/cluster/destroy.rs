//! Destroy: proves its intent, checks the guards again, deletes everything, and proves that nothing is left.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use stellar_aws::{
    claim::{Claim, Phase},
    eks::sweep_orphans,
};
use stellar_engine::{Address, Error, Graph, Observed, Outcome, PlanInput, Removed, Scope, Status, plan, refresh};
use tfplugin_sdk::{ApplyResponse, Attr, DeleteRequest, Diagnostics};
use tokio::time::Instant;

use super::{
    farewell::{Farewell, prove_gone},
    guard,
    hold::{self, Held},
    memory::{self, Memory, with_leaving},
    model::Cluster,
    owner::{Owner, become_owner, fence},
    private::{Intent, Private},
    read,
    resource::{ClusterResource, Region, fail},
    run::{self, Run},
    stack::expand,
    state,
    stop::unless_stopped,
};
use crate::{session::Session, trouble};

/// How long leftovers of a cluster that is gone are swept before everything else begins; what is left then is named by
/// what it holds back.
const SWEEP: Duration = Duration::from_secs(15 * 60);

pub async fn delete(resource: &ClusterResource, request: DeleteRequest) -> ApplyResponse {
    let mut diagnostics = Diagnostics::new();
    let ended = match destroy(resource, &request, &mut diagnostics).await {
        Ok(ended) => ended,
        Err(error) => {
            fail(&mut diagnostics, "The stack was not destroyed", &error);
            None
        }
    };
    let kept = || ApplyResponse {
        state: Some(request.prior.clone()),
        private: request.private.clone(),
        ..ApplyResponse::default()
    };
    let response = match ended {
        _ if !diagnostics.has_errors() => ApplyResponse::default(),
        Some(partial) => partial,
        None => kept(),
    };
    ApplyResponse { diagnostics, ..response }
}

/// `None` when everything is gone, or nothing was to be deleted.
async fn destroy(
    resource: &ClusterResource,
    request: &DeleteRequest,
    diagnostics: &mut Diagnostics,
) -> Result<Option<ApplyResponse>, Error> {
    let Some(leaving) = unless_stopped(&request.cancel, look(resource, request, diagnostics)).await? else {
        return Ok(None);
    };
    let Going { region, stack, name, mut claim, graph, scope, observed, unread } = leaving;
    let held = hold::take(&region, &name, &mut claim, &request.cancel).await?;
    held.tell(diagnostics);
    let deleted = async {
        let entered = async {
            fence(&stack, &claim)?;
            become_owner(&region, &name, &mut claim, &stack).await?;
            region.claims.enter(&name, &mut claim, Phase::Deleting).await
        };
        unless_stopped(&request.cancel, entered).await?;
        let mut swept = match unread.is_empty() {
            true => sweep(&region, &scope, &graph, &observed, request, &held).await?,
            // Whoever does not see everything does not know that the cluster is gone.
            false => Vec::new(),
        };
        let seen = (observed.clone(), unread);
        let outcome = delete_all(&region, &stack, scope.clone(), &graph, seen, request, &held).await?;
        swept.extend(outcome.swept.iter().cloned());
        let mut farewell = Farewell::of(&region.kinds, &graph, &observed, &outcome.observed);
        farewell.swept = swept;
        farewell.retained = all_retained(&stack, &outcome);
        let proven = match outcome.is_complete() {
            true => unless_stopped(&request.cancel, prove_gone(&region, &scope, &graph)).await.map(Some),
            false => Ok(None),
        };
        if let Ok(Some(copies)) = &proven {
            farewell.keep(copies);
            held.chronicle().say(&farewell.lines());
        }
        let nothing = Graph::default();
        let report = held.chronicle().end(&outcome, proven.as_ref().err(), &region.kinds, &nothing, &graph);
        region.file(&report, diagnostics);
        proven.map(|_| (outcome, farewell))
    };
    let (outcome, farewell) = match deleted.await {
        Ok((outcome, farewell)) if outcome.is_complete() => {
            held.end().await;
            (outcome, farewell)
        }
        ended => {
            held.release(&request.cancel).await;
            ended?
        }
    };
    if !outcome.is_complete() {
        let next = "Everything that is left is in the state: run the same destroy again.";
        diagnostics.error(
            format!("The stack {name} is not wholly destroyed"),
            format!("{}\n{next}", trouble::report(&outcome)),
        );
        return Ok(Some(partial(request, &stack, &graph, &outcome)));
    }
    region.claims.delete(&name).await?;
    let summary = match farewell.retained.is_empty() {
        true => format!("The stack {name} is destroyed, and nothing of it is left"),
        false => format!("The stack {name} is destroyed; some objects stay"),
    };
    diagnostics.warning(summary, farewell.lines().join("\n"));
    Ok(None)
}

/// A stack that is to go, with what is left of it.
struct Going {
    region: Region,
    stack: Cluster,
    name: String,
    claim: Claim,
    graph: Graph,
    scope: Scope,
    /// What exists; what could not be read as it was last seen.
    observed: BTreeMap<Address, Observed>,
    /// What could not be read, and why.
    unread: BTreeMap<Address, Error>,
}

/// Everything that is asked before the stack is taken; `None` when there is nothing to delete.
async fn look(
    resource: &ClusterResource,
    request: &DeleteRequest,
    diagnostics: &mut Diagnostics,
) -> Result<Option<Going>, Error> {
    let stack = state::decode(&request.prior).map_err(|e| Error::bug(format!("state: {e}")))?;
    let private = Private::decode(&request.private);
    let region = resource.region(&stack.region).await?;
    read::same_account(&stack, &region.caller)?;
    let name = stack.name.known().cloned().unwrap_or_default();
    let found = region.claims.find(&name).await?;
    if let Some(claim) = &found
        && is_resumed(&stack, claim)
    {
        tell_resumed(&name, diagnostics);
        return Ok(None);
    }
    match private.intent {
        Some(Intent::Destroy | Intent::Replace) => {}
        Some(Intent::Resume) => return leave_to_resume(&stack, found.as_ref(), diagnostics),
        _ => return Err(no_intent(&name)),
    }
    guard::destroy(&stack, diagnostics);
    if diagnostics.has_errors() {
        return Ok(None);
    }
    if let Some(claim) = &found {
        fence(&stack, claim)?;
    }
    let claim_id = stack.claim.known().cloned().unwrap_or_default();
    let mut memory = Memory::recall(&region, &name, found.as_ref(), &private).await?;
    let graph = expand(&stack, &claim_id, &region.name, &memory.facts).map_err(|e| Error::bug(e.to_string()))?;
    memory.look_beyond(&graph, &name, &claim_id, &region)?;
    let graph = with_leaving(graph, &memory.leaving, &region.kinds)?;
    let scope = region.scope(&name, &claim_id, &[&graph]);
    let recorded = memory::recorded(&stack, &memory.leaving);
    let refreshed = refresh(&region.kinds, &scope, &graph, &recorded, &BTreeMap::new()).await;
    let (mut observed, unread) = run::partly(refreshed, &graph)?;
    let claim = match found {
        Some(claim) => claim,
        None if observed.is_empty() && unread.is_empty() => return Ok(None),
        None => return Err(no_claim(&name)),
    };
    let mut last = private.observed.unwrap_or_default();
    for address in unread.keys() {
        let seen = last.remove(address).or_else(|| recorded.get(address).map(|id| unseen(id)));
        observed.extend(seen.map(|seen| (address.clone(), seen)));
    }
    Ok(Some(Going { region, stack, name, claim, graph, scope, observed, unread }))
}

/// An object of which the id alone is known.
fn unseen(id: &str) -> Observed {
    Observed::new(id, serde_json::Value::Null).status(Status::Pending("not read".to_owned()))
}

/// True for a state whose stack was gone on with by a later create: it is that one's now.
pub(super) fn is_resumed(stack: &Cluster, claim: &Claim) -> bool {
    stack.claim.known() == Some(&claim.id) && Owner::of(stack).is_some_and(|owner| owner.is_resumed(claim))
}

fn tell_resumed(name: &str, diagnostics: &mut Diagnostics) {
    diagnostics.warning(
        format!("The stack {name} is kept: a later create goes on with it"),
        "This object of Terraform's state is the interrupted create that it goes on with; nothing was deleted.",
    );
}

/// Leftovers of a cluster that somebody has deleted already, in a VPC of the stack's own: nothing else removes them, and
/// they hold the network back.
async fn sweep(
    region: &Region,
    scope: &Scope,
    graph: &Graph,
    observed: &BTreeMap<Address, Observed>,
    request: &DeleteRequest,
    held: &Held,
) -> Result<Vec<Removed>, Error> {
    let of_kind = |kind: &str| graph.iter().find(|component| component.kind == kind);
    let cluster = of_kind("eks/cluster").filter(|cluster| !observed.contains_key(&cluster.address));
    let name = cluster.and_then(|cluster| cluster.desired["name"].as_str());
    let vpc = of_kind("ec2/vpc").and_then(|vpc| observed.get(&vpc.address));
    let (Some(name), Some(vpc)) = (name, vpc) else { return Ok(Vec::new()) };
    let (pace, began, mut swept) = (Session::pace(), Instant::now(), Vec::new());
    loop {
        held.fence().check().await?;
        let clearing = sweep_orphans(&region.aws, scope, name, &vpc.id).await?;
        let lines: Vec<String> = clearing.removed.iter().map(|one| format!("swept {one}")).collect();
        held.chronicle().say(&lines);
        swept.extend(clearing.removed);
        if clearing.waiting_for.is_none() || pace.since(began) > SWEEP {
            return Ok(swept);
        }
        tokio::select! {
            biased;
            () = request.cancel.cancelled() => return Err(Error::new(
                stellar_engine::ErrorClass::Cancelled,
                "stopped on request while sweeping what the cluster's controllers have left; run the same destroy again",
            )),
            () = tokio::time::sleep(pace.interval(pace.since(began))) => {}
        }
    }
}

async fn delete_all(
    region: &Region,
    stack: &Cluster,
    scope: Scope,
    graph: &Graph,
    (observed, unread): (BTreeMap<Address, Observed>, BTreeMap<Address, Error>),
    request: &DeleteRequest,
    held: &Held,
) -> Result<Outcome, Error> {
    let nothing = Graph::default();
    let input = PlanInput {
        kinds: &region.kinds,
        scope: &scope,
        desired: &nothing,
        prior: graph,
        observed: &observed,
        recorded: &BTreeSet::new(),
    };
    let plan = plan(&input)?;
    let name = stack.name.known().map_or("", String::as_str);
    held.chronicle().begin(region.head(name, "destroy"), &plan);
    let (scope, prior, held) = (scope.clone(), graph.clone(), Some(held));
    let run = Run { region, scope, desired: nothing, prior, observed, plan, unread, fresh: false, held };
    Ok(run.execute(&request.cancel, run::delete_limit(stack)).await)
}

/// What stays, from this and from earlier operations.
fn all_retained(stack: &Cluster, outcome: &Outcome) -> Vec<String> {
    let mut all = stack.retained.known().cloned().unwrap_or_default();
    for retained in &outcome.retained {
        let line = retained.to_string();
        if !all.contains(&line) {
            all.push(line);
        }
    }
    all
}

/// A tainted, unfinished stack: the create half finishes it, so this half removes nothing.
fn leave_to_resume(
    stack: &Cluster,
    found: Option<&Claim>,
    diagnostics: &mut Diagnostics,
) -> Result<Option<Going>, Error> {
    let name = stack.name.known().map_or("", String::as_str);
    if let Some(claim) = found {
        fence(stack, claim)?;
    }
    if !found.is_some_and(|claim| claim.phase().is_unfinished()) {
        return Err(Error::foreign(
            "the plan meant to finish an unfinished stack, but it is not unfinished any more; nothing was touched: plan again",
        ));
    }
    diagnostics.warning(
        format!("The unfinished stack {name} is kept and finished in place"),
        "Terraform calls it a replacement because the failed create had tainted the resource; nothing was deleted.",
    );
    Ok(None)
}

/// Without the claim nothing shows whether this state is the stack's newest.
fn no_claim(name: &str) -> Error {
    Error::foreign(format!(
        "the stack's claim, the log group {}, is gone while its objects exist, so nothing was touched. Apply once, which makes the \
         claim again, then destroy",
        stellar_aws::claim::group(name)
    ))
}

/// A plan without prior state cannot mean a deletion: Terraform has tainted the resource.
fn no_intent(name: &str) -> Error {
    Error::permanent(format!(
        "the plan did not state that the stack {name} is to be destroyed, so nothing was touched: Terraform has marked the resource as \
         tainted and calls that a replacement. To keep the stack and go on with it, run `terraform untaint ADDRESS` and plan again. To \
         rename or to replace it, do the same: the next plan shows what is destroyed. To give it up, `terraform destroy`"
    ))
}

fn partial(request: &DeleteRequest, stack: &Cluster, graph: &Graph, outcome: &Outcome) -> ApplyResponse {
    let untouched = BTreeSet::new();
    let mut computed = stack.clone();
    state::set_outputs(&mut computed, stack, &outcome.observed, &untouched);
    computed.components = state::components(graph, &outcome.observed, &untouched).map(|mut all| {
        all.retain(|_, component| component.id.is_known());
        all
    });
    computed.status = Attr::Known("incomplete".to_owned());
    computed.retained = Attr::Known(all_retained(stack, outcome));
    computed.pending = Attr::Known(outcome.pending().iter().map(ToString::to_string).collect());
    // Whoever goes on looks again: what could not be read is here as it was last seen.
    let private = Private { intent: None, protected: false, observed: None, ..Private::decode(&request.private) };
    ApplyResponse {
        state: Some(state::compose(&request.prior, &computed)),
        private: private.encode(),
        ..ApplyResponse::default()
    }
}
