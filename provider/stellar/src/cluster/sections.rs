//! The sections in their fixed order, and what crosses between them.

use stellar_aws::Aws;
use stellar_engine::{Error, Input, Plan};
use tfplugin_sdk::{Attr, Diagnostics, Path};

use super::{
    buckets,
    build::Builder,
    cache, cdn, database,
    facts::Facts,
    key,
    known::{NotYetKnown, known},
    kubernetes,
    model::Cluster,
    network,
    view::View,
};

/// Checks every section that is known.
pub fn validate(config: &Cluster, root: &Path, d: &mut Diagnostics) {
    if let Attr::Known(section) = &config.network {
        network::validate(section, &root.attr("network"), d);
    }
    if let Attr::Known(section) = &config.kubernetes {
        kubernetes::validate(section, &root.attr("kubernetes"), d);
    }
    if let Attr::Known(section) = &config.database {
        database::validate(section, &root.attr("database"), d);
    }
    if let Attr::Known(section) = &config.cache {
        cache::validate(section, &root.attr("cache"), d);
    }
    if let Attr::Known(section) = &config.buckets {
        buckets::validate(section, &root.attr("buckets"), d);
    }
    if let Attr::Known(section) = &config.cdn {
        cdn::validate(section, &root.attr("cdn"), &config.buckets, d);
    }
}

/// Checks every section against the stack as it is.
pub fn check_change(before: &Cluster, config: &Cluster, d: &mut Diagnostics) {
    check_path(before, config, &Path::root().attr("iam").attr("path"), d);
    if let (Attr::Known(earlier), Attr::Known(section)) = (&before.network, &config.network) {
        network::check_change(earlier, section, &Path::root().attr("network"), d);
    }
    if let (Attr::Known(earlier), Attr::Known(section)) = (&before.cache, &config.cache) {
        cache::check_change(earlier, section, &Path::root().attr("cache"), d);
    }
    if let (Attr::Known(earlier), Attr::Known(section)) = (&before.kubernetes, &config.kubernetes) {
        let running = before.eks.known().and_then(|eks| eks.version.known());
        kubernetes::check_change(earlier, section, running, &Path::root().attr("kubernetes"), d);
    }
    if let (Attr::Known(earlier), Attr::Known(section), Attr::Known(rds)) =
        (&before.database, &config.database, &before.rds)
    {
        let installed = rds.version.known().map_or("", String::as_str);
        database::check_change(earlier, section, installed, &Path::root().attr("database"), d);
    }
}

/// A role under another path is another role, and a control plane keeps its role: the cluster would be made anew.
fn check_path(before: &Cluster, config: &Cluster, path: &Path, d: &mut Diagnostics) {
    let path_of = |stack: &Cluster| match &stack.iam {
        Attr::Known(iam) => iam.path.clone().or("/".to_owned()),
        Attr::Null => Attr::from("/"),
        Attr::Unknown => Attr::Unknown,
    };
    let (Attr::Known(from), Attr::Known(to)) = (path_of(before), path_of(config)) else { return };
    if from != to && before.kubernetes.is_known() && config.kubernetes.is_known() {
        let detail = format!(
            "The roles are under {from}, and a role under {to} would be another one. A cluster cannot change its role, so it would be \
             made anew. Undo the change, or make another stack."
        );
        d.attribute_error(path.clone(), "The path of a cluster's roles cannot be changed", detail);
    }
}

/// Says in the plan's changes what only the sections know of them.
pub fn explain(config: &Cluster, plan: &mut Plan) {
    if let Attr::Known(section) = &config.database {
        database::explain(section, plan);
    }
}

