//! A node pool's next generation: it has to carry what the present one carries.

use std::collections::BTreeMap;

use serde_json::Value;
use stellar_aws::eks::node_group::NodeGroup;
use stellar_engine::{Address, Component, Error, Graph, Observed, Properties};

/// `desired`, where a node group that takes over from another one begins with as many nodes as that one has, within its
/// own bounds: `desired` of the configuration says how many there were once.
///
/// # Errors
/// None that the engine does not rule out: `desired` is a graph, and stays one.
pub fn carry_over(desired: &Graph, prior: &Graph, observed: &BTreeMap<Address, Observed>) -> Result<Graph, Error> {
    let mut components: Vec<Component> = desired.iter().cloned().collect();
    for component in components.iter_mut().filter(|component| component.kind == NodeGroup::KIND) {
        let goes = |other: &&Component| other.slot == component.slot && desired.get(&other.address).is_none();
        let nodes =
            prior.iter().filter(goes).filter_map(|other| number(&observed.get(&other.address)?.props["desired"]));
        let (Some(nodes), Some(wanted), Some(most)) = (
            nodes.max().filter(|_| component.slot.is_some()),
            number(&component.desired["desired"]),
            number(&component.desired["size"]["max"]),
        ) else {
            continue;
        };
        component.desired["desired"] = nodes.min(most).max(wanted).into();
    }
    Graph::new(components).map_err(|e| Error::bug(e.to_string()))
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pool(generation: &str, desired: i64, max: i64) -> Component {
        let props = NodeGroup::default();
        let address = format!("kubernetes/node-pool/api/{generation}").parse().unwrap();
        let mut component = Component::new(address, "us-east-1", &props).slot("kubernetes/node-pool/api");
        component.desired["desired"] = desired.into();
        component.desired["size"] = json!({"min": 1, "max": max});
        component
    }

    #[test]
    fn a_new_generation_begins_with_the_nodes_of_the_present_one() {
        let rows = [
            // nodes of the present one, its generation; desired and max of the new one; nodes that it begins with
            (Some(9), "1", 3, 20, 9),
            (Some(30), "1", 3, 20, 20),
            (Some(2), "1", 3, 20, 3),
            (None, "1", 3, 20, 3),
            // The same generation keeps its number.
            (Some(9), "2", 3, 20, 3),
        ];
        for (nodes, generation, desired, max, expected) in rows {
            let prior = Graph::new(vec![pool(generation, 3, 20)]).unwrap();
            let after = Graph::new(vec![pool("2", desired, max)]).unwrap();
            let address: Address = format!("kubernetes/node-pool/api/{generation}").parse().unwrap();
            let seen = nodes.map(|nodes| (address, Observed::new("shop/api", json!({"desired": nodes}))));
            let graph = carry_over(&after, &prior, &seen.into_iter().collect()).unwrap();
            let found = &graph.iter().next().unwrap().desired["desired"];
            assert_eq!(*found, json!(expected), "{nodes:?} in generation {generation}");
        }
    }
}
