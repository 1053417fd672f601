//! What the configuration alone decides.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use stellar_aws::eks::versions::Minor;
use tfplugin_sdk::{Attr, Diagnostics, Path};

use super::{Access, Addon, EBS_SERVICE_ACCOUNT, Endpoint, Kubernetes, PodIdentity, expand::access_policy};
use crate::cluster::check;

mod pools;

/// Log types of a control plane (API reference of LogSetup).
const LOGS: [&str; 5] = ["api", "audit", "authenticator", "controllerManager", "scheduler"];
/// Days that CloudWatch keeps logs (API reference of PutRetentionPolicy).
const RETENTION: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// Checks the section at `path`; unknown values are skipped.
pub fn validate(config: &Kubernetes, path: &Path, d: &mut Diagnostics) {
    if let Attr::Known(version) = &config.version
        && let Err(error) = version.parse::<Minor>()
    {
        d.attribute_error(path.attr("version"), "Invalid Kubernetes version", format!("{error}."));
    }
    one_of(&config.support, &["standard", "extended"], &path.attr("support"), d);
    one_of(&config.volumes, &["keep", "delete"], &path.attr("volumes"), d);
    if let Attr::Known(endpoint) = &config.endpoint {
        check_endpoint(endpoint, &path.attr("endpoint"), d);
    }
    for log in config.logs.known().into_iter().flatten() {
        one_of(&Attr::Known(log.clone()), &LOGS, &path.attr("logs"), d);
    }
    if let Attr::Known(days) = config.log_retention_days
        && !RETENTION.contains(&days)
    {
        let choices = RETENTION.map(|days| days.to_string()).join(", ");
        let detail = format!("CloudWatch keeps logs for one of these numbers of days: {choices}; not for {days}.");
        d.attribute_error(path.attr("log_retention_days"), "Invalid retention", detail);
    }
    for (name, addon) in config.addons.known().into_iter().flatten() {
        check_addon(name, addon, &path.attr("addons").key(name), d);
    }
    check_all_access(config.access.known(), &path.attr("access"), d);
    check_pod_identities(config.pod_identities.known(), &path.attr("pod_identities"), d);
    for (name, pool) in config.node_pools.known().into_iter().flatten() {
        let path = path.attr("node_pools").key(name);
        check::key(name, &path, d);
        pools::check(pool, config.version.known(), &path, d);
    }
}

/// Checks the section against the stack as it is: `running` is the version of its control plane.
pub fn check_change(
    before: &Kubernetes,
    config: &Kubernetes,
    running: Option<&String>,
    path: &Path,
    d: &mut Diagnostics,
) {
    let minor = |text: Option<&String>| text.and_then(|text| text.parse::<Minor>().ok());
    let (Some(from), Some(to)) = (minor(running), minor(config.version.known())) else { return };
    // A version that was left alone while AWS upgraded the cluster is told by the apply, and holds up no destroy.
    if to < from && before.version != config.version {
        let detail = format!(
            "The cluster runs {from}, and a control plane does not go back to {to}. Set version = \"{from}\" or a newer one, \
             or leave it out. `terraform destroy -refresh=false` is not held up by this."
        );
        d.attribute_error(path.attr("version"), "Older Kubernetes version", detail);
    }
}

fn check_endpoint(endpoint: &Endpoint, path: &Path, d: &mut Diagnostics) {
    let cidrs = endpoint.public_cidrs.as_ref().or(&BTreeSet::new()).known().copied().cloned();
    if endpoint.private == Attr::Known(false) && cidrs.as_ref().is_some_and(BTreeSet::is_empty) {
        let detail = "With private = false the API server is reached over the internet alone, from the blocks in \
                      public_cidrs. Name at least one, or leave private out.";
        d.attribute_error(path.attr("public_cidrs"), "Unreachable API server", detail);
    }
    for cidr in cidrs.iter().flatten().filter(|cidr| !check::is_block(cidr)) {
        let detail = format!("{cidr:?} is not an IPv4 block such as \"203.0.113.0/24\", with zeros after the prefix.");
        d.attribute_error(path.attr("public_cidrs"), "Invalid CIDR block", detail);
    }
}

fn check_addon(name: &str, addon: &Addon, path: &Path, d: &mut Diagnostics) {
    let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    if name.is_empty() || !name.chars().all(valid) {
        let detail = format!("{name:?} is not an EKS add-on. `aws eks describe-addon-versions` lists their names.");
        d.attribute_error(path.clone(), "Invalid add-on", detail);
    }
    if addon.version.known().is_some_and(|version| !version.starts_with('v')) {
        let detail = "An add-on's version has the form \"v1.20.4-eksbuild.1\".";
        d.attribute_error(path.attr("version"), "Invalid add-on version", detail);
    }
    json_object(&addon.configuration, &path.attr("configuration"), d);
}

