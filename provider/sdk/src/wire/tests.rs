//! Values on the wire: every form that Terraform sends, and the way there and back for any value of any type.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{decode, encode};
use crate::{AttrType, Attribute, Dynamic, Nesting, Number, Path, Value};

fn read(bytes: &[u8], ty: &AttrType) -> Result<Value, String> {
    decode::msgpack(bytes, ty, &Path::root()).map_err(|error| error.to_string())
}

fn write(value: &Value, ty: &AttrType) -> Vec<u8> {
    let (bytes, problems) = encode::msgpack(value, ty, false);
    assert_eq!(problems, []);
    bytes
}

fn text(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmp::encode::write_str(&mut bytes, text).expect("writing to memory");
    bytes
}

#[test]
fn numbers_are_exact_in_every_form_and_go_back_as_integer_or_text() {
    let float = |value: f64| [&[0xcb][..], &value.to_be_bytes()].concat();
    let cases = [
        (text("0.1"), "0.1"),
        (text("1e30"), "1e30"),
        (text("9223372036854775808"), "9223372036854775808"),
        (text("18446744073709551615"), "18446744073709551615"),
        (float(-0.25), "-0.25"),
        (float(1e30), "1000000000000000019884624838656"),
        (float(0.1), "0.1000000000000000055511151231257827021181583404541015625"),
        (float(9_223_372_036_854_775_808.0), "9223372036854775808"),
        (vec![0x07], "7"),
        (vec![0xe0], "-32"),
        (vec![0xd0, 0x80], "-128"),
        (vec![0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "18446744073709551615"),
        (vec![0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0], "-9223372036854775808"),
    ];
    for (bytes, expected) in cases {
        let value = read(&bytes, &AttrType::Number).expect(expected);
        assert_eq!(value.as_number().map(Number::to_string).as_deref(), Some(expected));
        let is_float = bytes[0] == 0xcb;
        assert_eq!(write(&value, &AttrType::Number), if is_float { text(expected) } else { bytes }, "{expected}");
    }
    // Terraform has infinities, and no text for them.
    let infinity = float(f64::INFINITY);
    let value = read(&infinity, &AttrType::Number).expect("a number");
    assert_eq!(write(&value, &AttrType::Number), infinity);
    let single = [&[0xca][..], &1.5_f32.to_be_bytes()].concat();
    assert_eq!(read(&single, &AttrType::Number), Ok(1.5.into()));
}

#[test]
fn numbers_made_by_a_provider_equal_the_same_text_in_a_configuration() {
    let cases = [
        (Value::from(0.1), text("0.1")),
        (Value::from(5_i64), vec![5]),
        (Value::from(1e21), text(&format!("1{}", "0".repeat(21)))),
    ];
    for (value, bytes) in cases {
        assert_eq!(write(&value, &AttrType::Number), bytes);
    }
    let (bytes, problems) = encode::msgpack(&f64::NAN.into(), &AttrType::Number, false);
    assert_eq!((bytes.as_slice(), problems.len()), (&[0xc0][..], 1));
}

#[test]
fn every_extension_is_unknown_and_unknown_is_written_without_refinement() {
    let refined = [0xc7, 0x0b, 0x0c, 0x84, 0x01, 0xc2, 0x02, 0xa1, b'a', 0x05, 0x01, 0x06, 0x09, 0x63];
    let cases: [&[u8]; 5] = [
        &[0xd4, 0, 0],
        &refined,
        &[0xc7, 0, 99],
        &[0xd8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        &[0xd5, 12, 1, 2],
    ];
    for bytes in cases {
        for ty in [AttrType::String, AttrType::Dynamic, AttrType::List(Box::new(AttrType::Bool))] {
            assert!(read(bytes, &ty).is_ok_and(|value| value.is_unknown()), "{bytes:x?}");
        }
    }
    assert_eq!(write(&Value::Unknown, &AttrType::Number), [0xd4, 0, 0]);
}

#[test]
fn a_dynamic_value_is_a_pair_of_type_and_value() {
    let pair = |ty: &str, value: &[u8]| {
        let mut bytes = vec![0x92];
        rmp::encode::write_bin(&mut bytes, ty.as_bytes()).expect("writing to memory");
        [&bytes, value].concat()
    };
    let dynamic = |ty: AttrType, value: Value| Value::Dynamic(Box::new(Dynamic { ty, value }));
    let object = AttrType::Object(BTreeMap::from([("a".into(), AttrType::Bool)]));
    let cases = [
        (pair(r#""string""#, &[0xc0]), dynamic(AttrType::String, Value::Null)),
        (pair(r#""string""#, &[0xd4, 0, 0]), dynamic(AttrType::String, Value::Unknown)),
        (vec![0xc0], Value::Null),
        (vec![0xd4, 0, 0], Value::Unknown),
        (
            pair(r#"["object",{"a":"bool"}]"#, &[0x81, 0xa1, b'a', 0xc3]),
            dynamic(object, Value::map([("a", true.into())])),
        ),
    ];
    for (bytes, value) in cases {
        assert_eq!(read(&bytes, &AttrType::Dynamic), Ok(value.clone()));
        assert_eq!(write(&value, &AttrType::Dynamic), bytes);
    }
    // A provider that gives no type gets the narrowest.
    assert_eq!(write(&vec![true].into(), &AttrType::Dynamic), pair(r#"["tuple",["bool"]]"#, &[0x91, 0xc3]));
}

#[test]
fn malformed_bytes_are_errors_with_their_path() {
    let list = || AttrType::List(Box::new(AttrType::Number));
    let tuple = AttrType::Tuple(vec![AttrType::Bool]);
    let nested = AttrType::Nested { nesting: Nesting::Single, attributes: vec![Attribute::optional("a", list())] };
    let cases: [(&[u8], AttrType, &str); 11] = [
        (&[], AttrType::String, "ends too early"),
        (&[0xa5, b'x'], AttrType::String, "ends too early"),
        (&[0xa1, 0xff], AttrType::String, "must be valid UTF-8"),
        (&[0x01], AttrType::String, "must be a string"),
        (&[0xa1, b'x'], AttrType::Number, "must be a number"),
        (&[0x91, 0xc3], list(), "[0]: must be a number"),
        (&[0x92, 0xc3, 0xc3], tuple, "must have 1 elements"),
        (&[0x81, 0xa1, b'b', 0x01], nested.clone(), "b: is not an attribute of the schema"),
        (&[0x81, 0xa1, b'a', 0xdd, 0xff, 0xff, 0xff, 0xff], nested.clone(), "a: has more than 4194304 parts"),
        (&[0x81, 0xa1, b'a', 0xdd, 0, 0, 0xff, 0xff], nested, "a[0]: ends too early"),
        (&[0xc3, 0xc3], AttrType::Bool, "has bytes after its end"),
    ];
    for (bytes, ty, expected) in cases {
        assert_eq!(read(bytes, &ty), Err(expected.into()), "{bytes:x?}");
    }
}

#[test]
fn an_object_is_written_with_exactly_the_schema_s_attributes() {
    let attributes = vec![Attribute::optional("a", AttrType::Bool), Attribute::optional("b", AttrType::Bool)];
    let ty = AttrType::Nested { nesting: Nesting::Single, attributes };
    let value = Value::map([("b", true.into()), ("c", true.into())]);
    let (bytes, problems) = encode::msgpack(&value, &ty, true);
    assert_eq!(bytes, [0x82, 0xa1, b'a', 0xc0, 0xa1, b'b', 0xc3]);
    let messages: Vec<_> = problems.iter().map(|found| format!("{} {}", found.path, found.message)).collect();
    assert_eq!(messages, ["a is missing", " has attributes that the schema has not"]);
}

/// Any type, with nested attributes at every depth.
fn types() -> impl Strategy<Value = AttrType> {
    let leaf =
        prop_oneof![Just(AttrType::String), Just(AttrType::Number), Just(AttrType::Bool), Just(AttrType::Dynamic),];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let named = prop::collection::btree_map("[a-z]{1,3}", inner.clone(), 0..3);
        let nesting = prop_oneof![Just(Nesting::Single), Just(Nesting::List), Just(Nesting::Set), Just(Nesting::Map)];
        prop_oneof![
            inner.clone().prop_map(|ty| AttrType::List(Box::new(ty))),
            inner.clone().prop_map(|ty| AttrType::Set(Box::new(ty))),
            inner.clone().prop_map(|ty| AttrType::Map(Box::new(ty))),
            prop::collection::vec(inner, 0..3).prop_map(AttrType::Tuple),
            named.clone().prop_map(AttrType::Object),
            (nesting, named).prop_map(|(nesting, types)| AttrType::Nested {
                nesting,
                attributes: types.iter().map(|(name, ty)| Attribute::optional(name, ty.clone())).collect(),
            }),
        ]
    })
}

fn numbers() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        any::<f64>().prop_filter("a number", |value| !value.is_nan()).prop_map(Number::received),
        "-?[0-9]{1,30}(\\.[0-9]{1,9})?(e-?[0-9]{1,3})?".prop_map(|text| text.parse().expect("decimal text")),
    ]
}

/// Any value of a type: known, null or unknown.
fn values(ty: &AttrType) -> BoxedStrategy<Value> {
    let known = match ty {
        AttrType::String => ".*".prop_map(Value::String).boxed(),
        AttrType::Number => numbers().prop_map(Value::Number).boxed(),
        AttrType::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        AttrType::Dynamic => {
            let ty = AttrType::List(Box::new(AttrType::Number));
            values(&ty).prop_map(move |value| Value::Dynamic(Box::new(Dynamic { ty: ty.clone(), value }))).boxed()
        }
        AttrType::List(element) | AttrType::Set(element) => lists(values(element)),
        AttrType::Map(element) => maps(values(element)),
        AttrType::Tuple(types) => types.iter().map(values).collect::<Vec<_>>().prop_map(Value::List).boxed(),
        AttrType::Object(types) => objects(types.iter().map(|(name, ty)| (name.clone(), ty))),
        AttrType::Nested { nesting, attributes } => {
            let object = objects(attributes.iter().map(|attribute| (attribute.name.clone(), &attribute.ty)));
            match nesting {
                Nesting::Single => object,
                Nesting::List | Nesting::Set => lists(object),
                Nesting::Map => maps(object),
            }
        }
    };
    prop_oneof![8 => known, 1 => Just(Value::Null), 1 => Just(Value::Unknown)].boxed()
}

fn lists(element: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop::collection::vec(element, 0..20).prop_map(Value::List).boxed()
}

fn maps(element: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop::collection::btree_map(".{0,40}", element, 0..20).prop_map(Value::Map).boxed()
}

fn objects<'a>(types: impl Iterator<Item = (String, &'a AttrType)>) -> BoxedStrategy<Value> {
    let entries: Vec<_> = types.map(|(name, ty)| (Just(name), values(ty))).collect();
    entries.prop_map(|entries| Value::Map(entries.into_iter().collect())).boxed()
}

proptest! {
    #![proptest_config(crate::fuzz::config(96))]

    #[test]
    fn fuzz_any_value_of_any_type_survives_the_wire((ty, value) in types().prop_flat_map(|ty| (Just(ty.clone()), values(&ty)))) {
        let bytes = write(&value, &ty);
        let back = read(&bytes, &ty);
        prop_assert_eq!(back.as_ref(), Ok(&value));
        prop_assert_eq!(write(&back.expect("compared"), &ty), bytes);
    }

    #[test]
    fn fuzz_no_bytes_panic_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..64), ty in types()) {
        let _ = read(&bytes, &ty);
    }
}
