//! From configuration to components.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use stellar_aws::{
    eks::{access_entry::AccessEntry, addon, cluster, pod_identity_association::PodIdentityAssociation},
    logs::log_group::LogGroup,
};
use stellar_engine::{Address, Input, address, input};
use tfplugin_sdk::Attr;

use super::{AFTER_NODES, Access, Addon, BEFORE_NODES, EBS_SERVICE_ACCOUNT, Facts, Kubernetes, nodes, roles};
use crate::cluster::{
    build::{Builder, KubernetesRefs},
    key::{KeyUser, section_key},
    known::{NotYetKnown, known},
};

/// Adds the section's components. `own_key` is the user's key for the section, if there is one;
/// `deletion_protection` the stack's.
///
/// # Errors
/// When a value that decides which components there are is only known after apply.
pub fn expand(
    config: &Kubernetes,
    own_key: Option<Input<String>>,
    deletion_protection: Input<bool>,
    b: &mut Builder<'_>,
) -> Result<(), NotYetKnown> {
    let version = version(config, b)?;
    let cluster = add_cluster(config, version.clone(), own_key, deletion_protection, b)?;
    let addons = Addons {
        cluster: cluster.clone(),
        version: version.clone(),
        config: addons(config)?,
        nodeless: nodeless(config)?,
    };

    let mut before_nodes = Vec::new();
    for name in BEFORE_NODES {
        before_nodes.push(addons.add(b, name, [])?);
    }
    add_access(config, &cluster, b)?;
    let identities = add_pod_identities(config, &cluster, b)?;

    let role = b.add(address!("kubernetes/role/node"), &roles::node(b));
    before_nodes.extend(b.network.egress.iter().cloned());
    let shared = nodes::Shared { cluster: &cluster, role: &role, version, after: before_nodes };
    // Pods get the credentials of associations that exist when they start.
    let mut after_nodes = identities;
    for (name, pool) in known(&config.node_pools, "kubernetes.node_pools")?.into_iter().flatten() {
        after_nodes.push(nodes::add(b, &shared, name, pool)?);
    }
    for name in addons.after_nodes() {
        addons.add(b, name, after_nodes.iter().cloned())?;
    }
    Ok(())
}

/// The configured version, else the one that was looked up; `None` when nothing was yet.
fn version(config: &Kubernetes, b: &Builder<'_>) -> Result<Option<String>, NotYetKnown> {
    let configured = known(&config.version, "kubernetes.version")?;
    let found = Some(&b.facts.kubernetes.version).filter(|version| !version.is_empty());
    Ok(configured.or(found).cloned())
}

fn add_cluster(
    config: &Kubernetes,
    version: Option<String>,
    own_key: Option<Input<String>>,
    deletion_protection: Input<bool>,
    b: &mut Builder<'_>,
) -> Result<Address, NotYetKnown> {
    let name = b.names.regional("", 100);
    let key = section_key(b, "kubernetes", &[KeyUser::Logs], own_key);
    let role = b.add(address!("kubernetes/role/cluster"), &roles::cluster(b));
    let logs = known(&config.logs, "kubernetes.logs")?.cloned().unwrap_or_else(default_logs);
    // EKS writes into a group of this name, and would make one without key and retention.
    let log_group = LogGroup {
        name: format!("/aws/eks/{name}/cluster"),
        retention_days: Some(retention(config)?),
        kms_key_arn: Some(key.clone()),
    };
    let log_group = b.add(address!("kubernetes/log-group"), &log_group);
    let support = known(&config.support, "kubernetes.support")?.map_or("standard", String::as_str);
    let props = cluster::Cluster {
        name: name.clone(),
        version,
        version_pinned: config.version.is_known(),
        role_arn: Input::output(&role, "arn"),
        subnet_ids: b.network.private_subnet_ids.clone(),
        endpoint: endpoint(config)?,
        logs,
        secrets_key_arn: Some(key),
        authentication_mode: "API".to_owned(),
        support: support.to_ascii_uppercase(),
        deletion_protection: Some(deletion_protection),
        force_upgrade: known(&config.force_upgrade, "kubernetes.force_upgrade")?.copied().unwrap_or(false),
        delete_volumes: known(&config.volumes, "kubernetes.volumes")?.is_some_and(|volumes| volumes == "delete"),
    };
    let cluster = b.add_after(address!("kubernetes/cluster"), &props, [log_group]);
    let security_group_id = Input::output(&cluster, "security_group_id");
    b.kubernetes = Some(KubernetesRefs { cluster_name: name, security_group_id });
    Ok(cluster)
}

