//! VPC endpoint, of type gateway or interface. Proof: tag.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::{
    operation::describe_vpc_endpoints::builders::DescribeVpcEndpointsFluentBuilder,
    types::{Filter, ResourceType, VpcEndpointType},
};
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Disruption, Error, Input, Observed, Properties, Retained, Rule, Scope, Status, Tags, Target,
    Traits,
};

use super::answer::{arn, check, difference, id_of, input, status};
use super::{find::find, tags};
use crate::{
    Aws,
    access::Needs,
    call,
    normal::{in_order_of, values},
};

/// The API's filter for ids.
const ID: &str = "vpc-endpoint-id";

/// A private way from a VPC to an AWS service. Outputs: `id`, `arn`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VpcEndpoint {
    /// The VPC; cannot be changed.
    pub vpc_id: Input<String>,
    /// `com.amazonaws.<region>.<service>`; cannot be changed.
    pub service_name: String,
    /// `Gateway` or `Interface`; cannot be changed.
    pub endpoint_type: String,
    /// Of a gateway: the tables that get a route to the service. Without order.
    pub route_table_ids: Option<Vec<Input<String>>>,
    /// Of an interface: where it has addresses. Without order.
    pub subnet_ids: Option<Vec<Input<String>>>,
    /// Of an interface: who may reach it. Without order.
    pub security_group_ids: Option<Vec<Input<String>>>,
    /// Of an interface: the service's public name resolves to it within the VPC.
    pub private_dns: Option<bool>,
}

impl Properties for VpcEndpoint {
    const KIND: &'static str = "ec2/vpc-endpoint";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["ec2:DescribeVpcEndpoints"],
    create: &["ec2:CreateVpcEndpoint", "ec2:CreateTags", "route53:AssociateVPCWithHostedZone"],
    update: &["ec2:ModifyVpcEndpoint", "ec2:CreateTags", "ec2:DeleteTags"],
    delete: &["ec2:DeleteVpcEndpoints"],
    ..Needs::NOTHING
};

/// The kind `ec2/vpc-endpoint`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = VpcEndpoint;

    fn traits(&self) -> Traits {
        Traits {
            rules: &[
                ("vpc_id", Rule::Replace("an endpoint cannot move to another VPC")),
                ("service_name", Rule::Replace("an endpoint serves one service")),
                ("endpoint_type", Rule::Replace("the type of an endpoint cannot be changed")),
                ("private_dns", Rule::InPlace(Disruption::Brief)),
            ],
            bulk: true,
            minutes: (2.0, 1.0, 3.0),
            limit_minutes: 20,
            ..Traits::new(VpcEndpoint::KIND, "VPC endpoint")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<VpcEndpoint>],
    ) -> Vec<Result<Option<Observed<VpcEndpoint>>, Error>> {
        let mut found = find(scope, targets, ID, |filter| self.list(scope, filter)).await;
        for (target, answer) in targets.iter().zip(&mut found) {
            if let (Some(desired), Ok(Some(observed))) = (&target.props, answer) {
                order_like(desired, &mut observed.props);
            }
        }
        found
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &VpcEndpoint) -> Result<String, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = ec2
            .create_vpc_endpoint()
            .client_token(scope.token(address, "create"))
            .vpc_id(desired.vpc_id.value()?)
            .service_name(&desired.service_name)
            .vpc_endpoint_type(VpcEndpointType::from(desired.endpoint_type.as_str()))
            .set_route_table_ids(list_of(&desired.route_table_ids)?)
            .set_subnet_ids(list_of(&desired.subnet_ids)?)
            .set_security_group_ids(list_of(&desired.security_group_ids)?)
            .set_private_dns_enabled(desired.private_dns)
            .tag_specifications(tags::on_create(ResourceType::VpcEndpoint, &scope.tags_of(address)));
        let output = call("ec2:CreateVpcEndpoint", || request.clone().send()).await?;
        id_of("ec2:CreateVpcEndpoint", output.vpc_endpoint().and_then(|endpoint| endpoint.vpc_endpoint_id()))
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &VpcEndpoint,
        observed: &Observed<VpcEndpoint>,
        changes: &Changes,
    ) -> Result<(), Error> {
        let mut request = self.0.ec2(&scope.region).modify_vpc_endpoint().vpc_endpoint_id(&observed.id);
        for change in changes {
            request = match change.field.as_str() {
                "route_table_ids" => {
                    let (add, remove) = delta(&desired.route_table_ids, &observed.props.route_table_ids)?;
                    request.set_add_route_table_ids(add).set_remove_route_table_ids(remove)
                }
                "subnet_ids" => {
                    let (add, remove) = delta(&desired.subnet_ids, &observed.props.subnet_ids)?;
                    request.set_add_subnet_ids(add).set_remove_subnet_ids(remove)
                }
                "security_group_ids" => {
                    let (add, remove) = delta(&desired.security_group_ids, &observed.props.security_group_ids)?;
                    request.set_add_security_group_ids(add).set_remove_security_group_ids(remove)
                }
                _ => request.set_private_dns_enabled(desired.private_dns),
            };
        }
        call("ec2:ModifyVpcEndpoint", || request.clone().send()).await.map(drop)
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<VpcEndpoint>,
        _: Option<&VpcEndpoint>,
    ) -> Result<Vec<Retained>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.delete_vpc_endpoints().vpc_endpoint_ids(&observed.id).send();
        let output = call("ec2:DeleteVpcEndpoints", request).await;
        let result = output.and_then(|output| check("ec2:DeleteVpcEndpoints", output.unsuccessful()));
        Error::absent_is_none(result)?;
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<VpcEndpoint>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        tags::apply(&self.0, &scope.region, &observed.id, set, remove).await
    }
}

