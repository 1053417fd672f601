//! Plans.

use serde_json::json;

use crate::support::proto::attribute_path::step::Selector;
use crate::support::proto::diagnostic::Severity;
use crate::support::proto::{AttributePath, DynamicValue, plan_resource_change};
use crate::support::{Json, Process, Setup, UNKNOWN, from_wire, object, severity};

/// A stored thing.
fn stored(entries: Json) -> Json {
    let mut thing = object(json!({"name": "a", "note": "n", "id": "id-a"}));
    for (key, value) in entries.as_object().expect("an object") {
        thing[key] = value.clone();
    }
    thing
}

/// The configuration of a thing.
fn config(entries: Json) -> Json {
    let mut thing = object(json!({"name": "a"}));
    for (key, value) in entries.as_object().expect("an object") {
        thing[key] = value.clone();
    }
    thing
}

fn text(path: &AttributePath) -> String {
    let steps = path.steps.iter().map(|step| match step.selector.as_ref().expect("a selector") {
        Selector::AttributeName(name) => name.clone(),
        Selector::ElementKeyString(key) => format!("[{key}]"),
        Selector::ElementKeyInt(index) => format!("[{index}]"),
    });
    steps.collect::<Vec<_>>().join(".")
}

#[tokio::test]
async fn item_31_34_a_create_plans_the_configuration_and_unknown_for_what_is_computed() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let cases = [
        (json!({}), json!({"note": UNKNOWN, "id": UNKNOWN})),
        (json!({"note": "mine"}), json!({"note": "mine", "id": UNKNOWN})),
        (
            json!({"size": 0.1, "tags": {"a": "b"}}),
            json!({"size": "0.1", "tags": {"a": "b"}, "note": UNKNOWN, "id": UNKNOWN}),
        ),
        (
            json!({"pools": {"api": {"min": 1, "image": null, "arn": null}}}),
            json!({"pools": {"api": {"min": 1, "image": null, "arn": UNKNOWN}}, "note": UNKNOWN, "id": UNKNOWN}),
        ),
        (json!({"secret": "s3cret"}), json!({"secret": null, "note": UNKNOWN, "id": UNKNOWN})),
        // What is unknown in the configuration stays unknown, at every depth.
        (json!({"name": UNKNOWN}), json!({"name": UNKNOWN, "note": UNKNOWN, "id": UNKNOWN})),
        (json!({"pools": UNKNOWN}), json!({"pools": UNKNOWN, "note": UNKNOWN, "id": UNKNOWN})),
        (json!({"tags": {"a": UNKNOWN}}), json!({"tags": {"a": UNKNOWN}, "note": UNKNOWN, "id": UNKNOWN})),
    ];
    for (entries, expected) in cases {
        let config = config(entries);
        let answer = client.plan(json!(null), config.clone(), config, "").await;
        assert_eq!(severity(&answer.diagnostics), []);
        let mut wanted = object(json!({"name": "a"}));
        for (key, value) in expected.as_object().expect("an object") {
            wanted[key] = value.clone();
        }
        assert_eq!(answer.planned(), wanted);
        assert_eq!((answer.requires_replace.len(), answer.private()), (0, "planned"));
        assert!(!answer.legacy_type_system);
    }
    process.finish().await;
}

#[tokio::test]
async fn item_32_a_plan_without_difference_is_the_prior_state() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let prior = stored(json!({"pools": {"api": {"min": 1, "image": "i", "arn": "arn"}}}));
    let config = config(json!({"pools": {"api": {"min": 1, "image": "i", "arn": null}}}));
    let answer = client.plan(prior.clone(), prior.clone(), config, "kept").await;
    assert_eq!((answer.planned(), severity(&answer.diagnostics)), (prior, vec![]));
    assert_eq!((answer.requires_replace.len(), answer.private()), (0, "kept"));
    process.finish().await;
}

