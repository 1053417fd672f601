//! EKS's own checks before an upgrade: what it has found that would break.

use std::{collections::BTreeSet, sync::Mutex};

use aws_sdk_eks::types::{Category, InsightStatusValue, InsightSummary, InsightsFilter, InsightsRefreshStatus};
use stellar_engine::{Error, ErrorClass};

use crate::{Aws, call};

/// Asks EKS's upgrade insights. They are a day old at worst, and what they found may be mended since: findings are
/// believed only after one refresh.
#[derive(Debug, Default)]
pub(super) struct Insights {
    /// Clusters and versions whose insights were refreshed by this process.
    refreshed: Mutex<BTreeSet<(String, String)>>,
}

impl Insights {
    /// Succeeds when nothing is found that breaks with the version.
    ///
    /// # Errors
    /// [`ErrorClass::Busy`] while EKS looks again, [`ErrorClass::Permanent`] with the findings, and those of the calls.
    pub(super) async fn allow(&self, aws: &Aws, region: &str, cluster: &str, version: &str) -> Result<(), Error> {
        let found = errors(aws, region, cluster, version).await?;
        if found.is_empty() {
            return Ok(());
        }
        let busy = || Error::busy("EKS refreshes its upgrade insights");
        if self.is_first(cluster, version) {
            return match start_refresh(aws, region, cluster).await {
                // Another refresh is under way, or not to be had: what is there decides at the next look.
                Ok(()) => Err(busy()),
                Err(error) if matches!(error.class, ErrorClass::Permanent | ErrorClass::Denied) => Err(busy()),
                Err(error) => Err(error),
            };
        }
        if is_refreshing(aws, region, cluster).await? {
            return Err(busy());
        }
        Err(refused(cluster, version, &found))
    }

    fn is_first(&self, cluster: &str, version: &str) -> bool {
        // Nothing panics while the lock is held.
        let mut refreshed = self.refreshed.lock().unwrap_or_else(|e| e.into_inner());
        refreshed.insert((cluster.to_owned(), version.to_owned()))
    }
}

async fn errors(aws: &Aws, region: &str, cluster: &str, version: &str) -> Result<Vec<InsightSummary>, Error> {
    let eks = aws.eks(region);
    let filter = InsightsFilter::builder()
        .categories(Category::UpgradeReadiness)
        .kubernetes_versions(version)
        .statuses(InsightStatusValue::Error)
        .build();
    let request = || eks.list_insights().cluster_name(cluster).filter(filter.clone()).send();
    // One page holds 100; EKS has about ten checks.
    Ok(call("eks:ListInsights", request).await?.insights.unwrap_or_default())
}

async fn start_refresh(aws: &Aws, region: &str, cluster: &str) -> Result<(), Error> {
    let eks = aws.eks(region);
    call("eks:StartInsightsRefresh", || eks.start_insights_refresh().cluster_name(cluster).send()).await.map(drop)
}

async fn is_refreshing(aws: &Aws, region: &str, cluster: &str) -> Result<bool, Error> {
    let eks = aws.eks(region);
    let request = || eks.describe_insights_refresh().cluster_name(cluster).send();
    let output = Error::absent_is_none(call("eks:DescribeInsightsRefresh", request).await)?;
    Ok(output.is_some_and(|output| output.status() == Some(&InsightsRefreshStatus::InProgress)))
}

fn refused(cluster: &str, version: &str, found: &[InsightSummary]) -> Error {
    let line = |insight: &InsightSummary| {
        let reason = insight.insight_status().and_then(|status| status.reason()).unwrap_or("no reason given");
        format!("{} ({reason})", insight.name().unwrap_or("unnamed check"))
    };
    let lines: Vec<String> = found.iter().map(line).collect();
    Error::permanent(format!(
        "EKS has found what would break with Kubernetes {version}: {}. `aws eks list-insights --cluster-name {cluster}` and \
         describe-insight name the objects. Mend them and apply again, or set kubernetes.force_upgrade = true",
        lines.join("; ")
    ))
}

#[cfg(test)]
mod tests {
    use aws_sdk_eks::types::InsightStatus;

    use super::*;

    #[test]
    fn a_refusal_names_every_finding_and_the_way_on() {
        let insight = |name: &str| {
            let status = InsightStatus::builder().reason("Deprecated API usage").build();
            InsightSummary::builder().name(name).insight_status(status).build()
        };
        let text = refused("shop", "1.35", &[insight("Kubelet version skew"), insight("Removed APIs")]).message;
        for part in ["1.35", "Kubelet version skew (Deprecated API usage)", "Removed APIs", "kubernetes.force_upgrade"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn findings_are_refreshed_once_per_cluster_and_version() {
        let insights = Insights::default();
        let rows = [("shop", "1.34", true), ("shop", "1.34", false), ("shop", "1.35", true), ("web", "1.34", true)];
        for (cluster, version, first) in rows {
            assert_eq!(insights.is_first(cluster, version), first, "{cluster} {version}");
        }
    }
}
