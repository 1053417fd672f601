//! Values on the wire, byte by byte.

use rmpv::Value as Msgpack;
use serde_json::json;

use crate::support::proto::diagnostic::Severity::Error;
use crate::support::proto::{DynamicValue, plan_resource_change};
use crate::support::{Client, Core, Process, Setup, from_wire, object, severity, to_wire};

fn bytes(value: &Msgpack) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).expect("writing to memory");
    bytes
}

fn read(bytes: &[u8]) -> Msgpack {
    rmpv::decode::read_value(&mut &*bytes).expect("MessagePack")
}

/// A thing's configuration with one attribute as it stands on the wire.
fn thing(attribute: &str, value: &Msgpack) -> DynamicValue {
    let Msgpack::Map(mut entries) = read(&to_wire(&object(json!({"name": "a"}))).msgpack) else {
        panic!("a map");
    };
    let entry = entries.iter_mut().find(|(name, _)| name.as_str() == Some(attribute)).expect("an attribute");
    entry.1 = value.clone();
    DynamicValue { msgpack: bytes(&Msgpack::Map(entries)), json: Vec::new() }
}

/// Plans a create; the attribute as it is planned, or the errors.
async fn planned(client: &Client, attribute: &str, value: &Msgpack) -> Result<Msgpack, plan_resource_change::Response> {
    let config = Some(thing(attribute, value));
    let request = plan_resource_change::Request {
        type_name: "conformance_thing".into(),
        proposed_new_state: config.clone(),
        config,
        ..Default::default()
    };
    let answer: plan_resource_change::Response =
        client.unary("/tfplugin6.Provider/PlanResourceChange", request).await.expect("an answer");
    if !answer.diagnostics.is_empty() {
        return Err(answer);
    }
    let Msgpack::Map(entries) = read(&answer.planned_state.as_ref().expect("a plan").msgpack) else {
        panic!("a map");
    };
    Ok(entries.into_iter().find(|(name, _)| name.as_str() == Some(attribute)).expect("an attribute").1)
}

#[tokio::test]
async fn item_23_numbers_go_through_exactly() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let cases: [(Msgpack, Msgpack); 8] = [
        ("0.1".into(), "0.1".into()),
        ("1e30".into(), "1e30".into()),
        ("9223372036854775808".into(), "9223372036854775808".into()),
        (Msgpack::F64(9_223_372_036_854_775_808.0), "9223372036854775808".into()),
        (u64::MAX.into(), u64::MAX.into()),
        (i64::MIN.into(), i64::MIN.into()),
        (Msgpack::F32(1.5), "1.5".into()),
        (Msgpack::F64(-0.25), "-0.25".into()),
    ];
    for (sent, expected) in cases {
        assert_eq!(planned(&client, "size", &sent).await.expect("a plan"), expected, "{sent}");
    }
    process.finish().await;
}

#[tokio::test]
async fn item_24_every_extension_is_unknown_and_a_refinement_is_kept() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let refined = bytes(&Msgpack::Map(vec![
        (1.into(), false.into()),
        (2.into(), "arn:".into()),
        (5.into(), 1.into()),
        (6.into(), 9.into()),
    ]));
    let newer = bytes(&Msgpack::Map(vec![(99.into(), true.into())]));
    let plain = Msgpack::Ext(0, vec![0]);
    let cases = [
        (Msgpack::Ext(0, vec![0]), plain.clone()),
        (Msgpack::Ext(99, vec![1, 2, 3]), plain.clone()),
        (Msgpack::Ext(12, newer), plain.clone()),
        (Msgpack::Ext(12, b"junk".to_vec()), plain.clone()),
        (Msgpack::Ext(12, refined.clone()), Msgpack::Ext(12, refined)),
    ];
    for (sent, expected) in cases {
        assert_eq!(planned(&client, "mode", &sent).await.expect("a plan"), expected, "{sent}");
    }
    process.finish().await;
}

