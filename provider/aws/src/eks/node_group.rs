//! EKS managed node group: instances that EKS starts, joins and renews. Proof: tag; one of a name per cluster.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use aws_sdk_eks::types::{
    AmiTypes, CapacityTypes, LaunchTemplateSpecification, Nodegroup as Described, NodegroupScalingConfig,
    NodegroupUpdateConfig, Taint as SdkTaint, TaintEffect, Update, UpdateLabelsPayload, UpdateTaintsPayload,
};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use stellar_engine::{
    Address, Changes, Disruption, Error, Input, Observed, Properties, Retained, Rule, Scope, Tags, Target, Traits,
};

use super::updates::{Part, Updates};
use crate::{
    access::Needs,
    {
        Aws, call,
        normal::{in_order_of, values},
    },
};

/// A node group. Outputs: `id` (`cluster/name`), `name`, `arn`, `autoscaling_group`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NodeGroup {
    /// The cluster; cannot be changed.
    pub cluster_name: Input<String>,
    /// At most 63 characters; cannot be changed.
    pub name: String,
    /// The nodes' role; cannot be changed.
    pub role_arn: Input<String>,
    /// Where nodes start, a set; cannot be changed.
    pub subnet_ids: Vec<Input<String>>,
    /// Equivalent types, the preferred one first; cannot be changed.
    pub instance_types: Vec<String>,
    /// `ON_DEMAND` or `SPOT`; cannot be changed.
    pub capacity: String,
    /// The AMI type: `AL2023_x86_64_STANDARD`; cannot be changed.
    pub image: String,
    /// Least and greatest number of nodes.
    pub size: Size,
    /// Number of nodes at creation; the autoscaler's from then on.
    pub desired: i32,
    /// Kubernetes labels.
    pub labels: BTreeMap<String, String>,
    /// Kubernetes taints.
    pub taints: BTreeSet<Taint>,
    /// How many nodes may be renewed at once.
    pub max_unavailable: MaxUnavailable,
    /// The Kubernetes version, `1.35`; `None`: the cluster's at creation, never compared.
    pub version: Option<String>,
    /// The image's release, `1.35.4-20261105`; `None`: the newest whenever nodes are renewed, never compared.
    pub release: Option<String>,
    /// The launch template; cannot be changed, only its version can.
    pub launch_template_id: Input<String>,
    /// A version number, as text.
    pub launch_template_version: Input<String>,
}

/// Bounds of the number of nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Size {
    /// At least.
    pub min: i32,
    /// At most.
    pub max: i32,
}

/// A Kubernetes taint.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Taint {
    /// For instance `nvidia.com/gpu`.
    pub key: String,
    /// May be empty.
    pub value: String,
    /// `NO_SCHEDULE`, `NO_EXECUTE` or `PREFER_NO_SCHEDULE`.
    pub effect: String,
}

/// How many nodes may be renewed at once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxUnavailable {
    /// A number of nodes, 1 to 100.
    Nodes(i32),
    /// A share of the group's nodes, 1 to 100.
    Percent(i32),
}

impl Default for MaxUnavailable {
    fn default() -> Self {
        Self::Nodes(1)
    }
}

impl Properties for NodeGroup {
    const KIND: &'static str = "eks/node-group";
}

/// What EKS tries with the caller's rights, with the tags that the launch template gives to what it starts.
const RUN: &str = "ec2:RunInstances";

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["eks:DescribeNodegroup"],
    create: &[RUN, "eks:CreateNodegroup", "eks:TagResource"],
    update: &[
        RUN,
        "eks:DescribeUpdate",
        "eks:UpdateNodegroupConfig",
        "eks:UpdateNodegroupVersion",
        "eks:TagResource",
        "eks:UntagResource",
    ],
    delete: &["eks:DeleteNodegroup"],
    passes: &["ec2.amazonaws.com", "eks.amazonaws.com"],
    linked: &["eks-nodegroup.amazonaws.com", "spot.amazonaws.com"],
};

