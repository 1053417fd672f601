//! Origin access control. Proof: field; the name ends in the claim's suffix, the description holds the claim.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_cloudfront::types::{
    OriginAccessControlConfig, OriginAccessControlOriginTypes, OriginAccessControlSigningBehaviors,
    OriginAccessControlSigningProtocols, OriginAccessControlSummary,
};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Error, Observed, Proof, Properties, Retained, Rule, Scope, Tagging, Target, Traits,
};

use super::{built, etag, mark, prove};
use crate::{Aws, access::Needs, call};

const NOUN: &str = "origin access control";

/// How a distribution signs its requests to private buckets. Output: `id`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OriginAccessControl {
    /// Unique in the account, at most 64 characters; cannot be changed.
    pub name: String,
    /// `always`: whatever the viewer sent as authorization is replaced by the distribution's signature.
    pub signing: String,
}

impl Properties for OriginAccessControl {
    const KIND: &'static str = "cloudfront/origin-access-control";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["cloudfront:GetOriginAccessControl", "cloudfront:ListOriginAccessControls"],
    create: &["cloudfront:CreateOriginAccessControl"],
    update: &["cloudfront:UpdateOriginAccessControl"],
    delete: &["cloudfront:DeleteOriginAccessControl"],
    ..Needs::NOTHING
};

/// The kind `cloudfront/origin-access-control`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = OriginAccessControl;

    fn traits(&self) -> Traits {
        Traits {
            proof: Proof::Field,
            tagging: Tagging::None,
            rules: &[("name", Rule::Replace("the name proves the ownership"))],
            // A deleted distribution holds it for a while.
            limit_minutes: 30,
            ..Traits::new(OriginAccessControl::KIND, NOUN)
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<OriginAccessControl>],
    ) -> Vec<Result<Option<Observed<OriginAccessControl>>, Error>> {
        join_all(targets.iter().map(|target| self.read_one(scope, target))).await
    }

    async fn create(&self, scope: &Scope, _: &Address, desired: &OriginAccessControl) -> Result<String, Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let config = config(scope, desired)?;
        let request = || cloudfront.create_origin_access_control().origin_access_control_config(config.clone()).send();
        let output = call("cloudfront:CreateOriginAccessControl", request).await?;
        let id = output.origin_access_control().map(|control| control.id().to_owned());
        id.ok_or_else(|| Error::permanent("cloudfront:CreateOriginAccessControl answered without an id"))
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &OriginAccessControl,
        observed: &Observed<OriginAccessControl>,
        _: &Changes,
    ) -> Result<(), Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let Some(etag) = self.etag(scope, &observed.id).await? else { return Ok(()) };
        let config = config(scope, desired)?;
        let request = || {
            let request = cloudfront.update_origin_access_control().id(&observed.id).if_match(&etag);
            request.origin_access_control_config(config.clone()).send()
        };
        call("cloudfront:UpdateOriginAccessControl", request).await.map(drop)
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<OriginAccessControl>,
        _: Option<&OriginAccessControl>,
    ) -> Result<Vec<Retained>, Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let Some(etag) = self.etag(scope, &observed.id).await? else { return Ok(Vec::new()) };
        let request = || cloudfront.delete_origin_access_control().id(&observed.id).if_match(&etag).send();
        Error::absent_is_none(call("cloudfront:DeleteOriginAccessControl", request).await)?;
        Ok(Vec::new())
    }
}

impl Kind {
    async fn read_one(
        &self,
        scope: &Scope,
        target: &Target<OriginAccessControl>,
    ) -> Result<Option<Observed<OriginAccessControl>>, Error> {
        if let Some(id) = &target.id {
            return self.read_id(scope, id).await;
        }
        let Some(props) = &target.props else { return Ok(None) };
        let cloudfront = self.0.cloudfront(&scope.region);
        let request = || {
            let pages = cloudfront.list_origin_access_controls().into_paginator().items();
            pages.send().collect::<Result<Vec<OriginAccessControlSummary>, _>>()
        };
        let all = call("cloudfront:ListOriginAccessControls", request).await?;
        let Some(found) = all.iter().find(|control| control.name() == props.name) else { return Ok(None) };
        prove(scope, NOUN, found.name(), Some(found.description()))?;
        Ok(Some(observed(found.id(), found.name(), found.signing_behavior())))
    }

    async fn read_id(&self, scope: &Scope, id: &str) -> Result<Option<Observed<OriginAccessControl>>, Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let request = || cloudfront.get_origin_access_control().id(id).send();
        let output = Error::absent_is_none(call("cloudfront:GetOriginAccessControl", request).await)?;
        let control = output.as_ref().and_then(|output| output.origin_access_control());
        let Some(config) = control.and_then(|control| control.origin_access_control_config()) else { return Ok(None) };
        prove(scope, NOUN, config.name(), config.description())?;
        Ok(Some(observed(id, config.name(), config.signing_behavior())))
    }

    /// `None` when there is no such object.
    async fn etag(&self, scope: &Scope, id: &str) -> Result<Option<String>, Error> {
        let cloudfront = self.0.cloudfront(&scope.region);
        let operation = "cloudfront:GetOriginAccessControl";
        let output = call(operation, || cloudfront.get_origin_access_control().id(id).send()).await;
        Error::absent_is_none(output)?.map(|output| etag(output.e_tag, operation)).transpose()
    }
}

fn observed(id: &str, name: &str, signing: &OriginAccessControlSigningBehaviors) -> Observed<OriginAccessControl> {
    let props = OriginAccessControl { name: name.to_owned(), signing: signing.as_str().to_owned() };
    Observed::new(id, props).output("id", id)
}

fn config(scope: &Scope, desired: &OriginAccessControl) -> Result<OriginAccessControlConfig, Error> {
    let config = OriginAccessControlConfig::builder()
        .name(&desired.name)
        .description(mark(scope))
        .signing_protocol(OriginAccessControlSigningProtocols::Sigv4)
        .signing_behavior(desired.signing.as_str().into())
        .origin_access_control_origin_type(OriginAccessControlOriginTypes::S3)
        .build();
    built(config)
}
