//! Route table. Proof: tag. Its routes and associations are components of their own.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, ResourceType};
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Blocker, Changes, Error, Input, Observed, Properties, Retained, Rule, Scope, Tags, Target, Traits,
};

use super::answer::{arn, id_of, input, new_token};
use super::{blockers, find::find, tags};
use crate::{Aws, access::Needs, call};

/// A route table. Outputs: `id`, `arn`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RouteTable {
    /// The VPC; cannot be changed.
    pub vpc_id: Input<String>,
}

impl Properties for RouteTable {
    const KIND: &'static str = "ec2/route-table";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["ec2:DescribeRouteTables"],
    create: &["ec2:CreateRouteTable", "ec2:CreateTags"],
    update: &["ec2:CreateTags", "ec2:DeleteTags"],
    delete: &["ec2:DeleteRouteTable"],
    ..Needs::NOTHING
};

/// The kind `ec2/route-table`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = RouteTable;

    fn traits(&self) -> Traits {
        Traits {
            rules: &[("vpc_id", Rule::Replace("a route table cannot move to another VPC"))],
            ..Traits::new(RouteTable::KIND, "route table")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<RouteTable>],
    ) -> Vec<Result<Option<Observed<RouteTable>>, Error>> {
        find(scope, targets, "route-table-id", |filter| self.list(scope, filter)).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &RouteTable) -> Result<String, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let vpc = desired.vpc_id.value()?;
        // The token is new for each call, since EC2 does not say whether a table that it answers for
        // an old token still exists. After a crash the tags find the table.
        let token = new_token();
        let tags = tags::on_create(ResourceType::RouteTable, &scope.tags_of(address));
        let request = ec2.create_route_table().vpc_id(vpc).client_token(token).tag_specifications(tags);
        let output = call("ec2:CreateRouteTable", || request.clone().send()).await?;
        id_of("ec2:CreateRouteTable", output.route_table().and_then(|table| table.route_table_id()))
    }

    async fn update(
        &self,
        _: &Scope,
        address: &Address,
        _: &RouteTable,
        _: &Observed<RouteTable>,
        _: &Changes,
    ) -> Result<(), Error> {
        Err(Error::bug(format!("{address} has no property that can be changed")))
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<RouteTable>,
        _: Option<&RouteTable>,
    ) -> Result<Vec<Retained>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.delete_route_table().route_table_id(&observed.id).send();
        Error::absent_is_none(call("ec2:DeleteRouteTable", request).await)?;
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<RouteTable>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        tags::apply(&self.0, &scope.region, &observed.id, set, remove).await
    }

    async fn blockers(&self, scope: &Scope, observed: &Observed<RouteTable>) -> Result<Vec<Blocker>, Error> {
        blockers::table_blockers(&self.0, scope, &observed.id).await
    }
}

impl Kind {
    async fn list(&self, scope: &Scope, filter: Filter) -> Result<Vec<Observed<RouteTable>>, Error> {
        let tables = describe(&self.0, scope, filter).await?;
        Ok(tables.iter().map(|table| observed(scope, table)).collect())
    }
}

/// The route tables that pass the filter; also what the kinds of routes and associations read.
pub(super) async fn describe(
    aws: &Aws,
    scope: &Scope,
    filter: Filter,
) -> Result<Arc<Vec<aws_sdk_ec2::types::RouteTable>>, Error> {
    let ec2 = aws.ec2(&scope.region);
    let what = format!("{} {filter:?}", scope.region);
    let read = async move {
        let request = || ec2.describe_route_tables().filters(filter.clone()).into_paginator().items().send().collect();
        call("ec2:DescribeRouteTables", request).await.map(Arc::new)
    };
    aws.route_tables.read(what, read).await
}

fn observed(scope: &Scope, table: &aws_sdk_ec2::types::RouteTable) -> Observed<RouteTable> {
    let id = table.route_table_id().unwrap_or_default();
    let props = RouteTable { vpc_id: input(table.vpc_id()) };
    let observed = Observed::new(id, props).output("id", id).output("arn", arn(scope, "route-table", id));
    observed.tags(tags::from_sdk(table.tags()))
}
