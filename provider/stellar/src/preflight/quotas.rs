//! Quotas minus what is in use, against what the plan creates.

use std::collections::{BTreeMap, BTreeSet};

use futures::{future::join_all, join, try_join};
use stellar_aws::preflight::{Family, Type, Used};
use stellar_engine::{Component, Error};
use tfplugin_sdk::Path;

use super::{Finding, Pool, Survey};

/// Where Service Quotas answers for IAM, which is global.
const IAM_REGION: &str = "us-east-1";

/// One quota and what the plan needs of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Need {
    pub service: &'static str,
    pub code: &'static str,
    /// For people, in the plural.
    pub what: String,
    pub section: &'static str,
    /// What the apply needs, and what the autoscaler may ask for later.
    pub wanted: (f64, f64),
}

/// Kinds that a quota counts, its service and code, its words, the section, and how its use is found out.
type Row = (&'static [&'static str], &'static str, &'static str, &'static str, &'static str, Used);

/// Compares every quota that the plan touches: a finding where one is too small, an error where it cannot be asked for.
pub async fn check(survey: &Survey<'_>) -> Vec<Result<Finding, Error>> {
    let (mut pools, created) = (survey.pools(), &survey.created);
    pools.extend(survey.growth());
    let types: BTreeSet<String> = pools.iter().filter_map(|pool| pool.types.first().cloned()).collect();
    let mut outcomes = Vec::new();
    let offered = match types.is_empty() {
        true => BTreeMap::new(),
        false => survey.aws.instance_types(survey.region, &types).await.unwrap_or_else(|error| {
            outcomes.push(Err(error));
            BTreeMap::new()
        }),
    };
    let needs = counted(created).into_iter().chain(vcpus(&pools, &offered));
    let looks = needs.map(|(need, used)| async move {
        let limit = survey.aws.quota(survey.region, need.service, need.code);
        let (limit, used) = try_join!(limit, survey.aws.in_use(survey.region, used))?;
        Ok::<_, Error>(compare(&need, limit, used, survey.region))
    });
    let (looked, roles) = join!(join_all(looks), roles(survey));
    outcomes.extend(looked.into_iter().chain([roles]).filter_map(Result::transpose));
    outcomes
}

/// IAM's quota is the account's, and IAM itself says what it is.
async fn roles(survey: &Survey<'_>) -> Result<Option<Finding>, Error> {
    let wanted: f64 = survey.of_kind("iam/role").map(|_| 1.0).sum();
    if wanted == 0.0 {
        return Ok(None);
    }
    let (used, limit) = survey.aws.roles(survey.region).await?;
    let need = Need {
        service: "iam",
        code: "L-FE177D64",
        what: "IAM roles".to_owned(),
        section: "iam",
        wanted: (wanted, wanted),
    };
    Ok(compare(&need, limit, used, IAM_REGION))
}

/// Quotas of which each component takes one, or as many as it has nodes.
fn counted(created: &[&Component]) -> Vec<(Need, Used)> {
    let rows: [Row; 7] = [
        (&["ec2/vpc"], "vpc", "L-F678F1CE", "VPCs", "network", Used::Vpcs),
        (&["ec2/internet-gateway"], "vpc", "L-A4707A72", "internet gateways", "network", Used::InternetGateways),
        (&["ec2/elastic-ip"], "ec2", "L-0263D0A3", "Elastic IP addresses", "network", Used::Addresses),
        (&["eks/cluster"], "eks", "L-1194D53C", "EKS clusters", "kubernetes", Used::Clusters),
        // Instances of Aurora count too.
        (&["rds/instance", "rds/cluster-instance"], "rds", "L-7B6409FD", "DB instances", "database", Used::Databases),
        (&["rds/cluster"], "rds", "L-952B80B8", "DB clusters", "database", Used::DatabaseClusters),
        (
            &["elasticache/replication-group"],
            "elasticache",
            "L-DFE45DF3",
            "ElastiCache nodes",
            "cache",
            Used::CacheNodes,
        ),
    ];
    let need = |(kinds, service, code, what, section, used): Row| {
        let counting = created.iter().filter(|component| kinds.contains(&component.kind));
        let wanted: f64 = counting.map(|component| size(component)).sum();
        let need = Need { service, code, what: what.to_owned(), section, wanted: (wanted, wanted) };
        (wanted > 0.0).then_some((need, used))
    };
    rows.into_iter().filter_map(need).collect()
}

/// How much of its quota a component takes: a replication group has a node per replica and shard.
fn size(component: &Component) -> f64 {
    let number = |field: &str| component.desired[field].as_f64();
    match (number("shards"), number("replicas")) {
        (Some(shards), Some(replicas)) => shards * (replicas + 1.0),
        _ => 1.0,
    }
}

