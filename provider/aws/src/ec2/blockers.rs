//! What keeps the parts of a network from being deleted. EC2 itself says only `DependencyViolation`.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Filter, SecurityGroup, SecurityGroupRule};
use futures::join;
use stellar_engine::{Blocker, Error, Fate, Scope, Tags};

use super::{interfaces::blocking, security_group_rule, tags};
use crate::{Aws, call};

/// The rules of some groups.
///
/// # Errors
/// Those of the call.
pub(crate) async fn rules_of(
    aws: &Aws,
    scope: &Scope,
    groups: BTreeSet<&str>,
) -> Result<Vec<SecurityGroupRule>, Error> {
    security_group_rule::describe(aws, scope, "group-id", groups).await
}

/// Of a security group: interfaces in it, and rules of other groups that name it.
///
/// # Errors
/// Those of the calls.
pub(crate) async fn group_blockers(aws: &Aws, scope: &Scope, group: &str) -> Result<Vec<Blocker>, Error> {
    let (interfaces, rules) =
        join!(blocking(aws, scope, tags::filter("group-id", group)), referring_rules(aws, scope, group));
    let mut all = interfaces?;
    all.extend(rules?);
    Ok(all)
}

/// Of a subnet: the interfaces in it.
///
/// # Errors
/// Those of the calls.
pub(super) async fn subnet_blockers(aws: &Aws, scope: &Scope, subnet: &str) -> Result<Vec<Blocker>, Error> {
    blocking(aws, scope, tags::filter("subnet-id", subnet)).await
}

/// Of an internet gateway: the interfaces of its VPC that have public addresses.
///
/// # Errors
/// Those of the calls.
pub(super) async fn gateway_blockers(aws: &Aws, scope: &Scope, vpc: &str) -> Result<Vec<Blocker>, Error> {
    let public = super::interfaces_of(aws, scope, tags::filter("vpc-id", vpc)).await?;
    let public = public.iter().filter(|i| i.association().is_some_and(|a| a.public_ip().is_some()));
    let ids: BTreeSet<&str> = public.filter_map(|i| i.network_interface_id()).collect();
    let list = |filter| blocking(aws, scope, filter);
    let mut all = tags::list_any_of("network-interface-id", ids, list).await?;
    for blocker in &mut all {
        blocker.about.push_str(", has a public address");
    }
    Ok(all)
}

/// Of a route table: subnets that use it.
///
/// # Errors
/// Those of the call.
pub(super) async fn table_blockers(aws: &Aws, scope: &Scope, table: &str) -> Result<Vec<Blocker>, Error> {
    let ec2 = aws.ec2(&scope.region);
    let request = || ec2.describe_route_tables().route_table_ids(table).send();
    let output = Error::absent_is_none(call("ec2:DescribeRouteTables", request).await)?;
    let tables = output.and_then(|output| output.route_tables).unwrap_or_default();
    let users = tables.iter().flat_map(|table| table.associations());
    let ids = users.filter_map(|a| a.subnet_id().or(a.gateway_id()));
    Ok(ids.map(|id| stays("subnet", id, "uses the route table".to_owned())).collect())
}

/// Of a VPC: everything in it that is not made and removed with it.
pub(super) async fn vpc_blockers(aws: &Aws, scope: &Scope, vpc: &str) -> Vec<Blocker> {
    let (interfaces, subnets, groups, tables, acls, gateways, egress, peerings, vpn) = join!(
        blocking(aws, scope, tags::filter("vpc-id", vpc)),
        subnets(aws, scope, vpc),
        groups(aws, scope, vpc),
        tables(aws, scope, vpc),
        acls(aws, scope, vpc),
        gateways(aws, scope, vpc),
        egress_gateways(aws, scope, vpc),
        peerings(aws, scope, vpc),
        vpn_gateways(aws, scope, vpc),
    );
    let all = [interfaces, subnets, groups, tables, acls, gateways, egress, peerings, vpn];
    // What may not be looked at is left out: this is help for people, and the rest of it is help, too.
    all.into_iter().flat_map(Result::unwrap_or_default).collect()
}

fn stays(noun: &str, id: &str, about: String) -> Blocker {
    Blocker { noun: noun.to_owned(), id: id.to_owned(), about, fate: Fate::Stays }
}

