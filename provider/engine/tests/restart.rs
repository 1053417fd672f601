//! Killed at every changing call, before and after it was carried out, also while calls are refused or their answers get
//! lost and the journal always fails: the same operation again ends well, and nothing is made twice, made anew or left.

mod simulated;

use std::{collections::BTreeSet, panic, sync::Arc, time::Duration};

use simulated::{Cloud, Death, converge_telling, graph};
use stellar_engine::{ErrorClass, Event, EventKind, Graph, Leaving, leaving};
use tokio_util::sync::CancellationToken;

type Rows = &'static [(&'static str, &'static [&'static str])];

const PLATFORM: Rows =
    &[("vpc", &[]), ("subnet", &["vpc"]), ("role", &[]), ("cluster", &["subnet", "role"]), ("nodes", &["cluster"])];
/// Small, since every call is disturbed in every way and killed after every prefix.
const CHAIN: Rows = &[("vpc", &[]), ("role", &[]), ("nodes", &["vpc", "role"])];
const SHAPES: &[(&str, Rows)] = &[
    ("platform", PLATFORM),
    ("fan", &[("vpc", &[]), ("a", &["vpc"]), ("b", &["vpc"]), ("nodes", &["vpc"])]),
    ("two trees", &[("vpc", &[]), ("a", &["vpc"]), ("role", &[]), ("nodes", &["role"])]),
];

/// What happens to a call besides the death of its caller.
const DISTURBANCES: &[Disturbance] = &[
    Disturbance::Refused(ErrorClass::Busy, 3),
    Disturbance::Refused(ErrorClass::InUse, 2),
    Disturbance::Refused(ErrorClass::Propagation, 2),
    Disturbance::Refused(ErrorClass::Transient, 1),
    Disturbance::Refused(ErrorClass::Permanent, 1),
    Disturbance::Refused(ErrorClass::Capacity, 1),
    Disturbance::Refused(ErrorClass::Denied, 1),
    Disturbance::Lost(ErrorClass::Transient, 0),
    Disturbance::Lost(ErrorClass::Unreachable, 20),
];
/// So many repeats must be enough, as with the real programs.
const REPEATS: usize = 2;
/// So long a silence shows that the one before is dead; an object that was made becomes visible meanwhile.
const SILENCE: Duration = Duration::from_secs(45);

#[derive(Clone, Copy, Debug)]
enum Disturbance {
    /// It is refused so many times.
    Refused(ErrorClass, u32),
    /// It is carried out, and answers with an error; what it has made is visible after so many seconds.
    Lost(ErrorClass, u64),
}

impl Disturbance {
    fn set(self, cloud: &Cloud, call: &str) {
        match self {
            Self::Refused(class, times) => cloud.fail(call, times, class),
            Self::Lost(class, seconds) => cloud.lose(call, class, Duration::from_secs(seconds)),
        }
    }
}

/// How a run ended.
#[derive(Debug, PartialEq)]
enum Ended {
    Complete,
    Incomplete,
    Dead,
}

/// An operation from one graph to another.
struct Operation {
    name: String,
    before: Graph,
    after: Graph,
    /// Every line of the journal fails; a panic takes long, so not everywhere.
    is_mute: bool,
}

impl Operation {
    fn all(shape: &str, rows: Rows) -> Vec<Self> {
        let nothing = Graph::default();
        let list = [
            ("create", nothing.clone(), platform(rows, 1, 1)),
            ("update", platform(rows, 1, 1), platform(rows, 2, 1)),
            ("new generation", platform(rows, 1, 1), platform(rows, 1, 2)),
            ("update and new generation", platform(rows, 1, 1), platform(rows, 2, 2)),
            ("remove a part", platform(rows, 1, 1), without_nodes(rows)),
            ("destroy", platform(rows, 1, 1), nothing),
        ];
        let operation =
            |(name, before, after)| Self { name: format!("{shape}: {name}"), before, after, is_mute: false };
        list.into_iter().map(operation).collect()
    }

    /// A cloud in which it can begin.
    async fn begin(&self) -> Arc<Cloud> {
        let cloud = Cloud::new(60);
        assert_eq!(run(&cloud, &self.before, &Graph::default(), self.is_mute).await, Ended::Complete);
        cloud.calls();
        cloud
    }

    /// What is known of the earlier state after a run that did not end well: Terraform's state perhaps holds the new
    /// configuration already; the claim remembers what is leaving.
    fn remembered(&self, cloud: &Arc<Cloud>) -> Graph {
        let left = leaving(&self.before, &self.after, &Default::default());
        let left: Vec<Leaving> = serde_json::from_str(&serde_json::to_string(&left).unwrap()).unwrap();
        let kinds = simulated::kinds(cloud);
        self.after.clone().with(left.iter().map(|one| one.component(&kinds).unwrap()).collect()).unwrap()
    }

