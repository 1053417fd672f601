//! EKS add-on: software that EKS installs and keeps in a cluster. Proof: tag; one of a name per cluster.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_eks::types::{Addon as Described, AddonIssue, AddonIssueCode, ResolveConflicts};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stellar_engine::{
    Address, Changes, Disruption, Error, Input, Observed, Properties, Retained, Rule, Scope, Status, Tags, Target,
    Traits,
};

use super::updates::{Part, Updates};
use crate::{Aws, access::Needs, call};

/// An add-on. Outputs: `id` (`cluster/name`), `arn`, `version`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Addon {
    /// The cluster; cannot be changed.
    pub cluster_name: Input<String>,
    /// The add-on's name in EKS's catalogue: `vpc-cni`; cannot be changed.
    pub name: String,
    /// `v1.20.4-eksbuild.1`. `None`: EKS's default at creation, never compared. Unknown while a plan does not know what
    /// goes with another Kubernetes version.
    pub version: Option<Input<String>>,
    /// The add-on's own configuration, an object; empty = as it comes. `None` is never compared.
    pub configuration: Option<Value>,
    /// Perhaps there are no nodes yet, so that missing replicas are no fault.
    pub nodeless: bool,
}

impl Properties for Addon {
    const KIND: &'static str = "eks/addon";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["eks:DescribeAddon"],
    create: &["eks:CreateAddon", "eks:TagResource"],
    update: &["eks:DescribeUpdate", "eks:UpdateAddon", "eks:TagResource", "eks:UntagResource"],
    delete: &["eks:DeleteAddon"],
    ..Needs::NOTHING
};

/// The kind `eks/addon`.
pub(super) struct Kind {
    aws: Arc<Aws>,
    updates: Updates,
}

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = Addon;

    fn traits(&self) -> Traits {
        Traits {
            rules: &[
                ("cluster_name", Rule::Replace("an add-on belongs to one cluster")),
                ("name", Rule::Replace("an add-on's name says what it is")),
                // Its pods restart one after the other.
                ("version", Rule::InPlace(Disruption::Brief)),
                ("configuration", Rule::InPlace(Disruption::Brief)),
                ("nodeless", Rule::Local),
            ],
            minutes: (1.0, 1.0, 1.0),
            limit_minutes: 20,
            volatile: &["version"],
            ..Traits::new(Addon::KIND, "EKS add-on")
        }
    }

    async fn read(&self, scope: &Scope, targets: &[Target<Addon>]) -> Vec<Result<Option<Observed<Addon>>, Error>> {
        join_all(targets.iter().map(|target| self.read_one(scope, target))).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &Addon) -> Result<String, Error> {
        let eks = self.aws.eks(&scope.region);
        let cluster = desired.cluster_name.value()?;
        let version = desired.version.as_ref().map(Input::value).transpose()?;
        let configuration = desired.configuration.as_ref().filter(|value| **value != json!({}));
        let request = || {
            eks.create_addon()
                .cluster_name(cluster)
                .addon_name(&desired.name)
                .set_addon_version(version.cloned())
                .set_configuration_values(configuration.map(Value::to_string))
                .resolve_conflicts(ResolveConflicts::Overwrite)
                .client_request_token(scope.token(address, "create"))
                .set_tags(Some(super::to_sdk(scope.tags_of(address))))
                .send()
        };
        call("eks:CreateAddon", request).await?;
        Ok(super::join(cluster, &desired.name))
    }

    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &Addon,
        observed: &Observed<Addon>,
        _: &Changes,
    ) -> Result<(), Error> {
        let eks = self.aws.eks(&scope.region);
        let (cluster, name) = super::split(&observed.id)?;
        self.updates.check(&self.aws, &scope.region, &observed.id, Part::Addon(name)).await?;
        // Both at once: a new version may need the new configuration. What the request leaves out, EKS resets.
        let configuration = desired.configuration.as_ref().or(observed.props.configuration.as_ref());
        let version = desired.version.as_ref().map(Input::value).transpose()?;
        let request = || {
            eks.update_addon()
                .cluster_name(cluster)
                .addon_name(name)
                .set_addon_version(version.cloned())
                .set_configuration_values(configuration.map(Value::to_string))
                .resolve_conflicts(ResolveConflicts::Overwrite)
                .send()
        };
        let output = call("eks:UpdateAddon", request).await?;
        self.updates.asked(&observed.id, output.update());
        Ok(())
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<Addon>,
        _: Option<&Addon>,
    ) -> Result<Vec<Retained>, Error> {
        let eks = self.aws.eks(&scope.region);
        let (cluster, name) = super::split(&observed.id)?;
        let request = || eks.delete_addon().cluster_name(cluster).addon_name(name).send();
        Error::absent_is_none(call("eks:DeleteAddon", request).await)?;
        Ok(Vec::new())
    }

    async fn tag(&self, scope: &Scope, observed: &Observed<Addon>, set: &Tags, remove: &[String]) -> Result<(), Error> {
        super::tag(&self.aws, &scope.region, observed, set, remove).await
    }
}

