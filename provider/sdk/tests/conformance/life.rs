//! Whole lives, with core's checks after every call.

use proptest::prelude::*;
use serde_json::json;

use crate::support::proto::diagnostic::Severity::Error;
use crate::support::proto::{
    ResourceIdentityData, apply_resource_change, attribute_path, call_function, configure_provider, read_data_source,
};
use crate::support::{Client, Core, Json, Process, Setup, Stored, UNKNOWN, example, from_wire, severity, to_wire};

/// The example provider with a folder.
struct Notes {
    process: Process,
    client: Client,
    folder: tempfile::TempDir,
}

impl Notes {
    async fn start() -> Self {
        let process = Process::start(Setup::of(example())).await;
        let client = process.client().await;
        let notes = Self { process, client, folder: tempfile::tempdir().expect("a folder") };
        notes.configure(json!(notes.folder.path().display().to_string())).await;
        notes
    }

    async fn configure(&self, folder: Json) {
        let config = Some(to_wire(&json!({"folder": folder})));
        let request = configure_provider::Request { config, ..Default::default() };
        let answer: configure_provider::Response =
            self.client.unary("/tfplugin6.Provider/ConfigureProvider", request).await.expect("an answer");
        assert_eq!(severity(&answer.diagnostics), []);
    }

    async fn core(&self) -> Core {
        Core::new(self.client.clone(), "notes_note").await
    }
}

fn label(name: &str) -> Json {
    json!({"name": name, "id": null})
}

#[tokio::test]
async fn item_22_40_a_life_without_a_schema_being_asked_for_first() {
    let notes = Notes::start().await;
    // The schema comes from another process; this one has served none.
    let other = Process::start(Setup::of(example())).await;
    let fields = Core::new(other.client().await, "notes_note").await.fields;
    let core = Core { client: notes.client.clone(), type_name: "notes_note".into(), fields };

    let config = core.config(json!({"name": "a", "text": "x", "labels": [label("p"), label("q")]}));
    let stored = core.settle(&Stored::default(), &config, 1).await;
    assert!(!stored.private.is_empty() && stored.identity.is_some());
    assert_eq!(stored.value["labels"][0]["id"], "label-p");
    let gone = core.settle(&stored, &Json::Null, 1).await;
    assert_eq!((gone.value, gone.identity), (json!(null), None));
    other.finish().await;
    notes.process.finish().await;
}

#[tokio::test]
async fn item_33_35_an_update_makes_unknown_only_what_may_change() {
    let notes = Notes::start().await;
    let core = notes.core().await;
    let config = |text: &str, color: &str| core.config(json!({"name": "a", "text": text, "color": color}));
    let stored = core.settle(&Stored::default(), &config("x", "Red"), 1).await;

    let plan = core.plan(&stored, &config("longer", "Red")).await.planned();
    assert_eq!((&plan["id"], &plan["bytes"], &plan["color"]), (&json!("note-a"), &json!(UNKNOWN), &json!("Red")));
    let same = core.plan(&stored, &config("x", "rED")).await.planned();
    assert_eq!(same, stored.value, "a color that means the same is no change");
    notes.process.finish().await;
}

#[tokio::test]
async fn item_36_elements_of_a_set_keep_what_is_theirs_in_any_order() {
    let notes = Notes::start().await;
    let core = notes.core().await;
    let config = |labels: &[&str]| {
        let labels: Json = labels.iter().map(|name| label(name)).collect();
        core.config(json!({"name": "a", "text": "x", "labels": labels}))
    };
    let mut stored = core.settle(&Stored::default(), &config(&["p", "q"]), 1).await;
    for labels in [&["q", "p"][..], &["r", "q", "p"], &["q"], &["q", "s"], &[]] {
        stored = core.settle(&stored, &config(labels), 1).await;
        assert_eq!(stored.value["labels"].as_array().map(Vec::len), Some(labels.len()));
    }
    let stored = core.settle(&stored, &config(&["q"]), 1).await;
    let plan = core.plan(&stored, &config(&["p", "q"])).await.planned();
    assert_eq!(plan["labels"], json!([{"name": "p", "id": UNKNOWN}, {"name": "q", "id": "label-q"}]));
    notes.process.finish().await;
}

