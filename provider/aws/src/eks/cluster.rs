//! EKS cluster: the control plane. Proof: tag; its name is unique in the region.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use aws_sdk_eks::{
    operation::update_cluster_config::builders::UpdateClusterConfigFluentBuilder,
    types::{
        AuthenticationMode, Cluster as Described, CreateAccessConfigRequest, EncryptionConfig, LogSetup, LogType,
        Logging, Provider, SupportType, UpdateAccessConfigRequest, UpgradePolicyRequest, VpcConfigRequest,
    },
};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stellar_engine::{
    Address, Blocker, Changes, Clearing, Disruption, Error, Input, Observed, Properties, Retained, Rule, Scope, Status,
    Tags, Target, Traits,
};

use super::{
    insights::Insights,
    leftovers::{self, Sweep},
    members,
    updates::{Part, Updates},
    versions::Minor,
    volumes,
};
use crate::{
    access::Needs,
    {
        Aws, call,
        normal::{in_order_of, values},
    },
};

/// The log types of a control plane.
const LOG_TYPES: [LogType; 5] =
    [LogType::Api, LogType::Audit, LogType::Authenticator, LogType::ControllerManager, LogType::Scheduler];

/// A cluster without add-ons of its own and without rights for its creator: both are components.
/// Outputs: `id` (= name), `name`, `arn`, `version`, `endpoint`, `certificate_authority` (base64),
/// `oidc_issuer` (URL), `security_group_id` (the group that EKS makes for control plane and nodes), `vpc_id`, `created`
/// (seconds since 1970).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// At most 100 characters; cannot be changed.
    pub name: String,
    /// The minor version, `1.35`. `None`: EKS's default at creation, never compared.
    pub version: Option<String>,
    /// The user named the version. Otherwise a newer one that AWS rolled out is no difference.
    pub version_pinned: bool,
    /// The control plane's role; cannot be changed.
    pub role_arn: Input<String>,
    /// Subnets of at least two zones, a set; later ones must be in the same zones.
    pub subnet_ids: Vec<Input<String>>,
    /// Who reaches the API server.
    pub endpoint: Endpoint,
    /// Types of logs that are sent to CloudWatch: `api`, `audit`, `authenticator`, `controllerManager`, `scheduler`.
    pub logs: BTreeSet<String>,
    /// ARN of the key that encrypts secrets; cannot be changed.
    pub secrets_key_arn: Option<Input<String>>,
    /// `API`: rights come from access entries alone.
    pub authentication_mode: String,
    /// `STANDARD`: AWS upgrades at the end of standard support; `EXTENDED`: it costs six times as much from then on.
    pub support: String,
    /// AWS refuses to delete the cluster.
    pub deletion_protection: Option<Input<bool>>,
    /// Upgrade although EKS has found something that speaks against it.
    pub force_upgrade: bool,
    /// Volumes of the EBS driver are deleted with the cluster; otherwise they stay and are named.
    pub delete_volumes: bool,
}

/// Access to the API server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    /// From the VPC.
    pub private: bool,
    /// IPv4 blocks that reach it over the internet; empty = closed.
    pub public_cidrs: BTreeSet<String>,
}

impl Properties for Cluster {
    const KIND: &'static str = "eks/cluster";
}

/// What IAM must allow.
pub(super) const NEEDS: Needs = Needs {
    read: &["eks:DescribeCluster"],
    create: &["eks:CreateCluster", "eks:TagResource", "kms:CreateGrant", "kms:DescribeKey"],
    update: &[
        "eks:DescribeInsightsRefresh",
        "eks:DescribeUpdate",
        "eks:ListInsights",
        "eks:StartInsightsRefresh",
        "eks:UpdateClusterConfig",
        "eks:UpdateClusterVersion",
        "eks:TagResource",
        "eks:UntagResource",
    ],
    delete: &[
        "ec2:DeleteVolume",
        "ec2:DescribeVolumes",
        "eks:DeleteCluster",
        "eks:DescribeFargateProfile",
        "eks:DescribeNodegroup",
        "eks:ListFargateProfiles",
        "eks:ListNodegroups",
        "eks:UpdateClusterConfig",
    ],
    passes: &["eks.amazonaws.com"],
    linked: &["eks.amazonaws.com"],
};

