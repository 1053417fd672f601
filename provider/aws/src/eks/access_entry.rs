//! EKS access entry: the rights of one IAM principal in a cluster. Proof: tag; one per principal and cluster.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use aws_sdk_eks::types::{AccessScope, AccessScopeType, AssociatedAccessPolicy};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Error, Input, Observed, Properties, Retained, Rule, Scope, Tags, Target, Traits,
};

use crate::{Aws, access::Needs, call};

/// An access entry, wholly owned: policies that are not listed are removed. Outputs: `id`, `arn`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AccessEntry {
    /// The cluster; cannot be changed.
    pub cluster_name: Input<String>,
    /// An IAM role or user; cannot be changed.
    pub principal_arn: Input<String>,
    /// Access policies by ARN, with the namespaces in which they hold; none = in the whole cluster.
    pub policies: BTreeMap<String, BTreeSet<String>>,
    /// Groups that Kubernetes' own role bindings name.
    pub groups: BTreeSet<String>,
}

impl Properties for AccessEntry {
    const KIND: &'static str = "eks/access-entry";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["eks:DescribeAccessEntry", "eks:ListAssociatedAccessPolicies"],
    create: &["eks:CreateAccessEntry", "eks:TagResource"],
    update: &[
        "eks:AssociateAccessPolicy",
        "eks:DisassociateAccessPolicy",
        "eks:UpdateAccessEntry",
        "eks:TagResource",
        "eks:UntagResource",
    ],
    delete: &["eks:DeleteAccessEntry"],
    ..Needs::NOTHING
};

/// The kind `eks/access-entry`; the recorded id is `cluster/principal-arn`.
pub(super) struct Kind(pub Arc<Aws>);

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = AccessEntry;

    fn traits(&self) -> Traits {
        Traits {
            rules: &[
                ("cluster_name", Rule::Replace("an access entry belongs to one cluster")),
                ("principal_arn", Rule::Replace("an access entry belongs to one principal")),
            ],
            ..Traits::new(AccessEntry::KIND, "EKS access entry")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<AccessEntry>],
    ) -> Vec<Result<Option<Observed<AccessEntry>>, Error>> {
        join_all(targets.iter().map(|target| self.read_one(scope, target))).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &AccessEntry) -> Result<String, Error> {
        let eks = self.0.eks(&scope.region);
        let (cluster, principal) = (desired.cluster_name.value()?, desired.principal_arn.value()?);
        let request = || {
            eks.create_access_entry()
                .cluster_name(cluster)
                .principal_arn(principal)
                .set_kubernetes_groups(Some(desired.groups.iter().cloned().collect()))
                .client_request_token(scope.token(address, "create"))
                .set_tags(Some(super::to_sdk(scope.tags_of(address))))
                .send()
        };
        call("eks:CreateAccessEntry", request).await?;
        Ok(super::join(cluster, principal))
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &AccessEntry,
        observed: &Observed<AccessEntry>,
        _: &Changes,
    ) -> Result<(), Error> {
        let eks = self.0.eks(&scope.region);
        let (cluster, principal) = super::split(&observed.id)?;
        if desired.groups != observed.props.groups {
            let groups: Vec<String> = desired.groups.iter().cloned().collect();
            let update = || eks.update_access_entry().cluster_name(cluster).principal_arn(principal);
            let request = || update().set_kubernetes_groups(Some(groups.clone())).send();
            call("eks:UpdateAccessEntry", request).await?;
        }
        let (wanted, found) = (&desired.policies, &observed.props.policies);
        // Associating again replaces the namespaces.
        for (policy, namespaces) in wanted.iter().filter(|(policy, spaces)| found.get(*policy) != Some(spaces)) {
            let associate = || eks.associate_access_policy().cluster_name(cluster).principal_arn(principal);
            let request = || associate().policy_arn(policy).access_scope(access_scope(namespaces)).send();
            call("eks:AssociateAccessPolicy", request).await?;
        }
        for policy in found.keys().filter(|policy| !wanted.contains_key(*policy)) {
            let disassociate = || eks.disassociate_access_policy().cluster_name(cluster).principal_arn(principal);
            let request = || disassociate().policy_arn(policy).send();
            Error::absent_is_none(call("eks:DisassociateAccessPolicy", request).await)?;
        }
        Ok(())
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<AccessEntry>,
        _: Option<&AccessEntry>,
    ) -> Result<Vec<Retained>, Error> {
        let eks = self.0.eks(&scope.region);
        let (cluster, principal) = super::split(&observed.id)?;
        let request = || eks.delete_access_entry().cluster_name(cluster).principal_arn(principal).send();
        Error::absent_is_none(call("eks:DeleteAccessEntry", request).await)?;
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<AccessEntry>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        super::tag(&self.0, &scope.region, observed, set, remove).await
    }
}

