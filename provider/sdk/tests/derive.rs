//! The derive macro: schema, decoding and encoding of a model.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin_sdk::{Attr, AttrType, Attribute, Model, Nesting, Path, Schema, Value};

/// One pool of nodes.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Pool {
    /// Smallest number of nodes.
    #[attr(required)]
    min: Attr<i64>,
    #[attr(rename = "type")]
    kind: Attr<String>,
}

/// A platform.
///
/// In *markdown*.
#[derive(Clone, Debug, Default, PartialEq, Schema)]
struct Platform {
    #[attr(required, requires_replace)]
    name: Attr<String>,
    #[attr(computed)]
    id: Attr<String>,
    #[attr(optional, computed, sensitive)]
    secret: Attr<String>,
    #[attr(write_only)]
    password: Attr<String>,
    #[attr(deprecated = "use pools")]
    pool: Attr<Pool>,
    pools: Attr<BTreeMap<String, Pool>>,
    list: Attr<Vec<Pool>>,
    #[attr(set)]
    set: Attr<Vec<Pool>>,
    zones: Attr<Vec<String>>,
    loose: Attr<Vec<Attr<String>>>,
    labels: Attr<BTreeMap<String, String>>,
    unique: Attr<BTreeSet<String>>,
    ratio: Attr<f64>,
    on: Attr<bool>,
    any: Attr<Value>,
}

fn decode(entries: &[(&str, Value)]) -> Result<Platform, tfplugin_sdk::DecodeError> {
    Platform::decode(&Value::map(entries.iter().cloned()), &Path::root())
}

#[test]
fn docstrings_and_options_become_the_schema() {
    let schema = Schema::of::<Platform>();
    assert_eq!(schema.description, "A platform.\n\nIn *markdown*.");
    let names: Vec<_> = schema.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    let declared = "name id secret password pool pools list set zones loose labels unique ratio on any";
    assert_eq!(names.join(" "), declared);

    let pool = vec![
        Attribute { description: "Smallest number of nodes.".into(), ..Attribute::required("min", AttrType::Number) },
        Attribute::optional("type", AttrType::String),
    ];
    let nested = |nesting| AttrType::Nested { nesting, attributes: pool.clone() };
    let strings = || Box::new(AttrType::String);
    let expected = [
        Attribute { requires_replace: true, ..Attribute::required("name", AttrType::String) },
        Attribute::computed("id", AttrType::String),
        Attribute { optional: true, sensitive: true, ..Attribute::computed("secret", AttrType::String) },
        Attribute { write_only: true, ..Attribute::optional("password", AttrType::String) },
        Attribute { deprecated: Some("use pools".into()), ..Attribute::optional("pool", nested(Nesting::Single)) },
        Attribute::optional("pools", nested(Nesting::Map)),
        Attribute::optional("list", nested(Nesting::List)),
        Attribute::optional("set", nested(Nesting::Set)),
        Attribute::optional("zones", AttrType::List(strings())),
        Attribute::optional("loose", AttrType::List(strings())),
        Attribute::optional("labels", AttrType::Map(strings())),
        Attribute::optional("unique", AttrType::Set(strings())),
        Attribute::optional("ratio", AttrType::Number),
        Attribute::optional("on", AttrType::Bool),
        Attribute::optional("any", AttrType::Dynamic),
    ];
    for expected in expected {
        assert_eq!(schema.attribute(&expected.name), Some(&expected));
    }
}

#[test]
fn missing_is_null_and_unknown_stays_unknown() {
    let platform = decode(&[("id", Value::Unknown), ("pool", Value::Unknown)]).expect("decodes");
    assert_eq!(platform, Platform { id: Attr::Unknown, pool: Attr::Unknown, ..Platform::default() });
}

#[test]
fn a_plain_collection_with_an_unknown_element_is_unknown_as_a_whole() {
    let partly = || Value::List(vec!["a".into(), Value::Unknown]);
    let platform = decode(&[
        ("zones", partly()),
        ("loose", partly()),
        ("labels", Value::map([("a", Value::Unknown)])),
        ("pools", Value::map([("a", Value::Unknown), ("b", Value::map([("min", 1_i64.into())]))])),
    ])
    .expect("decodes");
    assert_eq!(platform.zones, Attr::Unknown);
    assert_eq!(platform.loose, Attr::Known(vec!["a".into(), Attr::Unknown]));
    assert_eq!(platform.labels, Attr::Unknown);
    assert_eq!(platform.pools, Attr::Unknown);
}

#[test]
fn a_nested_object_with_an_unknown_attribute_is_known() {
    let platform = decode(&[("pools", Value::map([("api", Value::map([("min", Value::Unknown)]))]))]).expect("decodes");
    let pool = Pool { min: Attr::Unknown, ..Pool::default() };
    assert_eq!(platform.pools, Attr::Known(BTreeMap::from([("api".into(), pool)])));
}

#[test]
fn a_wrong_type_is_an_error_with_its_path() {
    let pools = |min: Value| Value::map([("api", Value::map([("min", min)]))]);
    let cases = [
        ("name", Value::Bool(true), "name: must be a string, not a bool"),
        ("on", "yes".into(), "on: must be a bool, not a string"),
        ("ratio", "1".into(), "ratio: must be a number, not a string"),
        ("pools", pools("1".into()), r#"pools["api"].min: must be a number, not a string"#),
        ("pools", pools(1.5.into()), r#"pools["api"].min: must be a whole number, not 1.5"#),
        ("pools", Value::map([("api", Value::Null)]), r#"pools["api"]: must not be null"#),
        ("list", Value::List(vec!["x".into()]), "list[0]: must be an object, not a string"),
        ("zones", Value::List(vec!["a".into(), Value::Null]), "zones[1]: must not be null"),
        ("labels", Value::List(vec![]), "labels: must be a map, not a list"),
        ("unique", Value::List(vec![1_i64.into()]), "unique: must be a string, not a number"),
    ];
    for (name, value, expected) in cases {
        let error = decode(&[(name, value)]).expect_err(expected);
        assert_eq!(error.to_string(), expected);
    }
    let error = Platform::decode(&Value::Null, &Path::root().attr("platform")).expect_err("null");
    assert_eq!(error.to_string(), "platform: must be an object, not null");
}

#[test]
fn encode_has_every_attribute_and_inverts_decode() {
    let empty = Platform::default().encode();
    assert_eq!(empty.as_map().map(BTreeMap::len), Some(15));
    assert!(empty.as_map().is_some_and(|entries| entries.values().all(Value::is_null)));

    let pool = Pool { min: 2.into(), kind: Attr::Unknown };
    let full = Platform {
        name: "a".into(),
        id: Attr::Unknown,
        secret: Attr::Null,
        password: "b".into(),
        pool: pool.clone().into(),
        pools: BTreeMap::from([("api".into(), pool.clone())]).into(),
        list: vec![pool.clone(), pool.clone()].into(),
        set: vec![pool].into(),
        zones: vec!["z".to_owned()].into(),
        loose: vec![Attr::Unknown, Attr::Null, "z".into()].into(),
        labels: BTreeMap::from([("k".into(), "v".into())]).into(),
        unique: BTreeSet::from(["u".into()]).into(),
        ratio: 0.1.into(),
        on: true.into(),
        any: Value::from("dynamic").into(),
    };
    assert_eq!(Platform::decode(&full.encode(), &Path::root()), Ok(full));
}
