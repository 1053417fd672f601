//! What can be decided from the section's configuration alone.

use std::collections::BTreeSet;

use stellar_aws::logs::log_group::RETENTION_DAYS;
use tfplugin_sdk::{Attr, Diagnostics, Path};

use super::{
    Cidr, Existing, MAX_ZONES, Network,
    expand::{DEFAULT_CIDR, NAT_MODES},
};

/// Prefix lengths that VPC blocks may have: AWS allows up to `/28`, but beyond `/22` the smallest subnets
/// would be below AWS's own limit of `/28`.
const PREFIXES: std::ops::RangeInclusive<u8> = 16..=22;
/// EKS and RDS need subnets in two zones.
const MIN_ZONES: usize = 2;

/// Adds an error for each wrong value; values that are not known yet are skipped.
pub fn validate(config: &Network, path: &Path, d: &mut Diagnostics) {
    if let Attr::Known(existing) = &config.existing {
        check_existing(config, existing, path, d);
    }
    check_cidr(config, path, d);
    check_secondary(config, &path.attr("secondary_cidrs"), d);
    check_zones(config, path, d);
    check_endpoints(config, path, d);
    if let Some(nat) = config.nat.known().filter(|nat| !NAT_MODES.contains(&nat.as_str())) {
        let detail = format!("{nat:?} is none of: {}.", NAT_MODES.join(", "));
        d.attribute_error(path.attr("nat"), "Unknown NAT mode", detail);
    }
    let retention = config.flow_logs.known().and_then(|logs| logs.retention_days.known());
    if let Some(days) = retention.filter(|days| !RETENTION_DAYS.contains(days)) {
        let offered = RETENTION_DAYS.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let detail = format!("CloudWatch Logs cannot keep records for {days} days. It offers: {offered}.");
        d.attribute_error(path.attr("flow_logs").attr("retention_days"), "Retention not offered", detail);
    }
}

fn check_cidr(config: &Network, path: &Path, d: &mut Diagnostics) {
    let Some(text) = config.cidr.known() else { return };
    let path = path.attr("cidr");
    match text.parse::<Cidr>() {
        Err(error) => d.attribute_error(path, "Invalid CIDR block", format!("{error}.")),
        Ok(cidr) if cidr.prefix() > *PREFIXES.end() => {
            let detail = format!("{cidr} has no room for the subnets of a platform; the smallest block is a /22.");
            d.attribute_error(path, "CIDR block too small", detail);
        }
        Ok(cidr) if cidr.prefix() < *PREFIXES.start() => {
            let detail = format!("The biggest block that a VPC can have is a /16, not {cidr}.");
            d.attribute_error(path, "CIDR block too big", detail);
        }
        Ok(_) => {}
    }
}

/// Private ranges of which a VPC takes one alone (VPC User Guide, "CIDR block association restrictions").
const PRIVATE: [&str; 3] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
/// Blocks of a VPC beside the first, without a raised quota.
const MOST_SECONDARY: usize = 4;

fn check_secondary(config: &Network, path: &Path, d: &mut Diagnostics) {
    let Some(texts) = config.secondary_cidrs.known() else { return };
    if texts.len() > MOST_SECONDARY {
        let detail = format!("A VPC has at most {MOST_SECONDARY} further blocks, not {}.", texts.len());
        d.attribute_error(path.clone(), "Too many CIDR blocks", detail);
    }
    let first = match &config.cidr {
        Attr::Unknown => None,
        cidr => cidr.known().map_or(DEFAULT_CIDR, String::as_str).parse::<Cidr>().ok(),
    };
    let mut before: Vec<Cidr> = first.into_iter().collect();
    for text in texts {
        let cidr = match text.parse::<Cidr>() {
            Ok(cidr) if (16..=28).contains(&cidr.prefix()) => cidr,
            Ok(cidr) => {
                let detail = format!("{cidr} is not between /16 and /28, as AWS wants the blocks of a VPC.");
                d.attribute_error(path.clone(), "Wrong size of a CIDR block", detail);
                continue;
            }
            Err(error) => {
                d.attribute_error(path.clone(), "Invalid CIDR block", format!("{error}."));
                continue;
            }
        };
        if let Some(other) = before.iter().find(|other| other.overlaps(cidr)) {
            let detail = format!("{cidr} and {other} have addresses in common.");
            d.attribute_error(path.clone(), "CIDR blocks overlap", detail);
        } else if let Some(first) = first.filter(|first| !are_mixable(*first, cidr)) {
            let detail = format!(
                "AWS does not mix the private ranges {}: {cidr} cannot be in a VPC of {first}. Take a block of the same \
                 range, or of 100.64.0.0/10.",
                PRIVATE.join(", ")
            );
            d.attribute_error(path.clone(), "CIDR block of another range", detail);
        }
        before.push(cidr);
    }
}

