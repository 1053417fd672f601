//! Cache parameter group. Proof: tag. Found by its name, which ElastiCache keeps in lower case.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use aws_sdk_elasticache::types::ParameterNameValue;
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use stellar_engine::{Address, Changes, Error, Observed, Properties, Retained, Rule, Scope, Tags, Target, Traits};

use super::tags;
use crate::{Aws, access::Needs, call, normal::arn_of};

/// How many parameters one call may change (API reference of ModifyCacheParameterGroup).
const BATCH: usize = 20;

/// Settings of a cache engine. Outputs: `id` (= name), `arn`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ParameterGroup {
    /// Lower case; cannot be changed.
    pub name: String,
    /// `valkey8`, `redis7` …; cannot be changed.
    pub family: String,
    /// For people; cannot be changed.
    pub description: String,
    /// Everything that is not at the engine's default.
    pub parameters: BTreeMap<String, String>,
}

impl Properties for ParameterGroup {
    const KIND: &'static str = "elasticache/parameter-group";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &[
        "elasticache:DescribeCacheParameterGroups",
        "elasticache:DescribeCacheParameters",
        "elasticache:ListTagsForResource",
    ],
    create: &["elasticache:AddTagsToResource", "elasticache:CreateCacheParameterGroup"],
    update: &[
        "elasticache:AddTagsToResource",
        "elasticache:RemoveTagsFromResource",
        "elasticache:ModifyCacheParameterGroup",
        "elasticache:ResetCacheParameterGroup",
    ],
    delete: &["elasticache:DeleteCacheParameterGroup"],
    ..Needs::NOTHING
};

/// The kind `elasticache/parameter-group`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = ParameterGroup;

    fn traits(&self) -> Traits {
        Traits {
            rules: &[
                ("name", Rule::Replace("a parameter group cannot be renamed")),
                ("family", Rule::Replace("a parameter group is for one major version")),
                ("description", Rule::CreateOnly),
            ],
            stable: &["id"],
            ..Traits::new(ParameterGroup::KIND, "cache parameter group")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<ParameterGroup>],
    ) -> Vec<Result<Option<Observed<ParameterGroup>>, Error>> {
        join_all(targets.iter().map(|target| self.read_one(scope, target))).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &ParameterGroup) -> Result<String, Error> {
        let elasticache = self.0.elasticache(&scope.region);
        let request = || {
            elasticache
                .create_cache_parameter_group()
                .cache_parameter_group_name(&desired.name)
                .cache_parameter_group_family(&desired.family)
                .description(&desired.description)
                .set_tags(Some(tags::to_sdk(&scope.tags_of(address))))
                .send()
        };
        call("elasticache:CreateCacheParameterGroup", request).await?;
        Ok(desired.name.clone())
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &ParameterGroup,
        observed: &Observed<ParameterGroup>,
        _: &Changes,
    ) -> Result<(), Error> {
        let elasticache = self.0.elasticache(&scope.region);
        let before = &observed.props.parameters;
        let set = desired.parameters.iter().filter(|(name, value)| before.get(*name) != Some(value));
        let set: Vec<_> = set.map(|(name, value)| parameter(name, Some(value))).collect();
        let gone = before.keys().filter(|name| !desired.parameters.contains_key(*name));
        let gone: Vec<_> = gone.map(|name| parameter(name, None)).collect();
        for batch in set.chunks(BATCH) {
            let request = || elasticache.modify_cache_parameter_group().cache_parameter_group_name(&observed.id);
            let request = || request().set_parameter_name_values(Some(batch.to_vec())).send();
            call("elasticache:ModifyCacheParameterGroup", request).await?;
        }
        for batch in gone.chunks(BATCH) {
            let request = || elasticache.reset_cache_parameter_group().cache_parameter_group_name(&observed.id);
            let request = || request().set_parameter_name_values(Some(batch.to_vec())).send();
            call("elasticache:ResetCacheParameterGroup", request).await?;
        }
        Ok(())
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<ParameterGroup>,
        _: Option<&ParameterGroup>,
    ) -> Result<Vec<Retained>, Error> {
        let elasticache = self.0.elasticache(&scope.region);
        let request = || elasticache.delete_cache_parameter_group().cache_parameter_group_name(&observed.id).send();
        Error::absent_is_none(call("elasticache:DeleteCacheParameterGroup", request).await)?;
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<ParameterGroup>,
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
        target: &Target<ParameterGroup>,
    ) -> Result<Option<Observed<ParameterGroup>>, Error> {
        let Some(name) = target.id.as_ref().or(target.props.as_ref().map(|props| &props.name)) else { return Ok(None) };
        let elasticache = self.0.elasticache(&scope.region);
        let request = || elasticache.describe_cache_parameter_groups().cache_parameter_group_name(name).send();
        let output = Error::absent_is_none(call("elasticache:DescribeCacheParameterGroups", request).await)?;
        let Some(group) = output.as_ref().and_then(|output| output.cache_parameter_groups().first()) else {
            return Ok(None);
        };
        let arn = group.arn().unwrap_or_default();
        let rest = async { tokio::try_join!(tags::list(&self.0, &scope.region, arn), self.parameters(scope, name)) };
        // It may go between the calls.
        let Some((tags, parameters)) = Error::absent_is_none(rest.await)? else { return Ok(None) };
        let props = ParameterGroup {
            name: name.clone(),
            family: group.cache_parameter_group_family().unwrap_or_default().to_owned(),
            description: group.description().unwrap_or_default().to_owned(),
            parameters,
        };
        Ok(Some(Observed::new(name, props).output("id", name.as_str()).output("arn", arn).tags(tags)))
    }

    /// The parameters that differ from the engine's defaults.
    async fn parameters(&self, scope: &Scope, name: &str) -> Result<BTreeMap<String, String>, Error> {
        let elasticache = self.0.elasticache(&scope.region);
        // Pages end with a marker; the paginator of this call has no items, so pages are walked by hand.
        let mut all = BTreeMap::new();
        let mut marker = None;
        loop {
            let request = || elasticache.describe_cache_parameters().cache_parameter_group_name(name).source("user");
            let request = || request().set_marker(marker.clone()).send();
            let page = call("elasticache:DescribeCacheParameters", request).await?;
            // Simulators answer all, whatever was asked.
            let users = page.parameters().iter().filter(|p| p.source().is_none_or(|source| source == "user"));
            all.extend(users.filter_map(|p| Some((p.parameter_name.clone()?, p.parameter_value.clone()?))));
            marker = page.marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(all);
            }
        }
    }
}

fn parameter(name: &str, value: Option<&String>) -> ParameterNameValue {
    ParameterNameValue::builder().parameter_name(name).set_parameter_value(value.cloned()).build()
}
