//! Elastic IP address. Proof: tag.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::types::{DomainType, Filter, ResourceType};
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Error, ErrorClass, Observed, Properties, Retained, Scope, Tags, Target, Traits,
};

use super::answer::{arn, id_of};
use super::{find::find, tags};
use crate::{Aws, access::Needs, call, call_once};

/// A public IPv4 address that stays the same. Outputs: `id` (the allocation), `arn`, `public_ip`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ElasticIp {}

impl Properties for ElasticIp {
    const KIND: &'static str = "ec2/elastic-ip";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["ec2:DescribeAddresses"],
    create: &["ec2:AllocateAddress", "ec2:CreateTags"],
    update: &["ec2:CreateTags", "ec2:DeleteTags"],
    delete: &["ec2:ReleaseAddress"],
    ..Needs::NOTHING
};

/// The kind `ec2/elastic-ip`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = ElasticIp;

    fn traits(&self) -> Traits {
        Traits::new(ElasticIp::KIND, "Elastic IP address")
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<ElasticIp>],
    ) -> Vec<Result<Option<Observed<ElasticIp>>, Error>> {
        find(scope, targets, "allocation-id", |filter| self.list(scope, filter)).await
    }

    async fn create(&self, scope: &Scope, address: &Address, _: &ElasticIp) -> Result<String, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let tags = tags::on_create(ResourceType::ElasticIp, &scope.tags_of(address));
        let request = || ec2.allocate_address().domain(DomainType::Vpc).tag_specifications(tags.clone()).send();
        let output = call_once("ec2:AllocateAddress", request).await?;
        id_of("ec2:AllocateAddress", output.allocation_id())
    }

    async fn update(
        &self,
        _: &Scope,
        address: &Address,
        _: &ElasticIp,
        _: &Observed<ElasticIp>,
        _: &Changes,
    ) -> Result<(), Error> {
        Err(Error::bug(format!("{address} has no property that could differ")))
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<ElasticIp>,
        _: Option<&ElasticIp>,
    ) -> Result<Vec<Retained>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.release_address().allocation_id(&observed.id).send();
        Error::absent_is_none(call("ec2:ReleaseAddress", request).await.map_err(held))?;
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<ElasticIp>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        tags::apply(&self.0, &scope.region, &observed.id, set, remove).await
    }
}

impl Kind {
    async fn list(&self, scope: &Scope, filter: Filter) -> Result<Vec<Observed<ElasticIp>>, Error> {
        let ec2 = self.0.ec2(&scope.region);
        let request = || ec2.describe_addresses().filters(filter.clone()).send();
        let output = call("ec2:DescribeAddresses", request).await?;
        Ok(output.addresses().iter().map(|address| observed(scope, address)).collect())
    }
}

/// EC2 says `AuthFailure` of an address that a NAT gateway still holds ("You do not have permission to access the specified
/// resource": the association is the service's own), and of credentials that it does not accept.
fn held(error: Error) -> Error {
    match error.code.as_deref() {
        Some("AuthFailure") if !error.message.contains("credentials") => Error { class: ErrorClass::InUse, ..error },
        _ => error,
    }
}

fn observed(scope: &Scope, address: &aws_sdk_ec2::types::Address) -> Observed<ElasticIp> {
    let id = address.allocation_id().unwrap_or_default();
    Observed::new(id, ElasticIp {})
        .output("id", id)
        .output("arn", arn(scope, "elastic-ip", id))
        .output("public_ip", address.public_ip().unwrap_or_default())
        .tags(tags::from_sdk(address.tags()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_a_nat_gateway_holds_is_waited_for() {
        let rows = [
            ("AuthFailure", "You do not have permission to access the specified resource.", ErrorClass::InUse),
            ("AuthFailure", "AWS was not able to validate the provided access credentials", ErrorClass::Denied),
            ("UnauthorizedOperation", "You are not authorized to perform this operation.", ErrorClass::Denied),
        ];
        for (code, message, expected) in rows {
            let error = Error { code: Some(code.to_owned()), ..Error::new(ErrorClass::Denied, message) };
            assert_eq!(held(error).class, expected, "{code}: {message}");
        }
    }
}