/// The kind `eks/node-group`.
pub(super) struct Kind {
    aws: Arc<Aws>,
    updates: Updates,
}

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = NodeGroup;

    fn traits(&self) -> Traits {
        Traits {
            rules: &[
                ("cluster_name", Rule::Replace("a node group belongs to one cluster")),
                ("name", Rule::Replace("the name of a node group cannot be changed")),
                ("role_arn", Rule::Replace("the role of a node group cannot be changed")),
                ("subnet_ids", Rule::Replace("the subnets of a node group cannot be changed")),
                ("instance_types", Rule::Replace("the instance types of a node group cannot be changed")),
                ("capacity", Rule::Replace("a node group is on demand or spot for life")),
                ("image", Rule::Replace("the image type of a node group cannot be changed")),
                ("launch_template_id", Rule::Replace("a node group keeps its launch template")),
                ("desired", Rule::CreateOnly),
                // Nodes are drained and renewed in turn, pods move once.
                ("version", Rule::InPlace(Disruption::Brief)),
                ("release", Rule::InPlace(Disruption::Brief)),
                ("launch_template_version", Rule::InPlace(Disruption::Brief)),
                ("taints", Rule::InPlace(Disruption::Brief)),
            ],
            minutes: (4.0, 25.0, 6.0),
            limit_minutes: 90,
            ..Traits::new(NodeGroup::KIND, "EKS node group")
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        targets: &[Target<NodeGroup>],
    ) -> Vec<Result<Option<Observed<NodeGroup>>, Error>> {
        join_all(targets.iter().map(|target| self.read_one(scope, target))).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &NodeGroup) -> Result<String, Error> {
        let eks = self.aws.eks(&scope.region);
        let cluster = desired.cluster_name.value()?;
        let role_arn = desired.role_arn.value()?;
        let subnets = values(&desired.subnet_ids)?;
        let template = launch_template(desired)?;
        let request = || {
            eks.create_nodegroup()
                .cluster_name(cluster)
                .nodegroup_name(&desired.name)
                .node_role(role_arn)
                .set_subnets(Some(subnets.clone()))
                .set_instance_types(Some(desired.instance_types.clone()))
                .capacity_type(CapacityTypes::from(desired.capacity.as_str()))
                .ami_type(AmiTypes::from(desired.image.as_str()))
                .scaling_config(scaling(desired.size, Some(desired.desired)))
                .set_labels(Some(desired.labels.clone().into_iter().collect()))
                .set_taints(Some(desired.taints.iter().map(to_sdk).collect()))
                .update_config(update_config(desired.max_unavailable))
                .set_version(desired.version.clone())
                .set_release_version(desired.release.clone())
                .launch_template(template.clone())
                .client_request_token(scope.token(address, "create"))
                .set_tags(Some(super::to_sdk(scope.tags_of(address))))
                .send()
        };
        call("eks:CreateNodegroup", request).await?;
        Ok(super::join(cluster, &desired.name))
    }

    /// One step: the settings first, since they decide how the renewal of the nodes goes.
    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &NodeGroup,
        observed: &Observed<NodeGroup>,
        changes: &Changes,
    ) -> Result<(), Error> {
        let (_, name) = super::split(&observed.id)?;
        self.updates.check(&self.aws, &scope.region, &observed.id, Part::NodeGroup(name)).await?;
        let renews = |field: &str| matches!(field, "version" | "release" | "launch_template_version");
        let update = match changes.iter().all(|change| renews(&change.field)) {
            true => self.renew(scope, desired, observed).await?,
            false => self.configure(scope, desired, observed).await?,
        };
        self.updates.asked(&observed.id, update.as_ref());
        Ok(())
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<NodeGroup>,
        _: Option<&NodeGroup>,
    ) -> Result<Vec<Retained>, Error> {
        let eks = self.aws.eks(&scope.region);
        let (cluster, name) = super::split(&observed.id)?;
        let request = || eks.delete_nodegroup().cluster_name(cluster).nodegroup_name(name).send();
        Error::absent_is_none(call("eks:DeleteNodegroup", request).await)?;
        Ok(Vec::new())
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<NodeGroup>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        super::tag(&self.aws, &scope.region, observed, set, remove).await
    }
}

impl Kind {
    pub(super) fn new(aws: Arc<Aws>) -> Self {
        Self { aws, updates: Updates::default() }
    }

    async fn read_one(&self, scope: &Scope, target: &Target<NodeGroup>) -> Result<Option<Observed<NodeGroup>>, Error> {
        let Some(id) = find(target)? else { return Ok(None) };
        let (cluster, name) = super::split(&id)?;
        let eks = self.aws.eks(&scope.region);
        let request = || eks.describe_nodegroup().cluster_name(cluster).nodegroup_name(name).send();
        let output = Error::absent_is_none(call("eks:DescribeNodegroup", request).await)?;
        let group = output.and_then(|output| output.nodegroup);
        Ok(group.map(|group| observe(&group, &id, (cluster, name), target.props.as_ref())))
    }

