//! Buckets as components: one key, and for each bucket itself and its policy.

use serde_json::{Value, json};
use stellar_aws::s3::{
    bucket::Bucket as BucketProps,
    bucket_policy::BucketPolicy,
    cors::CorsRule as CorsProps,
    lifecycle::{Lifecycle, LifecycleRule as RuleProps, Transition as TransitionProps},
};
use stellar_engine::{Address, Input, address, concat, reference};
use tfplugin_sdk::Attr;

use super::{Bucket, Buckets, CorsRule, LifecycleRule, Transition, bucket};
use crate::cluster::{
    build::Builder,
    cdn::{self, Cdn},
    key::{KeyUser, section_key},
    known::{NotYetKnown, known},
};

/// The longest name of a bucket.
const NAME_LIMIT: usize = 63;

/// Adds the components of the section. `cdn` may read the buckets that it serves; `own_key` is the ARN of
/// the user's key, which must let `cloudfront.amazonaws.com` decrypt when the CDN serves a bucket.
///
/// # Errors
/// When it is not known yet which buckets the CDN serves.
pub fn expand(
    config: &Buckets,
    cdn: Option<&Cdn>,
    own_key: Option<Input<String>>,
    b: &mut Builder<'_>,
) -> Result<(), NotYetKnown> {
    if config.is_empty() {
        return Ok(());
    }
    let served = cdn.map(cdn::served_buckets).transpose()?.unwrap_or_default();
    let users: &[KeyUser] = if served.is_empty() { &[] } else { &[KeyUser::CloudFront] };
    let kms_key_arn = section_key(b, "buckets", users, own_key);
    for (key, config) in config {
        let derived = b.names.unique(key, NAME_LIMIT);
        let bucket = b.add(bucket(key), &props(config, derived, kms_key_arn.clone()));
        let distribution = served.contains(key).then(cdn::distribution);
        let policy =
            BucketPolicy { bucket: Input::output(&bucket, "id"), policy: policy(&bucket, distribution.as_ref()) };
        b.add(address!("buckets/policy/{key}"), &policy);
    }
    Ok(())
}

fn props(config: &Bucket, derived: String, kms_key_arn: Input<String>) -> BucketProps {
    let flag = |attr: &Attr<bool>, default| leaf(known(attr, "").map(|on| on.copied().unwrap_or(default)));
    BucketProps {
        name: leaf(known(&config.name, "").map(|name| name.cloned().unwrap_or(derived))),
        versioning: Some(flag(&config.versioning, true)),
        kms_key_arn: Some(kms_key_arn),
        private: Some(true),
        ownership: Some("BucketOwnerEnforced".to_owned()),
        lifecycle: Some(leaf(lifecycle(&config.lifecycle))),
        cors: Some(leaf(cors(&config.cors))),
        force_destroy: Some(flag(&config.force_destroy, false)),
    }
}

/// A property that waits for the apply when a value that it is made of does.
fn leaf<T>(value: Result<T, NotYetKnown>) -> Input<T> {
    value.map_or(Input::Unknown, Input::Known)
}

/// Rules get their position as id: S3 wants unique ids, and makes up its own where there are none.
fn lifecycle(rules: &Attr<Vec<LifecycleRule>>) -> Result<Lifecycle, NotYetKnown> {
    let rules = known(rules, "lifecycle")?.map(Vec::as_slice).unwrap_or_default();
    rules.iter().enumerate().map(|(i, rule)| Ok((format!("rule-{}", i + 1), lifecycle_rule(rule)?))).collect()
}

fn lifecycle_rule(rule: &LifecycleRule) -> Result<RuleProps, NotYetKnown> {
    let transitions = |moves: &Attr<Vec<Transition>>| {
        let moves = known(moves, "transitions")?.map(Vec::as_slice).unwrap_or_default();
        moves.iter().map(transition).collect::<Result<_, _>>()
    };
    Ok(RuleProps {
        enabled: true,
        prefix: known(&rule.prefix, "prefix")?.cloned().unwrap_or_default(),
        transitions: transitions(&rule.transitions)?,
        expiration_days: number(&rule.expiration_days)?,
        noncurrent_transitions: transitions(&rule.noncurrent_transitions)?,
        noncurrent_expiration_days: number(&rule.noncurrent_expiration_days)?,
        abort_uploads_days: number(&rule.abort_uploads_days)?,
    })
}

fn transition(transition: &Transition) -> Result<TransitionProps, NotYetKnown> {
    Ok(TransitionProps {
        days: number(&transition.days)?.unwrap_or_default(),
        storage_class: known(&transition.storage_class, "storage_class")?.cloned().unwrap_or_default(),
    })
}