impl Kind {
    async fn read_one(
        &self,
        scope: &Scope,
        target: &Target<AccessEntry>,
    ) -> Result<Option<Observed<AccessEntry>>, Error> {
        match find(target)? {
            Some(id) => Error::absent_is_none(self.describe(scope, &id).await),
            None => Ok(None),
        }
    }

    async fn describe(&self, scope: &Scope, id: &str) -> Result<Observed<AccessEntry>, Error> {
        let (cluster, principal) = super::split(id)?;
        let eks = self.0.eks(&scope.region);
        let entry = || eks.describe_access_entry().cluster_name(cluster).principal_arn(principal).send();
        let policies = || eks.list_associated_access_policies().cluster_name(cluster).principal_arn(principal).send();
        let (entry, policies) =
            tokio::join!(call("eks:DescribeAccessEntry", entry), call("eks:ListAssociatedAccessPolicies", policies),);
        let (entry, policies) = (entry?, policies?);
        let Some(entry) = entry.access_entry() else {
            return Err(Error::permanent("eks:DescribeAccessEntry answered without an entry"));
        };
        let props = AccessEntry {
            cluster_name: cluster.into(),
            principal_arn: principal.into(),
            policies: policies.associated_access_policies().iter().filter_map(associated).collect(),
            groups: entry.kubernetes_groups().iter().cloned().collect(),
        };
        let arn = entry.access_entry_arn().unwrap_or_default();
        Ok(Observed::new(id, props).output("id", id).output("arn", arn).tags(super::from_sdk(entry.tags())))
    }
}

fn find(target: &Target<AccessEntry>) -> Result<Option<String>, Error> {
    match (&target.id, &target.props) {
        (Some(id), _) => Ok(Some(id.clone())),
        (None, Some(props)) => Ok(Some(super::join(props.cluster_name.value()?, props.principal_arn.value()?))),
        (None, None) => Ok(None),
    }
}

fn associated(policy: &AssociatedAccessPolicy) -> Option<(String, BTreeSet<String>)> {
    let namespaces = policy.access_scope().map(|scope| scope.namespaces()).unwrap_or_default();
    Some((policy.policy_arn()?.to_owned(), namespaces.iter().cloned().collect()))
}

fn access_scope(namespaces: &BTreeSet<String>) -> AccessScope {
    let scope = AccessScope::builder();
    match namespaces.is_empty() {
        true => scope.r#type(AccessScopeType::Cluster).build(),
        false => {
            scope.r#type(AccessScopeType::Namespace).set_namespaces(Some(namespaces.iter().cloned().collect())).build()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_survives_a_round_trip() {
        for names in [vec![], vec!["shop"], vec!["a", "b"]] {
            let namespaces: BTreeSet<String> = names.into_iter().map(str::to_owned).collect();
            let policy =
                AssociatedAccessPolicy::builder().policy_arn("p").access_scope(access_scope(&namespaces)).build();
            assert_eq!(associated(&policy), Some(("p".to_owned(), namespaces)));
        }
    }
}