/// The kind `eks/cluster`; the recorded id is the name.
pub(super) struct Kind {
    aws: Arc<Aws>,
    insights: Insights,
    updates: Updates,
}

#[async_trait]
impl stellar_engine::Kind for Kind {
    type Props = Cluster;

    fn traits(&self) -> Traits {
        Traits {
            rules: &[
                ("name", Rule::Replace("the name of a cluster cannot be changed")),
                ("role_arn", Rule::Replace("the role of a cluster cannot be changed")),
                ("secrets_key_arn", Rule::Replace("the key of a cluster's secrets cannot be changed")),
                // The API server restarts one replica at a time.
                ("version", Rule::InPlace(Disruption::Brief)),
                ("endpoint", Rule::InPlace(Disruption::Brief)),
                ("version_pinned", Rule::Local),
                ("force_upgrade", Rule::Local),
                ("delete_volumes", Rule::Local),
            ],
            minutes: (9.0, 9.0, 4.0),
            limit_minutes: 60,
            volatile: &["version"],
            ..Traits::new(Cluster::KIND, "EKS cluster")
        }
    }

    async fn read(&self, scope: &Scope, targets: &[Target<Cluster>]) -> Vec<Result<Option<Observed<Cluster>>, Error>> {
        join_all(targets.iter().map(|target| self.read_one(scope, target))).await
    }

    async fn create(&self, scope: &Scope, address: &Address, desired: &Cluster) -> Result<String, Error> {
        let eks = self.aws.eks(&scope.region);
        let role_arn = desired.role_arn.value()?;
        let network = vpc_config(&desired.endpoint).set_subnet_ids(Some(values(&desired.subnet_ids)?)).build();
        let key_arn = desired.secrets_key_arn.as_ref().map(Input::value).transpose()?;
        let protection = desired.deletion_protection.as_ref().map(Input::value).transpose()?;
        let access = CreateAccessConfigRequest::builder()
            .authentication_mode(AuthenticationMode::from(desired.authentication_mode.as_str()))
            .bootstrap_cluster_creator_admin_permissions(false)
            .build();
        let request = || {
            eks.create_cluster()
                .name(&desired.name)
                .set_version(desired.version.clone())
                .role_arn(role_arn)
                .resources_vpc_config(network.clone())
                .logging(logging(&desired.logs))
                .set_encryption_config(key_arn.map(|arn| vec![secrets_encryption(arn)]))
                .access_config(access.clone())
                .bootstrap_self_managed_addons(false)
                .upgrade_policy(upgrade_policy(&desired.support))
                .set_deletion_protection(protection.copied())
                .client_request_token(scope.token(address, "create"))
                .set_tags(Some(super::to_sdk(scope.tags_of(address))))
                .send()
        };
        call("eks:CreateCluster", request).await?;
        Ok(desired.name.clone())
    }

    /// One step: EKS takes one kind of change at a time, and one minor version.
    async fn update(
        &self,
        scope: &Scope,
        _: &Address,
        desired: &Cluster,
        observed: &Observed<Cluster>,
        changes: &Changes,
    ) -> Result<(), Error> {
        let Some(change) = changes.first() else { return Ok(()) };
        self.updates.check(&self.aws, &scope.region, &observed.id, Part::Cluster).await?;
        if change.field == "version" {
            return self.upgrade(scope, desired, observed).await;
        }
        let request = config_change(&change.field, desired)?;
        let eks = self.aws.eks(&scope.region);
        let send = || request(eks.update_cluster_config()).name(&observed.id).send();
        let output = call("eks:UpdateClusterConfig", send).await?;
        self.updates.asked(&observed.id, output.update());
        Ok(())
    }

    async fn delete(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<Cluster>,
        props: Option<&Cluster>,
    ) -> Result<Vec<Retained>, Error> {
        let (eks, name) = (self.aws.eks(&scope.region), &observed.id);
        // A cluster that failed is not protected, whatever it says (EKS User Guide, "Protect EKS clusters from accidental
        // deletion"), and takes no update either.
        let is_protected = observed.props.deletion_protection == Some(Input::Known(true));
        if is_protected && !matches!(observed.status, Status::Failed(_) | Status::Unmade(_)) {
            let request = || eks.update_cluster_config().name(name).deletion_protection(false).send();
            Error::absent_is_none(call("eks:UpdateClusterConfig", request).await)?;
            return Ok(Vec::new());
        }
        // The nodes are gone, so nobody uses the volumes any more.
        let retained = match props.is_some_and(|props| props.delete_volumes) {
            true => volumes::delete(&self.aws, &scope.region, name).await.map(|()| Vec::new())?,
            false => volumes::retained(&self.aws, &scope.region, name).await?,
        };
        Error::absent_is_none(call("eks:DeleteCluster", || eks.delete_cluster().name(name).send()).await)?;
        Ok(retained)
    }

