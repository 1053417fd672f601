//! Chooses the zones of a stack, once.

use stellar_aws::{
    Aws,
    ec2::{Zone, zones},
};
use stellar_engine::Error;
use tfplugin_sdk::Attr;

use super::{Facts, Network, endpoints, existing, expand::zone_count};

/// Zones, by their ids, in which EKS puts no control plane (EKS User Guide, "VPC and subnet requirements").
const WITHOUT_EKS: &[&str] = &["use1-az3", "usw1-az2", "cac1-az3"];

/// Looks up zones when the configuration names none and fewer are known than it asks for, and checks those that it
/// names once. A count that is not known yet looks up nothing.
///
/// # Errors
/// Those of the look-up; [`stellar_engine::ErrorClass::Permanent`] when the region has too few zones, or not the named ones.
pub async fn facts(aws: &Aws, region: &str, config: &Network, facts: &mut Facts) -> Result<(), Error> {
    if let Attr::Known(found) = &config.existing {
        return existing::check(aws, region, found, facts).await;
    }
    let Ok(count) = zone_count(config) else { return Ok(()) };
    if config.existing.is_unknown() {
        return Ok(());
    }
    if let Attr::Known(named) = &config.availability_zones {
        if facts.zones != *named {
            exist(named, &zones(aws, region).await?, region)?;
            facts.zones.clone_from(named);
            facts.endpoints.clear();
        }
    } else if config.availability_zones.is_null() && facts.zones.len() < count {
        facts.zones = choose(&zones(aws, region).await?, &facts.zones, count, region)?;
        // Endpoints must be offered in the zones that were added, too.
        facts.endpoints.clear();
    }
    endpoints::check(aws, region, config, facts).await
}

/// The zones that the configuration names must be this account's.
fn exist(named: &[String], all: &[Zone], region: &str) -> Result<(), Error> {
    match named.iter().find(|name| !all.iter().any(|zone| zone.name == **name)) {
        None => Ok(()),
        Some(missing) => {
            let names: Vec<&str> = all.iter().map(|zone| zone.name.as_str()).collect();
            let offered = names.join(", ");
            Err(Error::permanent(format!(
                "network.availability_zones names {missing}, but this account has these zones in {region}: {offered}"
            )))
        }
    }
}

/// The zones known so far, followed by others up to the count.
fn choose(all: &[Zone], known: &[String], count: usize, region: &str) -> Result<Vec<String>, Error> {
    let fit: Vec<&String> = all.iter().filter(|z| !WITHOUT_EKS.contains(&z.id.as_str())).map(|z| &z.name).collect();
    let mut chosen = known.to_vec();
    chosen.extend(fit.iter().filter(|name| !known.contains(name)).map(|name| (*name).clone()));
    if chosen.len() < count {
        let names = chosen.join(", ");
        return Err(Error::permanent(format!(
            "network.zone_count asks for {count} zones, but {region} offers EKS in {} of this account's zones: {names}",
            chosen.len()
        )));
    }
    chosen.truncate(count);
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_zone_must_exist() {
        let all = [Zone { name: "us-east-1a".to_owned(), id: "use1-az1".to_owned() }];
        assert_eq!(exist(&["us-east-1a".to_owned()], &all, "us-east-1"), Ok(()));
        let error = exist(&["us-east-1z".to_owned()], &all, "us-east-1").expect_err("no such zone");
        assert!(error.message.contains("us-east-1z") && error.message.contains("us-east-1a"), "{error}");
    }

    #[test]
    fn zones_are_only_added_and_never_one_without_eks() {
        let zone = |(name, id): (&str, &str)| Zone { name: name.to_owned(), id: id.to_owned() };
        let all = [
            ("us-east-1a", "use1-az1"),
            ("us-east-1b", "use1-az3"),
            ("us-east-1c", "use1-az2"),
            ("us-east-1d", "use1-az4"),
        ]
        .map(zone);
        let rows: [(&[&str], usize, Option<&[&str]>); 5] = [
            (&[], 2, Some(&["us-east-1a", "us-east-1c"])),
            (&[], 3, Some(&["us-east-1a", "us-east-1c", "us-east-1d"])),
            (&["us-east-1d"], 2, Some(&["us-east-1d", "us-east-1a"])),
            (&["us-east-1b"], 2, Some(&["us-east-1b", "us-east-1a"])),
            (&[], 4, None),
        ];
        for (known, count, expected) in rows {
            let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
            let chosen = choose(&all, &owned(known), count, "us-east-1").ok();
            assert_eq!(chosen, expected.map(owned), "{known:?} {count}");
        }
        let error = choose(&all, &[], 4, "us-east-1").expect_err("too many");
        assert!(error.message.contains("asks for 4 zones, but us-east-1 offers EKS in 3"), "{error}");
    }
}