impl Kind {
    pub(super) fn new(aws: Arc<Aws>) -> Self {
        Self { aws, updates: Updates::default() }
    }

    async fn read_one(&self, scope: &Scope, target: &Target<Addon>) -> Result<Option<Observed<Addon>>, Error> {
        let Some(id) = find(target)? else { return Ok(None) };
        let (cluster, name) = super::split(&id)?;
        let eks = self.aws.eks(&scope.region);
        let request = || eks.describe_addon().cluster_name(cluster).addon_name(name).send();
        let output = Error::absent_is_none(call("eks:DescribeAddon", request).await)?;
        Ok(output.and_then(|output| output.addon).map(|addon| observe(&addon, &id, target.props.as_ref())))
    }
}

fn find(target: &Target<Addon>) -> Result<Option<String>, Error> {
    match (&target.id, &target.props) {
        (Some(id), _) => Ok(Some(id.clone())),
        (None, Some(props)) => Ok(Some(super::join(props.cluster_name.value()?, &props.name))),
        (None, None) => Ok(None),
    }
}

fn observe(addon: &Described, id: &str, desired: Option<&Addon>) -> Observed<Addon> {
    let nodeless = desired.is_some_and(|desired| desired.nodeless);
    let props = Addon {
        cluster_name: addon.cluster_name().unwrap_or_default().into(),
        name: addon.addon_name().unwrap_or_default().to_owned(),
        version: addon.addon_version().map(Input::from),
        configuration: Some(configuration(addon.configuration_values().unwrap_or_default())),
        nodeless,
    };
    let issues = addon.health().map(|health| health.issues()).unwrap_or_default();
    let is_idle = |issue: &AddonIssue| issue.code() == Some(&AddonIssueCode::InsufficientNumberOfReplicas);
    let status = match addon.status().map_or("CREATING", |status| status.as_str()) {
        "DEGRADED" if nodeless && issues.iter().all(is_idle) => Status::Ready,
        word => {
            let lines: Vec<_> =
                issues.iter().map(|i| super::issue(i.code().map(|c| c.as_str()), i.message())).collect();
            super::status(word, &lines)
        }
    };
    Observed::new(id, props)
        .output("id", id)
        .output("arn", addon.addon_arn().unwrap_or_default())
        .output("version", addon.addon_version().unwrap_or_default())
        .tags(super::from_sdk(addon.tags()))
        .status(status)
}

/// EKS takes JSON or YAML and gives back what it got; we write JSON, so another text is somebody else's.
fn configuration(text: &str) -> Value {
    if text.is_empty() {
        return json!({});
    }
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use aws_sdk_eks::types::{AddonHealth, AddonStatus};

    use super::*;

    #[test]
    fn missing_replicas_are_a_fault_where_there_are_nodes() {
        let issue = |code: AddonIssueCode| AddonIssue::builder().code(code).message("m").build();
        let idle = vec![issue(AddonIssueCode::InsufficientNumberOfReplicas)];
        let denied = vec![issue(AddonIssueCode::InsufficientNumberOfReplicas), issue(AddonIssueCode::AccessDenied)];
        let rows = [
            (idle.clone(), true, Status::Ready),
            (idle, false, Status::Degraded("InsufficientNumberOfReplicas: m".to_owned())),
            (denied, true, Status::Degraded("InsufficientNumberOfReplicas: m; AccessDenied: m".to_owned())),
        ];
        for (issues, nodeless, expected) in rows {
            let health = AddonHealth::builder().set_issues(Some(issues)).build();
            let addon = Described::builder().status(AddonStatus::Degraded).health(health).build();
            let desired = Addon { nodeless, ..Addon::default() };
            assert_eq!(observe(&addon, "shop/coredns", Some(&desired)).status, expected, "nodeless: {nodeless}");
        }
    }

    #[test]
    fn configuration_is_compared_as_json_whatever_its_spacing() {
        assert_eq!(configuration("{ \"b\": 1, \"a\": [true] }"), json!({"a": [true], "b": 1}));
        assert_eq!(configuration("a: 1"), json!("a: 1"));
        assert_eq!(configuration(""), json!({}));
    }
}