fn are_mixable(first: Cidr, other: Cidr) -> bool {
    let range =
        |cidr: Cidr| PRIVATE.iter().position(|range| range.parse().is_ok_and(|range: Cidr| range.overlaps(cidr)));
    match (range(first), range(other)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

fn check_zones(config: &Network, path: &Path, d: &mut Diagnostics) {
    let range = MIN_ZONES..=MAX_ZONES;
    let is_fit = |count: i64| usize::try_from(count).is_ok_and(|count| range.contains(&count));
    if let Some(count) = config.zone_count.known().copied().filter(|count| !is_fit(*count)) {
        let detail = format!("A platform needs {MIN_ZONES} to {MAX_ZONES} zones, not {count}: EKS and RDS need two.");
        d.attribute_error(path.attr("zone_count"), "Wrong number of zones", detail);
    }
    if config.zone_count.is_known() && config.availability_zones.is_known() {
        let detail = "Set either zone_count or availability_zones: the second also says how many zones there are.";
        d.attribute_error(path.attr("zone_count"), "Conflicting attributes", detail);
    }
    let Some(zones) = config.availability_zones.known() else { return };
    let path = path.attr("availability_zones");
    if !range.contains(&zones.len()) {
        let detail = format!("A platform needs {MIN_ZONES} to {MAX_ZONES} zones, not {}.", zones.len());
        d.attribute_error(path.clone(), "Wrong number of zones", detail);
    }
    if zones.iter().collect::<BTreeSet<_>>().len() < zones.len() {
        d.attribute_error(path.clone(), "Zone named twice", "Each zone gets one subnet of each kind: name it once.");
    }
    for (index, zone) in zones.iter().enumerate().filter(|(_, zone)| !is_zone_name(zone)) {
        let detail = format!("{zone:?} is not the name of an availability zone, like us-east-1a.");
        d.attribute_error(path.index(index), "Invalid zone name", detail);
    }
}

/// `us-east-1a`: a region's name and one letter. Local zones (`us-east-1-bos-1a`) have no EKS control plane.
fn is_zone_name(text: &str) -> bool {
    let Some(region) = text.strip_suffix(|c: char| c.is_ascii_lowercase()) else { return false };
    let parts: Vec<&str> = region.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    let is_word = |word: &&str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
    words.len() >= 2 && words.iter().all(is_word) && number.chars().all(|c| c.is_ascii_digit()) && !number.is_empty()
}

fn check_endpoints(config: &Network, path: &Path, d: &mut Diagnostics) {
    let path = path.attr("endpoints");
    for service in config.endpoints.known().into_iter().flatten() {
        let part = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c))
        };
        if service == "s3" {
            let detail = "The S3 gateway endpoint is always there and free of charge; leave s3 out.";
            d.attribute_error(path.clone(), "Endpoint not needed", detail);
        } else if !service.split('.').all(part) {
            let detail = format!(
                "{service:?} is not the last part of an endpoint service's name: write ecr.api for com.amazonaws.us-east-1.ecr.api."
            );
            d.attribute_error(path.clone(), "Invalid endpoint service", detail);
        }
    }
}

fn check_existing(config: &Network, existing: &Existing, path: &Path, d: &mut Diagnostics) {
    let beside = [
        ("cidr", config.cidr.is_null()),
        ("secondary_cidrs", config.secondary_cidrs.is_null()),
        ("zone_count", config.zone_count.is_null()),
        ("availability_zones", config.availability_zones.is_null()),
        ("nat", config.nat.is_null()),
        ("endpoints", config.endpoints.is_null()),
    ];
    for (attribute, _) in beside.into_iter().filter(|(_, is_null)| !is_null) {
        let detail = "With existing, the VPC and everything in it is yours and stays untouched; remove this attribute.";
        d.attribute_error(path.attr(attribute), "Conflicts with existing", detail);
    }
    let path = path.attr("existing");
    let lists =
        [("private_subnet_ids", &existing.private_subnet_ids), ("database_subnet_ids", &existing.database_subnet_ids)];
    for (attribute, list) in lists {
        if let Some(ids) = list.known().filter(|ids| ids.len() < MIN_ZONES) {
            let detail = format!("EKS and RDS need subnets in {MIN_ZONES} zones, not {}.", ids.len());
            d.attribute_error(path.attr(attribute), "Too few subnets", detail);
        }
        let known: Vec<&String> = list.known().into_iter().flatten().filter_map(Attr::known).collect();
        if known.iter().collect::<BTreeSet<_>>().len() < known.len() {
            let detail = "Each subnet counts once, and two of them must be in different zones.";
            d.attribute_error(path.attr(attribute), "Subnet named twice", detail);
        }
    }
    let vpc = existing.vpc_id.known();
    if let Some(id) = vpc.filter(|id| !id.starts_with("vpc-")) {
        d.attribute_error(
            path.attr("vpc_id"),
            "Invalid VPC id",
            format!("{id:?} is not an id like vpc-0123456789abcdef0."),
        );
    }
}

#[cfg(test)]
mod tests {
    use tfplugin_sdk::{Model, Value};

    use super::*;

    fn config(entries: &[(&str, Value)]) -> Network {
        Network::decode(&Value::map(entries.iter().cloned()), &Path::root()).expect("decodes")
    }

