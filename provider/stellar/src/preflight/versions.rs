//! Versions that do not exist, or whose support ends.

use stellar_aws::preflight::{Release, Support};
use tfplugin_sdk::Path;

use super::{DAY, Finding, Findings, SOON, Survey, now};

/// Looks up the configured Kubernetes version.
pub async fn check(survey: &Survey<'_>) -> Findings {
    let Some(kubernetes) = survey.config.kubernetes.known() else { return Ok(Vec::new()) };
    let (Some(version), true) = (kubernetes.version.known(), survey.of_kind("eks/cluster").next().is_some()) else {
        return Ok(Vec::new());
    };
    let releases = survey.aws.kubernetes_releases(survey.region).await?;
    let extended = kubernetes.support.known().is_some_and(|support| support == "extended");
    Ok(of_cluster(version, extended, &releases, now()).into_iter().collect())
}

fn of_cluster(version: &str, extended: bool, releases: &[Release], now: i64) -> Option<Finding> {
    let path = Path::root().attr("kubernetes").attr("version");
    if releases.is_empty() {
        return None;
    }
    let found = releases.iter().find(|release| release.version == version);
    let usable = releases.iter().filter(|release| release.support != Support::Ended);
    let offered = || usable.map(|release| release.version.as_str()).collect::<Vec<_>>().join(", ");
    let Some(found) = found.filter(|release| release.support != Support::Ended) else {
        let detail = format!("EKS does not offer Kubernetes {version}. It offers: {}.", offered());
        return Some(Finding { fatal: true, path, summary: "Unknown Kubernetes version", detail });
    };
    let days = found.standard_until.map(|until| (until - now) / DAY);
    let detail = match (found.support, days) {
        _ if extended => return None,
        (Support::Extended, _) => format!(
            "Standard support of Kubernetes {version} has ended: with support = \"standard\" AWS upgrades the cluster by \
             itself, with support = \"extended\" it stays at six times the price. EKS offers: {}.",
            offered()
        ),
        (_, Some(days)) if days < SOON => {
            format!(
                "Standard support of Kubernetes {version} ends in {days} days; then AWS upgrades the cluster by itself."
            )
        }
        _ => return None,
    };
    Some(Finding { fatal: false, path, summary: "Support of a version ends", detail })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_offered_old_or_unknown() {
        let release = |version: &str, support: Support, until: i64| Release {
            version: version.to_owned(),
            support,
            standard_until: Some(until * DAY),
        };
        let releases = [
            release("1.35", Support::Standard, 500),
            release("1.34", Support::Standard, 130),
            release("1.32", Support::Extended, 50),
            release("1.20", Support::Ended, 10),
        ];
        let rows = [
            ("1.35", false, None),
            ("1.34", false, Some((false, "ends in 30 days"))),
            ("1.34", true, None),
            ("1.32", false, Some((false, "six times the price"))),
            ("1.32", true, None),
            ("1.20", false, Some((true, "1.35, 1.34, 1.32"))),
            ("1.99", true, Some((true, "does not offer Kubernetes 1.99"))),
        ];
        for (version, extended, expected) in rows {
            let found = of_cluster(version, extended, &releases, 100 * DAY);
            assert_eq!(found.as_ref().map(|finding| finding.fatal), expected.map(|(fatal, _)| fatal), "{version}");
            if let (Some(finding), Some((_, words))) = (found, expected) {
                assert!(finding.detail.contains(words), "{}", finding.detail);
            }
        }
    }
}