fn cors(rules: &Attr<Vec<CorsRule>>) -> Result<Vec<CorsProps>, NotYetKnown> {
    let rule = |rule: &CorsRule| {
        Ok(CorsProps {
            allowed_origins: known(&rule.allowed_origins, "allowed_origins")?.cloned().unwrap_or_default(),
            allowed_methods: known(&rule.allowed_methods, "allowed_methods")?.cloned().unwrap_or_default(),
            allowed_headers: known(&rule.allowed_headers, "allowed_headers")?.cloned().unwrap_or_default(),
            exposed_headers: known(&rule.exposed_headers, "exposed_headers")?.cloned().unwrap_or_default(),
            max_age_seconds: number(&rule.max_age_seconds)?,
        })
    };
    known(rules, "cors")?.map(Vec::as_slice).unwrap_or_default().iter().map(rule).collect()
}

/// S3 counts in 32 bits; validation has refused what does not fit.
fn number(attr: &Attr<i64>) -> Result<Option<i32>, NotYetKnown> {
    Ok(known(attr, "days")?.map(|number| i32::try_from(*number).unwrap_or(i32::MAX)))
}

/// Nobody without TLS, and the CDN's own distribution as a reader.
fn policy(bucket: &Address, distribution: Option<&Address>) -> Value {
    let arn = reference(bucket, "arn");
    let objects = concat([arn.clone(), json!("/*")]);
    let tls_only = json!({
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, objects.clone()],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    });
    // CloudFront Developer Guide, "Restrict access to an Amazon S3 origin".
    let cdn = distribution.map(|distribution| {
        json!({
            "Sid": "Cdn",
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": objects,
            "Condition": {"StringEquals": {"AWS:SourceArn": reference(distribution, "arn")}},
        })
    });
    let statements: Vec<Value> = [Some(tls_only), cdn].into_iter().flatten().collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

#[cfg(test)]
mod tests {
    use stellar_engine::{Component, Tags};

    use super::*;
    use crate::cluster::{cdn::DefaultOrigin, facts::Facts};

    fn expanded(config: &Buckets, cdn: Option<&Cdn>, own_key: Option<&str>) -> Vec<Component> {
        let facts = Facts::default();
        let mut b = Builder::new("shop", &"0".repeat(32), "us-east-1", &facts, Tags::new());
        expand(config, cdn, own_key.map(Input::from), &mut b).unwrap();
        b.finish()
    }

    fn buckets(keys: &[&str]) -> Buckets {
        keys.iter().map(|key| ((*key).to_owned(), Bucket::default())).collect()
    }

    fn cdn_of(bucket: &str) -> Cdn {
        let origin = DefaultOrigin { bucket: bucket.into(), ..DefaultOrigin::default() };
        Cdn { default_origin: origin.into(), ..Cdn::default() }
    }

    #[test]
    fn components_follow_from_the_configuration() {
        let own = Some("arn:aws:kms:us-east-1:1:key/k");
        let rows: [(Buckets, Option<&str>, &[&str]); 3] = [
            (buckets(&[]), None, &[]),
            (buckets(&["a"]), own, &["buckets/bucket/a s3/bucket", "buckets/policy/a s3/bucket-policy"]),
            (
                buckets(&["images", "reports"]),
                None,
                &[
                    "buckets/key kms/key",
                    "buckets/bucket/images s3/bucket",
                    "buckets/policy/images s3/bucket-policy",
                    "buckets/bucket/reports s3/bucket",
                    "buckets/policy/reports s3/bucket-policy",
                ],
            ),
        ];
        for (config, own_key, expected) in rows {
            let components = expanded(&config, None, own_key);
            let lines: Vec<_> = components.iter().map(|c| format!("{} {}", c.address, c.kind)).collect();
            assert_eq!(lines, expected);
        }
    }

    #[test]
    fn only_buckets_that_the_cdn_serves_let_it_in() {
        let cdn = cdn_of("images");
        let components = expanded(&buckets(&["images", "reports"]), Some(&cdn), None);
        let with_cdn: Vec<_> = components
            .iter()
            .filter(|component| component.dependencies().contains(&cdn::distribution()))
            .map(|component| component.address.as_str())
            .collect();
        assert_eq!(with_cdn, ["buckets/policy/images"]);
        let key = components.iter().find(|c| c.kind == "kms/key").unwrap();
        assert!(key.desired.to_string().contains("cloudfront.amazonaws.com"));
    }

    #[test]
    fn a_rule_with_an_unknown_part_is_unknown_until_apply() {
        let rule = |days| LifecycleRule { expiration_days: days, ..LifecycleRule::default() };
        let rows = [
            (Attr::Null, json!({})),
            (Attr::Unknown, json!({"$unknown": true})),
            (vec![rule(Attr::Unknown)].into(), json!({"$unknown": true})),
        ];
        for (lifecycle, expected) in rows {
            let bucket = Bucket { lifecycle, ..Bucket::default() };
            let components = expanded(&Buckets::from([("a".to_owned(), bucket)]), None, None);
            assert_eq!(components[1].desired["lifecycle"], expected);
        }
    }
}
