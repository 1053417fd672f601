//! Validate, upgrade, read, import and move.

use serde_json::json;

use crate::support::proto::diagnostic::Severity::Error;
use crate::support::proto::{
    RawState, ResourceIdentityData, import_resource_state, move_resource_state, upgrade_resource_identity,
    upgrade_resource_state,
};
use crate::support::{Json, Process, Setup, from_wire, object, severity, to_wire};

#[tokio::test]
async fn item_50_a_write_only_value_needs_a_client_that_knows_it() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let config = object(json!({"name": "a", "secret": "s3cret"}));
    assert_eq!(severity(&client.validate(config.clone(), true).await), []);
    let found = client.validate(config, false).await;
    assert_eq!(severity(&found), [Error]);
    assert!(found[0].detail.starts_with("secret is write-only"), "{}", found[0].detail);
    assert_eq!(severity(&client.validate(object(json!({"name": "a"})), false).await), []);
    process.finish().await;
}

#[tokio::test]
async fn item_28_29_30_a_stored_state_is_upgraded_leniently_or_refused_by_version() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let text = r#"{"name":"a","removed":[1],"size":340282366920938463463374607431768211456.1,"note":12,"id":true}"#;
    let current = json!({"name": "a", "size": "340282366920938463463374607431768211456.1", "note": "12", "id": "true"});
    let dynamic = r#"{"name":"a","any":{"type":["list","number"],"value":[1.50,2]}}"#;
    let cases = [
        (2, text, Ok(object(current))),
        (2, dynamic, Ok(object(json!({"name": "a", "any": [r#"["list","number"]"#, ["1.50", 2]]})))),
        (1, r#"{"title":"a"}"#, Ok(object(json!({"name": "a"})))),
        (2, r#"{"name":"a","secret":"s3cret"}"#, Ok(object(json!({"name": "a"})))),
        (0, r#"{"name":"a"}"#, Err("version 0")),
        (2, r#"{"name":["a"]}"#, Err("name: must be a string")),
        (2, r#"{"name":"#, Err("is not valid JSON")),
    ];
    for (version, text, expected) in cases {
        let raw = RawState { json: text.into(), ..RawState::default() };
        let answer = upgrade(&client, version, raw).await;
        match expected {
            Ok(state) => {
                assert_eq!(severity(&answer.diagnostics), [], "{text}");
                assert_eq!(from_wire(answer.upgraded_state.as_ref()), state, "{text}");
            }
            Err(message) => {
                assert_eq!(severity(&answer.diagnostics), [Error], "{text}");
                assert!(answer.diagnostics[0].detail.contains(message), "{}", answer.diagnostics[0].detail);
            }
        }
    }
    let flat = RawState { flatmap: [("name".to_owned(), "a".to_owned())].into(), ..RawState::default() };
    assert_eq!(severity(&upgrade(&client, 2, flat).await.diagnostics), [Error]);
    process.finish().await;
}

async fn upgrade(client: &crate::support::Client, version: i64, raw: RawState) -> upgrade_resource_state::Response {
    let request =
        upgrade_resource_state::Request { type_name: "conformance_thing".into(), version, raw_state: Some(raw) };
    client.unary("/tfplugin6.Provider/UpgradeResourceState", request).await.expect("an answer")
}

#[tokio::test]
async fn item_52_a_stored_identity_is_upgraded_or_refused_by_version() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    for (version, found) in [(0, vec![]), (1, vec![Error])] {
        let raw = RawState { json: r#"{"name":"a"}"#.into(), ..RawState::default() };
        let type_name = "conformance_thing".into();
        let request = upgrade_resource_identity::Request { type_name, version, raw_identity: Some(raw) };
        let answer: upgrade_resource_identity::Response =
            client.unary("/tfplugin6.Provider/UpgradeResourceIdentity", request).await.expect("an answer");
        assert_eq!(severity(&answer.diagnostics), found);
        if found.is_empty() {
            let identity = answer.upgraded_identity.and_then(|identity| identity.identity_data);
            assert_eq!(from_wire(identity.as_ref()), json!({"name": "a"}));
        }
    }
    process.finish().await;
}

#[tokio::test]
async fn item_47_a_read_answers_the_object_or_null_and_after_an_error_what_was_stored() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let stored = |mode: &str| object(json!({"name": "a", "mode": mode, "id": "id-a"}));
    let cases = [
        ("ok", stored("ok"), vec![]),
        ("gone", json!(null), vec![]),
        ("read error", stored("read error"), vec![Error]),
        ("read panic", stored("read panic"), vec![Error]),
        ("read unknown", stored("read unknown"), vec![Error]),
    ];
    for (mode, state, found) in cases {
        let answer = client.read(stored(mode), "private").await;
        assert_eq!(severity(&answer.diagnostics), found, "{mode}");
        assert_eq!(from_wire(answer.new_state.as_ref()), state, "{mode}");
        assert_eq!(answer.private, b"private", "{mode}");
    }
    process.finish().await;
}

#[tokio::test]
async fn item_48_an_object_is_imported_by_id_or_by_identity() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let cases: [(&str, Option<Json>, Option<&str>); 4] = [
        ("a", None, Some("a")),
        ("", Some(json!({"name": "b"})), Some("b")),
        ("missing", None, Some("missing")),
        ("bad", None, None),
    ];
    for (id, identity, expected) in cases {
        let identity = identity.map(|identity| ResourceIdentityData { identity_data: Some(to_wire(&identity)) });
        let request = import_resource_state::Request {
            type_name: "conformance_thing".into(),
            id: id.into(),
            identity,
            ..Default::default()
        };
        let answer: import_resource_state::Response =
            client.unary("/tfplugin6.Provider/ImportResourceState", request).await.expect("an answer");
        let Some(name) = expected else {
            assert_eq!((answer.imported_resources.len(), severity(&answer.diagnostics)), (0, vec![Error]));
            continue;
        };
        let [imported] = &answer.imported_resources[..] else { panic!("one object: {answer:?}") };
        assert_eq!(imported.type_name, "conformance_thing");
        assert_eq!(from_wire(imported.state.as_ref())["name"], name);
        let identity = imported.identity.as_ref().and_then(|identity| identity.identity_data.as_ref());
        assert_eq!(from_wire(identity), json!({"name": name}));

        let read = client.read(from_wire(imported.state.as_ref()), "").await;
        assert_eq!(from_wire(read.new_state.as_ref()).is_null(), name == "missing");
    }
    process.finish().await;
}

#[tokio::test]
async fn item_53_a_state_moves_from_a_known_type_only() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    for (source, found) in [("other_thing", vec![]), ("unknown_thing", vec![Error])] {
        let request = move_resource_state::Request {
            source_type_name: source.into(),
            source_state: Some(RawState { json: r#"{"label":"a"}"#.into(), ..RawState::default() }),
            source_private: b"private".to_vec(),
            target_type_name: "conformance_thing".into(),
            ..Default::default()
        };
        let answer: move_resource_state::Response =
            client.unary("/tfplugin6.Provider/MoveResourceState", request).await.expect("an answer");
        assert_eq!(severity(&answer.diagnostics), found);
        if found.is_empty() {
            assert_eq!(from_wire(answer.target_state.as_ref()), object(json!({"name": "a"})));
            assert_eq!(answer.target_private, b"private");
        } else {
            assert_eq!(answer.target_state, None);
        }
    }
    process.finish().await;
}
