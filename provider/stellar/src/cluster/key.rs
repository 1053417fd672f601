//! One key per section: made by the stack, unless the user brings one along.

use serde_json::{Value, json};
use stellar_aws::{kms::key::Key, partition};
use stellar_engine::{Input, address};

use super::{build::Builder, facts::Facts};

mod own;

pub use own::facts;

/// A service that uses the key by itself, not with the rights of the caller, and so must stand in the key policy.
///
/// RDS, ElastiCache, Secrets Manager, S3 and EKS use a key with the rights (or a grant) of whoever creates the
/// object, which the account's statement allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUser {
    /// CloudWatch Logs, for log groups of this account and region.
    Logs,
    /// CloudFront, for distributions of this account that read encrypted buckets.
    CloudFront,
}

/// The ARN of the section's key: `own`, or that of a new component `<section>/key` with alias
/// `stellar/<stack>/<section>`. Destroying the stack schedules the key for deletion.
pub fn section_key(b: &mut Builder<'_>, section: &str, users: &[KeyUser], own: Option<Input<String>>) -> Input<String> {
    add_key(b, section, users, own, false)
}

/// As [`section_key`]; destroying the stack keeps the key, because data encrypted with it stays: final
/// snapshots, buckets, secrets in their recovery window.
pub fn lasting_section_key(
    b: &mut Builder<'_>,
    section: &str,
    users: &[KeyUser],
    own: Option<Input<String>>,
) -> Input<String> {
    add_key(b, section, users, own, true)
}

fn add_key(
    b: &mut Builder<'_>,
    section: &str,
    users: &[KeyUser],
    own: Option<Input<String>>,
    keep: bool,
) -> Input<String> {
    if let Some(own) = own {
        return own;
    }
    let key = Key {
        alias: format!("stellar/{}/{section}", b.names.stack()),
        description: Some(format!("Encrypts the section {section} of the stack {}", b.names.stack())),
        policy: Some(policy(b, users)),
        rotation: Some(true),
        enabled: Some(true),
        multi_region: Some(false),
        keep: Some(keep),
    };
    Input::output(&b.add(address!("{section}/key"), &key), "arn")
}

/// The account decides by IAM who may use the key; services that act by themselves get a statement each.
fn policy(b: &Builder<'_>, users: &[KeyUser]) -> Value {
    let account = json!({
        "Sid": "Account",
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:{}:iam::{}:root", b.facts.partition, b.facts.account)},
        "Action": "kms:*",
        "Resource": "*",
    });
    let statements = users.iter().map(|user| user.statement(b.facts, &b.region));
    json!({"Version": "2012-10-17", "Statement": std::iter::once(account).chain(statements).collect::<Vec<_>>()})
}

impl KeyUser {
    /// The service's name in policies.
    fn principal(self, region: &str) -> String {
        match self {
            Self::Logs => partition::logs_principal(region),
            Self::CloudFront => "cloudfront.amazonaws.com".to_owned(),
        }
    }

    /// What the key's policy must say. Actions in alphabetical order: that is how the kind reads them back.
    fn statement(self, facts: &Facts, region: &str) -> Value {
        let Facts { partition, account, .. } = facts;
        let (sid, actions, condition) = match self {
            // CloudWatch Logs User Guide, "Encrypt log data using KMS".
            Self::Logs => (
                "Logs",
                json!(["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]),
                json!({"ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": format!("arn:{partition}:logs:{region}:{account}:*"),
                }}),
            ),
            // CloudFront Developer Guide, "Restrict access to an Amazon S3 origin", part SSE-KMS.
            Self::CloudFront => (
                "CloudFront",
                json!(["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"]),
                json!({"StringLike": {
                    "AWS:SourceArn": format!("arn:{partition}:cloudfront::{account}:distribution/*"),
                }}),
            ),
        };
        json!({
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Service": self.principal(region)},
            "Action": actions,
            "Resource": "*",
            "Condition": condition,
        })
    }
}
