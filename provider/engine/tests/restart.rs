//! Killed at every changing call, before and after it was carried out: the same operation again ends well, and nothing is
//! made twice, made anew or left behind.

mod simulated;

use std::{collections::BTreeSet, sync::Arc};

use simulated::{Cloud, Death, converge, graph};
use stellar_engine::{Graph, Leaving, leaving};
use tokio_util::sync::CancellationToken;

const ROWS: &[(&str, &[&str])] =
    &[("vpc", &[]), ("subnet", &["vpc"]), ("role", &[]), ("cluster", &["subnet", "role"]), ("nodes", &["cluster"])];

/// The platform of `ROWS` in a size, with the generation of its nodes, which fill a slot.
fn platform(size: i64, generation: u32) -> Graph {
    let plain = graph(ROWS, size);
    let components = plain.iter().cloned().map(|component| match component.address.as_str() {
        "nodes" => {
            let name = format!("nodes-{generation}");
            let mut component = component.slot("nodes");
            component.address = name.parse().unwrap();
            component.desired["name"] = name.into();
            component
        }
        _ => component,
    });
    Graph::new(components.collect::<Vec<_>>()).unwrap()
}

fn without_nodes() -> Graph {
    graph(&ROWS[..ROWS.len() - 1], 1)
}

/// One run of an operation that may die; what a caller remembers of it is what is leaving.
async fn operate(cloud: &Arc<Cloud>, desired: &Graph, prior: &Graph) -> bool {
    let never = CancellationToken::new();
    tokio::select! {
        biased;
        () = cloud.died.notified() => false,
        (_, outcome) = converge(cloud, desired, prior, &never) => {
            assert!(outcome.is_complete(), "{outcome:?}");
            true
        }
    }
}

fn names(graph: &Graph) -> BTreeSet<String> {
    graph.iter().map(|component| component.desired["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn killed_at_every_call_the_same_operation_again_ends_well() {
    let nothing = Graph::default();
    let operations = [
        ("create", nothing.clone(), platform(1, 1)),
        ("update", platform(1, 1), platform(2, 1)),
        ("new generation", platform(1, 1), platform(1, 2)),
        ("update and new generation", platform(1, 1), platform(2, 2)),
        ("remove a part", platform(1, 1), without_nodes()),
        ("destroy", platform(1, 1), nothing.clone()),
    ];
    for (operation, before, after) in operations {
        let mut deaths = 0;
        for death in [Death::Before, Death::After] {
            for call in 0.. {
                let case = format!("{operation}, killed {death:?} call {call}");
                let cloud = Cloud::new(60);
                assert!(operate(&cloud, &before, &nothing).await, "{case}");
                cloud.calls();
                cloud.kill_at(call, death);
                if operate(&cloud, &after, &before).await {
                    break;
                }
                deaths += 1;
                cloud.revive();

                // Terraform's state holds the new configuration already; the claim remembers what is leaving.
                let remembered = leaving(&before, &after, &Default::default());
                let remembered: Vec<Leaving> =
                    serde_json::from_str(&serde_json::to_string(&remembered).unwrap()).unwrap();
                let kinds = simulated::kinds(&cloud);
                let left = remembered.iter().map(|one| one.component(&kinds).unwrap()).collect();
                let prior = after.clone().with(left).unwrap();
                assert!(operate(&cloud, &after, &prior).await, "{case}");
                assert_eq!(cloud.names(), names(&after), "{case}: nothing is missing and nothing is left");

                let calls = cloud.calls();
                let distinct: BTreeSet<&String> = calls.iter().collect();
                assert_eq!(calls.len(), distinct.len(), "{case}: nothing is done twice: {calls:?}");
                let kept = names(&before).intersection(&names(&after)).cloned().collect::<BTreeSet<_>>();
                let touched = |name: &String| {
                    calls.contains(&format!("create {name}")) || calls.contains(&format!("delete {name}"))
                };
                assert!(!kept.iter().any(touched), "{case}: what stays is never made anew: {calls:?}");
            }
        }
        assert!(deaths >= 2, "{operation}: {deaths} points were tried");
    }
}
