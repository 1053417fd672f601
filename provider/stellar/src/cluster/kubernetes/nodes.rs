//! Node pools: a launch template and a node group each.

use std::collections::BTreeSet;

use serde_json::json;
use sha2::{Digest, Sha256};
use stellar_aws::{
    ec2::launch_template::LaunchTemplate,
    eks::node_group::{MaxUnavailable, NodeGroup, Size, Taint},
};
use stellar_engine::{Address, Input, TAG_CLAIM, TAG_STACK, Tags, address};
use tfplugin_sdk::Attr;

use super::{NodePool, images};
use crate::cluster::{
    build::{Builder, NetworkRefs},
    known::{NotYetKnown, known},
};

/// What all pools of a cluster share.
pub(super) struct Shared<'a> {
    pub cluster: &'a Address,
    pub role: &'a Address,
    pub version: Option<String>,
    /// Components without which nodes do not become ready.
    pub after: Vec<Address>,
}

/// The place of a pool, which its generations fill one after the other.
pub(super) fn slot(name: &str) -> String {
    format!("kubernetes/node-pool/{name}")
}

/// Six digits that tell a pool's generations apart: what EKS cannot change in a node group makes another one.
/// Subnets that the user brought along are left out, since their ids may be known later than the address must be; for the same
/// reason zones stand for their subnets, where a pool is not in all of them.
fn generation(group: &NodeGroup, zones: Option<&BTreeSet<String>>) -> String {
    let subnets = || group.subnet_ids.iter().filter(|subnet| matches!(subnet, Input::Ref(..))).collect::<Vec<_>>();
    let place = zones.map_or_else(|| json!(subnets()), |zones| json!(zones));
    let fixed = json!([group.instance_types, group.capacity, group.image, place]);
    Sha256::digest(fixed.to_string()).iter().take(3).map(|byte| format!("{byte:02x}")).collect()
}

/// Adds a pool; answers the address of its node group.
pub(super) fn add(
    b: &mut Builder<'_>,
    shared: &Shared<'_>,
    name: &str,
    pool: &NodePool,
) -> Result<Address, NotYetKnown> {
    let attribute = |field: &str| format!("kubernetes.node_pools[{name:?}].{field}");
    let types = known(&pool.instance_types, &attribute("instance_types"))?.cloned().unwrap_or_default();
    let default_image = types.first().map(|first| images::default_image(first)).unwrap_or_default();
    let image = known(&pool.image, &attribute("image"))?.map_or(default_image, String::as_str).to_owned();
    let whole = |value: &Attr<i64>, field: &str, default| whole(value, &attribute(field), default);
    let min = whole(&pool.min, "min", 1)?;

    let template = LaunchTemplate {
        // Unique in the region: pool `eu-api` of `shop` and pool `api` of `shop-eu` must not meet.
        name: b.names.unique(name, 128),
        disk_device: images::disk_device(&image).to_owned(),
        disk_gb: whole(&pool.disk_gb, "disk_gb", 50)?,
        metadata_hops: 1,
        instance_tags: instance_tags(b, name),
    };
    let zones = known(&pool.availability_zones, &attribute("availability_zones"))?;
    let capacity = known(&pool.capacity, &attribute("capacity"))?.map_or("on_demand", String::as_str);
    let pace = known(&pool.max_unavailable, &attribute("max_unavailable"))?.and_then(|text| max_unavailable(text));
    let group = NodeGroup {
        cluster_name: Input::output(shared.cluster, "name"),
        role_arn: Input::output(shared.role, "arn"),
        subnet_ids: subnets(&b.network, zones),
        instance_types: types,
        capacity: capacity.to_ascii_uppercase(),
        image,
        size: Size { min, max: whole(&pool.max, "max", min.max(1))? },
        desired: whole(&pool.desired, "desired", min)?,
        labels: known(&pool.labels, &attribute("labels"))?.cloned().unwrap_or_default(),
        taints: taints(&pool.taints, &attribute("taints"))?.into_iter().collect(),
        max_unavailable: pace.unwrap_or(MaxUnavailable::Percent(33)),
        version: shared.version.clone(),
        release: known(&pool.release, &attribute("release"))?.cloned(),
        ..NodeGroup::default()
    };
    let template = b.add(address!("kubernetes/launch-template/{name}"), &template);
    let generation = generation(&group, zones);
    let group = NodeGroup {
        name: b.names.regional(&format!("{name}-{generation}"), 63),
        launch_template_id: Input::output(&template, "id"),
        launch_template_version: Input::output(&template, "version"),
        ..group
    };
    let address =
        b.add_after(address!("kubernetes/node-pool/{name}/{generation}"), &group, shared.after.iter().cloned());
    b.in_slot(slot(name));
    Ok(address)
}

/// The private subnets in the zones. As long as the zones of the network are not known, nor is it known which these are.
fn subnets(network: &NetworkRefs, zones: Option<&BTreeSet<String>>) -> Vec<Input<String>> {
    let Some(zones) = zones else { return network.private_subnet_ids.clone() };
    let all = || network.private_subnet_ids.iter().zip(&network.private_zones);
    if network.private_zones.is_empty() || all().any(|(_, zone)| !matches!(zone, Input::Known(_))) {
        return vec![Input::Unknown];
    }
    let is_wanted = |zone: &Input<String>| matches!(zone, Input::Known(zone) if zones.contains(zone));
    all().filter(|(_, zone)| is_wanted(zone)).map(|(subnet, _)| subnet.clone()).collect()
}

