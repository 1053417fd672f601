//! Lifecycle rules of a bucket: what S3 moves or removes, and after how many days.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, ExpirationStatus, LifecycleExpiration, LifecycleRule as SdkRule,
    LifecycleRuleFilter, NoncurrentVersionExpiration, NoncurrentVersionTransition, Transition as SdkTransition,
};
use serde::{Deserialize, Serialize};
use stellar_engine::Error;

/// The rules of a bucket by their ids; S3 keeps no order among them.
pub type Lifecycle = BTreeMap<String, LifecycleRule>;

/// One rule. Days count from an object's creation, for noncurrent versions from their replacement.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LifecycleRule {
    /// False when somebody switched the rule off.
    pub enabled: bool,
    /// Keys to which it applies start with this; empty = all.
    pub prefix: String,
    /// Moves of current versions to other storage classes.
    pub transitions: BTreeSet<Transition>,
    /// Removal of current versions; in a versioned bucket a delete marker takes their place.
    pub expiration_days: Option<i32>,
    /// Moves of noncurrent versions to other storage classes.
    pub noncurrent_transitions: BTreeSet<Transition>,
    /// Final removal of noncurrent versions.
    pub noncurrent_expiration_days: Option<i32>,
    /// Removal of the parts of uploads that nobody finished.
    pub abort_uploads_days: Option<i32>,
}

/// A move to another storage class.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Transition {
    /// After so many days.
    pub days: i32,
    /// S3's own name: `GLACIER_IR`.
    pub storage_class: String,
}

/// The rules as S3 answers them.
pub(super) fn from_sdk(rules: &[SdkRule]) -> Lifecycle {
    rules.iter().map(|rule| (rule.id().unwrap_or_default().to_owned(), rule_from_sdk(rule))).collect()
}

fn rule_from_sdk(rule: &SdkRule) -> LifecycleRule {
    let transition = |days: Option<i32>, class: Option<&str>| Transition {
        days: days.unwrap_or_default(),
        storage_class: class.unwrap_or_default().to_owned(),
    };
    let moves = rule.transitions().iter().map(|t| transition(t.days(), t.storage_class().map(|c| c.as_str())));
    let noncurrent = rule.noncurrent_version_transitions().iter();
    let noncurrent = noncurrent.map(|t| transition(t.noncurrent_days(), t.storage_class().map(|c| c.as_str())));
    LifecycleRule {
        enabled: *rule.status() == ExpirationStatus::Enabled,
        prefix: prefix(rule).unwrap_or_default().to_owned(),
        transitions: moves.collect(),
        expiration_days: rule.expiration().and_then(LifecycleExpiration::days),
        noncurrent_transitions: noncurrent.collect(),
        noncurrent_expiration_days: rule
            .noncurrent_version_expiration()
            .and_then(NoncurrentVersionExpiration::noncurrent_days),
        abort_uploads_days: rule
            .abort_incomplete_multipart_upload()
            .and_then(AbortIncompleteMultipartUpload::days_after_initiation),
    }
}

/// S3 has three places for it: the filter, its conjunction, and the rule itself (of old).
fn prefix(rule: &SdkRule) -> Option<&str> {
    #[expect(deprecated, reason = "rules written by old clients still answer with it")]
    let old = rule.prefix();
    let filter = rule.filter();
    filter.and_then(LifecycleRuleFilter::prefix).or_else(|| filter?.and()?.prefix()).or(old)
}

/// The rules as S3 takes them.
pub(super) fn to_sdk(rules: &Lifecycle) -> Result<Vec<SdkRule>, Error> {
    rules.iter().map(|(id, rule)| rule_to_sdk(id, rule)).collect()
}

fn rule_to_sdk(id: &str, rule: &LifecycleRule) -> Result<SdkRule, Error> {
    let transition =
        |t: &Transition| SdkTransition::builder().days(t.days).storage_class(t.storage_class.as_str().into()).build();
    let noncurrent = |t: &Transition| {
        let class = t.storage_class.as_str().into();
        NoncurrentVersionTransition::builder().noncurrent_days(t.days).storage_class(class).build()
    };
    // S3 refuses empty lists, so what is not there is not sent.
    let some = |moves: &BTreeSet<Transition>| !moves.is_empty();
    SdkRule::builder()
        .id(id)
        .status(if rule.enabled { ExpirationStatus::Enabled } else { ExpirationStatus::Disabled })
        .filter(LifecycleRuleFilter::builder().prefix(&rule.prefix).build())
        .set_transitions(some(&rule.transitions).then(|| rule.transitions.iter().map(transition).collect()))
        .set_expiration(rule.expiration_days.map(|days| LifecycleExpiration::builder().days(days).build()))
        .set_noncurrent_version_transitions(
            some(&rule.noncurrent_transitions).then(|| rule.noncurrent_transitions.iter().map(noncurrent).collect()),
        )
        .set_noncurrent_version_expiration(
            rule.noncurrent_expiration_days
                .map(|days| NoncurrentVersionExpiration::builder().noncurrent_days(days).build()),
        )
        .set_abort_incomplete_multipart_upload(
            rule.abort_uploads_days
                .map(|days| AbortIncompleteMultipartUpload::builder().days_after_initiation(days).build()),
        )
        .build()
        .map_err(|e| Error::bug(format!("lifecycle rule {id}: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to_glacier(days: i32) -> BTreeSet<Transition> {
        BTreeSet::from([Transition { days, storage_class: "GLACIER".to_owned() }])
    }

    #[test]
    fn a_rule_is_read_as_it_was_written() {
        let rows = [
            LifecycleRule { enabled: true, expiration_days: Some(7), ..LifecycleRule::default() },
            LifecycleRule { enabled: true, prefix: "tmp/".to_owned(), ..LifecycleRule::default() },
            LifecycleRule { enabled: false, abort_uploads_days: Some(1), ..LifecycleRule::default() },
            LifecycleRule {
                enabled: true,
                prefix: String::new(),
                transitions: to_glacier(30),
                expiration_days: None,
                noncurrent_transitions: to_glacier(60),
                noncurrent_expiration_days: Some(365),
                abort_uploads_days: None,
            },
        ];
        for rule in rows {
            let lifecycle = Lifecycle::from([("rule-1".to_owned(), rule)]);
            assert_eq!(from_sdk(&to_sdk(&lifecycle).unwrap()), lifecycle);
        }
    }

    #[test]
    fn the_prefix_is_found_wherever_s3_keeps_it() {
        let rule = || SdkRule::builder().status(ExpirationStatus::Enabled);
        let filter = LifecycleRuleFilter::builder();
        let and = aws_sdk_s3::types::LifecycleRuleAndOperator::builder().prefix("a/").build();
        #[expect(deprecated, reason = "the rule of an old client")]
        let old = rule().prefix("a/").build();
        let rows = [
            (rule().filter(filter.clone().prefix("a/").build()).build(), Some("a/")),
            (rule().filter(filter.and(and).build()).build(), Some("a/")),
            (old, Some("a/")),
            (rule().build(), None),
        ];
        for (rule, expected) in rows {
            assert_eq!(prefix(&rule.unwrap()), expected);
        }
    }
}
