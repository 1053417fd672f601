//! Refresh: what exists now. Forgets a stack only when it certainly does not exist.

use std::collections::{BTreeMap, BTreeSet};

use stellar_aws::{Caller, claim::Phase};
use stellar_engine::{Address, Error, ErrorClass, Graph, Observed, refresh};
use tfplugin_sdk::{Attr, Diagnostics, ReadRequest, ReadResponse};

use super::{
    memory::{self, Memory, with_leaving},
    model::Cluster,
    owner::{Owner, fence, newer},
    private::Private,
    resource::{ClusterResource, Region, fail, identity},
    run,
    stack::expand,
    state,
    stop::unless_stopped,
};
use crate::trouble;

pub async fn read(resource: &ClusterResource, request: ReadRequest) -> ReadResponse {
    let mut diagnostics = Diagnostics::new();
    if resource.session.is_deferred() {
        let ReadRequest { state, private, identity, .. } = request;
        diagnostics.warning(
            "The stack was not read",
            "The provider's configuration holds values that are only known after apply: until then the stack is taken to be \
             as it was last seen.",
        );
        return ReadResponse { state: Some(state), private, identity, diagnostics, deferred: None };
    }
    match unless_stopped(&request.cancel, current(resource, &request, &mut diagnostics)).await {
        Ok(mut response) => {
            response.diagnostics = diagnostics;
            response
        }
        Err(error) => {
            fail(&mut diagnostics, "The stack could not be read", &error);
            ReadResponse {
                state: Some(request.state),
                private: request.private,
                identity: request.identity,
                diagnostics,
                ..ReadResponse::default()
            }
        }
    }
}

async fn current(
    resource: &ClusterResource,
    request: &ReadRequest,
    diagnostics: &mut Diagnostics,
) -> Result<ReadResponse, Error> {
    let prior = state::decode(&request.state).map_err(|e| Error::bug(format!("state: {e}")))?;
    let region = resource.region(&prior.region).await?;
    let name = prior.name.known().cloned().unwrap_or_default();
    same_account(&prior, &region.caller)?;
    let claim_id = prior.claim.known().cloned().unwrap_or_default();
    let claim = region.claims.find(&name).await?;
    if let Some(claim) = &claim
        && claim.id != claim_id
    {
        return Err(Error::foreign(format!(
            "the stack {name} in the account has the claim {}, the one in Terraform's state {claim_id}: it was destroyed and created \
             again elsewhere. Remove it from this state (`terraform state rm`), and import it if it belongs here",
            claim.id
        )));
    }
    let private = Private::decode(&request.private);
    let mut memory = Memory::recall(&region, &name, claim.as_ref(), &private).await?;
    let stated = expand(&prior, &claim_id, &region.name, &memory.facts).map_err(|e| Error::bug(e.to_string()))?;
    memory.look_beyond(&stated, &name, &claim_id, &region)?;
    let graph = with_leaving(stated.clone(), &memory.leaving, &region.kinds)?;
    let scope = region.scope(&name, &claim_id, &[&graph]);
    let recorded = memory::recorded(&prior, &memory.leaving);
    let refreshed =
        refresh(&region.kinds, &scope, &graph, &recorded, &private.observed.clone().unwrap_or_default()).await;
    let (observed, unread) = run::partly(refreshed, &graph)?;
    if let Some((address, error)) = unread.into_iter().next() {
        return Err(unreadable(&address, error));
    }
    let Some(mut claim) = claim else {
        if observed.is_empty() {
            return Ok(ReadResponse::default());
        }
        diagnostics.warning(
            "The stack's claim is missing",
            format!(
                "The log group {} is gone, but {} of the stack's objects exist. The next apply makes it again with the same ids.",
                stellar_aws::claim::group(&name),
                observed.len()
            ),
        );
        return Ok(answer(request, &prior, &region, (&stated, &graph), memory, observed, None));
    };
    // The owner is back from Terraform's state: from now on the stack is not taken for an unfinished one.
    // Unless it is unfinished: then Terraform has perhaps tainted it, and the next create must adopt it.
    let unfinished = prior.status.known().is_some_and(|status| status == "incomplete");
    let back = Owner::of(&prior).is_some_and(|owner| owner.holds(&claim));
    if !back {
        let why = fence(&prior, &claim).err().map_or_else(String::new, |error| error.message);
        diagnostics.warning(
            "Terraform's state is not the stack's newest",
            format!("No apply or destroy will work with it: {why}."),
        );
    }
    if back && !unfinished && claim.phase() == Phase::Created && !claim.is_newer() {
        match region.claims.enter(&name, &mut claim, Phase::Ready).await {
            // Whoever may only look leaves it to the next one.
            Err(error) if error.class == ErrorClass::Denied => {
                tracing::debug!(stack = name, %error, "the phase could not be written");
            }
            entered => entered?,
        }
    }
    warn_of_degraded(&observed, diagnostics);
    // What a newer version means by its phases is not ours to judge.
    let phase = if claim.is_newer() { Phase::Ready } else { claim.phase() };
    if claim.is_newer() {
        diagnostics.warning("The stack can only be read", format!("{}.", newer(&name, &claim)));
    }
    Ok(answer(request, &prior, &region, (&stated, &graph), memory, observed, Some(phase)))
}

