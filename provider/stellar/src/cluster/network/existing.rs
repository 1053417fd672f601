//! Whether a network that the user brings along is fit for a platform.

use std::collections::BTreeSet;

use stellar_aws::{
    Aws,
    ec2::{ExistingVpc, existing_vpc},
};
use stellar_engine::Error;
use tfplugin_sdk::Attr;

use super::{Existing, Facts};

/// Free addresses that EKS wants in a subnet of its control plane (EKS User Guide, "VPC and subnet requirements").
const LEAST_ADDRESSES: i32 = 6;

/// Looks at VPC and subnets once, as soon as all their ids are known, and again when others are named.
///
/// # Errors
/// Those of the look-up; [`stellar_engine::ErrorClass::Permanent`] naming what does not exist or is not fit.
pub(super) async fn check(aws: &Aws, region: &str, config: &Existing, facts: &mut Facts) -> Result<(), Error> {
    let Some(all) = ids(config) else { return Ok(()) };
    if all == facts.existing && !facts.existing_zones.is_empty() {
        return Ok(());
    }
    let vpc = config.vpc_id.known().map_or("", String::as_str);
    let Some(found) = existing_vpc(aws, region, vpc).await? else {
        return Err(Error::permanent(format!(
            "network.existing.vpc_id: this account has no {vpc} in {region}; is it the right account and region?"
        )));
    };
    fit(config, vpc, &found)?;
    facts.existing = all;
    facts.existing_zones = found.subnets.iter().map(|subnet| (subnet.id.clone(), subnet.zone.clone())).collect();
    Ok(())
}

fn lists(config: &Existing) -> [(&'static str, &Attr<Vec<Attr<String>>>); 3] {
    [
        ("private_subnet_ids", &config.private_subnet_ids),
        ("public_subnet_ids", &config.public_subnet_ids),
        ("database_subnet_ids", &config.database_subnet_ids),
    ]
}

/// The VPC's id and those of all subnets; `None` when one is not known yet.
fn ids(config: &Existing) -> Option<Vec<String>> {
    let mut all = vec![config.vpc_id.known()?.clone()];
    for (_, list) in lists(config) {
        if list.is_unknown() {
            return None;
        }
        for id in list.known().into_iter().flatten() {
            all.push(id.known()?.clone());
        }
    }
    Some(all)
}

fn fit(config: &Existing, vpc: &str, found: &ExistingVpc) -> Result<(), Error> {
    let wrong = |what: String| Err(Error::permanent(format!("network.existing.{what}")));
    for (on, option) in [(found.dns_support, "--enable-dns-support"), (found.dns_hostnames, "--enable-dns-hostnames")] {
        if !on {
            return wrong(format!(
                "vpc_id: EKS needs DNS support and DNS hostnames; run `aws ec2 modify-vpc-attribute --vpc-id {vpc} {option}`"
            ));
        }
    }
    for (list, ids) in lists(config) {
        let mut zones = BTreeSet::new();
        for id in ids.known().into_iter().flatten().filter_map(Attr::known) {
            let Some(subnet) = found.subnets.iter().find(|subnet| subnet.id == *id) else {
                return wrong(format!("{list}: {vpc} has no subnet {id}"));
            };
            if list == "private_subnet_ids" && subnet.free_addresses < LEAST_ADDRESSES {
                return wrong(format!(
                    "{list}: {id} has {} free addresses; EKS wants {LEAST_ADDRESSES} for its control plane, and nodes and pods come on top",
                    subnet.free_addresses
                ));
            }
            zones.insert(&subnet.zone);
        }
        // Public subnets are for load balancers, which may also be none.
        let is_needed = list != "public_subnet_ids" && !ids.is_null();
        if is_needed && zones.len() < 2 {
            return wrong(format!("{list}: EKS, RDS and ElastiCache need subnets in two zones; these are all in one"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use stellar_aws::ec2::ExistingSubnet;

    use super::*;

    #[test]
    fn what_is_not_fit_is_told_with_its_attribute() {
        let list = |ids: &[&str]| Attr::Known(ids.iter().map(|id| Attr::from(*id)).collect::<Vec<_>>());
        let config = |private: &[&str], database: &[&str]| Existing {
            vpc_id: "vpc-1".into(),
            private_subnet_ids: list(private),
            database_subnet_ids: if database.is_empty() { Attr::Null } else { list(database) },
            public_subnet_ids: Attr::Null,
        };
        let subnet = |id: &str, zone: &str, free_addresses| ExistingSubnet {
            id: id.to_owned(),
            zone: zone.to_owned(),
            free_addresses,
        };
        let subnets =
            vec![subnet("a", "z-a", 100), subnet("b", "z-b", 100), subnet("c", "z-a", 100), subnet("d", "z-b", 5)];
        let vpc = ExistingVpc { dns_support: true, dns_hostnames: true, subnets };
        let without_dns = ExistingVpc { dns_hostnames: false, ..vpc.clone() };
        let rows = [
            (&vpc, config(&["a", "b"], &[]), None),
            (&vpc, config(&["a", "b"], &["c", "d"]), None),
            (&without_dns, config(&["a", "b"], &[]), Some("vpc_id: EKS needs DNS")),
            (&vpc, config(&["a", "x"], &[]), Some("private_subnet_ids: vpc-1 has no subnet x")),
            (&vpc, config(&["a", "c"], &[]), Some("private_subnet_ids: EKS, RDS and ElastiCache need")),
            (&vpc, config(&["a", "d"], &[]), Some("private_subnet_ids: d has 5 free addresses")),
            (&vpc, config(&["a", "b"], &["a", "c"]), Some("database_subnet_ids: EKS, RDS")),
        ];
        for (vpc, config, expected) in rows {
            let message = fit(&config, "vpc-1", vpc).err().map(|error| error.message);
            assert_eq!(message.is_some(), expected.is_some(), "{message:?}");
            assert!(expected.is_none_or(|part| message.as_ref().is_some_and(|m| m.contains(part))), "{message:?}");
        }
        let unknown = Existing { vpc_id: Attr::Unknown, ..config(&["a", "b"], &[]) };
        assert_eq!((ids(&unknown), ids(&config(&["a"], &[]))), (None, Some(vec!["vpc-1".to_owned(), "a".to_owned()])));
    }
}
