//! Major versions of a database whose support ends.

use stellar_aws::preflight::Lifecycle;
use tfplugin_sdk::Path;

use super::{Finding, Findings, Survey, days_left};
use crate::cluster::database::major;

/// Looks up the major version of a new database.
pub async fn check(survey: &Survey<'_>) -> Findings {
    let primary = survey.of_kind("rds/instance").chain(survey.of_kind("rds/cluster"));
    // Replicas have no engine of their own.
    let mut engines =
        primary.filter_map(|one| Some((one.desired["engine"].as_str()?, one.desired["engine_version"].as_str()?)));
    let Some((engine, version)) = engines.next() else { return Ok(Vec::new()) };
    let extended = survey
        .config
        .database
        .known()
        .is_some_and(|database| database.support.known().is_some_and(|s| s == "extended"));
    let lifecycle = survey.aws.database_support(survey.region, engine, major(version)).await?;
    Ok(lifecycle.and_then(|lifecycle| of_version(major(version), extended, lifecycle)).into_iter().collect())
}

fn of_version(version: &str, extended: bool, lifecycle: Lifecycle) -> Option<Finding> {
    let days = days_left(lifecycle.standard_until);
    let detail = match days {
        _ if days >= super::SOON => return None,
        ..=0 if extended => format!(
            "Standard support of PostgreSQL {version} has ended: AWS charges Extended Support for each vCPU and hour."
        ),
        ..=0 => format!(
            "Standard support of PostgreSQL {version} has ended: with support = \"standard\" AWS upgrades the database by itself. \
             Choose a newer version."
        ),
        _ if extended => return None,
        _ => format!(
            "Standard support of PostgreSQL {version} ends in {days} days; then AWS upgrades the database by itself."
        ),
    };
    let path = Path::root().attr("database").attr("version");
    Some(Finding { fatal: false, path, summary: "Support of a version ends", detail })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_supported_at_its_end_or_past_it() {
        let lifecycle = |days: i64| Lifecycle { standard_until: super::super::now() + days * 86_400 + 60 };
        let rows = [
            (500, false, None),
            (30, false, Some("ends in 30 days")),
            (30, true, None),
            (-3, false, Some("upgrades the database by itself")),
            (-3, true, Some("charges Extended Support")),
        ];
        for (days, extended, expected) in rows {
            let found = of_version("14", extended, lifecycle(days));
            assert_eq!(found.is_some(), expected.is_some(), "{days} {extended}");
            if let (Some(found), Some(words)) = (found, expected) {
                assert!(found.detail.contains(words), "{}", found.detail);
                assert!(!found.fatal);
            }
        }
    }
}
