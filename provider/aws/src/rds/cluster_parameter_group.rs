//! DB cluster parameter group, of Aurora. Proof: tag. Found by its name, which RDS keeps in lower case.

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

/// Settings of an Aurora cluster and, with the defaults of the instances, of its instances. Outputs: `id` (= name), `arn`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClusterParameterGroup {
    /// Lower case; cannot be changed.
    pub name: String,
    /// `aurora-postgresql17`; cannot be changed.
    pub family: String,
    /// For people; cannot be changed.
    pub description: Option<String>,
    /// What is not at the engine's default and applies at once.
    pub parameters: Values,
    /// What is not at the engine's default and waits for a restart of each database that uses the group.
    pub parameters_at_restart: Values,
}

impl Properties for ClusterParameterGroup {
    const KIND: &'static str = "rds/cluster-parameter-group";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["rds:DescribeDBClusterParameterGroups", "rds:DescribeDBClusterParameters", "rds:ListTagsForResource"],
    create: &["rds:AddTagsToResource", "rds:CreateDBClusterParameterGroup"],
    update: &[
        "rds:AddTagsToResource",
        "rds:RemoveTagsFromResource",
        "rds:ModifyDBClusterParameterGroup",
        "rds:ResetDBClusterParameterGroup",
    ],
    delete: &["rds:DeleteDBClusterParameterGroup"],
    ..Needs::NOTHING
};

/// The kind `rds/cluster-parameter-group`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = ClusterParameterGroup;

    fn traits(&self) -> Traits {
        Traits {
            rules: &[
                ("name", Rule::Replace("a parameter group cannot be renamed")),
                ("family", Rule::Replace("a parameter group is for one major version")),
                ("description", Rule::CreateOnly),
            ],
            stable: &["id"],
            ..Traits::new(ClusterParameterGroup::KIND, "DB cluster parameter group")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<ClusterParameterGroup>],
    ) -> Vec<Result<Option<Observed<ClusterParameterGroup>>, Error>> {
        join_all(targets.iter().map(|target| self.read_one(scope, target))).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &ClusterParameterGroup) -> Result<String, Error> {
        let rds = self.0.rds(&scope.region);
        let request = || {
            rds.create_db_cluster_parameter_group()
                .db_cluster_parameter_group_name(&desired.name)
                .db_parameter_group_family(&desired.family)
                .description(desired.description.as_deref().unwrap_or(&desired.name))
                .set_tags(Some(tags::to_sdk(&scope.tags_of(address))))
                .send()
        };
        call("rds:CreateDBClusterParameterGroup", request).await?;
        Ok(desired.name.clone())
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &ClusterParameterGroup,
        observed: &Observed<ClusterParameterGroup>,
        _: &Changes,
    ) -> Result<(), Error> {
        let dynamic = dynamic(self.parameters(scope, &observed.id, None).await?);
        let before = merged(&observed.props.parameters, &observed.props.parameters_at_restart);
        let wanted = merged(&desired.parameters, &desired.parameters_at_restart);
        let (set, gone) = steps(&before, &wanted, &dynamic);
        let rds = self.0.rds(&scope.region);
        for batch in set.chunks(BATCH) {
            let request = || rds.modify_db_cluster_parameter_group().db_cluster_parameter_group_name(&observed.id);
            let request = || request().set_parameters(Some(batch.to_vec())).send();
            call("rds:ModifyDBClusterParameterGroup", request).await?;
        }
        for batch in gone.chunks(BATCH) {
            let request = || rds.reset_db_cluster_parameter_group().db_cluster_parameter_group_name(&observed.id);
            let request = || request().set_parameters(Some(batch.to_vec())).send();
            call("rds:ResetDBClusterParameterGroup", request).await?;
        }
        Ok(())
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<ClusterParameterGroup>,
        _: Option<&ClusterParameterGroup>,
    ) -> Result<Vec<Retained>, Error> {
        let rds = self.0.rds(&scope.region);
        let request = || rds.delete_db_cluster_parameter_group().db_cluster_parameter_group_name(&observed.id).send();
        Error::absent_is_none(call("rds:DeleteDBClusterParameterGroup", request).await)?;
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<ClusterParameterGroup>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        tags::apply(&self.0, &scope.region, arn_of(observed), set, remove).await
    }

    async fn blockers(&self, scope: &Scope, observed: &Observed<ClusterParameterGroup>) -> Result<Vec<Blocker>, Error> {
        users(&self.0, scope, Group::ClusterParameters, &observed.id).await
    }
}

impl Kind {
    async fn read_one(
        &self,
        scope: &Scope,
        target: &Target<ClusterParameterGroup>,
    ) -> Result<Option<Observed<ClusterParameterGroup>>, Error> {
        let Some(name) = target.id.as_ref().or(target.props.as_ref().map(|props| &props.name)) else { return Ok(None) };
        let rds = self.0.rds(&scope.region);
        let request = || rds.describe_db_cluster_parameter_groups().db_cluster_parameter_group_name(name).send();
        let output = Error::absent_is_none(call("rds:DescribeDBClusterParameterGroups", request).await)?;
        let Some(group) = output.as_ref().and_then(|output| output.db_cluster_parameter_groups().first()) else {
            return Ok(None);
        };
        let arn = group.db_cluster_parameter_group_arn().unwrap_or_default();
        let rest = async {
            tokio::try_join!(tags::list(&self.0, &scope.region, arn), self.parameters(scope, name, Some("user")))
        };
        // It may go between the calls.
        let Some((tags, parameters)) = Error::absent_is_none(rest.await)? else { return Ok(None) };
        let desired = target.props.as_ref().map(|props| (&props.parameters, &props.parameters_at_restart));
        let (parameters, parameters_at_restart) = parts(parameters, desired);
        let props = ClusterParameterGroup {
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
            let pages = rds.describe_db_cluster_parameters().db_cluster_parameter_group_name(name);
            let pages = pages.set_source(source.map(str::to_owned));
            pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>()
        };
        Ok(of_source(call("rds:DescribeDBClusterParameters", request).await?, source))
    }
}
