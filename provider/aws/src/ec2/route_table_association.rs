//! Association of a subnet with a route table. Proof: parent, the subnet, which has at most one.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use aws_sdk_ec2::types::{RouteTable, RouteTableAssociationStateCode as Code};
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Error, Input, Observed, Proof, Properties, Retained, Rule, Scope, Status, Tagging, Target, Traits,
};

use super::answer::{id_of, input};
use super::{route_table, tags};
use crate::{Aws, access::Needs, call};

/// Says which route table a subnet uses. Outputs: `id`; it is another one after each change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RouteTableAssociation {
    /// The route table.
    pub route_table_id: Input<String>,
    /// The subnet; cannot be changed.
    pub subnet_id: Input<String>,
}

impl Properties for RouteTableAssociation {
    const KIND: &'static str = "ec2/route-table-association";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["ec2:DescribeRouteTables"],
    create: &["ec2:AssociateRouteTable"],
    update: &["ec2:ReplaceRouteTableAssociation"],
    delete: &["ec2:DisassociateRouteTable"],
    ..Needs::NOTHING
};

/// The kind `ec2/route-table-association`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = RouteTableAssociation;

    fn traits(&self) -> Traits {
        Traits {
            proof: Proof::Parent,
            tagging: Tagging::None,
            rules: &[("subnet_id", Rule::Replace("an association belongs to one subnet"))],
            ..Traits::new(RouteTableAssociation::KIND, "route table association")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<RouteTableAssociation>],
    ) -> Vec<Result<Option<Observed<RouteTableAssociation>>, Error>> {
        let all = self.list(scope, targets).await;
        let look_up = |target: &Target<RouteTableAssociation>| {
            let all = all.as_ref().map_err(Error::clone)?;
            Ok(all.iter().find(|found| is_it(target, found)).cloned())
        };
        targets.iter().map(look_up).collect()
    }

    async fn create(&self, scope: &Scope, _: &Address, desired: &RouteTableAssociation) -> Result<String, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let (table, subnet) = (desired.route_table_id.value()?, desired.subnet_id.value()?);
        let request = || ec2.associate_route_table().route_table_id(table).subnet_id(subnet).send();
        let output = call("ec2:AssociateRouteTable", request).await?;
        id_of("ec2:AssociateRouteTable", output.association_id())
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &RouteTableAssociation,
        observed: &Observed<RouteTableAssociation>,
        _: &Changes,
    ) -> Result<(), Error> {
        let (ec2, table) = (self.0.ec2(&scope.region), desired.route_table_id.value()?);
        let request =
            || ec2.replace_route_table_association().association_id(&observed.id).route_table_id(table).send();
        call("ec2:ReplaceRouteTableAssociation", request).await.map(drop)
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<RouteTableAssociation>,
        _: Option<&RouteTableAssociation>,
    ) -> Result<Vec<Retained>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.disassociate_route_table().association_id(&observed.id).send();
        Error::absent_is_none(call("ec2:DisassociateRouteTable", request).await)?;
        Ok(Vec::new())
    }
}

impl Kind {
    /// The associations of the stack's tables, and those of the targets that are in others.
    async fn list(
        &self,
        scope: &Scope,
        targets: &[Target<RouteTableAssociation>],
    ) -> Result<Vec<Observed<RouteTableAssociation>>, Error> {
        let ours = route_table::describe(&self.0, scope, tags::claim_filter(scope)).await?;
        let mut all: Vec<_> = ours.iter().flat_map(observed).collect();
        let missing: Vec<_> = targets.iter().filter(|target| !all.iter().any(|o| is_it(target, o))).collect();
        let subnets: BTreeSet<&str> = missing.iter().filter_map(|target| subnet(target)).collect();
        let ids: BTreeSet<&str> =
            missing.iter().filter(|t| subnet(t).is_none()).filter_map(|t| t.id.as_deref()).collect();
        for (filter, values) in [("association.subnet-id", subnets), ("association.route-table-association-id", ids)] {
            let list = async |filter| Ok(route_table::describe(&self.0, scope, filter).await?.to_vec());
            all.extend(tags::list_any_of(filter, values, list).await?.iter().flat_map(observed));
        }
        Ok(all)
    }
}

/// A subnet has one association at most.
fn is_it(target: &Target<RouteTableAssociation>, found: &Observed<RouteTableAssociation>) -> bool {
    match subnet(target) {
        Some(id) => found.props.subnet_id == Input::from(id),
        None => Some(&found.id) == target.id.as_ref(),
    }
}

fn subnet(target: &Target<RouteTableAssociation>) -> Option<&str> {
    target.props.as_ref().and_then(|props| props.subnet_id.value().ok()).map(String::as_str)
}

/// The associations of a table with subnets, without those that are gone.
fn observed(table: &RouteTable) -> Vec<Observed<RouteTableAssociation>> {
    let associations = table.associations().iter().filter(|a| a.subnet_id().is_some());
    let one = |association: &aws_sdk_ec2::types::RouteTableAssociation| {
        let id = association.route_table_association_id().unwrap_or_default();
        let state = association.association_state();
        let status = match state.and_then(|s| s.state()) {
            Some(Code::Disassociated) => return None,
            Some(Code::Disassociating) => Status::Deleting,
            Some(Code::Associating) => Status::Pending("associating".to_owned()),
            Some(Code::Failed) => {
                Status::Failed(state.and_then(|s| s.status_message()).unwrap_or("no reason given").to_owned())
            }
            _ => Status::Ready,
        };
        let props = RouteTableAssociation {
            route_table_id: input(association.route_table_id()),
            subnet_id: input(association.subnet_id()),
        };
        Some(Observed::new(id, props).output("id", id).status(status))
    };
    associations.filter_map(one).collect()
}