/// `"name"`, and who says that it is theirs.
fn about(tags: &Tags) -> String {
    let name = tags.get("Name").map(|name| format!("\"{name}\""));
    let makers = [
        ("aws:cloudformation:stack-name", "CloudFormation stack"),
        ("aws:eks:cluster-name", "left behind by the EKS cluster"),
        ("elbv2.k8s.aws/cluster", "made by the load balancer controller of the cluster"),
        ("stellar:stack", "stack"),
    ];
    let maker = makers.iter().find_map(|(key, text)| tags.get(*key).map(|value| format!("{text} {value}")));
    let parts: Vec<String> = name.into_iter().chain(maker).collect();
    parts.join(", ")
}

fn one(name: &str, vpc: &str) -> Filter {
    tags::filter(name, vpc)
}

async fn referring_rules(aws: &Aws, scope: &Scope, group: &str) -> Result<Vec<Blocker>, Error> {
    let ec2 = aws.ec2(&scope.region);
    let groups = async |name: &str| {
        let filter = one(name, group);
        let request =
            || ec2.describe_security_groups().filters(filter.clone()).into_paginator().items().send().collect();
        call::<Vec<SecurityGroup>, _, _, _>("ec2:DescribeSecurityGroups", request).await
    };
    let (inward, outward) = join!(groups("ip-permission.group-id"), groups("egress.ip-permission.group-id"));
    let mut all = inward?;
    all.extend(outward?);
    let others: BTreeSet<&str> = all.iter().filter_map(|g| g.group_id()).filter(|id| *id != group).collect();
    let rules = rules_of(aws, scope, others).await?;
    let names = |rule: &&SecurityGroupRule| rule.referenced_group_info().and_then(|i| i.group_id()) == Some(group);
    let blocker = |rule: &SecurityGroupRule| {
        let of = rule.group_id().unwrap_or_default();
        let name = all.iter().find(|g| g.group_id() == Some(of)).and_then(|g| g.group_name()).unwrap_or_default();
        let about = format!("of the security group {of} \"{name}\", refers to {group}");
        stays("security group rule", rule.security_group_rule_id().unwrap_or_default(), about)
    };
    Ok(rules.iter().filter(names).map(blocker).collect())
}

async fn subnets(aws: &Aws, scope: &Scope, vpc: &str) -> Result<Vec<Blocker>, Error> {
    let (ec2, filter) = (aws.ec2(&scope.region), one("vpc-id", vpc));
    let output = call("ec2:DescribeSubnets", || ec2.describe_subnets().filters(filter.clone()).send()).await?;
    let blocker = |s: &aws_sdk_ec2::types::Subnet| {
        stays("subnet", s.subnet_id().unwrap_or_default(), about(&tags::from_sdk(s.tags())))
    };
    Ok(output.subnets().iter().map(blocker).collect())
}

async fn groups(aws: &Aws, scope: &Scope, vpc: &str) -> Result<Vec<Blocker>, Error> {
    let (ec2, filter) = (aws.ec2(&scope.region), one("vpc-id", vpc));
    let request = || ec2.describe_security_groups().filters(filter.clone()).send();
    let output = call("ec2:DescribeSecurityGroups", request).await?;
    let others = output.security_groups().iter().filter(|g| g.group_name() != Some("default"));
    let blocker = |g: &SecurityGroup| {
        let (name, more) = (g.group_name().unwrap_or_default(), about(&tags::from_sdk(g.tags())));
        let about = if more.is_empty() { format!("\"{name}\"") } else { format!("\"{name}\", {more}") };
        stays("security group", g.group_id().unwrap_or_default(), about)
    };
    Ok(others.map(blocker).collect())
}

async fn tables(aws: &Aws, scope: &Scope, vpc: &str) -> Result<Vec<Blocker>, Error> {
    let (ec2, filter) = (aws.ec2(&scope.region), one("vpc-id", vpc));
    let request = || ec2.describe_route_tables().filters(filter.clone()).send();
    let output = call("ec2:DescribeRouteTables", request).await?;
    let main = |t: &aws_sdk_ec2::types::RouteTable| t.associations().iter().any(|a| a.main() == Some(true));
    let others = output.route_tables().iter().filter(|table| !main(table));
    let blocker = |t: &aws_sdk_ec2::types::RouteTable| {
        stays("route table", t.route_table_id().unwrap_or_default(), about(&tags::from_sdk(t.tags())))
    };
    Ok(others.map(blocker).collect())
}