    async fn tag(
        &self,
        scope: &Scope,
        observed: &Observed<Cluster>,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), Error> {
        super::tag(&self.aws, &scope.region, observed, set, remove).await
    }

    /// Sweeps what the cluster's controllers have made, once no node is left on which they could make it again.
    async fn clear(
        &self,
        scope: &Scope,
        _: &Address,
        observed: &Observed<Cluster>,
        _: Option<&Cluster>,
    ) -> Result<Clearing, Error> {
        let members = members::left(&self.aws, scope, &observed.id).await?;
        if !members.is_empty() {
            let waiting_for = Some("waiting for its last nodes to go".to_owned());
            return Ok(Clearing { waiting_for, blockers: members, ..Clearing::default() });
        }
        let text = |output: &str| observed.outputs.get(output).and_then(Value::as_str);
        let Some(vpc) = text("vpc_id") else { return Ok(Clearing::default()) };
        let since = observed.outputs.get("created").and_then(Value::as_i64);
        // Nothing is swept that cannot be shown to be younger than the cluster.
        let Some(since) = since else { return Ok(Clearing::default()) };
        let own_group = text("security_group_id").unwrap_or_default();
        let sweep = Sweep { cluster: &observed.id, vpc, since: Some(since), own_group: Some(own_group) };
        leftovers::clear(&self.aws, scope, &sweep).await
    }

    async fn blockers(&self, scope: &Scope, observed: &Observed<Cluster>) -> Result<Vec<Blocker>, Error> {
        members::left(&self.aws, scope, &observed.id).await
    }
}

impl Kind {
    pub(super) fn new(aws: Arc<Aws>) -> Self {
        Self { aws, insights: Insights::default(), updates: Updates::default() }
    }

    async fn read_one(&self, scope: &Scope, target: &Target<Cluster>) -> Result<Option<Observed<Cluster>>, Error> {
        let derived = target.props.as_ref().map(|props| &props.name);
        let Some(name) = target.id.as_ref().or(derived) else { return Ok(None) };
        let eks = self.aws.eks(&scope.region);
        let output = call("eks:DescribeCluster", || eks.describe_cluster().name(name).send()).await;
        let cluster = Error::absent_is_none(output)?.and_then(|output| output.cluster);
        Ok(cluster.map(|cluster| observe(&cluster, name, target.props.as_ref())))
    }

    /// Goes to the next minor version on the way to the desired one, unless EKS has found what speaks against it.
    async fn upgrade(&self, scope: &Scope, desired: &Cluster, observed: &Observed<Cluster>) -> Result<(), Error> {
        let (eks, name) = (self.aws.eks(&scope.region), &observed.id);
        let from = Minor::parse(observed.props.version.as_deref().unwrap_or_default())?;
        let to = Minor::parse(desired.version.as_deref().unwrap_or_default())?;
        let next = from.step_to(to)?.to_string();
        if !desired.force_upgrade {
            self.insights.allow(&self.aws, &scope.region, name, &next).await?;
        }
        let request = || eks.update_cluster_version().name(name).version(&next).force(desired.force_upgrade).send();
        let output = call("eks:UpdateClusterVersion", request).await?;
        self.updates.asked(name, output.update());
        Ok(())
    }
}

