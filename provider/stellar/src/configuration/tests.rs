//! What the provider block refuses, and what it means.

use tfplugin_sdk::{Diagnostic, Model, Value};

use super::*;

fn configuration(value: &Value) -> Configuration {
    Configuration::decode(value, &Path::root()).expect("of the model's shape")
}

fn block(attribute: &str, value: Value) -> Value {
    Value::map([(attribute, value)])
}

fn one(name: &str, value: impl Into<Value>) -> Value {
    Value::map([(name, value.into())])
}

#[test]
fn what_is_wrong_is_told_at_its_path() {
    let accounts = vec!["123456789012"];
    let both = Value::map([
        ("allowed_account_ids", Value::from(accounts.clone())),
        ("forbidden_account_ids", Value::from(accounts.clone())),
    ]);
    let proxies = Value::map([("http_proxy", Value::from("http://a")), ("https_proxy", Value::from("http://b"))]);
    let role = "arn:aws:iam::123456789012:role/deploy";
    let rows: Vec<(Value, &[&str])> = vec![
        (Value::map::<&str>([]), &[]),
        (block("region", "eu-central-1".into()), &[]),
        (block("region", Value::Unknown), &[]),
        (block("region", "Frankfurt".into()), &["region: Invalid region"]),
        (block("region", "us-east-1a".into()), &["region: Invalid region"]),
        (block("assume_role", one("role_arn", role)), &[]),
        (block("assume_role", one("role_arn", "deploy")), &["assume_role.role_arn: Invalid role"]),
        (block("assume_role", one("duration", "5m")), &["assume_role.duration: Invalid duration"]),
        (
            block("assume_role_with_web_identity", one("role_arn", "arn:aws:iam::1:role/x")),
            &["assume_role_with_web_identity.role_arn: Invalid role"],
        ),
        (block("default_tags", one("tags", one("aws:x", "1"))), &["default_tags.tags[\"aws:x\"]: Reserved tag"]),
        (block("ignore_tags", one("keys", vec!["Owner"])), &[]),
        (block("ignore_tags", one("keys", vec!["Name"])), &["ignore_tags.keys: Tag of this provider"]),
        (
            block("ignore_tags", one("key_prefixes", vec!["stellar"])),
            &["ignore_tags.key_prefixes: Tag of this provider"],
        ),
        (block("allowed_account_ids", accounts.into()), &[]),
        (block("allowed_account_ids", vec!["1234"].into()), &["allowed_account_ids: Invalid account"]),
        (both, &["forbidden_account_ids: Two lists of accounts"]),
        (block("endpoint_url", "localhost:4566".into()), &["endpoint_url: Invalid endpoint"]),
        (block("endpoints", one("ec2", "http://127.0.0.1:1")), &[]),
        (block("endpoints", one("lambda", "http://x")), &["endpoints[\"lambda\"]: Unknown service"]),
        (block("endpoints", one("s3", "x")), &["endpoints[\"s3\"]: Invalid endpoint"]),
        (block("max_retries", Value::from(-1_i64)), &["max_retries: Number out of range"]),
        (proxies, &["http_proxy: Two proxies"]),
    ];
    for (value, expected) in rows {
        let line = |d: &Diagnostic| format!("{}: {}", d.path.clone().unwrap_or_default(), d.summary);
        let found: Vec<String> = validate(&configuration(&value)).iter().map(line).collect();
        assert_eq!(found, expected, "{value:?}");
    }
}

#[test]
fn one_unknown_value_leaves_the_connection_for_later_but_not_the_tags() {
    let tags = ("default_tags", one("tags", one("team", "web")));
    let value = Value::map([("region", Value::Unknown), tags.clone()]);
    let unknown = configuration(&value);
    assert!(unknown.settings().is_none());
    assert!(unknown.tagging().defaults.is_known());
    let nested = configuration(&Value::map([("assume_role", one("role_arn", Value::Unknown)), tags]));
    assert!(nested.settings().is_none());
    assert!(configuration(&Value::map::<&str>([])).settings().is_some());
}

#[test]
fn regions_have_their_form() {
    for good in ["us-east-1", "eu-central-2", "us-gov-west-1", "ap-southeast-5"] {
        assert!(is_region(good), "{good}");
    }
    for bad in ["", "us", "us-east", "us-east-1a", "US-EAST-1", "us east 1", "virginia"] {
        assert!(!is_region(bad), "{bad}");
    }
}
