//! What one section needs of another, or of the stack's region.

use tfplugin_sdk::{Attr, Diagnostics, Path};

use super::{kubernetes::Kubernetes, model::Cluster, network::Network};

/// Endpoints without which a node that has no way to the internet does not join (EKS User Guide, "Deploy private
/// clusters with limited internet access"; `eks-auth` for Pod Identity, which every cluster here uses). S3's is always there.
const NODES_NEED: [&str; 4] = ["ec2", "ecr.api", "ecr.dkr", "eks-auth"];

/// Checks what sections presume of each other; unknown values are skipped.
pub fn validate(config: &Cluster, root: &Path, d: &mut Diagnostics) {
    network_is_there(config, root, d);
    zones_are_in_the_region(config, &root.attr("network"), d);
    pools_are_in_the_network(config, &root.attr("kubernetes").attr("node_pools"), d);
    keys_are_in_the_region(config, &root.attr("kms_key_arns"), d);
    if let (Attr::Known(network), Attr::Known(kubernetes)) = (&config.network, &config.kubernetes) {
        nodes_reach_aws(network, kubernetes, &root.attr("network").attr("endpoints"), d);
        nodes_reach_the_cluster(kubernetes, &root.attr("kubernetes").attr("endpoint").attr("public_cidrs"), d);
    }
}

fn network_is_there(config: &Cluster, root: &Path, d: &mut Diagnostics) {
    if !config.network.is_null() {
        return;
    }
    let sections = [
        ("kubernetes", config.kubernetes.is_known()),
        ("database", config.database.is_known()),
        ("cache", config.cache.is_known()),
    ];
    for (section, _) in sections.into_iter().filter(|(_, is_set)| *is_set) {
        let detail = format!(
            "The section {section} lives in a VPC. Add the section network: `network = {{}}` makes a VPC, network.existing \
             takes one that you have."
        );
        d.attribute_error(root.attr(section), "No network", detail);
    }
}

fn zones_are_in_the_region(config: &Cluster, path: &Path, d: &mut Diagnostics) {
    let zones = config.network.known().and_then(|network| network.availability_zones.known());
    let (Some(zones), Attr::Known(region)) = (zones, &config.region) else { return };
    for (index, zone) in zones.iter().enumerate() {
        if !is_zone_of(region, zone) {
            let detail = format!("{zone} is not a zone of {region}, the region of the stack.");
            d.attribute_error(path.attr("availability_zones").index(index), "Zone of another region", detail);
        }
    }
}

/// A zone is named by its region and one letter.
fn is_zone_of(region: &str, zone: &str) -> bool {
    zone.len() == region.len() + 1 && zone.starts_with(region)
}

/// Zones that were chosen by count, and those of a network that was brought along, are looked up later.
fn pools_are_in_the_network(config: &Cluster, path: &Path, d: &mut Diagnostics) {
    let pools = config.kubernetes.known().and_then(|kubernetes| kubernetes.node_pools.known());
    let named = config.network.known().and_then(|network| network.availability_zones.known());
    for (name, pool) in pools.into_iter().flatten() {
        let path = path.key(name).attr("availability_zones");
        for zone in pool.availability_zones.known().into_iter().flatten() {
            if let Some(named) = named.filter(|named| !named.contains(zone)) {
                let detail = format!("{zone} is not one of the network's zones: {}.", named.join(", "));
                d.attribute_error(path.clone(), "Zone without a subnet", detail);
            } else if let Attr::Known(region) = &config.region
                && !is_zone_of(region, zone)
            {
                let detail = format!("{zone} is not a zone of {region}, the region of the stack.");
                d.attribute_error(path.clone(), "Zone of another region", detail);
            }
        }
    }
}

fn keys_are_in_the_region(config: &Cluster, path: &Path, d: &mut Diagnostics) {
    let region = config.region.known();
    for (section, arn) in config.kms_key_arns.known().into_iter().flatten() {
        let fields: Vec<&str> = arn.splitn(6, ':').collect();
        let is_key = matches!(fields[..], ["arn", _, "kms", here, _, resource]
            if resource.starts_with("key/") && region.is_none_or(|region| region == here));
        if !is_key {
            let detail = format!("{arn:?} must be the ARN of a KMS key, not of an alias, in the region of the stack.");
            d.attribute_error(path.key(section), "Invalid key", detail);
        }
    }
}

/// Only a warning: somebody may have a way for them that this configuration does not show.
fn nodes_reach_aws(network: &Network, kubernetes: &Kubernetes, path: &Path, d: &mut Diagnostics) {
    let closed = network.existing.is_null() && network.nat.known().is_some_and(|nat| nat == "none");
    if !has_nodes(kubernetes) || !closed || network.endpoints.is_unknown() {
        return;
    }
    let there = network.endpoints.known();
    let missing: Vec<&str> =
        NODES_NEED.into_iter().filter(|service| there.is_none_or(|there| !there.contains(*service))).collect();
    if !missing.is_empty() {
        let detail = format!(
            "With nat = \"none\", nodes reach AWS through endpoints alone, and without these they do not join: {}.",
            missing.join(", ")
        );
        d.attribute_warning(path.clone(), "Nodes have no way to AWS", detail);
    }
}