fn check_all_access(all: Option<&BTreeMap<String, Access>>, path: &Path, d: &mut Diagnostics) {
    let mut seen = BTreeMap::new();
    for (name, access) in all.into_iter().flatten() {
        let path = path.key(name);
        check::key(name, &path, d);
        check_groups(access, &path, d);
        if let Attr::Known(policy) = &access.policy
            && access_policy(policy).is_none()
            && !policy.contains(":cluster-access-policy/")
        {
            let detail = format!(
                "{policy:?} is neither one of cluster-admin, admin, admin-view, edit, view nor the ARN of an EKS access policy."
            );
            d.attribute_error(path.attr("policy"), "Unknown access policy", detail);
        }
        let Attr::Known(arn) = &access.principal_arn else { continue };
        let path = path.attr("principal_arn");
        if !arn.starts_with("arn:") || !(arn.contains(":role/") || arn.contains(":user/")) {
            let detail =
                format!("{arn:?} is not the ARN of an IAM role or user. For a session, name the role behind it.");
            d.attribute_error(path.clone(), "Invalid principal", detail);
        }
        if let Some(other) = seen.insert(arn, name) {
            let detail = format!("{other:?} and {name:?} name the same principal, and EKS has one entry for each.");
            d.attribute_error(path, "Principal named twice", detail);
        }
    }
}

/// Beginnings of group names that Kubernetes and AWS keep for themselves (API reference of CreateAccessEntry).
const RESERVED_GROUPS: [&str; 5] = ["system:", "eks:", "aws:", "amazon:", "iam:"];

fn check_groups(access: &Access, path: &Path, d: &mut Diagnostics) {
    for group in access.kubernetes_groups.known().into_iter().flatten() {
        if RESERVED_GROUPS.iter().any(|reserved| group.starts_with(reserved)) {
            let detail = format!(
                "{group:?} begins like a group of Kubernetes or AWS ({}). Name a group of your own, and bind it to a role.",
                RESERVED_GROUPS.join(", ")
            );
            d.attribute_error(path.attr("kubernetes_groups"), "Reserved group", detail);
        }
    }
    let no_groups = matches!(&access.kubernetes_groups, Attr::Null)
        || access.kubernetes_groups.known().is_some_and(BTreeSet::is_empty);
    if access.policy.is_null() && no_groups {
        let detail = "Without a policy and without kubernetes_groups the principal may do nothing. Set one of them.";
        d.attribute_error(path.attr("policy"), "No rights", detail);
    }
    if access.policy.is_null() && !access.namespaces.is_null() {
        let detail = "Namespaces limit the policy, and there is none. Set policy, or leave namespaces out.";
        d.attribute_error(path.attr("namespaces"), "Namespaces without a policy", detail);
    }
}

fn check_pod_identities(all: Option<&BTreeMap<String, PodIdentity>>, path: &Path, d: &mut Diagnostics) {
    let mut seen = BTreeMap::new();
    for (name, identity) in all.into_iter().flatten() {
        let path = path.key(name);
        check::key(name, &path, d);
        json_object(&identity.policy_json, &path.attr("policy_json"), d);
        for arn in identity.policy_arns.known().into_iter().flatten() {
            if !arn.starts_with("arn:") || !arn.contains(":policy/") {
                let detail = format!("{arn:?} is not the ARN of an IAM policy.");
                d.attribute_error(path.attr("policy_arns"), "Invalid policy", detail);
            }
        }
        let (Attr::Known(namespace), Attr::Known(account)) = (&identity.namespace, &identity.service_account) else {
            continue;
        };
        let account = (namespace.as_str(), account.as_str());
        let path = path.attr("service_account");
        if account == EBS_SERVICE_ACCOUNT {
            let detail = "The EBS driver's service account has its role already, with the add-on aws-ebs-csi-driver.";
            d.attribute_error(path, "Service account in use", detail);
        } else if let Some(other) = seen.insert(account, name) {
            let detail = format!("{other:?} and {name:?} name the same service account, and EKS gives it one role.");
            d.attribute_error(path, "Service account named twice", detail);
        }
    }
}

fn one_of(value: &Attr<String>, choices: &[&str], path: &Path, d: &mut Diagnostics) {
    if let Attr::Known(value) = value
        && !choices.contains(&value.as_str())
    {
        d.attribute_error(path.clone(), "Unknown value", format!("{value:?} is not one of {}.", choices.join(", ")));
    }
}

fn json_object(text: &Attr<String>, path: &Path, d: &mut Diagnostics) {
    let Attr::Known(text) = text else { return };
    let problem = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(_)) => return,
        Ok(_) => "is not an object".to_owned(),
        Err(error) => error.to_string(),
    };
    d.attribute_error(
        path.clone(),
        "Invalid JSON",
        format!("A JSON object is expected, as jsonencode gives it: {problem}."),
    );
}

#[cfg(test)]
mod tests;
