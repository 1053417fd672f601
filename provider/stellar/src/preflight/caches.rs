//! Node types that ElastiCache does not offer in the region.

use std::collections::BTreeSet;

use futures::future::try_join_all;
use stellar_engine::Error;
use tfplugin_sdk::Path;

use super::{Finding, Survey};

/// Looks up the node type of each new cache.
pub async fn check(survey: &Survey<'_>) -> Result<Vec<Finding>, Error> {
    let groups = survey.of_kind("elasticache/replication-group");
    let types: BTreeSet<&str> = groups.filter_map(|group| group.desired["node_type"].as_str()).collect();
    let looks = types.into_iter().map(|name| async move {
        let offered = survey.aws.offers_cache_node(survey.region, name).await?;
        Ok::<_, Error>((!offered).then(|| Finding {
            fatal: true,
            path: Path::root().attr("cache").attr("node_type"),
            summary: "Node type not offered",
            detail: format!(
                "ElastiCache does not offer the node type {name} in {}. Choose another type, or another region.",
                survey.region
            ),
        }))
    });
    Ok(try_join_all(looks).await?.into_iter().flatten().collect())
}