/// Adds every section's components. The network comes first, since the others refer to it.
pub fn expand(config: &Cluster, b: &mut Builder<'_>) -> Result<(), NotYetKnown> {
    let protected = b.deletion_protection;
    if let Some(section) = known(&config.network, "network")? {
        network::expand(section, b)?;
    }
    if let Some(section) = known(&config.kubernetes, "kubernetes")? {
        let key = b.own_key("kubernetes");
        kubernetes::expand(section, key, Input::Known(protected), b)?;
    }
    if let Some(section) = known(&config.database, "database")? {
        let key = b.own_key("database");
        database::expand(section, key, Input::Known(protected), b)?;
    }
    if let Some(section) = known(&config.cache, "cache")? {
        let key = b.own_key("cache");
        cache::expand(section, key, b)?;
    }
    let cdn = known(&config.cdn, "cdn")?;
    if let Some(section) = known(&config.buckets, "buckets")? {
        let key = b.own_key("buckets");
        buckets::expand(section, cdn, key, b)?;
    }
    if let Some(section) = cdn {
        cdn::expand(section, b)?;
    }
    Ok(())
}

/// Computes every section's outputs into `computed`.
pub fn outputs(config: &Cluster, view: &View<'_>, computed: &mut Cluster) {
    fn section<C, O>(config: &Attr<C>, outputs: impl Fn(&C) -> Attr<O>) -> Attr<O> {
        match config {
            Attr::Known(config) => outputs(config),
            Attr::Null => Attr::Null,
            Attr::Unknown => Attr::Unknown,
        }
    }
    computed.vpc = section(&config.network, |c| network::outputs(c, view));
    computed.eks = section(&config.kubernetes, |c| kubernetes::outputs(c, view));
    computed.rds = section(&config.database, |c| database::outputs(c, view));
    computed.elasticache = section(&config.cache, |_| cache::outputs(view));
    computed.s3 = section(&config.buckets, |c| buckets::outputs(c, view));
    computed.cloudfront = section(&config.cdn, |c| cdn::outputs(c, view));
}

/// Looks up what the configuration needs and `facts` does not hold yet.
///
/// # Errors
/// Those of the calls, and what makes the configuration impossible in this account and region.
pub async fn look_up(aws: &Aws, region: &str, config: &Cluster, facts: &mut Facts) -> Result<(), Error> {
    key::facts(aws, region, config, facts).await?;
    let Facts { network, kubernetes, database, cache, .. } = facts;
    let network = async {
        match &config.network {
            Attr::Known(section) => network::facts(aws, region, section, network).await,
            _ => Ok(()),
        }
    };
    let kubernetes = async {
        match &config.kubernetes {
            Attr::Known(section) => kubernetes::facts(aws, region, section, kubernetes).await,
            _ => Ok(()),
        }
    };
    let database = async {
        match &config.database {
            Attr::Known(section) => database::facts(aws, region, section, database).await,
            _ => Ok(()),
        }
    };
    let cache = async {
        match &config.cache {
            Attr::Known(section) => cache::facts(aws, region, section, cache).await,
            _ => Ok(()),
        }
    };
    let (network, kubernetes, database, cache) = futures::join!(network, kubernetes, database, cache);
    network.and(kubernetes).and(database).and(cache)?;
    if let (Attr::Known(network), Attr::Known(section)) = (&config.network, &config.kubernetes) {
        kubernetes::check_zones(section, network, &facts.network)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::cluster::state;

    fn stack(iam: &Value, with_cluster: bool) -> Cluster {
        let kubernetes = if with_cluster { json!({}) } else { Value::Null };
        let config = json!({"name": "shop", "network": {}, "kubernetes": kubernetes, "iam": iam});
        state::decode(&state::from_json(&config).expect("of the schema's shape")).expect("of the model's shape")
    }

    #[test]
    fn a_cluster_keeps_the_path_of_its_roles() {
        let (none, root, team) = (Value::Null, json!({"path": "/"}), json!({"path": "/team/"}));
        let rows = [
            (stack(&none, true), stack(&root, true), 0),
            (stack(&none, true), stack(&team, true), 1),
            (stack(&team, true), stack(&none, true), 1),
            (stack(&none, false), stack(&team, true), 0),
            (stack(&none, true), stack(&team, false), 0),
        ];
        for (before, after, errors) in rows {
            let mut d = Diagnostics::new();
            check_change(&before, &after, &mut d);
            assert_eq!(d.len(), errors, "{:?} {:?}", before.iam, after.iam);
        }
    }
}
