//! Create, update, delete: what is stored after success and after every kind of failure.

use serde_json::json;

use crate::support::proto::diagnostic::Severity::{Error, Warning};
use crate::support::{Json, Process, Setup, UNKNOWN, from_wire, object, severity};

fn planned(mode: &str) -> Json {
    object(json!({"name": "a", "mode": mode, "size": 0.1, "note": UNKNOWN, "id": UNKNOWN}))
}

fn done(mode: &str) -> Json {
    object(json!({"name": "a", "mode": mode, "size": "0.1", "note": "id-a", "id": "id-a"}))
}

/// The planned object with null for what was unknown.
fn nulled(mode: &str) -> Json {
    object(json!({"name": "a", "mode": mode, "size": "0.1"}))
}

#[tokio::test]
async fn item_41_42_a_create_keeps_whatever_may_exist() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let cases = [
        ("ok", done("ok"), "p", vec![]),
        // Exists and is unfinished: Terraform taints it.
        ("fail after", done("fail after"), "p", vec![Error]),
        ("fail before", json!(null), "p", vec![Error]),
        ("panic", nulled("panic"), "p", vec![Error]),
        ("no state", nulled("no state"), "p", vec![Error]),
        ("unknown left", nulled("unknown left"), "p", vec![Error, Error]),
    ];
    for (mode, state, private, found) in cases {
        let config = object(json!({"name": "a", "mode": mode, "size": 0.1}));
        let answer = client.apply(json!(null), planned(mode), config, "p").await;
        assert_eq!((answer.state(), answer.private()), (state, private), "{mode}");
        assert_eq!(severity(&answer.diagnostics), found, "{mode}");
        assert!(!answer.legacy_type_system);
    }
    process.finish().await;
}

#[tokio::test]
async fn item_43_after_a_failed_update_terraform_keeps_what_the_provider_reached_or_the_old_state() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let cases = [
        ("ok", done("ok"), "p", vec![]),
        ("fail after", done("fail after"), "p", vec![Error]),
        // Null with an error makes Terraform keep the old state and the old private state.
        ("fail before", json!(null), "p", vec![Error]),
        ("panic", json!(null), "", vec![Error]),
        ("no state", json!(null), "p", vec![Error]),
    ];
    for (mode, state, private, found) in cases {
        let config = object(json!({"name": "a", "mode": mode, "size": 0.1}));
        let answer = client.apply(done("ok"), planned(mode), config, "p").await;
        assert_eq!((answer.state(), answer.private()), (state, private), "{mode}");
        assert_eq!(severity(&answer.diagnostics), found, "{mode}");
    }
    process.finish().await;
}

#[tokio::test]
async fn item_44_45_a_delete_is_done_when_the_state_is_null_and_there_is_no_error() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let cases = [
        ("ok", json!(null), "", vec![]),
        ("delete half", done("delete half"), "p", vec![Error]),
        ("delete panic", json!(null), "", vec![Error]),
        ("delete nothing", done("delete nothing"), "", vec![Error]),
    ];
    for (mode, state, private, found) in cases {
        let answer = client.apply(done(mode), json!(null), json!(null), "p").await;
        assert_eq!((answer.state(), answer.private()), (state, private), "{mode}");
        assert_eq!(severity(&answer.diagnostics), found, "{mode}");
    }
    process.finish().await;
}

#[tokio::test]
async fn an_answer_of_the_wrong_shape_is_reported_attribute_by_attribute_and_saved_as_far_as_it_fits() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let mode = "wrong shape";
    let answer = client.apply(json!(null), planned(mode), planned(mode), "p").await;
    assert_eq!(answer.state(), object(json!({})));
    let details: Vec<_> =
        answer.diagnostics.iter().map(|found| found.detail.split(". ").next().expect("text")).collect();
    assert!(
        details.contains(&"Attribute name of the new state must be of type \"string\", not a number"),
        "{details:?}"
    );
    assert!(details.contains(&"Attribute id of the new state is missing"), "{details:?}");
    assert!(details.contains(&"The value of the new state has attributes that the schema has not"), "{details:?}");
    process.finish().await;
}

#[tokio::test]
async fn item_50_write_only_values_are_read_from_the_configuration_and_never_answered() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let mode = "tell secret";
    let config = object(json!({"name": "a", "mode": mode, "size": 0.1, "secret": "s3cret"}));
    let answer = client.apply(json!(null), planned(mode), config, "").await;
    assert_eq!(severity(&answer.diagnostics), [Warning]);
    assert_eq!(answer.diagnostics[0].detail, "s3cret");
    assert_eq!(answer.state(), done(mode));
    process.finish().await;
}

#[tokio::test]
async fn item_52_the_identity_is_answered_with_the_state() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let answer = client.apply(json!(null), planned("ok"), planned("ok"), "").await;
    let identity = answer.new_identity.and_then(|identity| identity.identity_data);
    assert_eq!(from_wire(identity.as_ref()), json!({"name": "a"}));
    let gone = client.apply(done("ok"), json!(null), json!(null), "").await;
    assert_eq!(gone.new_identity, None);
    process.finish().await;
}

#[tokio::test]
async fn item_16_a_panic_is_a_crash_for_the_log_and_an_error_for_one_call() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    client.apply(json!(null), planned("panic"), planned("panic"), "").await;
    let after = client.apply(json!(null), planned("ok"), planned("ok"), "").await;
    assert_eq!(after.state(), done("ok"));
    let (_, stderr) = process.finish().await;
    assert!(stderr.lines().any(|line| line == "panic: asked to"), "{stderr}");
}