impl Kind {
    /// Endpoints that pass the filter, without deleted ones.
    async fn list(&self, scope: &Scope, filter: Filter) -> Result<Vec<Observed<VpcEndpoint>>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let pages = |request: DescribeVpcEndpointsFluentBuilder| request.into_paginator().items().send().collect();
        let of = async |request: DescribeVpcEndpointsFluentBuilder| -> Result<Vec<_>, Error> {
            call("ec2:DescribeVpcEndpoints", || pages(request.clone())).await
        };
        let endpoints = if filter.name() == Some(ID) {
            // One by one and not by the filter, which simulators do not have: a request for several fails when one is gone.
            let one =
                async |id: &String| Error::absent_is_none(of(ec2.describe_vpc_endpoints().vpc_endpoint_ids(id)).await);
            try_join_all(filter.values().iter().map(one)).await?.into_iter().flatten().flatten().collect()
        } else {
            of(ec2.describe_vpc_endpoints().filters(filter)).await?
        };
        Ok(endpoints.iter().filter(|e| state(e) != "deleted").map(|e| observed(scope, e)).collect())
    }
}

/// The state in lower case: it arrives in another case than the API's model says.
fn state(endpoint: &aws_sdk_ec2::types::VpcEndpoint) -> String {
    endpoint.state().map(|state| state.as_str()).unwrap_or("pending").to_ascii_lowercase()
}

fn observed(scope: &Scope, endpoint: &aws_sdk_ec2::types::VpcEndpoint) -> Observed<VpcEndpoint> {
    let id = endpoint.vpc_endpoint_id().unwrap_or_default();
    let inputs = |ids: &[String]| Some(ids.iter().map(|id| input(Some(id))).collect());
    let props = VpcEndpoint {
        vpc_id: input(endpoint.vpc_id()),
        service_name: endpoint.service_name().unwrap_or_default().to_owned(),
        endpoint_type: endpoint.vpc_endpoint_type().map(|t| t.as_str()).unwrap_or_default().to_owned(),
        route_table_ids: inputs(endpoint.route_table_ids()),
        subnet_ids: inputs(endpoint.subnet_ids()),
        security_group_ids: Some(endpoint.groups().iter().map(|group| input(group.group_id())).collect()),
        private_dns: endpoint.private_dns_enabled(),
    };
    let status = match state(endpoint).as_str() {
        state @ ("failed" | "rejected" | "expired") => {
            let reason = endpoint.failure_reason().or(endpoint.last_error().and_then(|e| e.message()));
            Status::Failed(format!("{state}: {}", reason.unwrap_or("no reason given")))
        }
        state => status(Some(state), "available"),
    };
    let observed = Observed::new(id, props).output("id", id).output("arn", arn(scope, "vpc-endpoint", id));
    observed.tags(tags::from_sdk(endpoint.tags())).status(status)
}

/// Puts the observed lists into the order of the desired ones.
fn order_like(desired: &VpcEndpoint, observed: &mut VpcEndpoint) {
    let lists = [
        (&desired.route_table_ids, &mut observed.route_table_ids),
        (&desired.subnet_ids, &mut observed.subnet_ids),
        (&desired.security_group_ids, &mut observed.security_group_ids),
    ];
    for (desired, observed) in lists {
        if let Some(list) = observed {
            let found: Vec<String> = list.iter().filter_map(|id| id.value().ok().cloned()).collect();
            *list = in_order_of(found, desired.as_deref());
        }
    }
}

fn list_of(inputs: &Option<Vec<Input<String>>>) -> Result<Option<Vec<String>>, Error> {
    inputs.as_deref().map(values).transpose()
}

type Ids = Option<Vec<String>>;

/// What to add and what to remove.
fn delta(desired: &Option<Vec<Input<String>>>, observed: &Option<Vec<Input<String>>>) -> Result<(Ids, Ids), Error> {
    let (desired, observed) = (list_of(desired)?.unwrap_or_default(), list_of(observed)?.unwrap_or_default());
    Ok((difference(&desired, &observed), difference(&observed, &desired)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_adds_what_is_missing_and_removes_what_is_too_much() {
        let list = |ids: &[&str]| Some(ids.iter().map(|id| Input::from(*id)).collect());
        let ids = |ids: &[&str]| Some(ids.iter().map(|id| (*id).to_owned()).collect());
        let rows = [
            (list(&["a", "b"]), list(&["b", "c"]), ids(&["a"]), ids(&["c"])),
            (list(&["a"]), None, ids(&["a"]), None),
            (list(&["a"]), list(&["a"]), None, None),
        ];
        for (desired, observed, add, remove) in rows {
            assert_eq!(delta(&desired, &observed), Ok((add, remove)), "{desired:?} {observed:?}");
        }
    }
}
