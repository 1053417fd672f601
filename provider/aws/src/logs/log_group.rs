//! CloudWatch Logs group. Proof: tag, or service-made for groups that AWS writes under a name of ours.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::types::LogGroup as Group;
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Error, Input, Observed, Proof, Properties, Retained, Rule, Scope, TAG_CLAIM, TAG_STACK, Tagging,
    Tags, Target, Traits,
};

use crate::{Aws, access::Needs, call};

/// The retentions that PutRetentionPolicy accepts, in days (API reference).
pub const RETENTION_DAYS: &[i64] =
    &[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// A log group. Outputs: `id` (= name), `arn` (without `:*`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LogGroup {
    /// The group's name; cannot be changed.
    pub name: String,
    /// One of the values that PutRetentionPolicy accepts; `None` = not compared.
    pub retention_days: Option<i32>,
    /// ARN of the key; its policy must allow the Logs service.
    pub kms_key_arn: Option<Input<String>>,
}

impl Properties for LogGroup {
    const KIND: &'static str = "logs/log-group";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["logs:DescribeLogGroups", "logs:ListTagsForResource"],
    create: &["logs:CreateLogGroup", "logs:TagResource"],
    update: &["logs:AssociateKmsKey", "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource"],
    delete: &["logs:DeleteLogGroup"],
    ..Needs::NOTHING
};

/// The kind `logs/log-group`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = LogGroup;

    fn traits(&self) -> Traits {
        Traits {
            proof: Proof::ServiceMade,
            tagging: Tagging::Remembered,
            stable: &["id", "arn"],
            rules: &[("name", Rule::Replace("the name of a log group cannot be changed"))],
            ..Traits::new(LogGroup::KIND, "log group")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<LogGroup>],
    ) -> Vec<Result<Option<Observed<LogGroup>>, Error>> {
        let names: Vec<Option<&str>> = targets.iter().map(name).collect();
        let prefixes = prefixes(&scope.stack, names.iter().flatten().copied());
        let lists = prefixes.iter().map(async |(prefix, one)| (prefix, self.list(scope, prefix, *one).await));
        let found: BTreeMap<&String, Result<Vec<Group>, Error>> = join_all(lists).await.into_iter().collect();
        let look_up = async |(target, name): (&Target<LogGroup>, &Option<&str>)| {
            let Some(name) = name else { return Ok(None) };
            let list = found.iter().find(|(prefix, _)| name.starts_with(prefix.as_str()));
            let groups = list.map_or(Ok(&[][..]), |(_, list)| list.as_deref().map_err(Error::clone))?;
            match groups.iter().find(|group| group.log_group_name() == Some(*name)) {
                Some(group) => self.observe(scope, name, group, target.remembered).await,
                None => Ok(None),
            }
        };
        join_all(targets.iter().zip(&names).map(look_up)).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &LogGroup) -> Result<String, Error> {
        let key = desired.kms_key_arn.as_ref().map(|key| key.value().cloned()).transpose()?;
        let request = self
            .0
            .logs(&scope.region)
            .create_log_group()
            .log_group_name(&desired.name)
            .set_kms_key_id(key)
            .set_tags(Some(scope.tags_of(address).into_iter().collect()));
        call("logs:CreateLogGroup", || request.clone().send()).await?;
        Ok(desired.name.clone())
    }

    async fn complete(&self, scope: &Scope, _: &Address, desired: &LogGroup, _: &str) -> Result<(), Error> {
        match desired.retention_days {
            Some(days) => self.retain(scope, &desired.name, days).await,
            None => Ok(()),
        }
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &LogGroup,
        observed: &Observed<LogGroup>,
        changes: &Changes,
    ) -> Result<(), Error> {
        let (logs, name) = (self.0.logs(&scope.region), &observed.props.name);
        for change in changes {
            if let ("retention_days", Some(days)) = (change.field.as_str(), desired.retention_days) {
                self.retain(scope, name, days).await?;
            } else if let Some(key) = &desired.kms_key_arn {
                let key = key.value()?;
                let request = || logs.associate_kms_key().log_group_name(name).kms_key_id(key).send();
                call("logs:AssociateKmsKey", request).await?;
            }
        }
        Ok(())
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<LogGroup>,
        _: Option<&LogGroup>,
    ) -> Result<Vec<Retained>, Error> {
        let (logs, name) = (self.0.logs(&scope.region), &observed.props.name);
        let request = || logs.delete_log_group().log_group_name(name).send();
        Error::absent_is_none(call("logs:DeleteLogGroup", request).await)?;
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<LogGroup>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        let (logs, arn) = (self.0.logs(&scope.region), arn(scope, &observed.props.name));
        if !set.is_empty() {
            let tags: std::collections::HashMap<String, String> = set.clone().into_iter().collect();
            let request = || logs.tag_resource().resource_arn(&arn).set_tags(Some(tags.clone())).send();
            call("logs:TagResource", request).await?;
        }
        if !remove.is_empty() {
            let request = || logs.untag_resource().resource_arn(&arn).set_tag_keys(Some(remove.to_vec())).send();
            call("logs:UntagResource", request).await?;
        }
        Ok(())
    }
}

impl Kind {
    async fn retain(&self, scope: &Scope, name: &str, days: i32) -> Result<(), Error> {
        let logs = self.0.logs(&scope.region);
        let request = || logs.put_retention_policy().log_group_name(name).retention_in_days(days).send();
        call("logs:PutRetentionPolicy", request).await.map(drop)
    }