    /// Size, labels, taints and the pace of renewals, in one call.
    async fn configure(
        &self,
        scope: &Scope,
        desired: &NodeGroup,
        observed: &Observed<NodeGroup>,
    ) -> Result<Option<Update>, Error> {
        let eks = self.aws.eks(&scope.region);
        let (cluster, name) = super::split(&observed.id)?;
        let found = &observed.props;
        let request = || {
            eks.update_nodegroup_config()
                .cluster_name(cluster)
                .nodegroup_name(name)
                .scaling_config(scaling(desired.size, clamped(found.desired, desired.size)))
                .labels(label_changes(&found.labels, &desired.labels))
                .taints(taint_changes(&found.taints, &desired.taints))
                .update_config(update_config(desired.max_unavailable))
                .send()
        };
        call("eks:UpdateNodegroupConfig", request).await.map(|output| output.update)
    }

    /// Renews the nodes, with the newest image of the version unless a release is given.
    async fn renew(
        &self,
        scope: &Scope,
        desired: &NodeGroup,
        observed: &Observed<NodeGroup>,
    ) -> Result<Option<Update>, Error> {
        let eks = self.aws.eks(&scope.region);
        let (cluster, name) = super::split(&observed.id)?;
        let template = launch_template(desired)?;
        let request = || {
            eks.update_nodegroup_version()
                .cluster_name(cluster)
                .nodegroup_name(name)
                .set_version(desired.version.clone())
                .set_release_version(desired.release.clone())
                .launch_template(template.clone())
                .send()
        };
        call("eks:UpdateNodegroupVersion", request).await.map(|output| output.update)
    }
}

fn find(target: &Target<NodeGroup>) -> Result<Option<String>, Error> {
    match (&target.id, &target.props) {
        (Some(id), _) => Ok(Some(id.clone())),
        (None, Some(props)) => Ok(Some(super::join(props.cluster_name.value()?, &props.name))),
        (None, None) => Ok(None),
    }
}

/// The described node group in the desired shape.
fn observe(
    group: &Described,
    id: &str,
    (cluster, name): (&str, &str),
    desired: Option<&NodeGroup>,
) -> Observed<NodeGroup> {
    let scaling = group.scaling_config();
    let template = group.launch_template();
    let props = NodeGroup {
        cluster_name: cluster.into(),
        name: name.to_owned(),
        role_arn: group.node_role().unwrap_or_default().into(),
        subnet_ids: in_order_of(group.subnets().to_vec(), desired.map(|desired| desired.subnet_ids.as_slice())),
        instance_types: group.instance_types().to_vec(),
        capacity: group.capacity_type().map(|capacity| capacity.as_str().to_owned()).unwrap_or_default(),
        image: group.ami_type().map(|image| image.as_str().to_owned()).unwrap_or_default(),
        size: Size {
            min: scaling.and_then(|scaling| scaling.min_size()).unwrap_or_default(),
            max: scaling.and_then(|scaling| scaling.max_size()).unwrap_or_default(),
        },
        desired: scaling.and_then(|scaling| scaling.desired_size()).unwrap_or_default(),
        labels: group.labels().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect(),
        taints: group.taints().iter().map(from_sdk).collect(),
        max_unavailable: group.update_config().map(max_unavailable).unwrap_or_default(),
        version: group.version().map(str::to_owned),
        release: group.release_version().map(str::to_owned),
        launch_template_id: template.and_then(|template| template.id()).unwrap_or_default().into(),
        launch_template_version: template.and_then(|template| template.version()).unwrap_or_default().into(),
    };
    let issues = group.health().map(|health| health.issues()).unwrap_or_default();
    let issues: Vec<_> =
        issues.iter().map(|issue| super::issue(issue.code().map(|code| code.as_str()), issue.message())).collect();
    let groups = group.resources().map(|resources| resources.auto_scaling_groups()).unwrap_or_default();
    let autoscaling_group = groups.first().and_then(|group| group.name()).unwrap_or_default();
    let word = group.status().map_or("CREATING", |status| status.as_str());
    Observed::new(id, props)
        .output("id", id)
        .output("name", name)
        .output("arn", group.nodegroup_arn().unwrap_or_default())
        .output("autoscaling_group", autoscaling_group)
        .tags(super::from_sdk(group.tags()))
        .status(super::status(word, &issues))
}

/// By id alone: a request with id and name is refused.
fn launch_template(desired: &NodeGroup) -> Result<LaunchTemplateSpecification, Error> {
    let (id, version) = (desired.launch_template_id.value()?, desired.launch_template_version.value()?);
    Ok(LaunchTemplateSpecification::builder().id(id).version(version).build())
}

fn scaling(size: Size, desired: Option<i32>) -> NodegroupScalingConfig {
    NodegroupScalingConfig::builder().min_size(size.min).max_size(size.max).set_desired_size(desired).build()
}

