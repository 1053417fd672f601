//! DB parameter group. Proof: tag. Found by its name, which RDS keeps in lower case.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use aws_sdk_rds::types::{ApplyMethod, Parameter};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use stellar_engine::{Address, Changes, Error, Observed, Properties, Retained, Rule, Scope, Tags, Target, Traits};

use super::tags;
use crate::{Aws, call, normal::arn_of};

/// How many parameters one call may change (API reference of ModifyDBParameterGroup).
const BATCH: usize = 20;

/// Settings of a database engine. Outputs: `id` (= name), `arn`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ParameterGroup {
    /// Lower case; cannot be changed.
    pub name: String,
    /// `postgres17`; cannot be changed.
    pub family: String,
    /// For people; cannot be changed.
    pub description: Option<String>,
    /// Everything that is not at the engine's default.
    pub parameters: BTreeMap<String, String>,
}

impl Properties for ParameterGroup {
    const KIND: &'static str = "rds/parameter-group";
}

/// The kind `rds/parameter-group`.
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
            ..Traits::new(ParameterGroup::KIND, "DB parameter group")
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
        let rds = self.0.rds(&scope.region);
        let request = || {
            rds.create_db_parameter_group()
                .db_parameter_group_name(&desired.name)
                .db_parameter_group_family(&desired.family)
                .description(desired.description.as_deref().unwrap_or(&desired.name))
                .set_tags(Some(tags::to_sdk(&scope.tags_of(address))))
                .send()
        };
        call("rds:CreateDBParameterGroup", request).await?;
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
        let dynamic = self.dynamic(scope, &observed.id).await?;
        let before = &observed.props.parameters;
        let set = desired.parameters.iter().filter(|(name, value)| before.get(*name) != Some(value));
        let set: Vec<_> = set.map(|(name, value)| parameter(name, Some(value), &dynamic)).collect();
        let gone = before.keys().filter(|name| !desired.parameters.contains_key(*name));
        let gone: Vec<_> = gone.map(|name| parameter(name, None, &dynamic)).collect();

        let rds = self.0.rds(&scope.region);
        for batch in set.chunks(BATCH) {
            let request = || rds.modify_db_parameter_group().db_parameter_group_name(&observed.id);
            let request = || request().set_parameters(Some(batch.to_vec())).send();
            call("rds:ModifyDBParameterGroup", request).await?;
        }
        for batch in gone.chunks(BATCH) {
            let request = || rds.reset_db_parameter_group().db_parameter_group_name(&observed.id);
            let request = || request().set_parameters(Some(batch.to_vec())).send();
            call("rds:ResetDBParameterGroup", request).await?;
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
        let rds = self.0.rds(&scope.region);
        let request = || rds.delete_db_parameter_group().db_parameter_group_name(&observed.id).send();
        Error::absent_is_none(call("rds:DeleteDBParameterGroup", request).await)?;
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
        let rds = self.0.rds(&scope.region);
        let request = || rds.describe_db_parameter_groups().db_parameter_group_name(name).send();
        let output = Error::absent_is_none(call("rds:DescribeDBParameterGroups", request).await)?;
        let Some(group) = output.as_ref().and_then(|output| output.db_parameter_groups().first()) else {
            return Ok(None);
        };
        let arn = group.db_parameter_group_arn().unwrap_or_default();
        let rest = async {
            tokio::try_join!(tags::list(&self.0, &scope.region, arn), self.parameters(scope, name, Some("user")))
        };
        // It may go between the calls.
        let Some((tags, parameters)) = Error::absent_is_none(rest.await)? else { return Ok(None) };
        let value = |p: Parameter| Some((p.parameter_name?, p.parameter_value?));
        let props = ParameterGroup {
            name: name.clone(),
            family: group.db_parameter_group_family().unwrap_or_default().to_owned(),
            description: group.description().map(str::to_owned),
            parameters: parameters.into_iter().filter_map(value).collect(),
        };
        Ok(Some(Observed::new(name, props).output("id", name.as_str()).output("arn", arn).tags(tags)))
    }

    /// The names of all parameters that apply without a reboot.
    async fn dynamic(&self, scope: &Scope, name: &str) -> Result<BTreeSet<String>, Error> {
        let all = self.parameters(scope, name, None).await?;
        let dynamic = all.into_iter().filter(|parameter| parameter.apply_type() == Some("dynamic"));
        Ok(dynamic.filter_map(|parameter| parameter.parameter_name).collect())
    }

    /// The group's parameters; from the source `user` only those that differ from the engine's defaults.
    async fn parameters(&self, scope: &Scope, name: &str, source: Option<&str>) -> Result<Vec<Parameter>, Error> {
        let rds = self.0.rds(&scope.region);
        let request = || {
            let pages = rds.describe_db_parameters().db_parameter_group_name(name);
            let pages = pages.set_source(source.map(str::to_owned));
            pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>()
        };
        call("rds:DescribeDBParameters", request).await
    }
}

/// A static parameter cannot be applied immediately; RDS refuses the whole call.
fn parameter(name: &str, value: Option<&String>, dynamic: &BTreeSet<String>) -> Parameter {
    let method = if dynamic.contains(name) { ApplyMethod::Immediate } else { ApplyMethod::PendingReboot };
    Parameter::builder().parameter_name(name).set_parameter_value(value.cloned()).apply_method(method).build()
}