    /// The groups whose names begin like this, in the order of names; only the first one when that is enough.
    async fn list(&self, scope: &Scope, prefix: &str, only_first: bool) -> Result<Vec<Group>, Error> {
        let logs = self.0.logs(&scope.region);
        if only_first {
            let request = || logs.describe_log_groups().log_group_name_prefix(prefix).limit(1).send();
            return Ok(call("logs:DescribeLogGroups", request).await?.log_groups.unwrap_or_default());
        }
        let pages = || logs.describe_log_groups().log_group_name_prefix(prefix).into_paginator().items();
        call("logs:DescribeLogGroups", || pages().send().collect()).await
    }

    /// A group whose tags were seen, and proven to be ours, is not asked for them again.
    async fn observe(
        &self,
        scope: &Scope,
        name: &str,
        group: &Group,
        is_remembered: bool,
    ) -> Result<Option<Observed<LogGroup>>, Error> {
        let arn = arn(scope, name);
        let mut found = Tags::new();
        if !is_remembered {
            let logs = self.0.logs(&scope.region);
            let request = || logs.list_tags_for_resource().resource_arn(&arn).send();
            let tags = Error::absent_is_none(call("logs:ListTagsForResource", request).await)?;
            let Some(tags) = tags else { return Ok(None) };
            found = tags.tags().cloned().unwrap_or_default().into_iter().collect();
            prove(scope, name, &found)?;
        }
        let props = LogGroup {
            name: name.to_owned(),
            retention_days: group.retention_in_days(),
            kms_key_arn: group.kms_key_id().map(Input::from),
        };
        Ok(Some(Observed::new(name, props).output("id", name).output("arn", arn).tags(found)))
    }
}

fn name(target: &Target<LogGroup>) -> Option<&str> {
    target.props.as_ref().map(|props| props.name.as_str()).or(target.id.as_deref())
}

/// The prefixes by which the groups are listed, and whether the first of the list is the only one wanted. Names
/// that are alike up to the stack's name share one, so that foreign groups are not listed.
fn prefixes<'a>(stack: &str, names: impl Iterator<Item = &'a str>) -> BTreeMap<String, bool> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in names {
        let end = name.rfind(stack).map_or(name.len(), |start| start + stack.len());
        groups.entry(name.get(..end).unwrap_or(name)).or_default().push(name);
    }
    // In the order of names, a name itself comes before all that begin with it.
    let prefix = |(prefix, names): (&str, Vec<&str>)| match names[..] {
        [one] => (one.to_owned(), true),
        _ => (prefix.to_owned(), false),
    };
    groups.into_iter().map(prefix).collect()
}

fn arn(scope: &Scope, name: &str) -> String {
    format!("arn:{}:logs:{}:{}:log-group:{name}", scope.partition, scope.region, scope.account)
}

/// Ours is what carries our claim. Below `/aws/` services make a group anew, without tags, when it is
/// deleted while they still write: such a group under our derived name is ours, too.
fn prove(scope: &Scope, name: &str, tags: &Tags) -> Result<(), Error> {
    let foreign = |whose: &str| {
        Err(Error::foreign(format!(
            "the log group {name} exists already and belongs to {whose}; delete it if nobody needs it, or rename the stack"
        )))
    };
    match tags.get(TAG_CLAIM) {
        Some(claim) if *claim == scope.claim => Ok(()),
        Some(_) => foreign(&format!("another stack ({})", tags.get(TAG_STACK).map_or("unnamed", String::as_str))),
        None if name.starts_with("/aws/") => Ok(()),
        None => foreign("somebody else (it carries no tags of this stack)"),
    }
}

#[cfg(test)]
mod tests {
    use stellar_engine::ErrorClass;

    use super::*;

    #[test]
    fn groups_that_are_alike_up_to_the_stacks_name_are_listed_together() {
        let rows: [(&[&str], &[(&str, bool)]); 3] = [
            (&["/aws/eks/shop/cluster"], &[("/aws/eks/shop/cluster", true)]),
            (
                &["/aws/rds/instance/shop-database/postgresql", "/aws/rds/instance/shop-database-replica-1/postgresql"],
                &[("/aws/rds/instance/shop", false)],
            ),
            (&["/aws/eks/shop/cluster", "/other"], &[("/aws/eks/shop/cluster", true), ("/other", true)]),
        ];
        for (names, expected) in rows {
            let found: Vec<_> = prefixes("shop", names.iter().copied()).into_iter().collect();
            let expected: Vec<_> = expected.iter().map(|(prefix, one)| ((*prefix).to_owned(), *one)).collect();
            assert_eq!(found, expected, "{names:?}");
        }
    }

    #[test]
    fn only_groups_that_services_make_are_ours_without_a_tag() {
        let text = str::to_owned;
        let scope = crate::tests::scope();
        let rows = [
            ("/stellar/shop", Some("c1"), Ok(())),
            ("/stellar/shop", Some("c2"), Err(ErrorClass::Foreign)),
            ("/stellar/shop", None, Err(ErrorClass::Foreign)),
            ("/aws/eks/shop/cluster", Some("c1"), Ok(())),
            ("/aws/eks/shop/cluster", Some("c2"), Err(ErrorClass::Foreign)),
            ("/aws/eks/shop/cluster", None, Ok(())),
        ];
        for (name, claim, expected) in rows {
            let tags = claim.map(|claim| (text(TAG_CLAIM), text(claim))).into_iter().collect();
            assert_eq!(prove(&scope, name, &tags).map_err(|e| e.class), expected, "{name} {claim:?}");
        }
    }
}