#[tokio::test]
async fn item_37_an_update_replaces_exactly_for_the_attributes_that_ask_for_it() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let pool = |image: &str, arn: Json| json!({"api": {"min": 1, "image": image, "arn": arn}});
    let cases = [
        (json!({"note": "other"}), json!({}), vec![]),
        (json!({"name": "b"}), json!({}), vec!["name"]),
        (
            json!({"pools": pool("j", json!("arn"))}),
            json!({"pools": pool("i", json!("arn"))}),
            vec!["pools.[api].image"],
        ),
        (json!({"mode": "plan same set"}), json!({}), vec!["name", "rules"]),
    ];
    for (change, before, expected) in cases {
        let (prior, wanted) = (stored(before), stored(change.clone()));
        let mut config = config(change);
        if !config["pools"].is_null() {
            config["pools"]["api"]["arn"] = json!(null);
        }
        let answer = client.plan(prior, wanted, config, "p").await;
        assert_eq!(severity(&answer.diagnostics), []);
        assert_eq!(answer.requires_replace.iter().map(text).collect::<Vec<_>>(), expected);
        assert_eq!(answer.private(), "p");
    }
    process.finish().await;
}

#[tokio::test]
async fn item_36_elements_of_a_set_are_recognised_in_any_order() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let rule = |port: i64, id: Json| json!({"port": port, "id": id});
    let none = json!(null);
    let prior = stored(json!({"rules": [rule(80, json!("r-80")), rule(443, json!("r-443"))]}));
    let config = config(json!({"rules": [rule(443, none.clone()), rule(22, none.clone())]}));
    // Terraform has matched the known element, and gives the new one as configured.
    let proposed = stored(json!({"rules": [rule(22, none), rule(443, json!("r-443"))]}));
    let answer = client.plan(prior, proposed, config, "").await;
    assert_eq!(severity(&answer.diagnostics), []);
    assert_eq!(answer.planned()["rules"], json!([rule(22, json!(UNKNOWN)), rule(443, json!(UNKNOWN))]));
    process.finish().await;
}

#[tokio::test]
async fn item_38_a_destroy_is_planned_and_may_warn() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let answer = client.plan(stored(json!({"mode": "protected"})), json!(null), json!(null), "kept").await;
    assert_eq!((answer.planned(), answer.private()), (json!(null), "kept"));
    assert_eq!(severity(&answer.diagnostics), [Severity::Warning]);
    process.finish().await;
}

#[tokio::test]
async fn a_plan_that_terraform_would_refuse_names_the_provider_s_fault_and_the_attribute() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let config = config(json!({"mode": "plan other"}));
    let answer = client.plan(json!(null), config.clone(), config, "").await;
    assert_eq!(severity(&answer.diagnostics), [Severity::Error]);
    assert!(answer.diagnostics[0].detail.contains("fault of the provider"), "{}", answer.diagnostics[0].detail);
    assert_eq!(answer.diagnostics[0].attribute.as_ref().map(text).as_deref(), Some("tags"));
    process.finish().await;
}

#[tokio::test]
async fn a_panic_in_a_plan_is_an_error_and_keeps_prior_state_and_private() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let wanted = stored(json!({"mode": "plan panic"}));
    let config = config(json!({"mode": "plan panic"}));
    let answer = client.plan(stored(json!({})), wanted, config, "kept").await;
    assert_eq!(severity(&answer.diagnostics), [Severity::Error]);
    assert_eq!((answer.planned(), answer.private()), (stored(json!({})), "kept"));
    process.finish().await;
}

#[tokio::test]
async fn item_27_values_may_come_as_json_or_not_at_all() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let json = |value: &Json| Some(DynamicValue { msgpack: Vec::new(), json: value.to_string().into() });
    let config = config(json!({"size": 0.1}));
    for empty in [None, Some(DynamicValue::default())] {
        let request = plan_resource_change::Request {
            type_name: "conformance_thing".into(),
            prior_state: empty,
            proposed_new_state: json(&config),
            config: json(&config),
            ..Default::default()
        };
        let answer: plan_resource_change::Response =
            client.unary("/tfplugin6.Provider/PlanResourceChange", request).await.expect("an answer");
        assert_eq!(severity(&answer.diagnostics), []);
        assert_eq!(from_wire(answer.planned_state.as_ref())["size"], "0.1");
    }
    process.finish().await;
}