/// The number of nodes stays the autoscaler's, unless the new bounds exclude it.
fn clamped(nodes: i32, size: Size) -> Option<i32> {
    let inside = nodes.max(size.min).min(size.max);
    (inside != nodes).then_some(inside)
}

fn update_config(max: MaxUnavailable) -> NodegroupUpdateConfig {
    let config = NodegroupUpdateConfig::builder();
    match max {
        MaxUnavailable::Nodes(nodes) => config.max_unavailable(nodes).build(),
        MaxUnavailable::Percent(percent) => config.max_unavailable_percentage(percent).build(),
    }
}

fn max_unavailable(config: &NodegroupUpdateConfig) -> MaxUnavailable {
    match config.max_unavailable_percentage() {
        Some(percent) => MaxUnavailable::Percent(percent),
        None => config.max_unavailable().map(MaxUnavailable::Nodes).unwrap_or_default(),
    }
}

fn label_changes(found: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> UpdateLabelsPayload {
    let set = wanted.iter().filter(|(key, value)| found.get(*key) != Some(*value));
    let removed = found.keys().filter(|key| !wanted.contains_key(*key));
    UpdateLabelsPayload::builder()
        .set_add_or_update_labels(Some(set.map(|(key, value)| (key.clone(), value.clone())).collect()))
        .set_remove_labels(Some(removed.cloned().collect()))
        .build()
}

/// A taint is its key and effect; a new value alone is an update, and the old one must not be removed.
fn taint_changes(found: &BTreeSet<Taint>, wanted: &BTreeSet<Taint>) -> UpdateTaintsPayload {
    let same = |a: &Taint, b: &Taint| a.key == b.key && a.effect == b.effect;
    let removed = found.iter().filter(|taint| !wanted.iter().any(|other| same(taint, other)));
    UpdateTaintsPayload::builder()
        .set_add_or_update_taints(Some(wanted.difference(found).map(to_sdk).collect()))
        .set_remove_taints(Some(removed.map(to_sdk).collect()))
        .build()
}

fn to_sdk(taint: &Taint) -> SdkTaint {
    let effect = TaintEffect::from(taint.effect.as_str());
    SdkTaint::builder().key(&taint.key).value(&taint.value).effect(effect).build()
}

fn from_sdk(taint: &SdkTaint) -> Taint {
    Taint {
        key: taint.key().unwrap_or_default().to_owned(),
        value: taint.value().unwrap_or_default().to_owned(),
        effect: taint.effect().map(|effect| effect.as_str().to_owned()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_autoscaler_keeps_its_number_within_the_bounds() {
        let rows = [(5, (3, 20), None), (2, (3, 20), Some(3)), (30, (3, 20), Some(20)), (3, (3, 3), None)];
        for (nodes, (min, max), expected) in rows {
            assert_eq!(clamped(nodes, Size { min, max }), expected, "{nodes} in {min}..{max}");
        }
    }

    #[test]
    fn the_pace_of_renewals_survives_a_round_trip() {
        for max in [MaxUnavailable::Nodes(2), MaxUnavailable::Percent(33)] {
            assert_eq!(max_unavailable(&update_config(max)), max);
        }
        assert_eq!(max_unavailable(&NodegroupUpdateConfig::builder().build()), MaxUnavailable::Nodes(1));
    }

    #[test]
    fn only_labels_that_differ_are_sent() {
        let labels = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let changes = label_changes(&labels(&[("a", "1"), ("b", "1"), ("c", "1")]), &labels(&[("a", "1"), ("b", "2")]));
        assert_eq!(changes.add_or_update_labels().map(|set| set.len()), Some(1));
        assert_eq!(changes.add_or_update_labels().and_then(|set| set.get("b")).map(String::as_str), Some("2"));
        assert_eq!(changes.remove_labels(), ["c"]);
    }

    #[test]
    fn a_taint_with_a_new_value_is_set_and_not_removed() {
        let taint = |key: &str, value: &str| Taint {
            key: key.to_owned(),
            value: value.to_owned(),
            effect: "NO_SCHEDULE".to_owned(),
        };
        let found = BTreeSet::from([taint("a", "1"), taint("b", "1"), taint("c", "1")]);
        let wanted = BTreeSet::from([taint("a", "1"), taint("b", "2")]);
        let changes = taint_changes(&found, &wanted);
        let keys = |taints: &[SdkTaint]| taints.iter().map(|taint| from_sdk(taint).key).collect::<Vec<_>>();
        assert_eq!(keys(changes.add_or_update_taints()), ["b"]);
        assert_eq!(keys(changes.remove_taints()), ["c"]);
    }
}