/// Half a picture is none. A destroy looks for itself, if Terraform lets it.
fn unreadable(address: &Address, error: Error) -> Error {
    let message = format!(
        "{address}: {}. To destroy everything but what cannot be read, with what that needs: `terraform destroy -refresh=false`",
        error.message.trim_end_matches('.')
    );
    Error { message, ..error }
}

/// Tells what is usable but not as it should be: the status alone does not say what or why.
pub(super) fn warn_of_degraded(observed: &BTreeMap<Address, Observed>, diagnostics: &mut Diagnostics) {
    if let Some(lines) = trouble::degraded(observed) {
        diagnostics.warning("The stack is degraded", lines);
    }
}

fn answer(
    request: &ReadRequest,
    prior: &Cluster,
    region: &Region,
    (stated, graph): (&Graph, &Graph),
    memory: Memory,
    observed: BTreeMap<Address, Observed>,
    phase: Option<Phase>,
) -> ReadResponse {
    let untouched = BTreeSet::new();
    let mut computed = prior.clone();
    state::set_outputs(&mut computed, prior, &observed, &untouched);
    let Memory { facts, mut leaving, record, .. } = memory;
    let recorded = state::recorded(prior);
    computed.components = state::components(graph, &observed, &untouched).map(|mut all| {
        // What was there and is gone disappears from the map, which shows the drift.
        let gone = recorded.keys().chain(leaving.iter().map(|one| &one.address)).filter(|a| !observed.contains_key(*a));
        let gone: BTreeSet<String> = gone.map(ToString::to_string).collect();
        all.retain(|address, _| !gone.contains(address));
        all
    });
    // What an unfinished destroy has removed is not lost, and does not hold up the next one.
    if phase != Some(Phase::Deleting) {
        state::keep_lost(&mut computed.components, &recorded, graph, &observed, &region.kinds);
    }
    leaving.retain(|one| observed.contains_key(&one.address));
    // A missing claim is something to be done too: the next apply makes it again.
    let interrupted = !matches!(phase, Some(Phase::Created | Phase::Ready));
    if interrupted {
        computed.status = Attr::Known("incomplete".to_owned());
    } else if prior.status.known().is_none_or(|status| status != "incomplete")
        || (leaving.is_empty() && is_whole(prior, stated, &observed))
    {
        computed.status = Attr::Known(state::status(&BTreeSet::new(), &observed).to_owned());
    }
    let name = prior.name.known().map_or("", String::as_str);
    ReadResponse {
        state: Some(state::compose(&request.state, &computed)),
        private: Private { facts: Some(facts), observed: Some(observed), leaving, record, ..Private::default() }
            .encode(),
        identity: Some(identity(&region.caller.account, &region.name, name)),
        ..ReadResponse::default()
    }
}

/// True when nothing is said to be pending and everything exists: an import does not know that of a stack whose create
/// has ended but was never seen by Terraform since.
fn is_whole(prior: &Cluster, graph: &Graph, observed: &BTreeMap<Address, Observed>) -> bool {
    let nothing_pending = prior.pending.known().is_some_and(Vec::is_empty);
    nothing_pending && !graph.is_empty() && graph.iter().all(|component| observed.contains_key(&component.address))
}

/// The state's account must be the credentials': in another one the stack seems not to exist.
pub(super) fn same_account(prior: &Cluster, caller: &Caller) -> Result<(), Error> {
    let account = prior.id.known().and_then(|id| id.split('/').next()).unwrap_or_default();
    if account.is_empty() || account == caller.account {
        return Ok(());
    }
    Err(Error::permanent(format!(
        "the stack is in account {account}, but the credentials ({}) belong to account {}; use the right profile or role",
        caller.arn, caller.account
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_account_is_refused() {
        let caller = Caller {
            account: "111111111111".to_owned(),
            arn: "arn:aws:iam::1:user/a".to_owned(),
            partition: "aws".to_owned(),
        };
        for (id, fits) in [("111111111111/us-east-1/shop", true), ("222222222222/us-east-1/shop", false)] {
            let prior = Cluster { id: Attr::Known(id.to_owned()), ..Cluster::default() };
            assert_eq!(same_account(&prior, &caller).is_ok(), fits, "{id}");
        }
    }
}
