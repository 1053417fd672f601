//! EKS pod identity association: the IAM role of one Kubernetes service account. Proof: tag; one per
//! service account and cluster.

use std::sync::Arc;

use async_trait::async_trait;
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Disruption, Error, Input, Observed, Properties, Retained, Rule, Scope, Tags, Target, Traits,
};

use crate::{Aws, access::Needs, call};

/// A pod identity association. Outputs: `id`, `arn`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PodIdentityAssociation {
    /// The cluster; cannot be changed.
    pub cluster_name: Input<String>,
    /// Namespace of the service account; need not exist yet; cannot be changed.
    pub namespace: String,
    /// Name of the service account; need not exist yet; cannot be changed.
    pub service_account: String,
    /// The role, which must trust `pods.eks.amazonaws.com`.
    pub role_arn: Input<String>,
}

impl Properties for PodIdentityAssociation {
    const KIND: &'static str = "eks/pod-identity-association";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["eks:DescribePodIdentityAssociation", "eks:ListPodIdentityAssociations"],
    create: &["eks:CreatePodIdentityAssociation", "eks:TagResource"],
    update: &["eks:UpdatePodIdentityAssociation", "eks:TagResource", "eks:UntagResource"],
    delete: &["eks:DeletePodIdentityAssociation"],
    passes: &["pods.eks.amazonaws.com"],
    ..Needs::NOTHING
};

/// The kind `eks/pod-identity-association`; the recorded id is `cluster/association-id`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = PodIdentityAssociation;

    fn traits(&self) -> Traits {
        Traits {
            rules: &[
                ("cluster_name", Rule::Replace("an association belongs to one cluster")),
                ("namespace", Rule::Replace("an association belongs to one service account")),
                ("service_account", Rule::Replace("an association belongs to one service account")),
                // Running pods keep the old role's credentials for up to six hours.
                ("role_arn", Rule::InPlace(Disruption::Brief)),
            ],
            ..Traits::new(PodIdentityAssociation::KIND, "EKS pod identity association")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<PodIdentityAssociation>],
    ) -> Vec<Result<Option<Observed<PodIdentityAssociation>>, Error>> {
        join_all(targets.iter().map(|target| self.read_one(scope, target))).await
    }

    async fn create(
        &self,
        scope: &Scope,
        address: &Address,
        desired: &PodIdentityAssociation,
    ) -> Result<String, Error> {
        let eks = self.0.eks(&scope.region);
        let (cluster, role_arn) = (desired.cluster_name.value()?, desired.role_arn.value()?);
        let request = || {
            eks.create_pod_identity_association()
                .cluster_name(cluster)
                .namespace(&desired.namespace)
                .service_account(&desired.service_account)
                .role_arn(role_arn)
                .client_request_token(scope.token(address, "create"))
                .set_tags(Some(super::to_sdk(scope.tags_of(address))))
                .send()
        };
        let output = call("eks:CreatePodIdentityAssociation", request).await?;
        let id = output.association().and_then(|association| association.association_id());
        id.map(|id| super::join(cluster, id))
            .ok_or_else(|| Error::permanent("eks:CreatePodIdentityAssociation answered without an id"))
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &PodIdentityAssociation,
        observed: &Observed<PodIdentityAssociation>,
        _: &Changes,
    ) -> Result<(), Error> {
        let eks = self.0.eks(&scope.region);
        let (cluster, id) = super::split(&observed.id)?;
        let role_arn = desired.role_arn.value()?;
        let update = || eks.update_pod_identity_association().cluster_name(cluster).association_id(id);
        call("eks:UpdatePodIdentityAssociation", || update().role_arn(role_arn).send()).await.map(drop)
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<PodIdentityAssociation>,
        _: Option<&PodIdentityAssociation>,
    ) -> Result<Vec<Retained>, Error> {
        let eks = self.0.eks(&scope.region);
        let (cluster, id) = super::split(&observed.id)?;
        let request = || eks.delete_pod_identity_association().cluster_name(cluster).association_id(id).send();
        Error::absent_is_none(call("eks:DeletePodIdentityAssociation", request).await)?;
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<PodIdentityAssociation>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        super::tag(&self.0, &scope.region, observed, set, remove).await
    }
}

impl Kind {
    /// By the recorded id, and when that is gone by service account: somebody may have made it anew.
    async fn read_one(
        &self,
        scope: &Scope,
        target: &Target<PodIdentityAssociation>,
    ) -> Result<Option<Observed<PodIdentityAssociation>>, Error> {
        if let Some(id) = &target.id
            && let Some(found) = Error::absent_is_none(self.describe(scope, id).await)?
        {
            return Ok(Some(found));
        }
        let Some(props) = &target.props else { return Ok(None) };
        let cluster = props.cluster_name.value()?;
        match Error::absent_is_none(self.find(scope, cluster, props).await)?.flatten() {
            Some(id) => Error::absent_is_none(self.describe(scope, &super::join(cluster, &id)).await),
            None => Ok(None),
        }
    }

    async fn find(
        &self,
        scope: &Scope,
        cluster: &str,
        props: &PodIdentityAssociation,
    ) -> Result<Option<String>, Error> {
        let eks = self.0.eks(&scope.region);
        let list = || eks.list_pod_identity_associations().cluster_name(cluster).namespace(&props.namespace);
        let request = || list().service_account(&props.service_account).send();
        let output = call("eks:ListPodIdentityAssociations", request).await?;
        Ok(output.associations().first().and_then(|association| association.association_id()).map(str::to_owned))
    }

    async fn describe(&self, scope: &Scope, id: &str) -> Result<Observed<PodIdentityAssociation>, Error> {
        let (cluster, association_id) = super::split(id)?;
        let eks = self.0.eks(&scope.region);
        let describe = || eks.describe_pod_identity_association().cluster_name(cluster);
        let request = || describe().association_id(association_id).send();
        let output = call("eks:DescribePodIdentityAssociation", request).await?;
        let Some(found) = output.association() else {
            return Err(Error::permanent("eks:DescribePodIdentityAssociation answered without an association"));
        };
        let props = PodIdentityAssociation {
            cluster_name: cluster.into(),
            namespace: found.namespace().unwrap_or_default().to_owned(),
            service_account: found.service_account().unwrap_or_default().to_owned(),
            role_arn: found.role_arn().unwrap_or_default().into(),
        };
        let arn = found.association_arn().unwrap_or_default();
        Ok(Observed::new(id, props).output("id", id).output("arn", arn).tags(super::from_sdk(found.tags())))
    }
}
