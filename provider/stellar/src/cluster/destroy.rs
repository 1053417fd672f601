//! Destroy: proves its intent, checks the guards again, deletes everything, and proves that nothing is left.

use std::collections::{BTreeMap, BTreeSet};

use stellar_aws::claim::{Claim, Phase};
use stellar_engine::{Address, Error, Graph, Observed, Outcome, PlanInput, Scope, plan, refresh};
use tfplugin_sdk::{ApplyResponse, Attr, DeleteRequest, Diagnostics};

use super::{
    guard,
    hold::{self, Held},
    memory::{self, Memory, with_leaving},
    model::Cluster,
    owner::{Owner, fence, take_over},
    private::{Intent, Private},
    read,
    resource::{ClusterResource, Region, fail},
    run::{self, Run},
    stack::expand,
    state,
    stop::unless_stopped,
};
use crate::trouble;

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
    let Going { region, stack, name, mut claim, graph, scope, observed } = leaving;
    let held = hold::take(&region, &name, &mut claim, &request.cancel).await?;
    let deleted = async {
        let entered = async {
            fence(&stack, &claim)?;
            take_over(&region, &name, &mut claim, &stack).await?;
            region.claims.enter(&name, &mut claim, Phase::Deleting).await
        };
        unless_stopped(&request.cancel, entered).await?;
        let outcome = delete_all(&region, &stack, scope, &graph, observed, request, &held).await?;
        if outcome.is_complete() {
            unless_stopped(&request.cancel, prove_gone(&region, &stack, &claim.id, &graph)).await?;
        }
        Ok(outcome)
    };
    let outcome = match deleted.await {
        Ok(outcome) if outcome.is_complete() => {
            held.end().await;
            outcome
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
    let retained = all_retained(&stack, &outcome);
    if !retained.is_empty() {
        let lines: Vec<String> = retained.iter().map(|line| format!("- {line}")).collect();
        diagnostics.warning(format!("The stack {name} is destroyed; some objects stay on purpose"), lines.join("\n"));
    }
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
    observed: BTreeMap<Address, Observed>,
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
    let memory = Memory::recall(&region, &name, found.as_ref(), &private).await?;
    let graph = expand(&stack, &claim_id, &region.name, &memory.facts).map_err(|e| Error::bug(e.to_string()))?;
    let graph = with_leaving(graph, &memory.leaving, &region.kinds)?;
    let scope = region.scope(&name, &claim_id, &[&graph]);
    let recorded = memory::recorded(&stack, &memory.leaving);
    let observed = run::complete(refresh(&region.kinds, &scope, &graph, &recorded, &BTreeMap::new()).await)?;
    let claim = match found {
        Some(claim) => claim,
        None if observed.is_empty() => return Ok(None),
        None => return Err(no_claim(&name)),
    };
    Ok(Some(Going { region, stack, name, claim, graph, scope, observed }))
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

async fn delete_all(
    region: &Region,
    stack: &Cluster,
    scope: Scope,
    graph: &Graph,
    observed: BTreeMap<Address, Observed>,
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
    let (scope, prior, held) = (scope.clone(), graph.clone(), Some(held));
    let run = Run { region, scope, desired: nothing, prior, observed, plan, fresh: false, held };
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

/// The census: what still carries the claim or a derived name is named, and the destroy is not done.
async fn prove_gone(region: &Region, stack: &Cluster, claim: &str, graph: &Graph) -> Result<(), Error> {
    let name = stack.name.known().map_or("", String::as_str);
    let scope = region.scope(name, claim, &[graph]);
    let left = run::complete(refresh(&region.kinds, &scope, graph, &BTreeMap::new(), &BTreeMap::new()).await)?;
    if left.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = left.iter().map(|(address, o)| format!("{address} {}", o.id)).collect();
    Err(Error::permanent(format!(
        "these objects came back or were not visible before: {}; run the same destroy again",
        lines.join(", ")
    )))
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
    let private = Private {
        intent: None,
        protected: false,
        observed: Some(outcome.observed.clone()),
        ..Private::decode(&request.private)
    };
    ApplyResponse {
        state: Some(state::compose(&request.prior, &computed)),
        private: private.encode(),
        ..ApplyResponse::default()
    }
}
