//! Every reader of foreign bytes, with any bytes: no panic, no runaway memory. `PROPTEST_CASES` says how many; `make fuzz`
//! runs them for ten minutes.

use proptest::prelude::*;

use crate::log::mask;
use crate::transport::tls::Tls;
use crate::wire::proto::DynamicValue;
use crate::wire::{Answer, value};
use crate::{AttrType, Attribute, Nesting, Path, Private, Value, json};

/// As many cases as PROPTEST_CASES says, or what takes about a second.
pub(crate) fn config(cases: u32) -> ProptestConfig {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    config
}

/// An object with one attribute of each kind.
fn everything() -> AttrType {
    let leaf = || Box::new(AttrType::String);
    let nested = |nesting| AttrType::Nested { nesting, attributes: vec![Attribute::optional("a", AttrType::Number)] };
    let types = [
        AttrType::String,
        AttrType::Number,
        AttrType::Bool,
        AttrType::Dynamic,
        AttrType::List(leaf()),
        AttrType::Set(leaf()),
        AttrType::Map(leaf()),
        AttrType::Tuple(vec![AttrType::Bool, AttrType::Dynamic]),
        nested(Nesting::Single),
        nested(Nesting::List),
        nested(Nesting::Set),
        nested(Nesting::Map),
    ];
    let attributes = types.into_iter().enumerate().map(|(index, ty)| Attribute::optional(&format!("a{index}"), ty));
    AttrType::Nested { nesting: Nesting::Single, attributes: attributes.collect() }
}

/// Bytes that look like MessagePack for [`everything`], now and then.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => (0_usize..12).prop_map(|index| [&[0xa2][..], format!("a{index}").as_bytes()].concat()),
        2 => any::<u8>().prop_map(|byte| vec![byte]),
        1 => Just(vec![0x81, 0xa1, b'a']),
        1 => Just(vec![0xc7, 3, 12, 0x81, 1, 0xc2]),
        1 => Just([&[0x92, 0xc4, 9][..], b"\"dynamic\""].concat()),
        1 => Just(vec![0xdd, 0xff, 0xff, 0xff, 0xff]),
        1 => Just(vec![0xdf, 0, 0x7f, 0xff, 0xff]),
        1 => (any::<u8>(), any::<u32>()).prop_map(|(marker, length)| [&[marker][..], &length.to_be_bytes()].concat()),
    ];
    (0_u8..16, prop::collection::vec(piece, 0..40))
        .prop_map(|(length, pieces)| [vec![0x80 | length], pieces.concat()].concat())
}

/// Text that looks like JSON, now and then.
fn document() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[\\[\\]{}:,\"]",
        "(true|false|null|[0-9]{1,40}|-?[0-9]e[0-9]{1,20})",
        "\"(a[0-9]|type|value|list|object|dynamic)\"",
        ".",
        Just("{\"type\":\"dynamic\",\"value\":".to_owned()),
        Just("[[[[[[[[".to_owned()),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn fuzz_messages_are_values_or_errors_and_values_go_back(bytes in message()) {
        let ty = everything();
        let wire = DynamicValue { msgpack: bytes, json: Vec::new() };
        if let Ok(read) = value(Some(&wire), &ty) {
            let again = Answer::new(&ty, None).planned(Some(&read));
            let attributes_missing = read.as_map().is_some_and(|map| map.len() < 12);
            prop_assert!(attributes_missing || value(Some(&again), &ty) == Ok(read));
        }
    }

    #[test]
    fn fuzz_json_is_a_value_or_an_error(text in document()) {
        let ty = everything();
        let _ = json::decode(&text, &ty, &Path::root());
        let _ = json::decode_state(&text, &[Attribute::optional("a0", AttrType::Dynamic)]);
        let wire = DynamicValue { msgpack: Vec::new(), json: text.into() };
        let _ = value(Some(&wire), &AttrType::Dynamic);
    }

    #[test]
    fn fuzz_types_are_read_or_refused_in_few_words(text in document()) {
        match AttrType::from_json(&text) {
            Ok(ty) => prop_assert_eq!(AttrType::from_json(&ty.to_json()), Ok(ty)),
            Err(error) => prop_assert!(error.to_string().len() < 500),
        }
    }

    #[test]
    fn fuzz_numbers_are_read_exactly_or_refused(text in "[-+]?[0-9.eE+-]{0,30}") {
        if let Ok(number) = text.parse::<crate::Number>() {
            prop_assert_eq!(&number, &number.to_string().parse().expect("its own text"));
            let _ = (number.as_i64(), number.as_f64());
        }
    }

    #[test]
    fn fuzz_the_handshake_s_certificate_is_read_or_refused(text in "(-----BEGIN CERTIFICATE-----\n)?[A-Za-z0-9+/=\n]{0,80}(\n-----END CERTIFICATE-----)?") {
        let _ = Tls::new(&text);
    }

    #[test]
    fn fuzz_private_state_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(private) = Private::decode(&bytes) {
            let _ = private.get::<String>("a");
        }
    }

    #[test]
    fn fuzz_a_masked_text_does_not_hold_its_secret(secret in "[a-z]{8,12}", around in ".{0,20}") {
        mask(&secret);
        let shown = crate::log::shown("field", &format!("{around}{secret}{around}"));
        prop_assert!(!shown.contains(&secret));
    }
}

#[test]
fn a_message_of_single_bytes_does_not_become_gigabytes() {
    let ty = AttrType::List(Box::new(AttrType::Bool));
    let claimed: u32 = 5 << 20;
    let mut msgpack = [&[0xdd][..], &claimed.to_be_bytes()].concat();
    msgpack.resize(msgpack.len() + (5 << 20), 0xc0);
    let wire = DynamicValue { msgpack, json: Vec::new() };
    let error = value(Some(&wire), &ty).expect_err("too many").to_string();
    assert_eq!(error, "has more than 4194304 parts");
    assert_eq!(value(None, &ty), Ok(Value::Null));
}