/// Instances and disks are not components, but carry the claim: so they are found when one is left over.
fn instance_tags(b: &Builder<'_>, pool: &str) -> Tags {
    let mut tags = b.tags.clone();
    tags.insert("Name".to_owned(), format!("{}-{pool}", b.names.stack()));
    tags.insert(TAG_CLAIM.to_owned(), b.claim.clone());
    tags.insert(TAG_STACK.to_owned(), b.names.stack().to_owned());
    tags
}

fn taints(taints: &Attr<Vec<super::Taint>>, attribute: &str) -> Result<Vec<Taint>, NotYetKnown> {
    let all = known(taints, attribute)?.into_iter().flatten();
    all.map(|taint| {
        let text = |value: &Attr<String>| known(value, attribute).map(|text| text.cloned().unwrap_or_default());
        let effect = taint_effect(&text(&taint.effect)?).unwrap_or_default().to_owned();
        Ok(Taint { key: text(&taint.key)?, value: text(&taint.value)?, effect })
    })
    .collect()
}

/// EKS's word for an effect of a Kubernetes taint.
pub(super) fn taint_effect(effect: &str) -> Option<&'static str> {
    match effect {
        "NoSchedule" => Some("NO_SCHEDULE"),
        "NoExecute" => Some("NO_EXECUTE"),
        "PreferNoSchedule" => Some("PREFER_NO_SCHEDULE"),
        _ => None,
    }
}

/// `33%` or `2`; both from 1 to 100 (API reference of NodegroupUpdateConfig).
pub(super) fn max_unavailable(text: &str) -> Option<MaxUnavailable> {
    let number = |text: &str| text.parse().ok().filter(|number| (1..=100).contains(number));
    match text.strip_suffix('%') {
        Some(percent) => number(percent).map(MaxUnavailable::Percent),
        None => number(text).map(MaxUnavailable::Nodes),
    }
}

/// Validation has refused what does not fit.
fn whole(value: &Attr<i64>, attribute: &str, default: i32) -> Result<i32, NotYetKnown> {
    Ok(known(value, attribute)?.map_or(default, |number| i32::try_from(*number).unwrap_or(i32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_node_group_cannot_change_makes_another_generation() {
        let group = NodeGroup {
            instance_types: vec!["m5.large".to_owned()],
            capacity: "ON_DEMAND".to_owned(),
            image: "AL2023_x86_64_STANDARD".to_owned(),
            subnet_ids: vec![Input::output(&address!("network/subnet/private/a"), "id")],
            ..NodeGroup::default()
        };
        let types = |types: &[&str]| types.iter().map(|name| (*name).to_owned()).collect();
        let with_b = Input::output(&address!("network/subnet/private/b"), "id");
        let rows = [
            (
                NodeGroup { size: Size { min: 1, max: 9 }, desired: 3, version: Some("1.35".into()), ..group.clone() },
                true,
            ),
            (
                NodeGroup { subnet_ids: [group.subnet_ids.clone(), vec!["subnet-1".into()]].concat(), ..group.clone() },
                true,
            ),
            (NodeGroup { subnet_ids: [group.subnet_ids.clone(), vec![with_b]].concat(), ..group.clone() }, false),
            (NodeGroup { instance_types: types(&["m5.large", "m5a.large"]), ..group.clone() }, false),
            (NodeGroup { capacity: "SPOT".to_owned(), ..group.clone() }, false),
            (NodeGroup { image: "BOTTLEROCKET_x86_64".to_owned(), ..group.clone() }, false),
        ];
        for (other, same) in rows {
            assert_eq!(generation(&other, None) == generation(&group, None), same, "{other:?}");
        }
        let zones = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let (one, two) = (zones(&["eu-west-1a"]), zones(&["eu-west-1a", "eu-west-1b"]));
        let unknown = NodeGroup { subnet_ids: vec![Input::Unknown], ..group.clone() };
        assert_eq!(generation(&group, Some(&one)), generation(&unknown, Some(&one)), "known before the subnets");
        assert_ne!(generation(&group, Some(&one)), generation(&group, Some(&two)));
        assert_ne!(generation(&group, Some(&one)), generation(&group, None));
    }

    #[test]
    fn a_pool_is_in_the_subnets_of_its_zones() {
        let input = |text: &str| if text.is_empty() { Input::Unknown } else { Input::from(text) };
        let rows = [
            (["z-a", "z-b", "z-c"], None, "s-1 s-2 s-3"),
            (["z-a", "z-b", "z-c"], Some(["z-a", "z-c"]), "s-1 s-3"),
            // Two subnets of one zone, as only a network that was brought along has them.
            (["z-a", "z-a", "z-c"], Some(["z-a", "z-x"]), "s-1 s-2"),
            (["z-a", "", "z-c"], Some(["z-a", "z-c"]), "?"),
        ];
        for (all, zones, expected) in rows {
            let network = NetworkRefs {
                private_subnet_ids: ["s-1", "s-2", "s-3"].map(Input::from).to_vec(),
                private_zones: all.map(input).to_vec(),
                ..NetworkRefs::default()
            };
            let zones = zones.map(|zones| zones.map(str::to_owned).into());
            let found =
                subnets(&network, zones.as_ref()).into_iter().map(|id| id.value().map_or("?".to_owned(), Clone::clone));
            assert_eq!(found.collect::<Vec<_>>().join(" "), expected, "{zones:?}");
        }
    }

    #[test]
    fn the_pace_of_renewals_is_a_share_or_a_number() {
        let rows = [
            ("33%", Some(MaxUnavailable::Percent(33))),
            ("2", Some(MaxUnavailable::Nodes(2))),
            ("0", None),
            ("101%", None),
            ("", None),
            ("%", None),
            ("a third", None),
        ];
        for (text, expected) in rows {
            assert_eq!(max_unavailable(text), expected, "{text}");
        }
    }
}
