//! Whether the keys that the user brings along can be used by the services that need them.

use serde_json::Value;
use stellar_aws::{
    Aws,
    kms::{OwnKey, own_key},
};
use stellar_engine::Error;

use super::KeyUser;
use crate::cluster::{cdn, facts::Facts, model::Cluster};

/// Looks at each key once, as soon as its ARN is known, and again when more services are to use it.
///
/// # Errors
/// Those of the look-up; [`stellar_engine::ErrorClass::Permanent`] for a key that cannot be used, with what its policy lacks.
pub async fn facts(aws: &Aws, region: &str, config: &Cluster, facts: &mut Facts) -> Result<(), Error> {
    for (section, arn) in config.kms_key_arns.known().into_iter().flatten() {
        let users = users(config, section);
        let services: Vec<String> = users.iter().map(|user| user.principal(region)).collect();
        let seen = format!("{section} {arn} {}", services.join(" "));
        if facts.keys.contains(&seen) {
            continue;
        }
        check(section, arn, own_key(aws, region, arn).await?, users, facts, region)?;
        facts.keys.insert(seen);
    }
    Ok(())
}

/// Who uses the section's key by itself.
fn users(config: &Cluster, section: &str) -> &'static [KeyUser] {
    let is_served =
        || config.cdn.known().map(cdn::served_buckets).is_some_and(|keys| keys.is_ok_and(|k| !k.is_empty()));
    match section {
        "kubernetes" | "database" => &[KeyUser::Logs],
        "buckets" if is_served() => &[KeyUser::CloudFront],
        _ => &[],
    }
}

fn check(
    section: &str,
    arn: &str,
    found: Option<OwnKey>,
    users: &[KeyUser],
    facts: &Facts,
    region: &str,
) -> Result<(), Error> {
    let wrong = |what: String| Err(Error::permanent(format!("kms_key_arns[{section:?}]: {what}")));
    let Some(key) = found else { return wrong(format!("there is no key {arn}")) };
    if let Some(trouble) = key.trouble {
        return wrong(format!("{arn} cannot be used: {trouble}"));
    }
    let Some(policy) = key.policy else { return Ok(()) };
    match users.iter().find(|user| !allows(&policy, &user.principal(region))) {
        None => Ok(()),
        Some(user) => wrong(format!(
            "the policy of {arn} does not let {} use the key; add this statement to it: {}",
            user.principal(region),
            user.statement(facts, region)
        )),
    }
}

/// Whether some statement lets the service in. Conditions are left to AWS.
fn allows(policy: &Value, service: &str) -> bool {
    let statements = list(&policy["Statement"]);
    statements.iter().filter(|statement| statement["Effect"] == "Allow").any(|statement| {
        let principal = &statement["Principal"];
        let names = [principal, &principal["Service"], &principal["AWS"]].map(list).concat();
        names.iter().any(|name| name.as_str().is_some_and(|name| name == "*" || name == service))
    })
}

/// IAM's grammar takes one element for a list of one.
fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        other => vec![other.clone()],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_must_exist_encrypt_and_let_the_services_in() {
        let policy = |principal: Value| json!({"Statement": {"Effect": "Allow", "Principal": principal}});
        let key = |policy: Option<Value>| Some(OwnKey { trouble: None, policy });
        let service = "logs.r.amazonaws.com";
        let rows = [
            (key(Some(policy(json!({"Service": service})))), None),
            (key(Some(policy(json!({"Service": ["x", service]})))), None),
            (key(Some(policy(json!("*")))), None),
            (key(Some(policy(json!({"AWS": "*"})))), None),
            (key(None), None),
            (None, Some("there is no key")),
            (key(Some(policy(json!({"AWS": "arn:aws:iam::1:root"})))), Some("add this statement")),
            (Some(OwnKey { trouble: Some("its state is Disabled".to_owned()), policy: None }), Some("Disabled")),
        ];
        for (found, expected) in rows {
            let told = check("database", "arn", found.clone(), &[KeyUser::Logs], &Facts::default(), "r");
            let message = told.err().map(|error| error.message);
            assert_eq!(message.is_some(), expected.is_some(), "{found:?}");
            assert!(expected.is_none_or(|part| message.as_ref().is_some_and(|m| m.contains(part))), "{message:?}");
        }
    }
}
