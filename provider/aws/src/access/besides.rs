//! What a stack needs beside its objects: its claim, and the look-ups of facts, quotas, offerings and prices.

use super::Rights;

const CLAIM_READ: &[&str] =
    &["logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:GetLogEvents", "logs:ListTagsForResource"];
/// Its streams: hold, phase, owner, record and journal.
const CLAIM_WRITE: &[&str] = &["logs:CreateLogStream", "logs:DeleteLogStream", "logs:PutLogEvents"];
/// Sets the mark by which the first plan after a create shows that Terraform's state has the stack.
pub(super) const CLAIM_MARK: (&str, &str) = ("logs:CreateLogStream", "log-stream:phase/*/ready");
/// Also when a claim that was tidied away is made again.
const CLAIM_MAKE: &[&str] = &["logs:CreateLogGroup", "logs:TagResource"];
const CLAIM_DELETE: &[&str] = &["logs:DeleteLogGroup", "logs:PutLogGroupDeletionProtection"];

/// What is looked up for a plan, whatever the sections.
const RUN: &[&str] = &[
    "ec2:DescribeAddresses",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeInstances",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeRegions",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeVpcEndpointServices",
    "ec2:DescribeVpcs",
    "eks:DescribeAddonVersions",
    "eks:DescribeCluster",
    "eks:DescribeClusterVersions",
    "eks:ListClusters",
    "elasticache:DescribeCacheClusters",
    "elasticache:DescribeCacheEngineVersions",
    "elasticache:DescribeEngineDefaultParameters",
    "elasticache:DescribeReplicationGroups",
    "elasticache:DescribeReservedCacheNodesOfferings",
    "iam:GetAccountSummary",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "pricing:GetProducts",
    // Quotas are shown only to those who may also ask the service itself.
    "rds:DescribeAccountAttributes",
    "rds:DescribeDBEngineVersions",
    "rds:DescribeDBInstances",
    "rds:DescribeDBMajorEngineVersions",
    "rds:DescribeEngineDefaultClusterParameters",
    "rds:DescribeEngineDefaultParameters",
    "rds:DescribeOrderableDBInstanceOptions",
    "servicequotas:GetAWSDefaultServiceQuota",
    "servicequotas:GetServiceQuota",
];

/// What a destroy looks at: what holds it back, what controllers have left, and whether anything is left at the end.
const FAREWELL: &[&str] = &[
    "ec2:DescribeAddresses",
    "ec2:DescribeEgressOnlyInternetGateways",
    "ec2:DescribeImages",
    "ec2:DescribeInstances",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribeNatGateways",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSnapshots",
    "ec2:DescribeSubnets",
    "ec2:DescribeVolumes",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcPeeringConnections",
    "ec2:DescribeVpcs",
    "ec2:DescribeVpnGateways",
    "elasticache:DescribeCacheClusters",
    "elasticache:DescribeReplicationGroups",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeTargetGroups",
    "rds:DescribeDBClusterSnapshots",
    "rds:DescribeDBClusters",
    "rds:DescribeDBInstances",
    "rds:DescribeDBSnapshots",
];

/// For the claim.
pub(super) fn of_claim(rights: Rights) -> Vec<&'static str> {
    let mut all = CLAIM_READ.to_vec();
    if rights != Rights::ReadOnly {
        all.extend(CLAIM_WRITE);
    }
    if rights.makes() {
        all.extend(CLAIM_MAKE);
    }
    if matches!(rights, Rights::Destroy | Rights::All) {
        all.extend(CLAIM_DELETE);
    }
    all
}

/// For the run itself. A destroy looks up no facts.
pub(super) fn of_run(rights: Rights) -> Vec<&'static str> {
    match rights {
        Rights::Destroy => FAREWELL.to_vec(),
        Rights::All => [RUN, FAREWELL].concat(),
        _ => RUN.to_vec(),
    }
}