async fn acls(aws: &Aws, scope: &Scope, vpc: &str) -> Result<Vec<Blocker>, Error> {
    let (ec2, filter) = (aws.ec2(&scope.region), one("vpc-id", vpc));
    let request = || ec2.describe_network_acls().filters(filter.clone()).send();
    let output = call("ec2:DescribeNetworkAcls", request).await?;
    let others = output.network_acls().iter().filter(|acl| acl.is_default() != Some(true));
    let blocker = |a: &aws_sdk_ec2::types::NetworkAcl| {
        stays("network ACL", a.network_acl_id().unwrap_or_default(), about(&tags::from_sdk(a.tags())))
    };
    Ok(others.map(blocker).collect())
}

async fn gateways(aws: &Aws, scope: &Scope, vpc: &str) -> Result<Vec<Blocker>, Error> {
    let (ec2, filter) = (aws.ec2(&scope.region), one("attachment.vpc-id", vpc));
    let request = || ec2.describe_internet_gateways().filters(filter.clone()).send();
    let output = call("ec2:DescribeInternetGateways", request).await?;
    let blocker = |g: &aws_sdk_ec2::types::InternetGateway| {
        stays("internet gateway", g.internet_gateway_id().unwrap_or_default(), about(&tags::from_sdk(g.tags())))
    };
    Ok(output.internet_gateways().iter().map(blocker).collect())
}

/// They cannot be asked for by VPC.
async fn egress_gateways(aws: &Aws, scope: &Scope, vpc: &str) -> Result<Vec<Blocker>, Error> {
    let ec2 = aws.ec2(&scope.region);
    let request = || ec2.describe_egress_only_internet_gateways().send();
    let output = call("ec2:DescribeEgressOnlyInternetGateways", request).await?;
    let all = output.egress_only_internet_gateways().iter();
    let here = all.filter(|g| g.attachments().iter().any(|a| a.vpc_id() == Some(vpc)));
    let blocker = |g: &aws_sdk_ec2::types::EgressOnlyInternetGateway| {
        let id = g.egress_only_internet_gateway_id().unwrap_or_default();
        stays("egress-only internet gateway", id, about(&tags::from_sdk(g.tags())))
    };
    Ok(here.map(blocker).collect())
}

async fn peerings(aws: &Aws, scope: &Scope, vpc: &str) -> Result<Vec<Blocker>, Error> {
    let ec2 = aws.ec2(&scope.region);
    let mut all = Vec::new();
    for side in ["requester-vpc-info.vpc-id", "accepter-vpc-info.vpc-id"] {
        let filters = [one(side, vpc), tags::any_of("status-code", ["active", "pending-acceptance", "provisioning"])];
        let request = || ec2.describe_vpc_peering_connections().set_filters(Some(filters.to_vec())).send();
        let output = call("ec2:DescribeVpcPeeringConnections", request).await?;
        for peering in output.vpc_peering_connections() {
            let vpcs = [peering.requester_vpc_info(), peering.accepter_vpc_info()];
            let other = vpcs.into_iter().flatten().find(|info| info.vpc_id() != Some(vpc));
            let (peer, account) =
                other.map_or(("", ""), |o| (o.vpc_id().unwrap_or_default(), o.owner_id().unwrap_or_default()));
            let id = peering.vpc_peering_connection_id().unwrap_or_default();
            all.push(stays("VPC peering", id, format!("with {peer} of account {account}")));
        }
    }
    Ok(all)
}

async fn vpn_gateways(aws: &Aws, scope: &Scope, vpc: &str) -> Result<Vec<Blocker>, Error> {
    let (ec2, filter) = (aws.ec2(&scope.region), one("attachment.vpc-id", vpc));
    let request = || ec2.describe_vpn_gateways().filters(filter.clone()).send();
    let output = call("ec2:DescribeVpnGateways", request).await?;
    let attached = |g: &&aws_sdk_ec2::types::VpnGateway| {
        let here = |a: &aws_sdk_ec2::types::VpcAttachment| {
            a.vpc_id() == Some(vpc) && a.state().is_some_and(|state| state.as_str() == "attached")
        };
        g.vpc_attachments().iter().any(here)
    };
    let blocker = |g: &aws_sdk_ec2::types::VpnGateway| {
        stays("VPN gateway", g.vpn_gateway_id().unwrap_or_default(), about(&tags::from_sdk(g.tags())))
    };
    Ok(output.vpn_gateways().iter().filter(attached).map(blocker).collect())
}
