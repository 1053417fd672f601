//! The estimated cost in plan and state: unknown while something changes, said in a warning, filled in at apply.

use std::collections::BTreeMap;

use stellar_engine::Graph;
use tfplugin_sdk::{ApplyResponse, Attr, CancellationToken, Model, Value};

use super::{
    model::Cluster,
    private::Private,
    resource::{ClusterResource, Region},
    stack::expand,
    state,
    stop::last_words,
};
use crate::{
    cost::{Estimate, estimate},
    preflight::is_off,
};

/// The attributes of the estimate.
const ATTRIBUTES: [&str; 3] = ["estimated_monthly_cost_usd", "cost", "cost_notes"];
/// How many of the dearest components a plan names.
const NAMED: usize = 5;

/// The estimate of a plan that changes something: filled in at apply, null when it is switched off.
pub fn mark(computed: &mut Cluster, config: &Cluster) {
    fn blank<T>(is_off: bool) -> Attr<T> {
        if is_off { Attr::Null } else { Attr::Unknown }
    }
    let is_off = is_off(&config.cost_estimate);
    computed.estimated_monthly_cost_usd = blank(is_off);
    computed.cost = blank(is_off);
    computed.cost_notes = blank(is_off);
}

/// What a plan says of the stack's cost, and how much more or less that is: summary and detail.
pub(super) async fn announce(
    region: &Region,
    config: &Cluster,
    before: Option<&Cluster>,
    graph: &Graph,
) -> Option<(String, String)> {
    if is_off(&config.cost_estimate) {
        return None;
    }
    let found = estimate(&region.aws, &region.name, graph).await;
    let now = before.and_then(|before| before.estimated_monthly_cost_usd.known().copied());
    Some((summary(found.total, now)?, detail(&found)))
}

/// One line, if there is something to say.
fn summary(total: Option<f64>, now: Option<f64>) -> Option<String> {
    let total = total?;
    match now {
        None => Some(format!("Estimated cost: {total:.2} USD per month")),
        Some(now) if (total - now).abs() < 0.005 => None,
        Some(now) => Some(format!("Estimated cost: {total:.2} USD per month, {:+.2} USD", total - now)),
    }
}

fn detail(found: &Estimate) -> String {
    let mut parts: Vec<(&String, f64)> =
        found.parts.iter().filter_map(|(address, usd)| Some((address, (*usd)?))).collect();
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    let lines = parts.iter().take(NAMED).map(|(address, usd)| format!("- {address}: {usd:.2}"));
    let notes = found.notes.iter().map(|note| format!("- {note}"));
    let text: Vec<String> = lines.chain(notes).collect();
    format!("On demand, before discounts and taxes. The dearest parts, and what is left out:\n{}", text.join("\n"))
}

/// Fills in the estimate where the plan left it open; whoever stopped the apply does not wait for it.
pub async fn fill(
    resource: &ClusterResource,
    planned: &Value,
    mut response: ApplyResponse,
    cancel: &CancellationToken,
) -> ApplyResponse {
    let is_open = planned.get(ATTRIBUTES[0]).is_unknown() && !cancel.is_cancelled();
    if let (true, Some(state)) = (is_open, response.state.as_mut())
        && let Some(Some(found)) = last_words(cancel, of_state(resource, state, &response.private)).await
    {
        put(state, found);
    }
    response
}

async fn of_state(resource: &ClusterResource, state: &Value, private: &[u8]) -> Option<Estimate> {
    let stack = state::decode(state).ok()?;
    let facts = Private::decode(private).facts?;
    let region = resource.region(&stack.region).await.ok()?;
    let graph = expand(&stack, stack.claim.known()?, &region.name, &facts).ok()?;
    Some(estimate(&region.aws, &region.name, &graph).await)
}

fn put(state: &mut Value, found: Estimate) {
    let estimated = Cluster {
        estimated_monthly_cost_usd: found.total.into(),
        cost: found.parts.into_iter().map(|(address, usd)| (address, usd.into())).collect::<BTreeMap<_, _>>().into(),
        cost_notes: found.notes.into(),
        ..Cluster::default()
    };
    let Value::Map(entries) = state else { return };
    let estimated = estimated.encode();
    for attribute in ATTRIBUTES {
        entries.insert(attribute.to_owned(), estimated.get(attribute).clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_says_what_changes() {
        let rows = [
            (Some(100.0), None, Some("Estimated cost: 100.00 USD per month")),
            (Some(100.0), Some(80.5), Some("Estimated cost: 100.00 USD per month, +19.50 USD")),
            (Some(80.0), Some(100.0), Some("Estimated cost: 80.00 USD per month, -20.00 USD")),
            (Some(100.0), Some(100.0), None),
            (None, Some(100.0), None),
        ];
        for (total, now, expected) in rows {
            assert_eq!(summary(total, now).as_deref(), expected, "{total:?} {now:?}");
        }
    }
}
