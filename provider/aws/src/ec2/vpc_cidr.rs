//! A further IPv4 block of a VPC. Proof: parent; it lives in a VPC that is proven to be ours.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, VpcCidrBlockAssociation, VpcCidrBlockStateCode};
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Error, Input, Observed, Proof, Properties, Retained, Rule, Scope, Status, Tagging, Target, Traits,
};

use super::answer::id_of;
use super::tags;
use crate::{Aws, access::Needs, call};

/// A secondary block. Outputs: `id`, `cidr`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VpcCidr {
    /// The VPC; cannot be changed.
    pub vpc_id: Input<String>,
    /// `100.64.0.0/16`; cannot be changed.
    pub cidr: String,
}

impl Properties for VpcCidr {
    const KIND: &'static str = "ec2/vpc-cidr";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["ec2:DescribeVpcs"],
    create: &["ec2:AssociateVpcCidrBlock"],
    update: &[],
    delete: &["ec2:DisassociateVpcCidrBlock"],
    ..Needs::NOTHING
};

/// The kind `ec2/vpc-cidr`; the recorded id is that of the association.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = VpcCidr;

    fn traits(&self) -> Traits {
        Traits {
            proof: Proof::Parent,
            tagging: Tagging::None,
            rules: &[
                ("vpc_id", Rule::Replace("a block cannot move to another VPC")),
                ("cidr", Rule::Replace("a block of a VPC cannot be changed")),
            ],
            ..Traits::new(VpcCidr::KIND, "VPC block")
        }
    }

    async fn read(&self, scope: &Scope, targets: &[Target<VpcCidr>]) -> Vec<Result<Option<Observed<VpcCidr>>, Error>> {
        let vpcs: BTreeSet<&str> = targets.iter().filter_map(vpc).collect();
        let found = self.associations(scope, vpcs).await;
        let pick = |target: &Target<VpcCidr>| {
            let found = found.as_ref().map_err(Error::clone)?;
            let cidr = target.props.as_ref().map(|props| props.cidr.as_str());
            let is_it = |(_, block): &&(String, VpcCidrBlockAssociation)| {
                block.association_id() == target.id.as_deref() || (cidr.is_some() && block.cidr_block() == cidr)
            };
            Ok(found.iter().find(is_it).map(|(vpc, block)| observed(vpc, block)))
        };
        targets.iter().map(pick).collect()
    }

    async fn create(&self, scope: &Scope, _: &Address, desired: &VpcCidr) -> Result<String, Error> {
        let (ec2, vpc) = (self.0.ec2(&scope.region), desired.vpc_id.value()?);
        let request = || ec2.associate_vpc_cidr_block().vpc_id(vpc).cidr_block(&desired.cidr).send();
        let output = call("ec2:AssociateVpcCidrBlock", request).await?;
        id_of("ec2:AssociateVpcCidrBlock", output.cidr_block_association().and_then(|block| block.association_id()))
    }

    async fn update(
        &self,
        _: &Scope,
        address: &Address,
        _: &VpcCidr,
        _: &Observed<VpcCidr>,
        _: &Changes,
    ) -> Result<(), Error> {
        Err(Error::bug(format!("{address} has no property that can be changed")))
    }

    /// Held back as long as a subnet has addresses of the block.
    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<VpcCidr>,
        _: Option<&VpcCidr>,
    ) -> Result<Vec<Retained>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.disassociate_vpc_cidr_block().association_id(&observed.id).send();
        Error::absent_is_none(call("ec2:DisassociateVpcCidrBlock", request).await)?;
        Ok(Vec::new())
    }
}

impl Kind {
    /// All blocks of the VPCs, with the VPC of each.
    async fn associations(
        &self,
        scope: &Scope,
        vpcs: BTreeSet<&str>,
    ) -> Result<Vec<(String, VpcCidrBlockAssociation)>, Error> {
        let ec2 = &self.0.ec2(&scope.region);
        let list = async |filter: Filter| {
            let request = || ec2.describe_vpcs().filters(filter.clone()).into_paginator().items().send().collect();
            call::<Vec<aws_sdk_ec2::types::Vpc>, _, _, _>("ec2:DescribeVpcs", request).await
        };
        let vpcs = tags::list_any_of("vpc-id", vpcs, list).await?;
        let blocks = |vpc: &aws_sdk_ec2::types::Vpc| {
            let id = vpc.vpc_id().unwrap_or_default().to_owned();
            let blocks = vpc.cidr_block_association_set().iter().filter(|block| !is_gone(block));
            blocks.map(|block| (id.clone(), block.clone())).collect::<Vec<_>>()
        };
        Ok(vpcs.iter().flat_map(blocks).collect())
    }
}

fn vpc(target: &Target<VpcCidr>) -> Option<&str> {
    target.props.as_ref().and_then(|props| props.vpc_id.value().ok()).map(String::as_str)
}

/// A block that was taken away stays visible for a while.
fn is_gone(block: &VpcCidrBlockAssociation) -> bool {
    state(block) == Some(&VpcCidrBlockStateCode::Disassociated)
}

fn state(block: &VpcCidrBlockAssociation) -> Option<&VpcCidrBlockStateCode> {
    block.cidr_block_state().and_then(|state| state.state())
}

fn observed(vpc: &str, block: &VpcCidrBlockAssociation) -> Observed<VpcCidr> {
    let (id, cidr) = (block.association_id().unwrap_or_default(), block.cidr_block().unwrap_or_default());
    let status = match state(block) {
        Some(VpcCidrBlockStateCode::Associated) => Status::Ready,
        Some(VpcCidrBlockStateCode::Disassociating) => Status::Deleting,
        Some(VpcCidrBlockStateCode::Failed) => {
            let reason = block.cidr_block_state().and_then(|state| state.status_message());
            Status::Failed(reason.unwrap_or("no reason given").to_owned())
        }
        other => Status::Pending(other.map_or("associating", |state| state.as_str()).to_owned()),
    };
    let props = VpcCidr { vpc_id: vpc.into(), cidr: cidr.to_owned() };
    Observed::new(id, props).output("id", id).output("cidr", cidr).status(status)
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::VpcCidrBlockState;

    use super::*;

    #[test]
    fn a_block_is_usable_once_it_is_associated() {
        let rows = [
            ("associated", Status::Ready),
            ("associating", Status::Pending("associating".to_owned())),
            ("disassociating", Status::Deleting),
            ("failed", Status::Failed("overlap".to_owned())),
        ];
        for (state, expected) in rows {
            let state = VpcCidrBlockState::builder().state(state.into()).status_message("overlap").build();
            let block = VpcCidrBlockAssociation::builder().cidr_block("100.64.0.0/16").cidr_block_state(state).build();
            assert_eq!(observed("vpc-1", &block).status, expected);
        }
    }
}
