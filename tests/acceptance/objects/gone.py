"""Deletes every object that AWS lets somebody delete while it is in use; what AWS refuses is not tried."""

from __future__ import annotations

from acceptance.fields import Account
from acceptance.objects import components

HELD = {
    "cloudfront/cache-policy": "a distribution uses it",
    "cloudfront/origin-access-control": "a distribution uses it",
    "cloudfront/origin-request-policy": "a distribution uses it",
    "ec2/elastic-ip": "a NAT gateway has it",
    "ec2/internet-gateway": "the VPC has public addresses",
    "ec2/route-table": "subnets use it",
    "ec2/security-group": "network interfaces use it",
    "ec2/subnet": "network interfaces are in it",
    "ec2/vpc": "all of it is in there",
    "elasticache/parameter-group": "the cache uses it",
    "elasticache/subnet-group": "the cache is in it",
    "kms/key": "a deletion is only scheduled, which is a change",
    "rds/cluster-parameter-group": "the cluster uses it",
    "rds/parameter-group": "a database uses it",
    "rds/subnet-group": "the database is in it",
    "secretsmanager/secret": "a deletion is only scheduled, which is a change",
}
"""Why AWS lets nobody delete an object of the kind while the platform stands."""

ELSEWHERE = {
    "cloudfront/distribution",
    "ec2/flow-log",
    "ec2/launch-template",
    "ec2/route",
    "ec2/route-table-association",
    "eks/addon",
    "eks/cluster",
    "eks/node-group",
    "rds/cluster-instance",
    "s3/bucket-policy",
}
"""Kinds whose deletion has a row in `drift`."""

DATA = {"elasticache/replication-group", "rds/cluster", "rds/instance", "s3/bucket"}
"""Kinds of which another object is made only when that is allowed, or from a backup: tests of their own."""


def delete(account: Account) -> set[str]:
    """Deletes them all; answers their addresses."""
    deletions = (_roles, _log_groups, _rules, _access, _identities, _endpoints, _gateways, _blocks)
    return {address for deletion in deletions for address in deletion(account)}


def _roles(account: Account) -> list[str]:
    iam, found = account.client("iam"), components(account, "iam/role")
    for name in found.values():
        for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
        for inline in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=inline)
        iam.delete_role(RoleName=name)
    return list(found)


def _log_groups(account: Account) -> list[str]:
    found = components(account, "logs/log-group")
    for name in found.values():
        account.client("logs").delete_log_group(logGroupName=name)
    return list(found)


def _rules(account: Account) -> list[str]:
    ec2, found = account.client("ec2"), components(account, "ec2/security-group-rule")
    for identifier in found.values():
        rules = ec2.describe_security_group_rules(SecurityGroupRuleIds=[identifier])
        (rule,) = rules["SecurityGroupRules"]
        revoke = (
            ec2.revoke_security_group_egress
            if rule["IsEgress"]
            else ec2.revoke_security_group_ingress
        )
        revoke(GroupId=rule["GroupId"], SecurityGroupRuleIds=[identifier])
    return list(found)


def _access(account: Account) -> list[str]:
    found = components(account, "eks/access-entry")
    for identifier in found.values():
        cluster, principal = identifier.split("/", 1)
        account.client("eks").delete_access_entry(clusterName=cluster, principalArn=principal)
    return list(found)


def _identities(account: Account) -> list[str]:
    found = components(account, "eks/pod-identity-association")
    for identifier in found.values():
        cluster, name = identifier.split("/", 1)
        account.client("eks").delete_pod_identity_association(
            clusterName=cluster, associationId=name
        )
    return list(found)


def _endpoints(account: Account) -> list[str]:
    found = components(account, "ec2/vpc-endpoint")
    if found:
        account.client("ec2").delete_vpc_endpoints(VpcEndpointIds=list(found.values()))
    return list(found)


def _gateways(account: Account) -> list[str]:
    found = components(account, "ec2/nat-gateway")
    for identifier in found.values():
        account.client("ec2").delete_nat_gateway(NatGatewayId=identifier)
    return list(found)


def _blocks(account: Account) -> list[str]:
    ec2, found = account.client("ec2"), components(account, "ec2/vpc-cidr")
    if found:
        (vpc,) = ec2.describe_vpcs(VpcIds=[account.id("network/vpc")])["Vpcs"]
        for block in vpc["CidrBlockAssociationSet"]:
            if block["CidrBlock"] != vpc["CidrBlock"]:
                ec2.disassociate_vpc_cidr_block(AssociationId=block["AssociationId"])
    return list(found)