#[tokio::test]
async fn item_25_an_answer_has_every_attribute_and_block_and_no_null_collection_of_blocks() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let core = Core::new(client.clone(), "conformance_thing").await;
    let thing = object(json!({"name": "a"}));
    let answer = client.apply(json!(null), thing.clone(), thing, "").await;
    let state = answer.state();
    let names: Vec<_> = state.as_object().expect("an object").keys().cloned().collect();
    assert_eq!(names.len(), core.fields.len());
    assert!(core.fields.iter().all(|field| names.contains(&field.name)));
    assert_eq!((&state["gate"], &state["limits"]), (&json!([]), &json!(null)));
    process.finish().await;
}

#[tokio::test]
async fn item_26_a_dynamic_value_keeps_its_type() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    let pair = |ty: &str, value: Msgpack| Msgpack::Array(vec![Msgpack::Binary(ty.into()), value]);
    let unknown = || Msgpack::Ext(0, vec![0]);
    let cases = [
        pair("\"string\"", Msgpack::Nil),
        pair("\"number\"", unknown()),
        Msgpack::Nil,
        unknown(),
        pair(r#"["object",{"a":"bool"}]"#, Msgpack::Map(vec![("a".into(), true.into())])),
    ];
    for value in cases {
        assert_eq!(planned(&client, "any", &value).await.expect("a plan"), value);
    }
    process.finish().await;
}

#[tokio::test]
async fn hostile_values_are_errors_and_the_server_lives() {
    let process = Process::start(Setup::default()).await;
    let client = process.client().await;
    // A dynamic value in a dynamic value, and so on: the types say "dynamic" all the way down.
    let mut nested = Msgpack::Nil;
    for _ in 0..200 {
        nested = Msgpack::Array(vec![Msgpack::Binary(b"\"dynamic\"".to_vec()), nested]);
    }
    let deep_type = format!("{}\"string\"{}", "[\"list\",".repeat(5000), "]".repeat(5000));
    let cases = [
        ("any", nested, "nested deeper"),
        ("any", Msgpack::Array(vec![Msgpack::Binary(deep_type.into()), Msgpack::Nil]), "is not a type"),
        ("any", Msgpack::Array(vec![Msgpack::Binary(b"\"text\"".to_vec()), Msgpack::Nil]), "is not a type"),
        ("size", "many".into(), "must be a number"),
        ("name", Msgpack::Array(vec![]), "must be a string"),
    ];
    for (attribute, value, expected) in cases {
        let answer = planned(&client, attribute, &value).await.expect_err(expected);
        assert_eq!(severity(&answer.diagnostics), [Error], "{expected}");
        let detail = &answer.diagnostics[0].detail;
        assert!(detail.contains(expected) && detail.len() < 500, "{detail}");
    }
    // Truncated at every length, and an array that claims four billion elements.
    let whole = thing("mode", &"x".into()).msgpack;
    let mut wrong: Vec<Vec<u8>> = (1..whole.len()).map(|length| whole[..length].to_vec()).collect();
    wrong.push([&[0x81, 0xa5][..], b"rules", &[0xdd, 0xff, 0xff, 0xff, 0xff]].concat());
    for msgpack in wrong {
        let config = Some(DynamicValue { msgpack, json: Vec::new() });
        let request = plan_resource_change::Request {
            type_name: "conformance_thing".into(),
            proposed_new_state: config.clone(),
            config,
            ..Default::default()
        };
        let answer: plan_resource_change::Response =
            client.unary("/tfplugin6.Provider/PlanResourceChange", request).await.expect("an answer");
        assert_eq!(severity(&answer.diagnostics), [Error]);
    }
    let thing = object(json!({"name": "a"}));
    let answer = client.apply(json!(null), thing.clone(), thing, "").await;
    assert_eq!(from_wire(answer.new_state.as_ref())["name"], "a");
    process.finish().await;
}
