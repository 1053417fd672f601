//! Cache subnet group. Proof: tag. Found by its name, which ElastiCache keeps in lower case.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_elasticache::types::{CacheSubnetGroup, Subnet};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Error, Input, Observed, Properties, Retained, Rule, Scope, Tags, Target, Traits,
};

use super::tags;
use crate::{
    access::Needs,
    {
        Aws, call,
        normal::{arn_of, in_order_of, values},
    },
};

/// The subnets that caches may use. Outputs: `id` (= name), `arn`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SubnetGroup {
    /// Lower case; cannot be changed.
    pub name: String,
    /// For people.
    pub description: String,
    /// In at least two zones; the order means nothing.
    pub subnet_ids: Vec<Input<String>>,
}

impl Properties for SubnetGroup {
    const KIND: &'static str = "elasticache/subnet-group";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["elasticache:DescribeCacheSubnetGroups", "elasticache:ListTagsForResource"],
    create: &["elasticache:AddTagsToResource", "elasticache:CreateCacheSubnetGroup"],
    update: &[
        "elasticache:AddTagsToResource",
        "elasticache:RemoveTagsFromResource",
        "elasticache:ModifyCacheSubnetGroup",
    ],
    delete: &["elasticache:DeleteCacheSubnetGroup"],
    ..Needs::NOTHING
};

/// The kind `elasticache/subnet-group`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = SubnetGroup;

    fn traits(&self) -> Traits {
        Traits {
            rules: &[("name", Rule::Replace("a subnet group cannot be renamed"))],
            stable: &["id"],
            ..Traits::new(SubnetGroup::KIND, "cache subnet group")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<SubnetGroup>],
    ) -> Vec<Result<Option<Observed<SubnetGroup>>, Error>> {
        join_all(targets.iter().map(|target| self.read_one(scope, target))).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &SubnetGroup) -> Result<String, Error> {
        let elasticache = self.0.elasticache(&scope.region);
        let subnets = values(&desired.subnet_ids)?;
        let request = || {
            elasticache
                .create_cache_subnet_group()
                .cache_subnet_group_name(&desired.name)
                .cache_subnet_group_description(&desired.description)
                .set_subnet_ids(Some(subnets.clone()))
                .set_tags(Some(tags::to_sdk(&scope.tags_of(address))))
                .send()
        };
        call("elasticache:CreateCacheSubnetGroup", request).await?;
        Ok(desired.name.clone())
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &SubnetGroup,
        observed: &Observed<SubnetGroup>,
        _: &Changes,
    ) -> Result<(), Error> {
        let elasticache = self.0.elasticache(&scope.region);
        let subnets = values(&desired.subnet_ids)?;
        let request = || {
            elasticache
                .modify_cache_subnet_group()
                .cache_subnet_group_name(&observed.id)
                .cache_subnet_group_description(&desired.description)
                .set_subnet_ids(Some(subnets.clone()))
                .send()
        };
        call("elasticache:ModifyCacheSubnetGroup", request).await.map(drop)
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<SubnetGroup>,
        _: Option<&SubnetGroup>,
    ) -> Result<Vec<Retained>, Error> {
        let elasticache = self.0.elasticache(&scope.region);
        let request = || elasticache.delete_cache_subnet_group().cache_subnet_group_name(&observed.id).send();
        Error::absent_is_none(call("elasticache:DeleteCacheSubnetGroup", request).await)?;
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<SubnetGroup>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        tags::apply(&self.0, &scope.region, arn_of(observed), set, remove).await
    }
}

impl Kind {
    async fn read_one(
        &self,
        scope: &Scope,
        target: &Target<SubnetGroup>,
    ) -> Result<Option<Observed<SubnetGroup>>, Error> {
        let Some(name) = target.id.as_ref().or(target.props.as_ref().map(|props| &props.name)) else { return Ok(None) };
        let elasticache = self.0.elasticache(&scope.region);
        let request = || elasticache.describe_cache_subnet_groups().cache_subnet_group_name(name).send();
        let output = Error::absent_is_none(call("elasticache:DescribeCacheSubnetGroups", request).await)?;
        let Some(group) = output.as_ref().and_then(|output| output.cache_subnet_groups().first()) else {
            return Ok(None);
        };
        let arn = group.arn().unwrap_or_default();
        // It may go between the two calls.
        let tags = Error::absent_is_none(tags::list(&self.0, &scope.region, arn).await)?;
        let Some(tags) = tags else { return Ok(None) };
        Ok(Some(observe(group, target).output("arn", arn).tags(tags)))
    }
}

fn observe(group: &CacheSubnetGroup, target: &Target<SubnetGroup>) -> Observed<SubnetGroup> {
    let name = group.cache_subnet_group_name().unwrap_or_default();
    let subnets = group.subnets().iter().filter_map(Subnet::subnet_identifier).map(str::to_owned);
    let props = SubnetGroup {
        name: name.to_owned(),
        description: group.cache_subnet_group_description().unwrap_or_default().to_owned(),
        subnet_ids: in_order_of(subnets, target.props.as_ref().map(|props| props.subnet_ids.as_slice())),
    };
    Observed::new(name, props).output("id", name)
}
