//! What is looked up: the Kubernetes version, where none is configured, and the add-ons' versions.

use std::collections::BTreeSet;

use futures::future::try_join_all;
use stellar_aws::{
    Aws,
    ec2::offered_types,
    eks::versions::{Offer, addon_offer, check_version, default_version},
    unanswered_is_none,
};
use stellar_engine::Error;
use tfplugin_sdk::Attr;

use super::{AFTER_NODES, BEFORE_NODES, Facts, Kubernetes};
use crate::cluster::network::{self, Network};

/// Looks up what is missing; what is known stays, also when EKS recommends something newer by now.
///
/// # Errors
/// Those of the calls; `Permanent` when EKS does not offer the version, or an add-on or its named version for it, or the
/// region not an instance type.
pub async fn facts(aws: &Aws, region: &str, config: &Kubernetes, facts: &mut Facts) -> Result<(), Error> {
    look_up_types(aws, region, config, facts).await?;
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
    if !facts.addons.contains_key(&version) {
        check_version(aws, region, &version).await?;
    }
    let missing = missing_addons(config, facts, &version);
    let offers = missing.into_iter().map(async |name| {
        let offer = addon_offer(aws, region, &name, &version).await?;
        Ok::<_, Error>((name, offer))
    });
    let mut offers = try_join_all(offers).await;
    // Without a version EKS installs its default.
    if facts.addons.is_empty() {
        let Some(answered) = unanswered_is_none(offers)? else { return Ok(()) };
        offers = Ok(answered);
    }
    let offers = offers?;
    facts.addons.entry(version.clone()).or_default();
    for (name, offer) in offers {
        take(config, facts, &version, name, &offer)?;
    }
    Ok(())
}

/// Looks up the instance types of which nobody knows whether the region offers them.
async fn look_up_types(aws: &Aws, region: &str, config: &Kubernetes, facts: &mut Facts) -> Result<(), Error> {
    let missing: BTreeSet<String> =
        named_types(config).map(|(_, name)| name.clone()).filter(|name| !facts.types.contains(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let Some(offered) = unanswered_is_none(offered_types(aws, region, &missing).await)? else { return Ok(()) };
    facts.types.extend(offered);
    match named_types(config).find(|(_, name)| !facts.types.contains(*name)) {
        None => Ok(()),
        Some((pool, name)) => Err(Error::permanent(format!(
            "kubernetes.node_pools[{pool:?}].instance_types names {name}, which EC2 does not offer in {region}"
        ))),
    }
}

/// Pools are in zones in which the network has private subnets.
///
/// # Errors
/// [`stellar_engine::ErrorClass::Permanent`] naming the first zone without one.
pub fn check_zones(config: &Kubernetes, network: &Network, facts: &network::Facts) -> Result<(), Error> {
    let zones: BTreeSet<&String> = match &network.existing {
        Attr::Null => facts.zones.iter().collect(),
        Attr::Unknown => return Ok(()),
        Attr::Known(existing) => {
            let ids = existing.private_subnet_ids.known().into_iter().flatten().filter_map(Attr::known);
            ids.filter_map(|id| facts.existing_zones.get(id)).collect()
        }
    };
    if zones.is_empty() {
        return Ok(());
    }
    for (name, pool) in config.node_pools.known().into_iter().flatten() {
        let wanted = pool.availability_zones.known().into_iter().flatten();
        if let Some(zone) = wanted.into_iter().find(|zone| !zones.contains(zone)) {
            let all: Vec<&str> = zones.iter().map(|zone| zone.as_str()).collect();
            return Err(Error::permanent(format!(
                "kubernetes.node_pools[{name:?}].availability_zones names {zone}, in which the network has no private subnet; it has \
                 some in {}",
                all.join(", ")
            )));
        }
    }
    Ok(())
}

/// Pools with each of their instance types.
fn named_types(config: &Kubernetes) -> impl Iterator<Item = (&String, &String)> {
    let pools = config.node_pools.known().into_iter().flatten();
    pools.flat_map(|(pool, settings)| {
        settings.instance_types.known().into_iter().flatten().map(move |name| (pool, name))
    })
}

/// Remembers what EKS offers of one add-on.
fn take(config: &Kubernetes, facts: &mut Facts, version: &str, name: String, offer: &Offer) -> Result<(), Error> {
    if let Some(pinned) = pinned(config, &name) {
        if !offer.versions.contains(pinned) {
            return Err(Error::permanent(format!(
                "kubernetes.addons[{name:?}].version is {pinned}, which EKS does not offer for Kubernetes {version}; it offers \
                 {}. {} is the one that it recommends, and taken without a version",
                offer.versions.join(", "),
                offer.recommended
            )));
        }
        facts.pinned.entry(version.to_owned()).or_default().insert(name.clone(), pinned.clone());
    }
    let addons = facts.addons.entry(version.to_owned()).or_default();
    // A recommendation that was taken stays.
    addons.entry(name).or_insert_with(|| offer.recommended.clone());
    Ok(())
}

/// The version of an add-on that the configuration names.
fn pinned<'a>(config: &'a Kubernetes, name: &str) -> Option<&'a String> {
    config.addons.known()?.get(name)?.version.known()
}

