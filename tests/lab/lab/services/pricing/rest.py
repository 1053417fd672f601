"""Prices of what is neither an instance nor a database: hours, gigabytes, keys, requests."""

from __future__ import annotations

from collections.abc import Iterator

from lab.services.pricing.product import Product, Tier, everywhere

EKS = "Amazon Elastic Container Service for Kubernetes"
# Service, product family, usage type, USD in us-east-1, unit, further attributes.
ROWS: tuple[tuple[str, str, str, float, str, dict[str, str]], ...] = (
    (
        "AmazonEC2",
        "NAT Gateway",
        "NatGateway-Hours",
        0.045,
        "Hrs",
        {"operation": "NatGateway", "group": "NGW:NatGateway"},
    ),
    (
        "AmazonEC2",
        "NAT Gateway",
        "NatGateway-Bytes",
        0.045,
        "GB",
        {"operation": "NatGateway", "group": "NGW:NatGateway"},
    ),
    (
        "AmazonVPC",
        "VPC Public IPv4 Address",
        "PublicIPv4:InUseAddress",
        0.005,
        "Hrs",
        {"group": "VPCPublicIPv4Address"},
    ),
    ("AmazonVPC", "VpcEndpoint", "VpcEndpoint-Hours", 0.01, "Hrs", {"operation": "VpcEndpoint"}),
    ("AmazonVPC", "VpcEndpoint", "VpcEndpoint-Bytes", 0.01, "GB", {"operation": "VpcEndpoint"}),
    ("AWSELB", "Load Balancer-Application", "LoadBalancerUsage", 0.0225, "Hrs", {}),
    ("AWSELB", "Load Balancer-Application", "LCUUsage", 0.008, "LCU-Hrs", {}),
    ("AWSELB", "Load Balancer-Network", "LoadBalancerUsage", 0.0225, "Hrs", {}),
    ("AWSELB", "Load Balancer-Network", "LCUUsage", 0.006, "LCU-Hrs", {}),
    ("AmazonCloudWatch", "Data Payload", "DataProcessing-Bytes", 0.50, "GB", {}),
    ("AmazonCloudWatch", "Storage Snapshot", "TimedStorage-ByteHrs", 0.03, "GB-Mo", {}),
    ("AmazonCloudWatch", "Alarm", "CW:AlarmMonitorUsage", 0.10, "Alarms", {}),
    ("AmazonECR", "EC2 Container Registry", "TimedStorage-ByteHrs", 0.10, "GB-Mo", {}),
    ("AmazonEFS", "Storage", "TimedStorage-ByteHrs", 0.30, "GB-Mo", {}),
    ("AmazonS3", "API Request", "Requests-Tier1", 0.000005, "Requests", {}),
    ("AmazonS3", "API Request", "Requests-Tier2", 0.0000004, "Requests", {}),
)
# Volume type of EBS, GB-month, IOPS-month, and MiB/s-month.
EBS: tuple[tuple[str, str, float, float, float], ...] = (
    ("gp3", "General Purpose", 0.08, 0.005, 0.04),
    ("gp2", "General Purpose", 0.10, 0, 0),
    ("io1", "Provisioned IOPS", 0.125, 0.065, 0),
    ("io2", "Provisioned IOPS", 0.125, 0.065, 0),
    ("st1", "Throughput Optimized HDD", 0.045, 0, 0),
)
STANDARD_STORAGE = (
    Tier("0", "51200", 0.023),
    Tier("51200", "512000", 0.022),
    Tier("512000", "Inf", 0.021),
)
CDN_OUT = (
    Tier("0", "10240", 0.085),
    Tier("10240", "51200", 0.08),
    Tier("51200", "153600", 0.06),
    Tier("153600", "Inf", 0.04),
)


def products() -> Iterator[Product]:
    """EKS, networking, disks, keys, secrets, logs, S3, CloudFront, Route 53."""
    for service, family, usage, usd, unit, more in ROWS:
        yield from everywhere(service, family, usage, usd, unit, **more)
    yield from _eks()
    yield from _disks()
    yield from everywhere(
        "AmazonS3",
        "Storage",
        "TimedStorage-ByteHrs",
        STANDARD_STORAGE,
        "GB-Mo",
        volumeType="Standard",
        storageClass="General Purpose",
    )
    yield from everywhere(
        "awskms", "Encryption Key", "KMS-Keys", 1.0, "Keys", flat=True, home="us-east-1-"
    )
    yield from everywhere(
        "awskms", "API Request", "KMS-Requests", 0.000003, "Requests", flat=True, home="us-east-1-"
    )
    for usage, usd, unit in (("Secrets", 0.40, "Secrets"), ("APIRequest", 0.000005, "Requests")):
        yield from everywhere(
            "AWSSecretsManager",
            "Secret",
            f"AWSSecretsManager-{usage}",
            usd,
            unit,
            flat=True,
            home="USE1-",
        )
    yield from _worldwide()


def _eks() -> Iterator[Product]:
    for usage, usd, operation in (
        ("perCluster", 0.10, "CreateOperation"),
        ("extendedSupport", 0.50, "ExtendedSupport"),
    ):
        yield from everywhere(
            "AmazonEKS",
            "Compute",
            f"AmazonEKS-Hours:{usage}",
            usd,
            flat=True,
            home="USE1-",
            operation=operation,
            tiertype="HAStandard",
            servicename=EKS,
        )


def _disks() -> Iterator[Product]:
    for name, kind, gigabyte, iops, throughput in EBS:
        of = {"volumeApiName": name, "volumeType": kind}
        for family, usage, usd, unit in (
            ("Storage", f"EBS:VolumeUsage.{name}", gigabyte, "GB-Mo"),
            ("System Operation", f"EBS:VolumeP-IOPS.{name}", iops, "IOPS-Mo"),
            ("Provisioned Throughput", f"EBS:VolumeP-Throughput.{name}", throughput, "MiBps-mo"),
        ):
            if usd:
                yield from everywhere("AmazonEC2", family, usage, usd, unit, **of)
    yield from everywhere("AmazonEC2", "Storage Snapshot", "EBS:SnapshotUsage", 0.05, "GB-Mo")


def _worldwide() -> Iterator[Product]:
    """What is sold by where the viewers are, or only once."""
    for place, prefix in (("United States", "US"), ("Europe", "EU")):
        common = {"servicecode": "AmazonCloudFront", "priceList": "stellar-lab"}
        yield Product(
            "AmazonCloudFront",
            "Data Transfer",
            "GB",
            CDN_OUT,
            common
            | {
                "transferType": "CloudFront to External",
                "fromLocation": place,
                "usagetype": f"{prefix}-DataTransfer-Out-Bytes",
            },
        )
        yield Product(
            "AmazonCloudFront",
            "Request",
            "Requests",
            (Tier("0", "Inf", 0.000001),),
            common
            | {
                "location": place,
                "requestType": "CloudFront-Request-HTTPS-Proxy",
                "usagetype": f"{prefix}-Requests-Tier2-HTTPS",
            },
        )
    yield Product(
        "AmazonRoute53",
        "DNS Zone",
        "HostedZone",
        (Tier("0", "25", 0.50), Tier("25", "Inf", 0.10)),
        {"servicecode": "AmazonRoute53", "usagetype": "HostedZone", "priceList": "stellar-lab"},
    )
