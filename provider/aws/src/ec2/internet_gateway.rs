//! Internet gateway. Proof: tag. Created detached: attaching is an update.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, ResourceType};
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Blocker, Changes, Error, Input, Observed, Properties, Retained, Scope, Status, Tags, Target, Traits,
};

use super::answer::{arn, id_of};
use super::{blockers, find::find, tags};
use crate::{Aws, access::Needs, call, call_once};

/// A VPC's way to the internet. Outputs: `id`, `arn`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InternetGateway {
    /// The VPC that it is attached to; observed `None`: detached.
    pub vpc_id: Option<Input<String>>,
}

impl Properties for InternetGateway {
    const KIND: &'static str = "ec2/internet-gateway";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["ec2:DescribeInternetGateways"],
    create: &["ec2:CreateInternetGateway", "ec2:CreateTags"],
    update: &["ec2:AttachInternetGateway", "ec2:DetachInternetGateway", "ec2:CreateTags", "ec2:DeleteTags"],
    delete: &["ec2:DetachInternetGateway", "ec2:DeleteInternetGateway"],
    ..Needs::NOTHING
};

/// The kind `ec2/internet-gateway`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = InternetGateway;

    fn traits(&self) -> Traits {
        Traits::new(InternetGateway::KIND, "internet gateway")
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<InternetGateway>],
    ) -> Vec<Result<Option<Observed<InternetGateway>>, Error>> {
        find(scope, targets, "internet-gateway-id", |filter| self.list(scope, filter)).await
    }

    async fn create(&self, scope: &Scope, address: &Address, _: &InternetGateway) -> Result<String, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let tags = tags::on_create(ResourceType::InternetGateway, &scope.tags_of(address));
        let request = || ec2.create_internet_gateway().tag_specifications(tags.clone()).send();
        let output = call_once("ec2:CreateInternetGateway", request).await?;
        id_of("ec2:CreateInternetGateway", output.internet_gateway().and_then(|g| g.internet_gateway_id()))
    }

    async fn complete(&self, scope: &Scope, _: &Address, desired: &InternetGateway, id: &str) -> Result<(), Error> {
        self.attach(scope, desired, id).await
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &InternetGateway,
        observed: &Observed<InternetGateway>,
        _: &Changes,
    ) -> Result<(), Error> {
        self.detach(scope, observed).await?;
        self.attach(scope, desired, &observed.id).await
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<InternetGateway>,
        _: Option<&InternetGateway>,
    ) -> Result<Vec<Retained>, Error> {
        self.detach(scope, observed).await?;
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.delete_internet_gateway().internet_gateway_id(&observed.id).send();
        Error::absent_is_none(call("ec2:DeleteInternetGateway", request).await)?;
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<InternetGateway>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        tags::apply(&self.0, &scope.region, &observed.id, set, remove).await
    }

    async fn blockers(&self, scope: &Scope, observed: &Observed<InternetGateway>) -> Result<Vec<Blocker>, Error> {
        match &observed.props.vpc_id {
            Some(vpc) => blockers::gateway_blockers(&self.0, scope, vpc.value()?).await,
            None => Ok(Vec::new()),
        }
    }
}

impl Kind {
    async fn list(&self, scope: &Scope, filter: Filter) -> Result<Vec<Observed<InternetGateway>>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request =
            || ec2.describe_internet_gateways().filters(filter.clone()).into_paginator().items().send().collect();
        let gateways: Vec<_> = call("ec2:DescribeInternetGateways", request).await?;
        Ok(gateways.iter().map(|gateway| observed(scope, gateway)).collect())
    }

    /// Attaches the gateway to the desired VPC, if any.
    async fn attach(&self, scope: &Scope, desired: &InternetGateway, id: &str) -> Result<(), Error> {
        let Some(vpc) = &desired.vpc_id else { return Ok(()) };
        let (ec2, vpc) = (self.0.ec2(&scope.region), vpc.value()?);
        let request = || ec2.attach_internet_gateway().internet_gateway_id(id).vpc_id(vpc).send();
        call("ec2:AttachInternetGateway", request).await.map(drop)
    }

    /// Detaches the gateway from the VPC that it is attached to, if any.
    async fn detach(&self, scope: &Scope, observed: &Observed<InternetGateway>) -> Result<(), Error> {
        let Some(vpc) = &observed.props.vpc_id else { return Ok(()) };
        let (ec2, vpc) = (self.0.ec2(&scope.region), vpc.value()?);
        let request = || ec2.detach_internet_gateway().internet_gateway_id(&observed.id).vpc_id(vpc).send();
        Error::absent_is_none(call("ec2:DetachInternetGateway", request).await).map(drop)
    }
}

fn observed(scope: &Scope, gateway: &aws_sdk_ec2::types::InternetGateway) -> Observed<InternetGateway> {
    let id = gateway.internet_gateway_id().unwrap_or_default();
    let attachment = gateway.attachments().first();
    // An attached gateway says "available", a state that the API's model does not list.
    let status = match attachment.and_then(|a| a.state()).map(|state| state.as_str()) {
        Some(state @ ("attaching" | "detaching")) => Status::Pending(state.to_owned()),
        _ => Status::Ready,
    };
    let props = InternetGateway { vpc_id: attachment.and_then(|a| a.vpc_id()).map(Input::from) };
    let observed = Observed::new(id, props).output("id", id).output("arn", arn(scope, "internet-gateway", id));
    observed.tags(tags::from_sdk(gateway.tags())).status(status)
}
