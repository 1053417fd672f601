//! What the account and the price list say about what a plan changes, before it is done.

use std::collections::{BTreeMap, BTreeSet};

use stellar_engine::{Action, Component, Error, Graph, PlanInput, plan, refresh};
use tfplugin_sdk::{Diagnostics, PlanRequest, Value};

use super::{
    bill, changes,
    facts::Facts,
    model::Cluster,
    plan::{Changed, is_blank},
    private::Private,
    resource::{ClusterResource, Region},
    run, sections,
    stack::{NO_CLAIM, expand},
    state,
};
use crate::{
    preflight::{Survey, is_off},
    trouble::what_aws_said,
};

/// Of a stack of which the account holds nothing yet.
pub async fn of_new(resource: &ClusterResource, region: &Region, config: &Cluster, facts: &Facts, d: &mut Diagnostics) {
    // What is not known yet can be neither checked nor priced.
    let Ok(graph) = expand(config, NO_CLAIM, &region.name, facts) else { return };
    let created = match is_off(&config.preflight) || resource.session.skips_preflight() {
        true => Vec::new(),
        false => graph.iter().collect(),
    };
    let (aws, zones) = (&region.aws, &facts.network.zones[..]);
    let survey =
        Survey { aws, region: &region.name, config, graph: &graph, created, changed: Vec::new(), zones, is_new: true };
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
    if is_blank(&before) {
        of_blank(resource, &before, &config, private, d).await;
        return;
    }
    let changed = match Changed::find(&before, &config, &private) {
        Ok(Some(changed)) if !changed.plan.is_empty() => changed,
        _ => return,
    };
    // The refresh before has just reached AWS; if that has changed, the apply says so.
    let Ok(region) = resource.region(&before.region).await else { return };
    let is_created = |component: &&Component| {
        changed.plan.get(&component.address).is_some_and(|change| change.action == Action::Create)
    };
    let is_changed = |component: &&Component| {
        changed.plan.get(&component.address).is_some_and(|change| change.action == Action::Update)
    };
    let (created, updated) = match is_off(&config.preflight) || resource.session.skips_preflight() {
        true => (Vec::new(), Vec::new()),
        false => (
            changed.desired.iter().filter(is_created).collect(),
            changed
                .desired
                .iter()
                .filter(is_changed)
                .filter_map(|one| Some((one, &changed.observed.get(&one.address)?.props)))
                .collect(),
        ),
    };
    let facts = private.facts.unwrap_or_default();
    let (aws, zones) = (&region.aws, &facts.network.zones[..]);
    let graph = &changed.desired;
    let survey =
        Survey { aws, region: &region.name, config: &config, graph, created, changed: updated, zones, is_new: false };
    both(&survey, bill::announce(&region, &config, Some(&before), graph), d).await;
}

/// Checks and prices at the same time; tells in that order. A survey without components checks nothing.
async fn both(survey: &Survey<'_>, bill: impl Future<Output = Option<(String, String)>>, d: &mut Diagnostics) {
    let ((), bill) = futures::join!(survey.run(d), bill);
    if let Some((summary, detail)) = bill {
        d.warning(summary, detail);
    }
}

/// Of a stack that was imported although its claim remembers no configuration: compares what exists with what is
/// configured now, as the apply will.
async fn of_blank(
    resource: &ClusterResource,
    before: &Cluster,
    config: &Cluster,
    private: Private,
    d: &mut Diagnostics,
) {
    let detail = match compare_blank(resource, before, config, private).await {
        Ok(Some((count, lines))) if lines.is_empty() => {
            format!("All {count} components exist as configured: they are adopted with no AWS call.")
        }
        Ok(Some((_, lines))) => format!(
            "What exists as configured is adopted with no AWS call. The rest is not as it is configured here:\n{}",
            lines.iter().map(|line| format!("- {line}")).collect::<Vec<_>>().join("\n")
        ),
        Ok(None) => {
            "It cannot be compared as long as the configuration holds values that are only known after apply. What \
                     exists as configured will be adopted with no AWS call."
                .to_owned()
        }
        Err(error) => format!(
            "What exists could not be compared with what is configured ({}). What exists as configured will be adopted with no \
             AWS call.",
            what_aws_said(&error)
        ),
    };
    let summary = "The stack was imported without its configuration";
    d.warning(summary, format!("Its claim does not remember what was last applied. {detail}"));
}

/// How many components there are, and what an apply would do, one line each; `None` while that is not known.
async fn compare_blank(
    resource: &ClusterResource,
    before: &Cluster,
    config: &Cluster,
    private: Private,
) -> Result<Option<(usize, Vec<String>)>, Error> {
    let region = resource.region(&before.region).await?;
    let mut facts = private.facts.unwrap_or_default();
    sections::look_up(&region.aws, &region.name, config, &mut facts).await?;
    let claim = before.claim.known().map_or(NO_CLAIM, String::as_str);
    let Ok(graph) = expand(config, claim, &region.name, &facts) else { return Ok(None) };
    let name = config.name.known().map_or("", String::as_str);
    let scope = region.scope(name, claim, &[&graph]);
    let nothing = BTreeMap::new();
    let observed = run::complete(refresh(&region.kinds, &scope, &graph, &nothing, &BTreeMap::new()).await)?;
    let plan = plan(&PlanInput {
        kinds: &region.kinds,
        scope: &scope,
        desired: &graph,
        prior: &Graph::default(),
        observed: &observed,
        recorded: &BTreeSet::new(),
    })?;
    Ok(Some((graph.len(), changes::lines(&plan, &region.kinds))))
}
