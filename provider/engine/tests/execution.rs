//! The execution on simulated kinds and a paused clock: order, failures at every node, restarts, cancellation.

mod simulated;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::Ordering,
    time::Duration,
};

use simulated::{Cloud, Thing, converge, destroy_what_can_be_read, graph, kinds, run};
use stellar_engine::{
    Action, Component, ErrorClass, Graph, Leaving, PlanInput, Status, address, input, leaving, plan, reference, refresh,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

type Rows = &'static [(&'static str, &'static [&'static str])];

const SHAPES: &[(&str, Rows)] = &[
    ("one", &[("a", &[])]),
    ("chain", &[("a", &[]), ("b", &["a"]), ("c", &["b"])]),
    ("fan", &[("a", &[]), ("b", &["a"]), ("c", &["a"]), ("d", &["a"])]),
    ("diamond", &[("a", &[]), ("b", &["a"]), ("c", &["a"]), ("d", &["b", "c"])]),
    ("two trees", &[("a", &[]), ("b", &["a"]), ("x", &[]), ("y", &["x"])]),
];

fn never() -> CancellationToken {
    CancellationToken::new()
}

/// Everything that depends on `name`, with itself.
fn downstream(rows: Rows, name: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::from([name.to_owned()]);
    for (child, parents) in rows {
        if parents.iter().any(|p| all.contains(*p)) {
            all.insert((*child).to_owned());
        }
    }
    all
}

