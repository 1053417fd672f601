//! The numbers themselves.

use std::collections::BTreeSet;
use std::path::Path;

/// `item_28_29_…` proves 28 and 29.
fn numbers(name: &str) -> impl Iterator<Item = u32> {
    name.split('_').map_while(|part| Some(part).filter(|part| part.len() == 2)?.parse().ok())
}

#[test]
fn every_rule_has_a_test() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut proven = BTreeSet::new();
    for folder in ["conformance", "terraform"] {
        for file in std::fs::read_dir(tests.join(folder)).expect("a folder") {
            let text = std::fs::read_to_string(file.expect("a file").path()).unwrap_or_default();
            proven.extend(text.split("fn item_").skip(1).flat_map(numbers));
        }
    }
    assert_eq!(proven, (1..=57).collect());
}

/// The checks that the conformance tests rely on find what they are for.
#[test]
fn core_s_checks_find_faults() {
    use crate::support::oracle::{apply_faults, plan_faults};
    use crate::support::{UNKNOWN, fields, proto};
    use serde_json::json;

    let attribute = |name: &str, computed: bool| proto::schema::Attribute {
        name: name.into(),
        r#type: b"\"string\"".to_vec(),
        optional: !computed,
        computed,
        ..Default::default()
    };
    let rules = proto::schema::Attribute {
        name: "rules".into(),
        optional: true,
        nested_type: Some(proto::schema::Object {
            attributes: vec![attribute("port", false), attribute("id", true)],
            nesting: proto::schema::object::NestingMode::Set.into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let attributes = vec![attribute("name", false), attribute("id", true), rules];
    let block = proto::schema::Block { attributes, ..Default::default() };
    let fields = fields(&proto::Schema { version: 0, block: Some(block) });
    let rule = |port: &str, id: &str| json!({"port": port, "id": id});
    let object = |name: &str, id: &str, rules: Vec<serde_json::Value>| json!({"name": name, "id": id, "rules": rules});

    let config = json!({"name": "a", "id": null, "rules": [{"port": "1", "id": null}]});
    let planned = object("a", UNKNOWN, vec![rule("1", UNKNOWN)]);
    let plans = [
        (planned.clone(), 0),
        (object("b", UNKNOWN, vec![rule("1", UNKNOWN)]), 1),
        (object("a", UNKNOWN, vec![rule("1", "x"), rule("2", "y")]), 1),
        (json!({"name": "a"}), 1),
        (json!(null), 1),
    ];
    for (plan, faults) in plans {
        assert_eq!(plan_faults(&fields, &json!(null), &config, &plan).len(), faults, "{plan}");
    }
    let states = [
        (object("a", "i", vec![rule("1", "x")]), 0),
        (object("b", "i", vec![rule("1", "x")]), 1),
        (object("a", UNKNOWN, vec![rule("1", "x")]), 1),
        (object("a", "i", vec![rule("2", "x")]), 1),
        (object("a", "i", vec![rule("1", "x"), rule("1", "y")]), 1),
        (json!(null), 1),
    ];
    for (state, faults) in states {
        assert_eq!(apply_faults(&fields, &planned, &state).len(), faults, "{state}");
    }
}