fn default_logs() -> BTreeSet<String> {
    ["api", "audit", "authenticator"].map(str::to_owned).into()
}

fn retention(config: &Kubernetes) -> Result<i32, NotYetKnown> {
    let days = known(&config.log_retention_days, "kubernetes.log_retention_days")?;
    // Validation has refused what CloudWatch does not take.
    Ok(days.map_or(30, |days| i32::try_from(*days).unwrap_or(i32::MAX)))
}

fn endpoint(config: &Kubernetes) -> Result<cluster::Endpoint, NotYetKnown> {
    let default = super::Endpoint::default();
    let endpoint = known(&config.endpoint, "kubernetes.endpoint")?.unwrap_or(&default);
    Ok(cluster::Endpoint {
        private: known(&endpoint.private, "kubernetes.endpoint.private")?.copied().unwrap_or(true),
        public_cidrs: known(&endpoint.public_cidrs, "kubernetes.endpoint.public_cidrs")?.cloned().unwrap_or_default(),
    })
}

/// The configured add-ons and the default ones.
fn addons(config: &Kubernetes) -> Result<BTreeMap<String, Addon>, NotYetKnown> {
    let mut all = known(&config.addons, "kubernetes.addons")?.cloned().unwrap_or_default();
    for name in BEFORE_NODES.into_iter().chain(AFTER_NODES) {
        all.entry(name.to_owned()).or_default();
    }
    Ok(all)
}

/// No pool of the stack surely has a node: nodes come from elsewhere, later, or not at all.
fn nodeless(config: &Kubernetes) -> Result<bool, NotYetKnown> {
    for (name, pool) in known(&config.node_pools, "kubernetes.node_pools")?.into_iter().flatten() {
        if known(&pool.min, &format!("kubernetes.node_pools[{name:?}].min"))?.is_none_or(|min| *min > 0) {
            return Ok(false);
        }
    }
    Ok(true)
}

struct Addons {
    cluster: Address,
    version: Option<String>,
    config: BTreeMap<String, Addon>,
    nodeless: bool,
}

impl Addons {
    fn after_nodes(&self) -> impl Iterator<Item = &str> {
        self.config.keys().map(String::as_str).filter(|name| !BEFORE_NODES.contains(name))
    }

    fn add(
        &self,
        b: &mut Builder<'_>,
        name: &str,
        after: impl IntoIterator<Item = Address>,
    ) -> Result<Address, NotYetKnown> {
        let default = Addon::default();
        let config = self.config.get(name).unwrap_or(&default);
        let pinned = known(&config.version, &format!("kubernetes.addons[{name:?}].version"))?;
        let props = addon::Addon {
            cluster_name: Input::output(&self.cluster, "name"),
            name: name.to_owned(),
            version: pinned.cloned().map(Input::Known).or_else(|| self.recommended(&b.facts.kubernetes, name)),
            configuration: match &config.configuration {
                Attr::Null => Some(json!({})),
                Attr::Unknown => Some(input::unknown()),
                // Validation has refused what is no JSON.
                Attr::Known(json) => Some(serde_json::from_str(json).unwrap_or_else(|_| Value::String(json.clone()))),
            },
            nodeless: self.nodeless,
        };
        Ok(b.add_after(address!("kubernetes/addon/{name}"), &props, after))
    }

    /// The version that was looked up. Unknown for a Kubernetes version that comes in an upgrade: its add-ons are looked up
    /// when it is applied. `None` when nothing was looked up at all.
    fn recommended(&self, facts: &Facts, name: &str) -> Option<Input<String>> {
        let version = self.version.as_ref()?;
        match facts.addons.get(version).and_then(|addons| addons.get(name)) {
            Some(found) => Some(Input::Known(found.clone())),
            None if facts.addons.is_empty() => None,
            None => Some(Input::Unknown),
        }
    }
}

