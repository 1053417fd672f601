//! VPC endpoints: private ways to AWS services.

use stellar_aws::{
    Aws,
    ec2::{self, security_group::SecurityGroup, security_group_rule::SecurityGroupRule, vpc_endpoint::VpcEndpoint},
    unanswered_is_none,
};
use stellar_engine::{Address, Error, Input, address};

use super::{Facts, Network, expand::Made};
use crate::cluster::build::Builder;
use crate::cluster::known::{NotYetKnown, known};

/// Services that are reached by routes instead of addresses, free of charge.
const GATEWAYS: [&str; 2] = ["s3", "dynamodb"];

/// Adds the S3 gateway endpoint and those that are asked for.
pub(super) fn expand(config: &Network, made: &Made, b: &mut Builder<'_>) -> Result<(), NotYetKnown> {
    let wanted = known(&config.endpoints, "network.endpoints")?.cloned().unwrap_or_default();
    let (gateways, interfaces): (Vec<_>, Vec<_>) = wanted.iter().partition(|s| GATEWAYS.contains(&s.as_str()));
    gateway(b, made, "s3");
    for service in gateways.into_iter().filter(|service| *service != "s3") {
        gateway(b, made, service);
    }
    if interfaces.is_empty() {
        return Ok(());
    }
    let group = security_group(b, made);
    for service in interfaces {
        let endpoint = VpcEndpoint {
            endpoint_type: "Interface".to_owned(),
            subnet_ids: Some(made.private.iter().map(|subnet| Input::output(subnet, "id")).collect()),
            security_group_ids: Some(vec![Input::output(&group, "id")]),
            private_dns: Some(true),
            ..endpoint(b, made, service)
        };
        b.add(address!("network/endpoint/{service}"), &endpoint);
    }
    Ok(())
}

/// Checks that AWS offers the endpoints in the zones of the stack; each is looked up once.
///
/// # Errors
/// Those of the look-up; [`stellar_engine::ErrorClass::Permanent`] naming the service that is not offered.
pub(super) async fn check(aws: &Aws, region: &str, config: &Network, facts: &mut Facts) -> Result<(), Error> {
    let wanted = config.endpoints.known().into_iter().flatten();
    let new: Vec<&String> = wanted.filter(|service| !facts.endpoints.contains(*service)).collect();
    if new.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = new.iter().map(|service| service_name(region, service)).collect();
    let offered = ec2::endpoint_services(aws, region, &names).await;
    let Some(offered) = unanswered_is_none(offered)? else { return Ok(()) };
    for service in &new {
        offers(&offered, region, service, &facts.zones)?;
    }
    facts.endpoints.extend(new.into_iter().cloned());
    Ok(())
}

fn offers(offered: &[(String, Vec<String>)], region: &str, service: &str, zones: &[String]) -> Result<(), Error> {
    let name = service_name(region, service);
    let Some((_, there)) = offered.iter().find(|(found, _)| *found == name) else {
        return Err(Error::permanent(format!(
            "network.endpoints: AWS has no endpoint service {name}; `aws ec2 describe-vpc-endpoint-services --region {region}` lists them"
        )));
    };
    // A gateway has no zones.
    match zones.iter().find(|zone| !there.contains(zone)) {
        Some(zone) if !GATEWAYS.contains(&service) && !there.is_empty() => Err(Error::permanent(format!(
            "network.endpoints: {name} is offered in {}, but not in {zone}, a zone of this stack; leave it out, or choose other \
             zones by network.availability_zones",
            there.join(", ")
        ))),
        _ => Ok(()),
    }
}

fn service_name(region: &str, service: &str) -> String {
    format!("com.amazonaws.{region}.{service}")
}

fn gateway(b: &mut Builder<'_>, made: &Made, service: &str) {
    let tables = made.tables.iter().map(|table| Input::output(table, "id")).collect();
    let gateway = VpcEndpoint {
        endpoint_type: "Gateway".to_owned(),
        route_table_ids: Some(tables),
        ..endpoint(b, made, service)
    };
    b.add(address!("network/endpoint/{service}"), &gateway);
}

/// What all endpoints have in common.
fn endpoint(b: &Builder<'_>, made: &Made, service: &str) -> VpcEndpoint {
    VpcEndpoint {
        vpc_id: Input::output(&made.vpc, "id"),
        service_name: service_name(&b.region, service),
        ..VpcEndpoint::default()
    }
}

/// One group for all interface endpoints: HTTPS from within the VPC.
fn security_group(b: &mut Builder<'_>, made: &Made) -> Address {
    let group = SecurityGroup {
        name: b.names.regional("endpoints", 255),
        description: "HTTPS from the VPC to the endpoints of AWS services".to_owned(),
        vpc_id: Input::output(&made.vpc, "id"),
        ..SecurityGroup::default()
    };
    let group = b.add(address!("network/security-group/endpoints"), &group);
    let rule = SecurityGroupRule {
        group_id: Input::output(&group, "id"),
        protocol: "tcp".to_owned(),
        ports: Some((443, 443)),
        cidr: Some(made.cidr.to_string()),
        description: Some("HTTPS from the VPC".to_owned()),
        ..SecurityGroupRule::default()
    };
    b.add(address!("network/security-group-rule/endpoints"), &rule);
    group
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_offered_in_all_zones_of_the_stack() {
        let text = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>();
        let offered = [
            ("com.amazonaws.r.ecr.api".to_owned(), text(&["r-a", "r-b"])),
            ("com.amazonaws.r.dynamodb".to_owned(), text(&["r-a"])),
        ];
        let rows: [(&str, &[&str], Option<&str>); 5] = [
            ("ecr.api", &["r-a", "r-b"], None),
            ("ecr.api", &[], None),
            ("ecr.api", &["r-a", "r-c"], Some("not in r-c")),
            ("dynamodb", &["r-a", "r-b"], None),
            ("ecr.apis", &["r-a"], Some("no endpoint service com.amazonaws.r.ecr.apis")),
        ];
        for (service, zones, expected) in rows {
            let message = offers(&offered, "r", service, &text(zones)).err().map(|error| error.message);
            assert_eq!(message.is_some(), expected.is_some(), "{service} {zones:?}");
            assert!(expected.is_none_or(|part| message.as_ref().is_some_and(|m| m.contains(part))), "{message:?}");
        }
    }
}
