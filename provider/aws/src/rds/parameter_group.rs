//! DB parameter group. Proof: tag. Found by its name, which RDS keeps in lower case.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_rds::types::Parameter;
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Blocker, Changes, Error, Observed, Properties, Retained, Rule, Scope, Tags, Target, Traits,
};

use super::{
    blockers::{Group, users},
    parameters::{BATCH, Values, dynamic, merged, of_source, parts, steps},
    tags,
};
use crate::{Aws, access::Needs, call, normal::arn_of};

/// Settings of a database engine. Outputs: `id` (= name), `arn`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ParameterGroup {
    /// Lower case; cannot be changed.
    pub name: String,
    /// `postgres17`; cannot be changed.
    pub family: String,
    /// For people; cannot be changed.
    pub description: Option<String>,
    /// What is not at the engine's default and applies at once.
    pub parameters: Values,
    /// What is not at the engine's default and waits for a restart of each database that uses the group.
    pub parameters_at_restart: Values,
}

impl Properties for ParameterGroup {
    const KIND: &'static str = "rds/parameter-group";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["rds:DescribeDBParameterGroups", "rds:DescribeDBParameters", "rds:ListTagsForResource"],
    create: &["rds:AddTagsToResource", "rds:CreateDBParameterGroup"],
    update: &[
        "rds:AddTagsToResource",
        "rds:RemoveTagsFromResource",
        "rds:ModifyDBParameterGroup",
        "rds:ResetDBParameterGroup",
    ],
    delete: &["rds:DeleteDBParameterGroup"],
    ..Needs::NOTHING
};

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
            stable: &["id"],
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
        let dynamic = dynamic(self.parameters(scope, &observed.id, None).await?);
        let before = merged(&observed.props.parameters, &observed.props.parameters_at_restart);
        let wanted = merged(&desired.parameters, &desired.parameters_at_restart);
        let (set, gone) = steps(&before, &wanted, &dynamic);
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

    async fn blockers(&self, scope: &Scope, observed: &Observed<ParameterGroup>) -> Result<Vec<Blocker>, Error> {
        users(&self.0, scope, Group::Parameters, &observed.id).await
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
        let desired = target.props.as_ref().map(|props| (&props.parameters, &props.parameters_at_restart));
        let (parameters, parameters_at_restart) = parts(parameters, desired);
        let props = ParameterGroup {
            name: name.clone(),
            family: group.db_parameter_group_family().unwrap_or_default().to_owned(),
            description: group.description().map(str::to_owned),
            parameters,
            parameters_at_restart,
        };
        Ok(Some(Observed::new(name, props).output("id", name.as_str()).output("arn", arn).tags(tags)))
    }

    /// The group's parameters; from the source `user` only those that differ from the engine's defaults.
    async fn parameters(&self, scope: &Scope, name: &str, source: Option<&str>) -> Result<Vec<Parameter>, Error> {
        let rds = self.0.rds(&scope.region);
        let request = || {
            let pages = rds.describe_db_parameters().db_parameter_group_name(name);
            let pages = pages.set_source(source.map(str::to_owned));
            pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>()
        };
        Ok(of_source(call("rds:DescribeDBParameters", request).await?, source))
    }
}