fn add_access(config: &Kubernetes, cluster: &Address, b: &mut Builder<'_>) -> Result<(), NotYetKnown> {
    for (name, access) in known(&config.access, "kubernetes.access")?.into_iter().flatten() {
        let attribute = |field: &str| format!("kubernetes.access[{name:?}].{field}");
        let policy = known(&access.policy, &attribute("policy"))?;
        let policy = policy.map(|policy| access_policy_arn(&b.facts.partition, policy));
        let namespaces = known(&access.namespaces, &attribute("namespaces"))?.cloned().unwrap_or_default();
        let props = AccessEntry {
            cluster_name: Input::output(cluster, "name"),
            principal_arn: principal(access),
            policies: policy.map(|policy| (policy, namespaces)).into_iter().collect(),
            groups: known(&access.kubernetes_groups, &attribute("kubernetes_groups"))?.cloned().unwrap_or_default(),
        };
        b.add(address!("kubernetes/access/{name}"), &props);
    }
    Ok(())
}

/// Often a role of the same configuration, whose ARN only the apply knows.
fn principal(access: &Access) -> Input<String> {
    match &access.principal_arn {
        Attr::Known(arn) => Input::Known(arn.clone()),
        Attr::Null | Attr::Unknown => Input::Unknown,
    }
}

/// The ARN of an access policy by its short name; an ARN stays.
fn access_policy_arn(partition: &str, policy: &str) -> String {
    match access_policy(policy) {
        Some(name) => format!("arn:{partition}:eks::aws:cluster-access-policy/{name}"),
        None => policy.to_owned(),
    }
}

/// EKS's name of an access policy (EKS User Guide, "Review access policy permissions").
pub(super) fn access_policy(policy: &str) -> Option<&'static str> {
    match policy {
        "cluster-admin" => Some("AmazonEKSClusterAdminPolicy"),
        "admin" => Some("AmazonEKSAdminPolicy"),
        "admin-view" => Some("AmazonEKSAdminViewPolicy"),
        "edit" => Some("AmazonEKSEditPolicy"),
        "view" => Some("AmazonEKSViewPolicy"),
        _ => None,
    }
}

/// Adds roles and associations, also that of the EBS driver; answers the association that add-ons need.
fn add_pod_identities(
    config: &Kubernetes,
    cluster: &Address,
    b: &mut Builder<'_>,
) -> Result<Vec<Address>, NotYetKnown> {
    for (name, identity) in known(&config.pod_identities, "kubernetes.pod_identities")?.into_iter().flatten() {
        let attribute = |field: &str| format!("kubernetes.pod_identities[{name:?}].{field}");
        let namespace = known(&identity.namespace, &attribute("namespace"))?.cloned().unwrap_or_default();
        let account = known(&identity.service_account, &attribute("service_account"))?.cloned().unwrap_or_default();
        let role = b.add(address!("kubernetes/pod-identity-role/{name}"), &roles::pod(b, name, identity)?);
        let props = association(cluster, &role, &namespace, &account);
        b.add(address!("kubernetes/pod-identity/{name}"), &props);
    }
    let (namespace, account) = EBS_SERVICE_ACCOUNT;
    let role = b.add(address!("kubernetes/role/ebs-csi"), &roles::ebs_driver(b));
    let props = association(cluster, &role, namespace, account);
    Ok(vec![b.add(address!("kubernetes/addon-identity/aws-ebs-csi-driver"), &props)])
}

fn association(cluster: &Address, role: &Address, namespace: &str, account: &str) -> PodIdentityAssociation {
    PodIdentityAssociation {
        cluster_name: Input::output(cluster, "name"),
        namespace: namespace.to_owned(),
        service_account: account.to_owned(),
        role_arn: Input::output(role, "arn"),
    }
}

#[cfg(test)]
mod tests;