    fn list(items: &[&str]) -> Value {
        Value::List(items.iter().map(|item| Value::from(*item)).collect())
    }

    #[test]
    fn each_wrong_value_is_told_at_its_attribute() {
        let existing = |subnets: &[&str]| {
            let entries = [("vpc_id", "vpc-1".into()), ("private_subnet_ids", list(subnets))];
            ("existing", Value::map(entries))
        };
        let days = |days: i64| ("flow_logs", Value::map([("retention_days", days.into())]));
        let rows: Vec<(Vec<(&str, Value)>, &str)> = vec![
            (vec![], ""),
            (vec![("cidr", Value::Unknown), ("zone_count", Value::Unknown), ("nat", Value::Unknown)], ""),
            (vec![("cidr", "10.0.0.0/16".into()), ("zone_count", 3_i64.into()), ("nat", "single".into())], ""),
            (vec![("cidr", "10.0.0.0".into())], "network.cidr: Invalid CIDR block"),
            (vec![("cidr", "10.0.1.0/16".into())], "network.cidr: Invalid CIDR block"),
            (vec![("cidr", "10.0.0.0/23".into())], "network.cidr: CIDR block too small"),
            (vec![("cidr", "10.0.0.0/15".into())], "network.cidr: CIDR block too big"),
            (vec![("secondary_cidrs", list(&["100.64.0.0/16", "10.1.0.0/20"]))], ""),
            (vec![("secondary_cidrs", list(&["10.0.4.0/24"]))], "network.secondary_cidrs: CIDR blocks overlap"),
            (
                vec![("secondary_cidrs", list(&["100.64.0.0/16", "100.64.4.0/24"]))],
                "network.secondary_cidrs: CIDR blocks overlap",
            ),
            (
                vec![("secondary_cidrs", list(&["192.168.0.0/24"]))],
                "network.secondary_cidrs: CIDR block of another range",
            ),
            (
                vec![("secondary_cidrs", list(&["100.64.0.0/10"]))],
                "network.secondary_cidrs: Wrong size of a CIDR block",
            ),
            (vec![("secondary_cidrs", list(&["100.64.0.1/16"]))], "network.secondary_cidrs: Invalid CIDR block"),
            (
                vec![(
                    "secondary_cidrs",
                    list(&["10.1.0.0/24", "10.2.0.0/24", "10.3.0.0/24", "10.4.0.0/24", "10.5.0.0/24"]),
                )],
                "network.secondary_cidrs: Too many CIDR blocks",
            ),
            (vec![("zone_count", 1_i64.into())], "network.zone_count: Wrong number of zones"),
            (vec![("zone_count", 7_i64.into())], "network.zone_count: Wrong number of zones"),
            (vec![("zone_count", (-3_i64).into())], "network.zone_count: Wrong number of zones"),
            (
                vec![("zone_count", 2_i64.into()), ("availability_zones", list(&["us-east-1a", "us-east-1b"]))],
                "network.zone_count: Conflicting attributes",
            ),
            (vec![("availability_zones", list(&["us-east-1a"]))], "network.availability_zones: Wrong number of zones"),
            (
                vec![("availability_zones", list(&["us-east-1a", "us-east-1a"]))],
                "network.availability_zones: Zone named twice",
            ),
            (
                vec![("availability_zones", list(&["us-gov-west-1a", "us-east-1", "us-east-1-bos-1a"]))],
                "network.availability_zones[1]: Invalid zone name; network.availability_zones[2]: Invalid zone name",
            ),
            (vec![("nat", "two".into())], "network.nat: Unknown NAT mode"),
            (vec![("endpoints", list(&["ecr.api", "dynamodb", "git-codecommit"]))], ""),
            (vec![("endpoints", list(&["s3"]))], "network.endpoints: Endpoint not needed"),
            (vec![("endpoints", list(&["ECR"]))], "network.endpoints: Invalid endpoint service"),
            (vec![days(30)], ""),
            (vec![days(31)], "network.flow_logs.retention_days: Retention not offered"),
            (vec![existing(&["subnet-1", "subnet-2"]), days(30)], ""),
            (vec![existing(&["subnet-1"])], "network.existing.private_subnet_ids: Too few subnets"),
            (vec![existing(&["subnet-1", "subnet-1"])], "network.existing.private_subnet_ids: Subnet named twice"),
            (
                vec![existing(&["subnet-1", "subnet-2"]), ("cidr", "10.0.0.0/16".into()), ("nat", "none".into())],
                "network.cidr: Conflicts with existing; network.nat: Conflicts with existing",
            ),
            (vec![("existing", Value::map([("vpc_id", Value::from("x"))]))], "network.existing.vpc_id: Invalid VPC id"),
        ];
        for (entries, expected) in rows {
            let mut d = Diagnostics::new();
            validate(&config(&entries), &Path::root().attr("network"), &mut d);
            let told = |d: &tfplugin_sdk::Diagnostic| format!("{}: {}", d.path.as_ref().expect("a path"), d.summary);
            assert_eq!(d.iter().map(told).collect::<Vec<_>>().join("; "), expected, "{entries:?}");
        }
    }
}