    /// Repeats until it ends well; every changing call of all runs.
    async fn finish(&self, cloud: &Arc<Cloud>, case: &str) -> Vec<String> {
        let mut ended = run(cloud, &self.after, &self.before, self.is_mute).await;
        for _ in 0..REPEATS {
            match ended {
                Ended::Complete => break,
                Ended::Dead => cloud.revive(),
                Ended::Incomplete => {}
            }
            tokio::time::sleep(SILENCE).await;
            ended = run(cloud, &self.after, &self.remembered(cloud), self.is_mute).await;
        }
        assert_eq!(ended, Ended::Complete, "{case}: after {REPEATS} repeats");
        cloud.calls()
    }

    /// Nothing is missing, left, made twice or made anew.
    fn judge(&self, cloud: &Cloud, calls: &[String], case: &str) {
        assert_eq!(cloud.names(), names(&self.after), "{case}: nothing is missing and nothing is left: {calls:?}");
        assert!(cloud.twice.lock().unwrap().is_empty(), "{case}: nothing is made twice: {calls:?}");
        let kept: BTreeSet<String> = names(&self.before).intersection(&names(&self.after)).cloned().collect();
        let touched =
            |name: &String| calls.contains(&format!("create {name}")) || calls.contains(&format!("delete {name}"));
        assert!(!kept.iter().any(touched), "{case}: what stays is never made anew: {calls:?}");
    }
}

/// The platform in a size, which takes two changes, with the generation of its nodes, which fill a slot.
fn platform(rows: Rows, size: i64, generation: u32) -> Graph {
    let plain = graph(rows, size);
    let components = plain.iter().cloned().map(|mut component| {
        component.desired["level"] = size.into();
        if component.address.as_str() != "nodes" {
            return component;
        }
        let name = format!("nodes-{generation}");
        let mut component = component.slot("nodes");
        component.address = name.parse().unwrap();
        component.desired["name"] = name.into();
        component
    });
    Graph::new(components.collect::<Vec<_>>()).unwrap()
}

fn without_nodes(rows: Rows) -> Graph {
    let whole = platform(rows, 1, 1);
    Graph::new(whole.iter().filter(|c| c.slot.is_none()).cloned().collect()).unwrap()
}

/// One run of an operation; `is_mute`: its journal always fails.
async fn run(cloud: &Arc<Cloud>, desired: &Graph, prior: &Graph, is_mute: bool) -> Ended {
    let never = CancellationToken::new();
    let journal = Arc::new(move |event: &Event| {
        // Of every component once: a panic takes long.
        assert!(!is_mute || event.what != EventKind::Started, "{JOURNAL}");
    });
    tokio::select! {
        biased;
        () = cloud.died.notified() => Ended::Dead,
        (_, outcome) = converge_telling(cloud, desired, prior, &never, journal) => match outcome.is_complete() {
            true => Ended::Complete,
            false => Ended::Incomplete,
        },
    }
}

const JOURNAL: &str = "the journal cannot be written";

/// Keeps the panics of the journal, of which there are many, out of the report.
fn quiet() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if info.payload_as_str() != Some(JOURNAL) {
            usual(info);
        }
    }));
}

fn names(graph: &Graph) -> BTreeSet<String> {
    graph.iter().map(|component| component.desired["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn killed_at_every_call_the_same_operation_again_ends_well() {
    quiet();
    for mut operation in SHAPES.iter().flat_map(|(shape, rows)| Operation::all(shape, rows)) {
        operation.is_mute = true;
        let mut deaths = 0;
        for death in [Death::Before, Death::After] {
            for call in 0.. {
                let case = format!("{}, killed {death:?} call {call}", operation.name);
                let cloud = operation.begin().await;
                cloud.kill_at(call, death);
                let calls = operation.finish(&cloud, &case).await;
                operation.judge(&cloud, &calls, &case);
                let distinct: BTreeSet<&String> = calls.iter().collect();
                assert_eq!(calls.len(), distinct.len(), "{case}: nothing is done twice: {calls:?}");
                if !cloud.was_killed() {
                    break;
                }
                deaths += 1;
            }
        }
        assert!(deaths >= 2, "{}: {deaths} points were tried", operation.name);
    }
}

#[tokio::test(start_paused = true)]
async fn disturbed_at_every_call_and_killed_after_every_prefix_the_same_operation_again_ends_well() {
    quiet();
    let mut cases = 0;
    for operation in Operation::all("chain", CHAIN) {
        let cloud = operation.begin().await;
        let undisturbed = operation.finish(&cloud, &operation.name).await;
        for (call, disturbance) in undisturbed.iter().flat_map(|call| DISTURBANCES.iter().map(move |d| (call, *d))) {
            for prefix in 0.. {
                let case = format!("{}, {call} {disturbance:?}, killed after call {prefix}", operation.name);
                let cloud = operation.begin().await;
                disturbance.set(&cloud, call);
                cloud.kill_at(prefix, Death::After);
                let calls = operation.finish(&cloud, &case).await;
                operation.judge(&cloud, &calls, &case);
                cases += 1;
                if !cloud.was_killed() {
                    break;
                }
            }
        }
    }
    assert!(cases > 500, "{cases} cases were tried");
}
