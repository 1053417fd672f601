//! NAT gateways per zone: a quota of its own for each zone.

use std::collections::BTreeMap;

use stellar_engine::Component;

use super::{Finding, Survey, quotas};

/// The quota's code in the service `vpc`.
const QUOTA: &str = "L-FE5A380F";

/// Compares the NAT gateways of each zone with the quota.
pub async fn check(survey: &Survey<'_>) -> Result<Vec<Finding>, stellar_engine::Error> {
    let wanted = by_zone(survey);
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let limit = survey.aws.quota(survey.region, "vpc", QUOTA);
    let (limit, used) = futures::try_join!(limit, survey.aws.nat_gateways(survey.region))?;
    let findings = wanted.into_iter().filter_map(|(zone, wanted)| {
        let used = used.get(&zone).copied().unwrap_or_default();
        let need = quotas::Need {
            service: "vpc",
            code: QUOTA,
            what: format!("NAT gateways in {zone}"),
            section: "network",
            wanted: (wanted, wanted),
        };
        quotas::compare(&need, limit, used, survey.region)
    });
    Ok(findings.collect())
}

/// How many the plan creates in each zone: that of the subnet in which a gateway stands.
fn by_zone(survey: &Survey<'_>) -> BTreeMap<String, f64> {
    let zone = |gateway: &Component| {
        let subnets = gateway.dependencies().into_iter().filter_map(|address| survey.graph.get(&address));
        let mut zones = subnets.filter(|component| component.kind == "ec2/subnet");
        zones.find_map(|subnet| subnet.desired["availability_zone"].as_str().map(str::to_owned))
    };
    let mut all = BTreeMap::new();
    for zone in survey.of_kind("ec2/nat-gateway").filter_map(zone) {
        *all.entry(zone).or_default() += 1.0;
    }
    all
}