#[tokio::test(start_paused = true)]
async fn every_shape_is_created_changed_and_removed() {
    for (shape, rows) in SHAPES {
        let cloud = Cloud::new(60);
        let (small, large, nothing) = (graph(rows, 1), graph(rows, 2), Graph::default());
        let all: BTreeSet<String> = rows.iter().map(|(name, _)| (*name).to_owned()).collect();

        let (_, outcome) = converge(&cloud, &small, &nothing, &never()).await;
        assert!(outcome.is_complete(), "{shape}: {outcome:?}");
        assert_eq!(cloud.names(), all, "{shape}");
        assert_eq!(cloud.calls().len(), rows.len(), "{shape}: one create each");

        let (plan, _) = converge(&cloud, &small, &small, &never()).await;
        assert!(plan.is_empty() && cloud.calls().is_empty(), "{shape}: nothing to do the second time");

        let (plan, outcome) = converge(&cloud, &large, &small, &never()).await;
        assert!(plan.changes.iter().all(|c| c.action == Action::Update && c.fields == ["size"]), "{shape}: {plan:?}");
        assert!(outcome.is_complete() && cloud.calls().len() == rows.len(), "{shape}");

        let (_, outcome) = converge(&cloud, &nothing, &large, &never()).await;
        assert!(outcome.is_complete() && cloud.names().is_empty(), "{shape}: {outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_at_any_node_stops_only_what_depends_on_it_and_the_next_run_finishes() {
    for (shape, rows) in SHAPES {
        for (failing, _) in *rows {
            let cloud = Cloud::new(60);
            let (desired, nothing) = (graph(rows, 1), Graph::default());
            cloud.fail(&format!("create {failing}"), 1, ErrorClass::Permanent);
            let (_, outcome) = converge(&cloud, &desired, &nothing, &never()).await;

            let stopped = downstream(rows, failing);
            let expected: BTreeSet<String> =
                rows.iter().map(|(n, _)| (*n).to_owned()).filter(|n| !stopped.contains(n)).collect();
            assert_eq!(cloud.names(), expected, "{shape}, {failing} fails");
            assert_eq!(outcome.failures.len(), 1, "{shape}, {failing} fails: each cause is told once");
            assert_eq!(outcome.skipped.len(), stopped.len() - 1, "{shape}, {failing} fails");
            cloud.calls();

            let (_, outcome) = converge(&cloud, &desired, &nothing, &never()).await;
            assert!(outcome.is_complete(), "{shape}, {failing} failed before: {outcome:?}");
            assert_eq!(cloud.calls().len(), stopped.len(), "{shape}: only what was missing is created");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_delete_keeps_what_it_depends_on_and_the_next_run_finishes() {
    for (shape, rows) in SHAPES {
        for (failing, parents) in *rows {
            let cloud = Cloud::new(60);
            let (desired, nothing) = (graph(rows, 1), Graph::default());
            converge(&cloud, &desired, &nothing, &never()).await;
            cloud.fail(&format!("delete {failing}"), 1, ErrorClass::Permanent);
            let (_, outcome) = converge(&cloud, &nothing, &desired, &never()).await;
            assert_eq!(outcome.failures.len(), 1, "{shape}, {failing}");
            assert!(parents.iter().all(|p| cloud.names().contains(*p)), "{shape}, {failing}: its parents stay");
            let (_, outcome) = converge(&cloud, &nothing, &desired, &never()).await;
            assert!(outcome.is_complete() && cloud.names().is_empty(), "{shape}, {failing}");
        }
    }
}

/// Everything that these need, with themselves.
fn upstream(rows: Rows, names: &BTreeSet<String>) -> BTreeSet<String> {
    let mut all = names.clone();
    for (child, parents) in rows.iter().rev().filter(|(_, parents)| !parents.is_empty()) {
        if all.contains(*child) {
            all.extend(parents.iter().map(|parent| (*parent).to_owned()));
        }
    }
    all
}

#[tokio::test(start_paused = true)]
async fn a_destroy_leaves_what_it_cannot_read_and_what_that_needs() {
    for (shape, rows) in SHAPES {
        for (hidden, _) in *rows {
            for recorded in [true, false] {
                let case = format!("{shape}, {hidden} hidden, ids recorded: {recorded}");
                let cloud = Cloud::new(60);
                let prior = graph(rows, 1);
                converge(&cloud, &prior, &Graph::default(), &never()).await;
                cloud.hidden.lock().unwrap().insert((*hidden).to_owned());
                // Without ids, what refers to it cannot be looked for either.
                let unread = if recorded { BTreeSet::from([(*hidden).to_owned()]) } else { downstream(rows, hidden) };
                let outcome = destroy_what_can_be_read(&cloud, &prior, recorded).await;
                assert_eq!(cloud.names(), upstream(rows, &unread), "{case}");
                let failed: BTreeSet<String> = outcome.failures.iter().map(|f| f.address.to_string()).collect();
                assert_eq!(failed, unread, "{case}");
                assert!(outcome.failures.iter().all(|f| f.error.class == ErrorClass::Denied), "{case}: {outcome:?}");
                let left: BTreeSet<String> = outcome.pending().iter().map(ToString::to_string).collect();
                assert_eq!(left, cloud.names(), "{case}: everything that is left is told");

                cloud.hidden.lock().unwrap().clear();
                let outcome = destroy_what_can_be_read(&cloud, &prior, recorded).await;
                assert!(outcome.is_complete() && cloud.names().is_empty(), "{case}: {outcome:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_degraded_gets_time_to_recover_when_what_it_needs_is_made_again() {
    let rows: &[(u64, bool)] = &[(120, true), (3600, false)];
    for (seconds, recovers) in rows {
        let cloud = Cloud::new(60);
        let plain = graph(&[("a", &[]), ("b", &[])], 1);
        let components = plain.iter().cloned().map(|component| match component.address.as_str() {
            "b" => component.after(["a".parse().unwrap()]),
            _ => component,
        });
        let desired = Graph::new(components.collect()).unwrap();
        converge(&cloud, &desired, &Graph::default(), &never()).await;
        let until = Instant::now() + Duration::from_secs(*seconds);
        cloud.degraded.lock().unwrap().insert("b".to_owned(), until);
        let (plan, _) = converge(&cloud, &desired, &desired, &never()).await;
        assert!(plan.is_empty(), "as long as nothing changes, nothing is waited for: {plan:?}");

        cloud.objects.lock().unwrap().remove("a");
        let (plan, outcome) = converge(&cloud, &desired, &desired, &never()).await;
        let actions: Vec<Action> = plan.changes.iter().map(|change| change.action).collect();
        assert_eq!(actions, [Action::Create, Action::Wait]);
        assert!(outcome.is_complete(), "{outcome:?}");
        let status = &outcome.observed[&"b".parse().unwrap()].status;
        assert_eq!(*status == Status::Ready, *recovers, "after {seconds} s: {status:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_recovered_by_itself_is_told_as_it_is_at_the_end() {
    for (seconds, recovers) in [(30, true), (3600, false)] {
        let cloud = Cloud::new(60);
        let (two, three) = (graph(&[("a", &[]), ("b", &[])], 1), graph(&[("a", &[]), ("b", &[]), ("c", &[])], 1));
        converge(&cloud, &two, &Graph::default(), &never()).await;
        let until = Instant::now() + Duration::from_secs(seconds);
        cloud.degraded.lock().unwrap().insert("b".to_owned(), until);
        let (plan, outcome) = converge(&cloud, &three, &two, &never()).await;
        assert_eq!(plan.changes.len(), 1, "nothing is done about it: {plan:?}");
        let status = &outcome.observed[&"b".parse().unwrap()].status;
        assert_eq!(*status == Status::Ready, recovers, "after {seconds} s: {status:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_back_under_its_name_does_not_take_along_who_refers_to_the_name() {
    let rows: &[(&str, &[Action])] = &[("name", &[Action::Create]), ("id", &[Action::Replace, Action::Create])];
    for (output, expected) in rows {
        let cloud = Cloud::new(60);
        let plain = graph(&[("a", &[]), ("b", &[])], 1);
        let components = plain.iter().cloned().map(|mut component| {
            if component.address.as_str() == "b" {
                component.desired["home"] = reference(&"a".parse().unwrap(), output);
            }
            component
        });
        let desired = Graph::new(components.collect()).unwrap();
        converge(&cloud, &desired, &Graph::default(), &never()).await;
        let (kinds, scope) = (simulated::kinds(&cloud), simulated::scope(&[&desired]));
        let mut observed = refresh(&kinds, &scope, &desired, &BTreeMap::new(), &BTreeMap::new()).await.observed;
        observed.remove(&"a".parse().unwrap());
        let (prior, recorded) = (&desired, &BTreeSet::new());
        let input = PlanInput { kinds: &kinds, scope: &scope, desired: &desired, prior, observed: &observed, recorded };
        let actions: Vec<Action> = plan(&input).unwrap().changes.iter().map(|change| change.action).collect();
        assert_eq!(actions, *expected, "{output}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_update_does_to_a_neighbour_is_taken_along() {
    let cloud = Cloud::new(5);
    let rows: Rows = &[("a", &[]), ("b", &["a"])];
    let before = graph(rows, 1);
    assert!(converge(&cloud, &before, &Graph::default(), &never()).await.1.is_complete());

    let painted = before.iter().map(|component| {
        let mut component = component.clone();
        if component.address == address!("a") {
            component.desired["color"] = "red".into();
        }
        component
    });
    let after = Graph::new(painted.collect()).unwrap();
    let (plan, outcome) = converge(&cloud, &after, &before, &never()).await;
    let changed: Vec<&str> = plan.changes.iter().map(|change| change.address.as_str()).collect();
    assert_eq!(changed, ["a"], "nothing is changed there");
    assert_eq!(plan.changes[0].minutes, 0.0, "a colour takes no time");
    assert!(outcome.is_complete());
    assert_eq!(outcome.observed[&address!("b")].outputs["shades"], "red");
    let expected = plan.expected(&kinds(&cloud), &after, &outcome.observed).unwrap();
    assert_eq!(expected[&address!("b")].outputs["shades"], input::unknown());
    assert_eq!(expected[&address!("b")].outputs["name"], "b");
}

/// A parent, one generation of its slotted child, and somebody who uses that.
fn generation(name: &str) -> Graph {
    let rows: &[(&str, &[&str])] = &[("a", &[]), (name, &["a"]), ("user", &[name])];
    let plain = graph(rows, 1);
    let components = plain.iter().cloned().map(|c| match c.address.as_str() == name {
        true => c.slot("pool"),
        false => c,
    });
    Graph::new(components.collect()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_later_generation_is_made_before_the_earlier_one_goes() {
    let cloud = Cloud::new(60);
    let (old, new) = (generation("pool-1"), generation("pool-2"));
    converge(&cloud, &old, &Graph::default(), &never()).await;
    cloud.calls();
    let (plan, outcome) = converge(&cloud, &new, &old, &never()).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    let slots: Vec<_> = plan.changes.iter().filter_map(|c| c.slot.as_deref().map(|slot| (c.action, slot))).collect();
    assert_eq!(slots, [(Action::Delete, "pool"), (Action::Create, "pool")]);
    assert_eq!(cloud.calls(), ["create pool-2", "update user", "delete pool-1"]);
}

#[tokio::test(start_paused = true)]
async fn the_earlier_generation_stays_when_the_later_one_fails() {
    let cloud = Cloud::new(60);
    let (old, new) = (generation("pool-1"), generation("pool-2"));
    converge(&cloud, &old, &Graph::default(), &never()).await;
    cloud.fail("create pool-2", 1, ErrorClass::Permanent);
    let (_, outcome) = converge(&cloud, &new, &old, &never()).await;
    assert_eq!(outcome.pending().iter().map(|a| a.as_str()).collect::<Vec<_>>(), ["pool-1", "pool-2", "user"]);
    assert!(cloud.names().contains("pool-1"));

    // The next run knows only what is remembered of the earlier generation.
    let left = leaving(&old, &new, &outcome.observed);
    let remembered: Vec<Leaving> = serde_json::from_str(&serde_json::to_string(&left).unwrap()).unwrap();
    let kinds = simulated::kinds(&cloud);
    let prior = new.clone().with(remembered.iter().map(|l| l.component(&kinds).unwrap()).collect()).unwrap();
    let (_, outcome) = converge(&cloud, &new, &prior, &never()).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(cloud.names().into_iter().collect::<Vec<_>>(), ["a", "pool-2", "user"]);
}

#[tokio::test(start_paused = true)]
async fn temporary_errors_are_waited_out() {
    let classes =
        [ErrorClass::Busy, ErrorClass::InUse, ErrorClass::Propagation, ErrorClass::Exists, ErrorClass::Absent];
    for class in classes {
        let cloud = Cloud::new(1);
        let desired = graph(SHAPES[1].1, 1);
        cloud.fail("create b", 3, class);
        let (_, outcome) = converge(&cloud, &desired, &Graph::default(), &never()).await;
        assert!(outcome.is_complete(), "{class:?}: {outcome:?}");
        assert_eq!(cloud.calls().iter().filter(|c| *c == "create b").count(), 4, "{class:?}");
    }
}

/// RDS shows a new parameter group at once, and that it has begun to install the new version after a while.
#[tokio::test(start_paused = true)]
async fn a_change_that_shows_bit_by_bit_is_requested_once() {
    let cloud = Cloud::new(60);
    let before = graph(&[("a", &[])], 1);
    converge(&cloud, &before, &Graph::default(), &never()).await;
    cloud.calls();
    let thing = Thing { name: "a".into(), size: Some(2), color: Some("red".into()), ..Thing::default() };
    let after = Graph::new(vec![Component::new(address!("a"), "here", &thing)]).unwrap();
    *cloud.hesitation.lock().unwrap() = Duration::from_secs(25);
    let (_, outcome) = converge(&cloud, &after, &before, &never()).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(cloud.calls(), ["update a"]);
}

#[tokio::test(start_paused = true)]
async fn an_object_whose_creation_was_not_answered_is_adopted() {
    for class in [ErrorClass::Transient, ErrorClass::Unreachable] {
        for seconds in [0, 20] {
            let cloud = Cloud::new(60);
            let desired = graph(SHAPES[1].1, 1);
            cloud.lose("create b", class, Duration::from_secs(seconds));
            let (_, outcome) = converge(&cloud, &desired, &Graph::default(), &never()).await;
            assert!(outcome.is_complete(), "{class:?}, invisible for {seconds} s: {outcome:?}");
            assert_eq!(cloud.calls(), ["create a", "create b", "create c"], "{class:?}, invisible for {seconds} s");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_creation_that_was_not_carried_out_is_repeated_twice_at_most() {
    for (failures, creates, complete) in [(1, 2, true), (2, 3, true), (3, 3, false)] {
        let cloud = Cloud::new(1);
        cloud.fail("create a", failures, ErrorClass::Transient);
        let (_, outcome) = converge(&cloud, &graph(SHAPES[0].1, 1), &Graph::default(), &never()).await;
        assert_eq!((cloud.calls().len(), outcome.is_complete()), (creates, complete), "{failures} failures");
        let classes: Vec<ErrorClass> = outcome.failures.iter().map(|f| f.error.class).collect();
        assert!(classes.iter().all(|class| *class == ErrorClass::Transient), "{failures} failures: {classes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn propagation_is_waited_for_two_minutes_and_what_is_not_visible_for_five_at_most() {
    for (class, limit) in [(ErrorClass::Propagation, 120), (ErrorClass::Absent, 300)] {
        let cloud = Cloud::new(1);
        cloud.fail("create a", u32::MAX, class);
        let began = Instant::now();
        let (_, outcome) = converge(&cloud, &graph(SHAPES[0].1, 1), &Graph::default(), &never()).await;
        assert_eq!(outcome.failures[0].error.class, class);
        let waited = began.elapsed().as_secs();
        assert!((limit..limit + 30).contains(&waited), "{class:?}: {waited} s");
    }
}

#[tokio::test(start_paused = true)]
async fn siblings_run_at_the_same_time() {
    let cloud = Cloud::new(600);
    let began = Instant::now();
    converge(&cloud, &graph(SHAPES[3].1, 1), &Graph::default(), &never()).await;
    let seconds = began.elapsed().as_secs();
    // Three levels of ten minutes; each is noticed within 2 %.
    assert!((1800..1860).contains(&seconds), "{seconds} s");
}

#[tokio::test(start_paused = true)]
async fn what_is_ready_at_once_takes_no_time_and_under_a_new_claim_one_look() {
    for (fresh, looks) in [(true, 3), (false, 6)] {
        let cloud = Cloud::new(0);
        let (desired, nothing) = (graph(SHAPES[1].1, 1), Graph::default());
        let began = Instant::now();
        let (_, outcome) = run(&cloud, &desired, &nothing, &never(), fresh).await;
        assert!(outcome.is_complete(), "{outcome:?}");
        assert_eq!(began.elapsed(), Duration::ZERO, "fresh: {fresh}");
        // Without a new claim there was a refresh before it: of what refers to nothing.
        let refreshed = if fresh { 0 } else { 1 };
        assert_eq!(cloud.looks.load(Ordering::SeqCst) - refreshed, looks, "fresh: {fresh}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_look_serves_all_objects_of_a_kind_that_are_waited_for() {
    let looks = async |rows: Rows| {
        let cloud = Cloud::new(600);
        let (_, outcome) = run(&cloud, &graph(rows, 1), &Graph::default(), &never(), true).await;
        assert!(outcome.is_complete(), "{outcome:?}");
        cloud.looks.load(Ordering::SeqCst)
    };
    let one = looks(&[("a", &[])]).await;
    let four = looks(&[("a", &[]), ("b", &[]), ("c", &[]), ("d", &[])]).await;
    // The quickest of them sets the pace.
    assert!(one > 100 && four < one * 3 / 2, "{one} looks at one, {four} at four");
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_taken_under_a_new_claim_is_found_out_by_the_creation() {
    let cloud = Cloud::new(0);
    let (desired, nothing) = (graph(SHAPES[0].1, 1), Graph::default());
    converge(&cloud, &desired, &nothing, &never()).await;
    cloud.objects.lock().unwrap().get_mut("a").unwrap().tags.clear();
    cloud.fail("create a", u32::MAX, ErrorClass::Exists);
    let (_, outcome) = run(&cloud, &desired, &nothing, &never(), true).await;
    assert_eq!(outcome.failures[0].error.class, ErrorClass::Foreign);
}

#[tokio::test(start_paused = true)]
async fn what_a_create_call_cannot_set_is_set_right_after_it_or_else_by_an_update() {
    let paint = |graph: Graph| {
        let components = graph.iter().cloned().map(|mut component| {
            component.desired["color"] = "red".into();
            component
        });
        Graph::new(components.collect()).unwrap()
    };
    for (failures, expected) in [(0, vec!["create a", "complete a"]), (1, vec!["create a", "complete a", "update a"])] {
        let cloud = Cloud::new(0);
        cloud.fail("complete a", failures, ErrorClass::Absent);
        let (_, outcome) = converge(&cloud, &paint(graph(SHAPES[0].1, 1)), &Graph::default(), &never()).await;
        assert!(outcome.is_complete(), "{outcome:?}");
        assert_eq!(cloud.calls(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn cancelling_ends_soon_keeps_the_ids_and_the_next_run_waits_instead_of_creating_again() {
    let cloud = Cloud::new(600);
    let (desired, nothing) = (graph(SHAPES[1].1, 1), Graph::default());
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(30)).await;
        stop.cancel();
    });
    let began = Instant::now();
    let (_, outcome) = converge(&cloud, &desired, &nothing, &cancel).await;
    assert!(began.elapsed() < Duration::from_secs(35));
    assert_eq!(outcome.failures[0].error.class, ErrorClass::Cancelled);
    assert_eq!(outcome.observed.values().map(|o| o.id.as_str()).collect::<Vec<_>>(), ["a"]);
    assert_eq!(outcome.pending().len(), 3);

    let (_, outcome) = converge(&cloud, &desired, &nothing, &never()).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(cloud.calls(), ["create a", "create b", "create c"]);
}

#[tokio::test(start_paused = true)]
async fn cancelling_does_not_wait_for_an_answer_that_never_comes() {
    let rows: Rows = &[("a", &[]), ("b", &[]), ("c", &["a"])];
    let cloud = Cloud::new(60);
    cloud.unanswered.lock().unwrap().insert("create a".to_owned());
    let (desired, nothing, cancel) = (graph(rows, 1), Graph::default(), CancellationToken::new());
    let stop = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(10)).await;
        stop.cancel();
    });
    let began = Instant::now();
    let (_, outcome) = converge(&cloud, &desired, &nothing, &cancel).await;
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
    let pending: Vec<String> = outcome.pending().iter().map(ToString::to_string).collect();
    assert_eq!(pending, ["a", "b", "c"]);
    assert!(outcome.failures.iter().all(|failure| failure.error.class == ErrorClass::Cancelled), "{outcome:?}");
    assert!(outcome.observed.keys().any(|address| address.as_str() == "b"), "what answered is on record");

    cloud.unanswered.lock().unwrap().clear();
    cloud.calls();
    let (_, outcome) = converge(&cloud, &desired, &nothing, &never()).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(cloud.calls(), ["create c"], "what was carried out without an answer is found again");
}

#[tokio::test(start_paused = true)]
async fn an_object_without_our_claim_is_never_touched() {
    let cloud = Cloud::new(1);
    let (desired, nothing) = (graph(SHAPES[0].1, 1), Graph::default());
    converge(&cloud, &desired, &nothing, &never()).await;
    cloud.objects.lock().unwrap().get_mut("a").unwrap().tags.clear();
    cloud.calls();
    let (_, outcome) = converge(&cloud, &graph(SHAPES[0].1, 2), &desired, &never()).await;
    assert_eq!(outcome.failures[0].error.class, ErrorClass::Foreign);
    assert!(cloud.calls().is_empty());
}