/// The described cluster in the desired shape.
fn observe(cluster: &Described, name: &str, desired: Option<&Cluster>) -> Observed<Cluster> {
    let network = cluster.resources_vpc_config();
    let key = cluster.encryption_config().iter().find_map(|config| config.provider()?.key_arn());
    let props = Cluster {
        name: name.to_owned(),
        version: cluster.version().map(|version| compared_version(version, desired)),
        version_pinned: desired.is_some_and(|desired| desired.version_pinned),
        role_arn: cluster.role_arn().unwrap_or_default().into(),
        subnet_ids: in_order_of(
            network.map(|network| network.subnet_ids().to_vec()).unwrap_or_default(),
            desired.map(|desired| desired.subnet_ids.as_slice()),
        ),
        endpoint: Endpoint {
            private: network.is_some_and(|network| network.endpoint_private_access()),
            // A closed public endpoint still shows blocks, 0.0.0.0/0 by default.
            public_cidrs: network
                .filter(|network| network.endpoint_public_access())
                .map(|network| network.public_access_cidrs().iter().cloned().collect())
                .unwrap_or_default(),
        },
        logs: enabled_logs(cluster.logging()),
        secrets_key_arn: key.map(Input::from),
        authentication_mode: cluster
            .access_config()
            .and_then(|access| access.authentication_mode())
            .map(|mode| mode.as_str().to_owned())
            .unwrap_or_else(|| desired.map(|desired| desired.authentication_mode.clone()).unwrap_or_default()),
        support: cluster
            .upgrade_policy()
            .and_then(|policy| policy.support_type())
            .map(|support| support.as_str().to_owned())
            .unwrap_or_else(|| desired.map(|desired| desired.support.clone()).unwrap_or_default()),
        deletion_protection: match cluster.deletion_protection() {
            Some(on) => Some(Input::Known(on)),
            None => desired.and_then(|desired| desired.deletion_protection.clone()),
        },
        force_upgrade: false,
        delete_volumes: false,
    };
    let issues = cluster.health().map(|health| health.issues()).unwrap_or_default();
    let issues: Vec<_> =
        issues.iter().map(|issue| super::issue(issue.code().map(|code| code.as_str()), issue.message())).collect();
    let security_group = network.and_then(|network| network.cluster_security_group_id());
    let issuer = cluster.identity().and_then(|identity| identity.oidc()?.issuer());
    let outputs = [
        ("arn", cluster.arn()),
        ("version", cluster.version()),
        // The next four exist from some point of the creation on.
        ("endpoint", cluster.endpoint()),
        ("certificate_authority", cluster.certificate_authority().and_then(|certificate| certificate.data())),
        ("oidc_issuer", issuer),
        ("security_group_id", security_group),
        ("vpc_id", network.and_then(|network| network.vpc_id())),
    ];
    let observed = Observed::new(name, props).output("id", name).output("name", name);
    let observed = match cluster.created_at() {
        Some(created) => observed.output("created", created.secs()),
        None => observed,
    };
    let observed = outputs
        .into_iter()
        .filter_map(|(output, value)| Some((output, value?)))
        .fold(observed, |observed, (output, value)| observed.output(output, value));
    let word = cluster.status().map_or("CREATING", |status| status.as_str());
    observed.tags(super::from_sdk(cluster.tags())).status(super::status(word, &issues))
}

/// The version as it is compared: one that AWS has rolled out beyond an unpinned one is as desired.
fn compared_version(observed: &str, desired: Option<&Cluster>) -> String {
    let wanted = desired.filter(|desired| !desired.version_pinned).and_then(|desired| desired.version.as_deref());
    match (wanted, Minor::parse(observed), wanted.map(Minor::parse)) {
        (Some(text), Ok(observed), Some(Ok(wanted))) if observed > wanted => text.to_owned(),
        _ => observed.to_owned(),
    }
}

/// The one change that brings the field in line.
fn config_change<'a>(
    field: &str,
    desired: &'a Cluster,
) -> Result<Box<dyn Fn(UpdateClusterConfigFluentBuilder) -> UpdateClusterConfigFluentBuilder + Send + Sync + 'a>, Error>
{
    Ok(match field {
        "endpoint" => Box::new(|r| r.resources_vpc_config(vpc_config(&desired.endpoint).build())),
        "subnet_ids" => {
            let network = VpcConfigRequest::builder().set_subnet_ids(Some(values(&desired.subnet_ids)?)).build();
            Box::new(move |r| r.resources_vpc_config(network.clone()))
        }
        "logs" => Box::new(|r| r.logging(logging(&desired.logs))),
        "authentication_mode" => {
            let mode = AuthenticationMode::from(desired.authentication_mode.as_str());
            let access = UpdateAccessConfigRequest::builder().authentication_mode(mode).build();
            Box::new(move |r| r.access_config(access.clone()))
        }
        "support" => Box::new(|r| r.upgrade_policy(upgrade_policy(&desired.support))),
        "deletion_protection" => {
            let on = desired.deletion_protection.as_ref().map(Input::value).transpose()?.copied();
            Box::new(move |r| r.set_deletion_protection(on))
        }
        other => return Err(Error::bug(format!("eks/cluster cannot change {other}"))),
    })
}

