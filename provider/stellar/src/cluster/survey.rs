//! What the account and the price list say about what a plan changes, before it is done.

use stellar_engine::{Action, Component};
use tfplugin_sdk::{Diagnostics, PlanRequest, Value};

use super::{
    bill,
    facts::Facts,
    model::Cluster,
    plan::Changed,
    private::Private,
    resource::{ClusterResource, Region},
    stack::{NO_CLAIM, expand},
    state,
};
use crate::preflight::{Survey, is_off};

/// Of a stack of which the account holds nothing yet.
pub async fn of_new(resource: &ClusterResource, region: &Region, config: &Cluster, facts: &Facts, d: &mut Diagnostics) {
    // What is not known yet can be neither checked nor priced.
    let Ok(graph) = expand(config, NO_CLAIM, &region.name, facts) else { return };
    let created = match is_off(&config.preflight) || resource.session.skips_preflight() {
        true => Vec::new(),
        false => graph.iter().collect(),
    };
    let (aws, zones) = (&region.aws, &facts.network.zones[..]);
    let survey = Survey { aws, region: &region.name, config, created, zones, is_new: true };
    both(&survey, bill::announce(region, config, None, &graph), d).await;
}

/// Of a stack that the plan changes, from its prior state to the proposed one: warnings alone, since an error would block
/// `terraform destroy`.
pub async fn of_change(
    resource: &ClusterResource,
    (prior, proposed): (&Value, &Value),
    request: &PlanRequest,
    d: &mut Diagnostics,
) {
    let (Ok(before), Ok(mut config)) = (state::decode(prior), state::decode(proposed)) else { return };
    if resource.session.is_deferred() || before.name != config.name {
        return;
    }
    config.tags_all = resource.session.tagging().all(&config.tags);
    let private = Private::decode(&request.prior_private);
    let changed = match Changed::find(&before, &config, &private) {
        Ok(Some(changed)) if !changed.plan.is_empty() => changed,
        _ => return,
    };
    // The refresh before has just reached AWS; if that has changed, the apply says so.
    let Ok(region) = resource.region(&before.region).await else { return };
    let is_created = |component: &&Component| {
        changed.plan.get(&component.address).is_some_and(|change| change.action == Action::Create)
    };
    let created: Vec<&Component> = match is_off(&config.preflight) || resource.session.skips_preflight() {
        true => Vec::new(),
        false => changed.desired.iter().filter(is_created).collect(),
    };
    let facts = private.facts.unwrap_or_default();
    let (aws, zones) = (&region.aws, &facts.network.zones[..]);
    let survey = Survey { aws, region: &region.name, config: &config, created, zones, is_new: false };
    both(&survey, bill::announce(&region, &config, Some(&before), &changed.desired), d).await;
}

/// Checks and prices at the same time; tells in that order. A survey without components checks nothing.
async fn both(survey: &Survey<'_>, bill: impl Future<Output = Option<(String, String)>>, d: &mut Diagnostics) {
    let ((), bill) = futures::join!(survey.run(d), bill);
    if let Some((summary, detail)) = bill {
        d.warning(summary, detail);
    }
}