#[tokio::test]
async fn item_37_a_replacement_hands_its_private_state_to_both_halves() {
    let process = Process::start(Setup::default()).await;
    let core = Core::new(process.client().await, "conformance_thing").await;
    let rule = json!({"port": 80, "id": null});
    let config = |name: &str| core.config(json!({"name": name, "rules": [rule]}));
    let stored = core.settle(&Stored::default(), &config("a"), 2).await;
    assert_eq!(stored.private, b"planned");

    let kept = Stored { private: b"key".to_vec(), ..stored };
    let first = core.plan(&kept, &config("b")).await;
    let names = |step: &attribute_path::Step| format!("{:?}", step.selector);
    let paths: Vec<Vec<_>> = first.requires_replace.iter().map(|path| path.steps.iter().map(names).collect()).collect();
    assert_eq!(paths, [[r#"Some(AttributeName("name"))"#]]);
    assert_eq!(first.planned_private, b"key");
    let second = core.plan(&Stored { private: first.planned_private, ..Stored::default() }, &config("b")).await;
    assert_eq!(second.planned_private, b"key");
    process.finish().await;
}

#[tokio::test]
async fn item_38_an_object_is_destroyed_without_a_plan_too() {
    let notes = Notes::start().await;
    let core = notes.core().await;
    let stored = core.settle(&Stored::default(), &core.config(json!({"name": "a", "text": "x"})), 1).await;
    let request = apply_resource_change::Request {
        type_name: "notes_note".into(),
        prior_state: Some(to_wire(&stored.value)),
        planned_state: Some(to_wire(&Json::Null)),
        config: Some(to_wire(&Json::Null)),
        planned_private: stored.private,
        ..Default::default()
    };
    let answer: apply_resource_change::Response =
        core.client.unary("/tfplugin6.Provider/ApplyResourceChange", request).await.expect("an answer");
    assert_eq!((severity(&answer.diagnostics), answer.state()), (vec![], Json::Null));
    assert!(!notes.folder.path().join("a.json").exists());
    notes.process.finish().await;
}

#[tokio::test]
async fn item_39_what_becomes_known_changes_nothing_that_was_known() {
    let notes = Notes::start().await;
    let core = notes.core().await;
    let stored = core.settle(&Stored::default(), &core.config(json!({"name": "a", "text": "x"})), 1).await;
    let early = core.plan(&stored, &core.config(json!({"name": "a", "text": UNKNOWN}))).await;
    let late = core.plan(&stored, &core.config(json!({"name": "a", "text": "known"}))).await;
    let (early_plan, late_plan) = (early.planned(), late.planned());
    for (name, value) in early_plan.as_object().expect("an object") {
        assert!(value == UNKNOWN || *value == late_plan[name], "{name}: {value} became {}", late_plan[name]);
    }
    assert_eq!(early.requires_replace, late.requires_replace);
    notes.process.finish().await;
}

#[tokio::test]
async fn item_49_a_data_source_of_an_unconfigured_provider_is_a_clear_error() {
    let notes = Notes::start().await;
    notes.configure(json!(UNKNOWN)).await;
    let request = read_data_source::Request {
        type_name: "notes_note".into(),
        config: Some(to_wire(&json!({"name": "a", "text": null}))),
        ..Default::default()
    };
    let answer: read_data_source::Response =
        notes.client.unary("/tfplugin6.Provider/ReadDataSource", request).await.expect("an answer");
    assert_eq!(severity(&answer.diagnostics), [Error]);
    assert!(answer.diagnostics[0].detail.contains("not known yet"), "{:?}", answer.diagnostics);
    notes.process.finish().await;
}

#[tokio::test]
async fn item_52_an_identity_is_given_at_creation_and_kept_for_life() {
    let process = Process::start(Setup::default()).await;
    let core = Core::new(process.client().await, "conformance_thing").await;
    let config = |mode: &str| core.config(json!({"name": "a", "mode": mode}));
    let stored = core.settle(&Stored::default(), &config("ok"), 2).await;
    assert!(stored.identity.is_some());
    // Terraform 1.11 sends none.
    let old = Stored { identity: None, ..stored.clone() };
    core.settle(&old, &config("again"), 2).await;

    let other = ResourceIdentityData { identity_data: Some(to_wire(&json!({"name": "b"}))) };
    let request = crate::support::proto::read_resource::Request {
        type_name: "conformance_thing".into(),
        current_state: Some(to_wire(&stored.value)),
        current_identity: Some(other),
        ..Default::default()
    };
    let answer: crate::support::proto::read_resource::Response =
        core.client.unary("/tfplugin6.Provider/ReadResource", request).await.expect("an answer");
    assert_eq!(answer.diagnostics[0].summary, "Provider changed an identity");
    assert_eq!(from_wire(answer.new_state.as_ref()), stored.value, "the stored object is kept");

    let thing = config("no identity");
    let answer = core.client.apply(json!(null), thing.clone(), thing, "").await;
    assert_eq!(answer.diagnostics[0].summary, "Provider gave no identity");
    process.finish().await;
}

#[tokio::test]
async fn item_54_a_typed_function_works_without_configuration() {
    let process = Process::start(Setup::of(example())).await;
    let client = process.client().await;
    for (title, expected) in [("Buy Milk!", Ok("buy-milk")), ("!", Err(Some(0)))] {
        let request = call_function::Request { name: "slug".into(), arguments: vec![to_wire(&json!(title))] };
        let answer: call_function::Response =
            client.unary("/tfplugin6.Provider/CallFunction", request).await.expect("an answer");
        let result = answer.result.map(|result| from_wire(Some(&result)));
        let found = result.ok_or(answer.error.and_then(|error| error.function_argument));
        assert_eq!(found, expected.map(|text| json!(text)), "{title}");
    }
    process.finish().await;
}

#[tokio::test]
async fn a_broken_promise_is_reported_with_its_attribute() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let thing = crate::support::object(json!({"name": "a", "mode": "other name"}));
    let answer = client.apply(json!(null), thing.clone(), thing, "").await;
    assert_eq!(severity(&answer.diagnostics), [Error]);
    assert_eq!(answer.diagnostics[0].summary, "Provider broke its plan");
    assert_eq!(answer.state()["name"], "other", "what there is is stored all the same");
    process.finish().await;
}

/// Any configuration of a thing that has no dynamic value.
fn thing() -> impl Strategy<Value = Json> {
    let text = prop_oneof![Just(json!(null)), "[a-c]{0,2}".prop_map(Json::from)];
    let name = prop_oneof![Just("a"), Just("b")];
    let number = prop_oneof![Just(json!(null)), any::<i64>().prop_map(Json::from), Just(json!(0.1))];
    let pool = (0_i64..3, text.clone()).prop_map(|(min, image)| json!({"min": min, "image": image, "arn": null}));
    let pools =
        proptest::option::of(proptest::collection::btree_map("[p-r]", pool, 0..3)).prop_map(|pools| json!(pools));
    let rules = proptest::option::of(proptest::collection::btree_set(1_i64..5, 0..4));
    let rules = rules.prop_map(|ports| json!(ports.map(|ports| ports.into_iter().map(rule).collect::<Vec<_>>())));
    let gates =
        proptest::collection::vec(1_i64..5, 0..3).prop_map(|ports| ports.into_iter().map(rule).collect::<Json>());
    (name, number, text.clone(), pools, rules, gates, text).prop_map(|(name, size, note, pools, rules, gate, secret)| {
        json!({"name": name, "size": size, "note": note, "pools": pools, "rules": rules, "gate": gate, "secret": secret})
    })
}

fn rule(port: i64) -> Json {
    json!({"port": port, "id": null})
}

#[test]
fn item_40_any_sequence_of_configurations_leads_a_life_that_core_accepts() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (process, core) = runtime.block_on(async {
        let process = Process::start(Setup::default()).await;
        let core = Core::new(process.client().await, "conformance_thing").await;
        (process, core)
    });
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    config.cases = config.cases.min(40);
    proptest!(config, |(lives in proptest::collection::vec(thing(), 1..5))| {
        runtime.block_on(async {
            let mut stored = Stored::default();
            for config in lives {
                stored = core.settle(&stored, &core.config(config), 2).await;
            }
            core.settle(&stored, &Json::Null, 2).await;
        });
    });
    runtime.block_on(process.finish());
}
