//! Instance types and database classes that the region, or some of its zones, do not have.

use std::collections::{BTreeMap, BTreeSet};

use futures::{future::try_join_all, try_join};
use stellar_aws::preflight::Type;
use tfplugin_sdk::Path;

use super::{Finding, Findings, Pool, Survey};

/// Looks up every type and class of the plan.
pub async fn check(survey: &Survey<'_>) -> Findings {
    let (nodes, databases) = try_join!(nodes(survey), databases(survey))?;
    Ok(nodes.into_iter().chain(databases).collect())
}

async fn nodes(survey: &Survey<'_>) -> Findings {
    let pools = survey.pools();
    let types: BTreeSet<String> = pools.iter().flat_map(|pool| pool.types.iter().cloned()).collect();
    if types.is_empty() {
        return Ok(Vec::new());
    }
    let offered = survey.aws.instance_types(survey.region, &types).await?;
    Ok(pools.iter().flat_map(|pool| of_pool(pool, &offered, survey.zones, survey.region)).collect())
}

fn of_pool(pool: &Pool, offered: &BTreeMap<String, Type>, zones: &[String], region: &str) -> Vec<Finding> {
    let finding = |index: usize, name: &String| {
        let path = pool.path().attr("instance_types").index(index);
        let Some(found) = offered.get(name) else {
            let detail =
                format!("{region} does not offer the instance type {name}. Choose another type, or another region.");
            return Some(Finding { fatal: true, path, summary: "Instance type not offered", detail });
        };
        let missing: Vec<&str> = zones.iter().map(String::as_str).filter(|zone| !found.zones.contains(*zone)).collect();
        if missing.is_empty() {
            return None;
        }
        let has: Vec<&str> = found.zones.iter().map(String::as_str).collect();
        let detail = format!(
            "{name} is offered in {}, but not in these zones of the stack: {}. Choose zones that have it by \
             network.availability_zones, or add another type to the pool.",
            has.join(", "),
            missing.join(", ")
        );
        Some(Finding {
            fatal: missing.len() == zones.len(),
            path,
            summary: "Instance type not offered in every zone",
            detail,
        })
    };
    pool.types.iter().enumerate().filter_map(|(index, name)| finding(index, name)).collect()
}

async fn databases(survey: &Survey<'_>) -> Findings {
    let mut wanted = BTreeSet::new();
    for instance in survey.of_kind("rds/instance") {
        let text = |field: &str| instance.desired[field].as_str().map(str::to_owned);
        if let (Some(engine), Some(class)) = (text("engine"), text("instance_class")) {
            wanted.insert((engine, class));
        }
    }
    let looks = wanted.into_iter().map(|(engine, class)| async move {
        let offered = survey.aws.offers_database(survey.region, &engine, &class).await?;
        Ok((!offered).then(|| Finding {
            fatal: true,
            path: Path::root().attr("database").attr("instance_class"),
            summary: "Database class not offered",
            detail: format!("RDS does not offer {class} for {engine} in {}. Choose another class.", survey.region),
        }))
    });
    Ok(try_join_all(looks).await?.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_offered_everywhere_somewhere_or_nowhere() {
        let zones = ["r-1a".to_owned(), "r-1b".to_owned()];
        let kind = |name: &str, zones: &[&str]| {
            let zones = zones.iter().map(|zone| (*zone).to_owned()).collect();
            (name.to_owned(), Type { vcpus: 2, zones })
        };
        let offered =
            BTreeMap::from([kind("all", &["r-1a", "r-1b", "r-1c"]), kind("some", &["r-1a"]), kind("other", &["r-1c"])]);
        let rows = [("all", None), ("some", Some(false)), ("other", Some(true)), ("none", Some(true))];
        for (name, fatal) in rows {
            let types = vec!["all".to_owned(), name.to_owned()];
            let pool = Pool { name: "api".to_owned(), types, spot: false, nodes: (1, 1) };
            let found = of_pool(&pool, &offered, &zones, "r-1");
            assert_eq!(found.first().map(|finding| finding.fatal), fatal, "{name}");
            for finding in found {
                assert_eq!(finding.path.to_string(), "kubernetes.node_pools[\"api\"].instance_types[1]");
            }
        }
    }
}
