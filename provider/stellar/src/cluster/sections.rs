//! The sections in their fixed order, and what crosses between them.

use stellar_aws::Aws;
use stellar_engine::{Error, Input};
use tfplugin_sdk::Attr;

use super::{
    build::Builder,
    cache, database,
    facts::Facts,
    known::{NotYetKnown, known},
    kubernetes,
    model::Cluster,
    network,
    view::View,
};

/// Adds every section's components. The network comes first, the CDN after the buckets.
pub fn expand(config: &Cluster, b: &mut Builder<'_>) -> Result<(), NotYetKnown> {
    if let Some(section) = known(&config.network, "network")? {
        network::expand(section, b)?;
    }
    if let Some(section) = known(&config.kubernetes, "kubernetes")? {
        let key = b.own_keys.get("kubernetes").cloned();
        kubernetes::expand(section, key, Input::Known(b.deletion_protection), b)?;
    }
    if let Some(section) = known(&config.database, "database")? {
        database::expand(section, b)?;
    }
    if let Some(section) = known(&config.cache, "cache")? {
        cache::expand(section, b)?;
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
}

/// Looks up what the configuration needs and `facts` does not hold yet.
pub async fn look_up(aws: &Aws, region: &str, config: &Cluster, facts: &mut Facts) -> Result<(), Error> {
    if let Attr::Known(section) = &config.kubernetes {
        kubernetes::facts(aws, region, section, &mut facts.kubernetes).await?;
    }
    Ok(())
}