/// Only a warning: the addresses of gateways that exist already may be among the blocks.
fn nodes_reach_the_cluster(kubernetes: &Kubernetes, path: &Path, d: &mut Diagnostics) {
    let Attr::Known(endpoint) = &kubernetes.endpoint else { return };
    let narrow = endpoint.public_cidrs.known().is_some_and(|blocks| !blocks.contains("0.0.0.0/0"));
    if has_nodes(kubernetes) && endpoint.private == Attr::Known(false) && narrow {
        let detail = "With private = false, nodes too reach the API server over the internet: unless the addresses of the \
                      NAT gateways are in public_cidrs, they do not join. Leave private out.";
        d.attribute_warning(path.clone(), "Nodes have no way to the API server", detail);
    }
}

fn has_nodes(kubernetes: &Kubernetes) -> bool {
    kubernetes.node_pools.known().is_some_and(|pools| !pools.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tfplugin_sdk::Diagnostic;

    use super::*;
    use crate::cluster::state;

    fn told(config: &Value) -> Vec<String> {
        let value = state::from_json(config).expect("of the schema's shape");
        let mut d = Diagnostics::new();
        validate(&state::decode(&value).expect("of the model's shape"), &Path::root(), &mut d);
        let line = |d: &Diagnostic| format!("{}: {}", d.path.clone().unwrap_or_default(), d.summary);
        d.iter().map(line).collect()
    }

    #[test]
    fn what_a_section_lacks_is_told_at_its_path() {
        let pools = json!({"node_pools": {"api": {"instance_types": ["m5.large"], "max": 3}}});
        let endpoints = json!(["ec2", "ecr.api", "ecr.dkr", "eks-auth"]);
        let cluster = |private: bool, block: &str| {
            let endpoint = json!({"private": private, "public_cidrs": [block]});
            json!({"network": {}, "kubernetes": {"endpoint": endpoint, "node_pools": pools["node_pools"]}})
        };
        let key = |arn: &str| json!({"region": "us-east-1", "kms_key_arns": {"cache": arn}});
        let pool = |zones: &[&str], named: &[&str]| {
            let pool = json!({"instance_types": ["m5.large"], "max": 3, "availability_zones": zones});
            json!({"network": {"availability_zones": named}, "kubernetes": {"node_pools": {"api": pool}}})
        };
        let bad_key = ["kms_key_arns[\"cache\"]: Invalid key"];
        let no_way = ["network.endpoints: Nodes have no way to AWS"];
        let rows: Vec<(Value, &[&str])> = vec![
            (json!({}), &[]),
            (json!({"buckets": {"images": {}}}), &[]),
            (json!({"kubernetes": {}, "database": {}, "cache": {}, "network": {}}), &[]),
            (
                json!({"kubernetes": {}, "database": {}, "cache": {}}),
                &["kubernetes: No network", "database: No network", "cache: No network"],
            ),
            (json!({"region": "eu-west-1", "network": {"availability_zones": ["eu-west-1a", "eu-west-1b"]}}), &[]),
            (json!({"network": {"availability_zones": ["eu-west-1a", "us-east-1b"]}}), &[]),
            (
                json!({"region": "us-east-1", "network": {"availability_zones": ["us-east-1a", "us-west-1b"]}}),
                &["network.availability_zones[1]: Zone of another region"],
            ),
            (pool(&["us-east-1a"], &["us-east-1a", "us-east-1b"]), &[]),
            (
                pool(&["us-east-1c"], &["us-east-1a", "us-east-1b"]),
                &["kubernetes.node_pools[\"api\"].availability_zones: Zone without a subnet"],
            ),
            (
                json!({"region": "us-east-1", "network": {}, "kubernetes": {"node_pools": {"api": {
                    "instance_types": ["m5.large"], "max": 3, "availability_zones": ["a"]}}}}),
                &["kubernetes.node_pools[\"api\"].availability_zones: Zone of another region"],
            ),
            (key("arn:aws:kms:us-east-1:123456789012:key/k"), &[]),
            (key("arn:aws:kms:us-west-1:123456789012:key/k"), &bad_key),
            (key("arn:aws:kms:us-east-1:123456789012:alias/k"), &bad_key),
            (key("k"), &bad_key),
            (json!({"network": {"nat": "none"}, "kubernetes": {}}), &[]),
            (json!({"network": {"nat": "single"}, "kubernetes": pools}), &[]),
            (json!({"network": {"nat": "none", "endpoints": endpoints}, "kubernetes": pools}), &[]),
            (json!({"network": {"nat": "none", "endpoints": ["ec2"]}, "kubernetes": pools}), &no_way),
            (json!({"network": {"nat": "none"}, "kubernetes": pools}), &no_way),
            (cluster(true, "203.0.113.0/24"), &[]),
            (cluster(false, "0.0.0.0/0"), &[]),
            (
                cluster(false, "203.0.113.0/24"),
                &["kubernetes.endpoint.public_cidrs: Nodes have no way to the API server"],
            ),
        ];
        for (config, expected) in rows {
            assert_eq!(told(&config), expected, "{config}");
        }
    }

    #[test]
    fn what_is_not_known_yet_passes() {
        let database = Attr::Known(crate::cluster::database::Database::default());
        let network: Attr<Network> = Attr::Unknown;
        let config = Cluster { network, database, region: Attr::Unknown, ..Cluster::default() };
        let mut d = Diagnostics::new();
        validate(&config, &Path::root(), &mut d);
        assert_eq!(d.len(), 0);
    }
}
