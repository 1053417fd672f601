//! What is looked up: the Kubernetes version, where none is configured, and the add-ons' versions.

use futures::future::try_join_all;
use stellar_aws::{
    Aws,
    eks::versions::{addon_version, default_version},
};
use stellar_engine::Error;
use tfplugin_sdk::Attr;

use super::{AFTER_NODES, BEFORE_NODES, Facts, Kubernetes};

/// Looks up what is missing; what is known stays, also when EKS recommends something newer by now.
///
/// # Errors
/// Those of the calls; `Permanent` when an add-on does not exist for the version.
pub async fn facts(aws: &Aws, region: &str, config: &Kubernetes, facts: &mut Facts) -> Result<(), Error> {
    let version = match &config.version {
        Attr::Known(version) => version.clone(),
        Attr::Unknown => return Ok(()),
        Attr::Null => {
            if facts.version.is_empty() {
                facts.version = default_version(aws, region).await?;
            }
            facts.version.clone()
        }
    };
    let missing = missing_addons(config, facts, &version);
    let found = try_join_all(missing.into_iter().map(|name| {
        let version = &version;
        async move { addon_version(aws, region, &name, version).await.map(|found| (name, found)) }
    }));
    let found = found.await?;
    facts.addons.entry(version).or_default().extend(found);
    Ok(())
}

/// Add-ons without a version, neither configured nor looked up before.
fn missing_addons(config: &Kubernetes, facts: &Facts, version: &str) -> Vec<String> {
    let configured = config.addons.known();
    let names = BEFORE_NODES.into_iter().chain(AFTER_NODES).map(str::to_owned);
    let mut names: Vec<String> =
        names.chain(configured.into_iter().flat_map(|addons| addons.keys().cloned())).collect();
    names.sort();
    names.dedup();
    let is_pinned =
        |name: &String| configured.and_then(|addons| addons.get(name)).is_some_and(|a| !a.version.is_null());
    let is_found = |name: &String| facts.addons.get(version).is_some_and(|addons| addons.contains_key(name));
    names.retain(|name| !is_pinned(name) && !is_found(name));
    names
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::Addon;
    use super::*;

    #[test]
    fn only_versions_that_nobody_knows_are_looked_up() {
        let found =
            BTreeMap::from([("coredns".to_owned(), "v1".to_owned()), ("kube-proxy".to_owned(), "v1".to_owned())]);
        let facts = Facts { addons: BTreeMap::from([("1.35".to_owned(), found)]), ..Facts::default() };
        let pinned = Addon { version: "v2".into(), ..Addon::default() };
        let addons = [("metrics-server", Addon::default()), ("vpc-cni", pinned)];
        let addons: BTreeMap<_, _> = addons.into_iter().map(|(name, addon)| (name.to_owned(), addon)).collect();
        let config = Kubernetes { addons: addons.into(), ..Kubernetes::default() };

        let rows = [
            ("1.35", "aws-ebs-csi-driver eks-pod-identity-agent metrics-server"),
            ("1.36", "aws-ebs-csi-driver coredns eks-pod-identity-agent kube-proxy metrics-server"),
        ];
        for (version, missing) in rows {
            assert_eq!(missing_addons(&config, &facts, version).join(" "), missing, "{version}");
        }
    }
}
