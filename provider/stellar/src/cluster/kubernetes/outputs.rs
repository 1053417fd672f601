//! From what exists to the output `eks`.

use stellar_engine::address;
use tfplugin_sdk::Attr;

use super::{Eks, Kubernetes, NodePoolState, nodes::slot};
use crate::cluster::view::View;

/// The output `eks`; null without the cluster.
pub fn outputs(config: &Kubernetes, view: &View<'_>) -> Attr<Eks> {
    let cluster = address!("kubernetes/cluster");
    if !view.has(&cluster) {
        return Attr::Null;
    }
    let pool = |name: &String| {
        // A new generation that is being made counts, not the one that it replaces.
        let address = view.newest(&slot(name));
        let get = |output| address.map_or(Attr::Null, |address| view.get(address, output));
        let state = NodePoolState { name: get("name"), arn: get("arn"), autoscaling_group: get("autoscaling_group") };
        (name.clone(), state)
    };
    let pod_role = |name: &String| {
        let arn = view.get(&address!("kubernetes/pod-identity-role/{name}"), "arn");
        (name.clone(), arn)
    };
    let get = |output| view.get(&cluster, output);
    Attr::Known(Eks {
        name: get("name"),
        arn: get("arn"),
        version: get("version"),
        endpoint: get("endpoint"),
        certificate_authority: get("certificate_authority"),
        oidc_issuer: get("oidc_issuer"),
        security_group_id: get("security_group_id"),
        cluster_role_arn: view.get(&address!("kubernetes/role/cluster"), "arn"),
        node_role_arn: view.get(&address!("kubernetes/role/node"), "arn"),
        pod_identity_role_arns: names(&config.pod_identities).map(|names| names.iter().map(pod_role).collect()),
        node_pools: names(&config.node_pools).map(|names| names.iter().map(pool).collect()),
    })
}

/// The keys of a map; none when it is not set.
fn names<T>(map: &Attr<std::collections::BTreeMap<String, T>>) -> Attr<Vec<String>> {
    map.as_ref().map(|map| map.keys().cloned().collect()).or(Vec::new())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::json;
    use stellar_engine::Observed;

    use super::super::NodePool;
    use super::*;

    fn config(pools: &[&str]) -> Kubernetes {
        let pools = pools.iter().map(|name| ((*name).to_owned(), NodePool::default())).collect::<BTreeMap<_, _>>();
        Kubernetes { node_pools: pools.into(), ..Kubernetes::default() }
    }

    #[test]
    fn a_new_pool_leaves_the_cluster_and_the_other_pools_known() {
        let cluster = Observed::new("shop", json!({})).output("name", "shop").output("endpoint", "https://x");
        let api = Observed::new("shop/api", json!({})).output("name", "shop-api");
        let pool = |name: &str, generation: &str| address!("kubernetes/node-pool/{name}/{generation}");
        let observed = BTreeMap::from([(address!("kubernetes/cluster"), cluster), (pool("api", "1"), api)]);
        let touched = BTreeSet::from([pool("ai", "1")]);
        let view = View { observed: &observed, touched: &touched };

        let eks = outputs(&config(&["ai", "api"]), &view).into_known().expect("known");
        assert_eq!(eks.endpoint, Attr::from("https://x"));
        let pools = eks.node_pools.into_known().expect("known");
        assert_eq!(pools["api"].name, Attr::from("shop-api"));
        assert_eq!(pools["ai"].name, Attr::Unknown);
    }

    #[test]
    fn without_a_cluster_there_is_no_output() {
        let view = View { observed: &BTreeMap::new(), touched: &BTreeSet::new() };
        assert_eq!(outputs(&config(&[]), &view), Attr::Null);
    }
}
