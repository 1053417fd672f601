//! The way to a newer Kubernetes version: one minor after the other, each with its add-ons and nodes.
//!
//! EKS upgrades a control plane by one minor, and only once every node group is on the control plane's present one (API
//! reference of UpdateClusterVersion). So a longer way has stops: at each, control plane, add-ons and nodes are on one
//! minor. Where a way begins is read from what exists, so an interrupted one goes on where it stopped.

use std::collections::BTreeMap;

use futures::future::try_join_all;
use stellar_aws::{
    Aws,
    eks::{
        addon::Addon,
        cluster::Cluster,
        node_group::NodeGroup,
        versions::{Minor, Offer, addon_offer},
    },
};
use stellar_engine::{Action, Address, Change, Component, Error, Graph, Kinds, Observed, Plan, Properties, address};

/// The kinds that go up the ladder.
const KINDS: [&str; 3] = [Cluster::KIND, Addon::KIND, NodeGroup::KIND];

/// The cluster's address.
pub fn cluster() -> Address {
    address!("kubernetes/cluster")
}

/// The versions at which everything must have arrived before the way to the desired one goes on; none when the desired
/// one is the next, or none is desired.
pub fn stops(desired: &Graph, observed: &BTreeMap<Address, Observed>) -> Vec<Minor> {
    let Some((from, to)) = way(desired, observed) else { return Vec::new() };
    let lags = |(address, group): (&Address, &Observed)| {
        address.as_str().starts_with("kubernetes/node-pool/")
            && minor(&group.props["version"]).is_some_and(|v| v < from)
    };
    let first = if observed.iter().any(lags) { from } else { from.next() };
    std::iter::successors(Some(first), |stop| Some(stop.next())).take_while(|stop| *stop < to).collect()
}

/// From the version that runs to a newer one that is desired.
fn way(desired: &Graph, observed: &BTreeMap<Address, Observed>) -> Option<(Minor, Minor)> {
    let from = minor(&observed.get(&cluster())?.props["version"])?;
    let to = minor(&desired.get(&cluster())?.desired["version"])?;
    (from < to).then_some((from, to))
}

fn minor(version: &serde_json::Value) -> Option<Minor> {
    version.as_str()?.parse().ok()
}

/// Which versions of the graph's add-ons go with a Kubernetes version.
///
/// # Errors
/// Those of the calls; `Permanent` when EKS offers an add-on not for that version.
pub async fn offers(aws: &Aws, region: &str, graph: &Graph, stop: Minor) -> Result<BTreeMap<String, Offer>, Error> {
    let names = graph.iter().filter(|component| component.kind == Addon::KIND).filter_map(addon_name);
    let version = stop.to_string();
    let offers = names.map(async |name| {
        let offer = addon_offer(aws, region, name, &version).await?;
        Ok::<_, Error>((name.to_owned(), offer))
    });
    Ok(try_join_all(offers).await?.into_iter().collect())
}

/// `before` with everything on the stop's version. An add-on goes to its final version where EKS offers that already, else
/// to the recommended one.
///
/// # Errors
/// None that the engine does not rule out: `before` is a graph, and stays one.
pub fn rung(before: &Graph, desired: &Graph, stop: Minor, offers: &BTreeMap<String, Offer>) -> Result<Graph, Error> {
    let mut components: Vec<Component> = before.iter().cloned().collect();
    for component in &mut components {
        if [Cluster::KIND, NodeGroup::KIND].contains(&component.kind) {
            component.desired["version"] = stop.to_string().into();
        }
        if component.kind == NodeGroup::KIND {
            // A release belongs to one minor.
            component.desired["release"] = serde_json::Value::Null;
        }
        if let Some(offer) = offers.get(addon_name(component).unwrap_or_default()) {
            let last = desired.get(&component.address).and_then(|addon| addon.desired["version"].as_str());
            let offered = last.filter(|version| offer.versions.iter().any(|offered| offered == version));
            component.desired["version"] = offered.unwrap_or(&offer.recommended).into();
        }
    }
    Graph::new(components).map_err(|e| Error::bug(e.to_string()))
}

fn addon_name(component: &Component) -> Option<&str> {
    component.desired["name"].as_str().filter(|_| component.kind == Addon::KIND)
}

/// The changes of a plan that belong to a stop; all others wait for the last step.
pub fn steps(plan: Plan) -> Plan {
    let is_step = |change: &Change| {
        KINDS.contains(&change.kind.as_str()) && matches!(change.action, Action::Update | Action::Wait)
    };
    Plan { changes: plan.changes.into_iter().filter(is_step).collect() }
}

/// Says in the plan which way the cluster goes, and how long that takes; other changes than a newer version take less.
pub fn describe(plan: &mut Plan, desired: &Graph, observed: &BTreeMap<Address, Observed>, kinds: &Kinds) {
    for change in plan.changes.iter_mut().filter(|change| change.action == Action::Update) {
        change.minutes = settings_minutes(change).unwrap_or(change.minutes);
    }
    let Some((from, to)) = way(desired, observed) else { return };
    let Some(change) = plan.changes.iter_mut().find(|change| change.address == cluster()) else { return };
    let way: Vec<Minor> =
        std::iter::successors(Some(from), |stop| Some(stop.next())).take_while(|v| *v <= to).collect();
    let count = |kind| desired.iter().filter(|component| component.kind == kind).count();
    let (addons, pools) = (count(Addon::KIND), count(NodeGroup::KIND));
    let minutes = |kind| kinds.traits(kind).map_or(0.0, |traits| traits.minutes.1);
    // Add-ons of one wave and node groups run side by side; some add-ons come before the nodes, some after.
    let nodes = if pools == 0 { 0.0 } else { minutes(NodeGroup::KIND) + minutes(Addon::KIND) };
    let steps = way.len().saturating_sub(1);
    change.minutes = (minutes(Cluster::KIND) + minutes(Addon::KIND) + nodes) * steps as f32;
    let names: Vec<String> = way.iter().map(ToString::to_string).collect();
    let each = if steps > 1 { "each with" } else { "with" };
    change.reason =
        Some(format!("{}, {each} {}, {}", names.join(" → "), counted(addons, "add-on"), counted(pools, "node pool")));
}

/// Typical minutes of a change that renews neither a control plane nor nodes; EKS takes a cluster's settings one by one.
fn settings_minutes(change: &Change) -> Option<f32> {
    let settings = change.fields.iter().filter(|field| *field != "tags").count();
    let renews =
        change.fields.iter().any(|field| ["version", "release", "launch_template_version"].contains(&field.as_str()));
    match change.kind.as_str() {
        Cluster::KIND if !renews => Some(2.0 * settings as f32),
        NodeGroup::KIND if !renews => Some(if settings == 0 { 0.0 } else { 1.0 }),
        _ => None,
    }
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