/// Add-ons of which nobody has looked up yet what is needed.
fn missing_addons(config: &Kubernetes, facts: &Facts, version: &str) -> BTreeSet<String> {
    let configured = config.addons.known().into_iter().flatten().map(|(name, _)| name.clone());
    let names = BEFORE_NODES.into_iter().chain(AFTER_NODES).map(str::to_owned).chain(configured);
    let has = |name: &String| {
        let recommended = facts.addons.get(version).is_some_and(|addons| addons.contains_key(name));
        let offered = facts.pinned.get(version).and_then(|addons| addons.get(name));
        recommended && pinned(config, name).is_none_or(|version| offered == Some(version))
    };
    names.filter(|name| !has(name)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::Addon;
    use super::*;

    fn by_version(version: &str, addons: &[(&str, &str)]) -> BTreeMap<String, BTreeMap<String, String>> {
        let addons = addons.iter().map(|(name, version)| ((*name).to_owned(), (*version).to_owned()));
        BTreeMap::from([(version.to_owned(), addons.collect())])
    }

    fn config(addons: &[(&str, Attr<String>)]) -> Kubernetes {
        let addon = |version: &Attr<String>| Addon { version: version.clone(), ..Addon::default() };
        let addons: BTreeMap<_, _> =
            addons.iter().map(|(name, version)| ((*name).to_owned(), addon(version))).collect();
        Kubernetes { addons: addons.into(), ..Kubernetes::default() }
    }

    #[test]
    fn only_what_nobody_knows_is_looked_up() {
        let facts = Facts {
            addons: by_version("1.35", &[("coredns", "v1"), ("kube-proxy", "v1"), ("vpc-cni", "v1")]),
            pinned: by_version("1.35", &[("kube-proxy", "v1")]),
            ..Facts::default()
        };
        let config = config(&[("metrics-server", Attr::Null), ("vpc-cni", "v2".into()), ("kube-proxy", "v1".into())]);
        let rows = [
            ("1.35", "aws-ebs-csi-driver eks-pod-identity-agent metrics-server vpc-cni"),
            ("1.36", "aws-ebs-csi-driver coredns eks-pod-identity-agent kube-proxy metrics-server vpc-cni"),
        ];
        for (version, missing) in rows {
            let found: Vec<String> = missing_addons(&config, &facts, version).into_iter().collect();
            assert_eq!(found.join(" "), missing, "{version}");
        }
    }

    #[test]
    fn a_recommendation_stays_and_a_named_version_must_be_offered() {
        let offer = Offer { versions: vec!["v3".to_owned(), "v2".to_owned()], recommended: "v3".to_owned() };
        let rows = [
            (Attr::Null, Ok(("v2", None))),
            (Attr::from("v3"), Ok(("v2", Some("v3")))),
            (Attr::from("v9"), Err("kubernetes.addons[\"coredns\"].version is v9")),
        ];
        for (version, expected) in rows {
            let mut facts = Facts { addons: by_version("1.35", &[("coredns", "v2")]), ..Facts::default() };
            let taken =
                take(&config(&[("coredns", version.clone())]), &mut facts, "1.35", "coredns".to_owned(), &offer);
            let pinned = facts.pinned.get("1.35").and_then(|addons| addons.get("coredns")).map(String::as_str);
            match expected {
                Ok((recommended, expected)) => {
                    assert_eq!(taken, Ok(()), "{version:?}");
                    assert_eq!((facts.addons["1.35"]["coredns"].as_str(), pinned), (recommended, expected));
                }
                Err(words) => assert!(taken.is_err_and(|error| error.message.contains(words)), "{version:?}"),
            }
        }
    }
}
