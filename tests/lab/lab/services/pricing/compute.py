"""Prices of EC2 instances: per vCPU of a family, or per type where a family is not linear."""

from __future__ import annotations

from collections.abc import Iterator

from moto.ec2.models.instance_types import INSTANCE_TYPES

from lab.services.pricing.product import Product, everywhere

# Family → USD per vCPU and hour, Linux, us-east-1.
PER_VCPU = {
    "c5": 0.0425,
    "c6a": 0.03825,
    "c6g": 0.034,
    "c6i": 0.0425,
    "c7g": 0.03625,
    "c7i": 0.044625,
    "c8g": 0.03988,
    "m5": 0.048,
    "m6a": 0.0432,
    "m6g": 0.0385,
    "m6i": 0.048,
    "m7g": 0.0408,
    "m7i": 0.0504,
    "m8g": 0.04488,
    "r5": 0.063,
    "r6g": 0.0504,
    "r6i": 0.063,
    "r7g": 0.05355,
    "r7i": 0.06615,
    "r8g": 0.05891,
}
# Burstable: the price doubles from size to size; this is the first.
BURST_SIZES = ("nano", "micro", "small", "medium", "large", "xlarge", "2xlarge")
BURST = {"t3": 0.0052, "t3a": 0.0047, "t4g": 0.0042}
PER_TYPE = {
    "g4dn": {
        "xlarge": 0.526,
        "2xlarge": 0.752,
        "4xlarge": 1.204,
        "8xlarge": 2.176,
        "12xlarge": 3.912,
        "16xlarge": 4.352,
        "metal": 7.824,
    },
    "g5": {
        "xlarge": 1.006,
        "2xlarge": 1.212,
        "4xlarge": 1.624,
        "8xlarge": 2.448,
        "12xlarge": 5.672,
        "16xlarge": 4.096,
        "24xlarge": 8.144,
        "48xlarge": 16.288,
    },
    "g6": {
        "xlarge": 0.8048,
        "2xlarge": 0.9776,
        "4xlarge": 1.3232,
        "8xlarge": 2.0144,
        "12xlarge": 4.6016,
        "16xlarge": 3.3968,
        "24xlarge": 6.6752,
        "48xlarge": 13.3504,
    },
    "g6e": {
        "xlarge": 1.861,
        "2xlarge": 2.24208,
        "4xlarge": 3.00424,
        "8xlarge": 4.52856,
        "12xlarge": 10.49264,
        "16xlarge": 7.57719,
        "24xlarge": 15.06559,
        "48xlarge": 30.13118,
    },
    "p3dn": {"24xlarge": 31.212},
    "p4d": {"24xlarge": 21.95764},
    "p4de": {"24xlarge": 27.44705},
    "p5": {"4xlarge": 6.88, "48xlarge": 55.04},
    "p5en": {"48xlarge": 63.296},
}


def hourly(name: str) -> float | None:
    """USD per hour in us-east-1; None for a type that the price list does not have."""
    family, _, size = name.partition(".")
    if family in BURST and size in BURST_SIZES:
        return BURST[family] * 2 ** BURST_SIZES.index(size)
    if family in PER_TYPE:
        return PER_TYPE[family].get(size)
    if family not in PER_VCPU:
        return None
    return PER_VCPU[family] * INSTANCE_TYPES[name]["VCpuInfo"]["DefaultVCpus"]


def products() -> Iterator[Product]:
    """Every instance type that has a price, on shared hardware with Linux."""
    for name, facts in sorted(INSTANCE_TYPES.items()):
        price = hourly(name)
        if price is None:
            continue
        yield from everywhere(
            "AmazonEC2",
            "Compute Instance" if not name.endswith(".metal") else "Compute Instance (bare metal)",
            f"BoxUsage:{name}",
            price,
            instanceType=name,
            instanceFamily=name.partition(".")[0],
            vcpu=str(facts["VCpuInfo"]["DefaultVCpus"]),
            memory=f"{facts['MemoryInfo']['SizeInMiB'] / 1024:g} GiB",
            operatingSystem="Linux",
            tenancy="Shared",
            capacitystatus="Used",
            preInstalledSw="NA",
            licenseModel="No License required",
            marketoption="OnDemand",
            operation="RunInstances",
            currentGeneration="Yes",
            servicename="Amazon Elastic Compute Cloud",
        )