/// vCPUs of new node pools, by family and way of buying; a pool is counted with its first type.
fn vcpus(pools: &[Pool], offered: &BTreeMap<String, Type>) -> Vec<(Need, Used)> {
    let mut sums: BTreeMap<(Family, bool), (f64, f64)> = BTreeMap::new();
    for pool in pools {
        let Some(first) = pool.types.first() else { continue };
        let (Some(family), Some(found)) = (Family::of(first), offered.get(first)) else { continue };
        let sum = sums.entry((family, pool.spot)).or_default();
        let vcpus = |nodes: i64| f64::from(i32::try_from(nodes).unwrap_or(i32::MAX)) * f64::from(found.vcpus);
        sum.0 += vcpus(pool.nodes.0);
        sum.1 += vcpus(pool.nodes.1);
    }
    let need = |((family, spot), wanted): ((Family, bool), (f64, f64))| {
        let what = match (family, spot) {
            (Family::Standard, false) => "vCPUs of standard instances",
            (Family::Standard, true) => "vCPUs of standard spot instances",
            (Family::Graphics, false) => "vCPUs of G and VT instances",
            (Family::Graphics, true) => "vCPUs of G and VT spot instances",
            (Family::Accelerated, false) => "vCPUs of P instances",
            (Family::Accelerated, true) => "vCPUs of P spot instances",
        };
        let code = family.quota(spot);
        (Need { service: "ec2", code, what: what.to_owned(), section: "kubernetes", wanted }, Used::Vcpus(family, spot))
    };
    sums.into_iter().map(need).collect()
}

/// What to say when too little is free; nothing when it suffices.
pub(super) fn compare(need: &Need, limit: f64, used: f64, region: &str) -> Option<Finding> {
    let free = (limit - used).max(0.0);
    let (now, later) = need.wanted;
    if later <= free {
        return None;
    }
    let fatal = now > free;
    let (wanted, until) = if fatal { (now, "") } else { (later, " once all node pools have grown to their max") };
    Some(Finding {
        fatal,
        path: Path::root().attr(need.section),
        summary: if fatal { "A quota is too small" } else { "A quota will be too small" },
        detail: format!(
            "The stack needs {wanted} {what}{until}, but of {limit} in {region} {used} are in use. Ask for more:\n\n  aws \
             service-quotas request-service-quota-increase --region {region} --service-code {service} --quota-code {code} \
             --desired-value {enough}",
            what = need.what,
            service = need.service,
            code = need.code,
            enough = used + wanted,
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_free_decides_and_growth_is_only_a_warning() {
        let need = |now: f64, later: f64| Need {
            service: "ec2",
            code: "L-1216C47A",
            what: "vCPUs".to_owned(),
            section: "kubernetes",
            wanted: (now, later),
        };
        let rows = [
            (need(4.0, 8.0), 16.0, 8.0, None),
            (need(4.0, 9.0), 16.0, 8.0, Some(false)),
            (need(9.0, 9.0), 16.0, 8.0, Some(true)),
            (need(1.0, 1.0), 5.0, 9.0, Some(true)),
        ];
        for (need, limit, used, fatal) in rows {
            assert_eq!(compare(&need, limit, used, "eu-west-1").map(|finding| finding.fatal), fatal, "{need:?}");
        }
        let text = compare(&need(9.0, 9.0), 16.0, 8.0, "eu-west-1").map(|finding| finding.detail).unwrap_or_default();
        for part in
            ["needs 9 vCPUs", "of 16 in eu-west-1 8 are in use", "--quota-code L-1216C47A", "--desired-value 17"]
        {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }

    #[test]
    fn pools_are_added_up_by_family_and_way_of_buying() {
        let pool = |kind: &str, spot: bool, nodes: (i64, i64)| Pool {
            name: "a".to_owned(),
            types: vec![kind.to_owned(), "m5.24xlarge".to_owned()],
            spot,
            nodes,
        };
        let kind = |name: &str, vcpus: i32| (name.to_owned(), Type { vcpus, ..Type::default() });
        let offered = BTreeMap::from([kind("m5.xlarge", 4), kind("c5.large", 2), kind("g5.xlarge", 4)]);
        let pools = [
            pool("m5.xlarge", false, (2, 5)),
            pool("c5.large", false, (1, 1)),
            pool("m5.xlarge", true, (1, 3)),
            pool("g5.xlarge", false, (1, 1)),
            pool("inf2.xlarge", false, (1, 1)),
        ];
        let found: Vec<_> = vcpus(&pools, &offered).into_iter().map(|(need, _)| (need.code, need.wanted)).collect();
        let expected = [("L-1216C47A", (10.0, 22.0)), ("L-34B43A08", (4.0, 12.0)), ("L-DB2E81BA", (4.0, 4.0))];
        assert_eq!(found, expected);
    }
}