fn vpc_config(endpoint: &Endpoint) -> aws_sdk_eks::types::builders::VpcConfigRequestBuilder {
    let cidrs = (!endpoint.public_cidrs.is_empty()).then(|| endpoint.public_cidrs.iter().cloned().collect());
    VpcConfigRequest::builder()
        .endpoint_private_access(endpoint.private)
        .endpoint_public_access(cidrs.is_some())
        .set_public_access_cidrs(cidrs)
}

/// Every type is named, since types that a request leaves out stay as they are.
fn logging(on: &BTreeSet<String>) -> Logging {
    let (on, off): (Vec<_>, Vec<_>) = LOG_TYPES.into_iter().partition(|log| on.contains(log.as_str()));
    let setup = |types: Vec<LogType>, enabled| LogSetup::builder().set_types(Some(types)).enabled(enabled).build();
    let setups = [(on, true), (off, false)].into_iter().filter(|(types, _)| !types.is_empty());
    Logging::builder().set_cluster_logging(Some(setups.map(|(types, on)| setup(types, on)).collect())).build()
}

fn enabled_logs(logging: Option<&Logging>) -> BTreeSet<String> {
    let setups = logging.map(|logging| logging.cluster_logging()).unwrap_or_default();
    let on = setups.iter().filter(|setup| setup.enabled() == Some(true));
    on.flat_map(|setup| setup.types()).map(|log| log.as_str().to_owned()).collect()
}

#[expect(deprecated, reason = "EKS ignores the list today, but versions of its API that are still in use demand it")]
fn secrets_encryption(key_arn: &str) -> EncryptionConfig {
    let provider = Provider::builder().key_arn(key_arn).build();
    EncryptionConfig::builder().resources("secrets").provider(provider).build()
}

fn upgrade_policy(support: &str) -> UpgradePolicyRequest {
    UpgradePolicyRequest::builder().support_type(SupportType::from(support)).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_types_survive_a_round_trip() {
        for on in
            [vec![], vec!["api", "audit"], vec!["api", "audit", "authenticator", "controllerManager", "scheduler"]]
        {
            let on: BTreeSet<String> = on.into_iter().map(str::to_owned).collect();
            let request = logging(&on);
            assert_eq!(enabled_logs(Some(&request)), on);
            assert_eq!(request.cluster_logging().iter().map(|setup| setup.types().len()).sum::<usize>(), 5);
        }
        assert_eq!(enabled_logs(None), BTreeSet::new());
    }

    #[test]
    fn only_an_unpinned_version_may_be_passed_by_aws() {
        let rows = [
            ("1.36", "1.35", false, "1.35"),
            ("1.36", "1.35", true, "1.36"),
            ("1.34", "1.35", false, "1.34"),
            ("1.35", "1.35", false, "1.35"),
        ];
        for (observed, desired, pinned, expected) in rows {
            let cluster = Cluster { version: Some(desired.to_owned()), version_pinned: pinned, ..Cluster::default() };
            assert_eq!(compared_version(observed, Some(&cluster)), expected, "{observed} {desired} {pinned}");
        }
        assert_eq!(compared_version("1.36", None), "1.36");
    }

    #[test]
    fn a_closed_endpoint_hides_the_blocks_that_aws_still_shows() {
        let vpc = |public| {
            let config = aws_sdk_eks::types::VpcConfigResponse::builder()
                .endpoint_public_access(public)
                .endpoint_private_access(true)
                .public_access_cidrs("0.0.0.0/0");
            Described::builder().resources_vpc_config(config.build()).build()
        };
        let cidrs = |public| observe(&vpc(public), "shop", None).props.endpoint.public_cidrs;
        assert_eq!(cidrs(false), BTreeSet::new());
        assert_eq!(cidrs(true), BTreeSet::from(["0.0.0.0/0".to_owned()]));
    }
}
