"""Mistakes in `network`."""

from __future__ import annotations

from acceptance.bad import Bad, any_account
from acceptance.stacks import stack

ROWS = [
    Bad(
        "a CIDR is a CIDR",
        stack('network = { cidr = "10.0.0.0/33" }'),
        ("network.cidr", "10.0.0.0/33"),
    ),
    Bad(
        "a CIDR has no host bits",
        stack('network = { cidr = "10.0.0.1/16" }'),
        ("network.cidr", "10.0.0.1/16"),
    ),
    Bad(
        "a CIDR is large enough",
        stack('network = { cidr = "10.0.0.0/27", zone_count = 3 }'),
        ("network.cidr", "10.0.0.0/27"),
    ),
    Bad(
        "zones are at most six",
        stack('network = { cidr = "10.0.0.0/16", zone_count = 9 }'),
        ("network.zone_count", "9"),
    ),
    Bad(
        "blocks do not overlap",
        stack('network = { cidr = "10.0.0.0/16", secondary_cidrs = ["10.0.4.0/24"] }'),
        ("network.secondary_cidrs", "10.0.4.0/24", "10.0.0.0/16"),
    ),
    Bad(
        "private ranges are not mixed",
        stack('network = { cidr = "10.0.0.0/16", secondary_cidrs = ["192.168.0.0/24"] }'),
        ("network.secondary_cidrs", "192.168.0.0/24", "100.64.0.0/10"),
    ),
    Bad(
        "a NAT mode is one of three",
        stack('network = { cidr = "10.0.0.0/16", nat = "two" }'),
        ("network.nat", "two", "per_zone"),
    ),
    Bad(
        "zones are counted or named",
        stack('network = { zone_count = 2, availability_zones = ["us-east-1a", "us-east-1b"] }'),
        ("network.zone_count", "availability_zones"),
    ),
    Bad(
        "a retention is one of CloudWatch's",
        stack("network = { flow_logs = { retention_days = 31 } }"),
        ("network.flow_logs.retention_days", "31", "30"),
    ),
    Bad(
        "an endpoint's name is the last part of the service's",
        stack('network = { endpoints = ["ECR"] }'),
        ("network.endpoints", "ECR", "ecr.api"),
    ),
    Bad(
        "a VPC brought along is not shaped",
        stack(
            'network = { nat = "none", existing = { vpc_id = "vpc-1", '
            'private_subnet_ids = ["subnet-1", "subnet-2"] } }'
        ),
        ("network.nat", "existing"),
    ),
    Bad(
        "a VPC brought along has subnets in two zones",
        stack('network = { existing = { vpc_id = "vpc-1", private_subnet_ids = ["subnet-1"] } }'),
        ("network.existing.private_subnet_ids", "2 zones"),
    ),
    Bad(
        "a VPC brought along exists",
        stack(
            'network = { existing = { vpc_id = "vpc-0123456789abcdef0", '
            'private_subnet_ids = ["subnet-1", "subnet-2"] } }'
        ),
        ("network.existing.vpc_id", "vpc-0123456789abcdef0", "us-east-1"),
        before=any_account,
    ),
    Bad(
        "AWS has the endpoint service",
        stack('network = { endpoints = ["ecr.apis"] }'),
        ("network.endpoints", "ecr.apis", "describe-vpc-endpoint-services"),
        before=any_account,
    ),
    Bad(
        "the region has so many zones",
        stack('network = { cidr = "10.0.0.0/16", zone_count = 4 }', region="eu-west-1"),
        ("network.zone_count", "4", "eu-west-1"),
        before=any_account,
    ),
    Bad(
        "a named zone exists in this account",
        stack(
            'network = { cidr = "10.0.0.0/16", availability_zones = ["us-east-1a", "us-east-1z"] }'
        ),
        ("network.availability_zones", "us-east-1z", "us-east-1a"),
        before=any_account,
    ),
]
