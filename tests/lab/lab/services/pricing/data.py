"""Prices of databases and caches."""

from __future__ import annotations

from collections.abc import Iterator

from lab.services.elasticache.engines import NODE_TYPES
from lab.services.pricing.product import Product, everywhere
from lab.services.rds import engines

RDS = {"servicename": "Amazon Relational Database Service"}
# USD per hour in us-east-1: of `large` (which doubles with every doubling of the size), or of
# `micro` for burstable classes.
POSTGRES = {
    "t3": 0.018,
    "t4g": 0.016,
    "m5": 0.178,
    "m6g": 0.159,
    "m6i": 0.178,
    "m7g": 0.168,
    "m7i": 0.187,
    "m8g": 0.176,
    "r5": 0.25,
    "r6g": 0.225,
    "r6i": 0.25,
    "r7g": 0.239,
    "r7i": 0.2625,
    "r8g": 0.251,
    "x2g": 0.377,
}
AURORA = {
    "t3": 0.0205,
    "t4g": 0.01825,
    "r5": 0.29,
    "r6g": 0.26,
    "r6i": 0.29,
    "r7g": 0.276,
    "r7i": 0.305,
    "r8g": 0.276,
    "x2g": 0.377,
}
CACHE = {
    "t3": 0.017,
    "t4g": 0.016,
    "m5": 0.156,
    "m6g": 0.149,
    "m7g": 0.158,
    "r5": 0.216,
    "r6g": 0.206,
    "r6gd": 0.3905,
    "r7g": 0.219,
    "c7gn": 0.2495,
}
# "Priced 20% lower" than Redis OSS: node-based ElastiCache for Valkey.
VALKEY = 0.8
# Of GB-months: volume type as the price list calls it, usage type, USD.
VOLUMES = (
    ("General Purpose", "GP2-Storage", 0.115),
    ("General Purpose-GP3", "GP3-Storage", 0.115),
    ("Provisioned IOPS", "PIOPS-Storage", 0.125),
    ("Provisioned IOPS-IO2", "PIOPS-Storage-IO2", 0.125),
)
IOPS = (
    ("Provisioned IOPS", "PIOPS", 0.10),
    ("Provisioned IOPS-IO2", "PIOPS-IO2", 0.10),
    ("General Purpose-GP3", "GP3-PIOPS", 0.02),
)
DEPLOYMENTS = (("Single-AZ", "", 1), ("Multi-AZ", "Multi-AZ-", 2))


def hourly(name: str, prices: dict[str, float]) -> float | None:
    """USD per hour of `db.r6g.xlarge` or `cache.t3.small`; None when it has no price."""
    _, family, size = name.split(".")
    if family not in prices:
        return None
    if family.startswith("t"):
        sizes = ("micro", "small", "medium", "large", "xlarge", "2xlarge")
        return prices[family] * 2 ** sizes.index(size)
    count = 0.5 if size == "large" else float(size.removesuffix("xlarge") or 1)
    return prices[family] * 2 * count


def products() -> Iterator[Product]:
    """RDS for PostgreSQL, Aurora PostgreSQL and ElastiCache."""
    yield from _postgres()
    yield from _aurora()
    yield from _caches()


def _postgres() -> Iterator[Product]:
    common = RDS | {"databaseEngine": "PostgreSQL", "licenseModel": "No license required"}
    for deployment, prefix, factor in DEPLOYMENTS:
        placed = {"deploymentOption": deployment}
        for name in engines.POSTGRES.classes:
            if (price := hourly(name, POSTGRES)) is not None:
                usage = f"{'Multi-AZUsage' if prefix else 'InstanceUsage'}:{name}"
                of = common | placed | {"instanceType": name, "operation": "CreateDBInstance:0014"}
                yield from everywhere("AmazonRDS", "Database Instance", usage, price * factor, **of)
        of = RDS | placed | {"databaseEngine": "Any"}
        for volume, usage, price in VOLUMES:
            yield from everywhere(
                "AmazonRDS",
                "Database Storage",
                f"RDS:{prefix}{usage}",
                price * factor,
                "GB-Mo",
                volumeType=volume,
                **of,
            )
        for volume, usage, price in IOPS:
            yield from everywhere(
                "AmazonRDS",
                "Provisioned IOPS",
                f"RDS:{prefix}{usage}",
                price * factor,
                "IOPS-Mo",
                volumeType=volume,
                **of,
            )
        yield from everywhere(
            "AmazonRDS",
            "Provisioned Throughput",
            f"RDS:{prefix}GP3-Throughput",
            0.08 * factor,
            "MBPS-Mo",
            volumeType="General Purpose-GP3",
            **of,
        )
    yield from everywhere(
        "AmazonRDS",
        "Storage Snapshot",
        "RDS:ChargedBackupUsage",
        0.095,
        "GB-Mo",
        databaseEngine="PostgreSQL",
        **RDS,
    )


def _aurora() -> Iterator[Product]:
    common = RDS | {"databaseEngine": "Aurora PostgreSQL"}
    for kind, prefix, factor in (
        ("EBS Only", "InstanceUsage", 1.0),
        ("Aurora IO Optimization Mode", "InstanceUsageIOOptimized", 1.3),
    ):
        for name in engines.AURORA.classes:
            if name != "db.serverless" and (price := hourly(name, AURORA)) is not None:
                of = common | {"instanceType": name, "deploymentOption": "Single-AZ"}
                yield from everywhere(
                    "AmazonRDS",
                    "Database Instance",
                    f"{prefix}:{name}",
                    price * factor,
                    storage=kind,
                    operation="CreateDBInstance:0021",
                    licenseModel="No license required",
                    **of,
                )
    for family, usage, price, unit in (
        ("ServerlessV2", "Aurora:ServerlessV2Usage", 0.12, "ACU-Hr"),
        ("ServerlessV2", "Aurora:ServerlessV2IOOptimizedUsage", 0.156, "ACU-Hr"),
        ("Database Storage", "Aurora:StorageUsage", 0.10, "GB-Mo"),
        ("Database Storage", "Aurora:IO-OptimizedStorageUsage", 0.225, "GB-Mo"),
        ("System Operation", "Aurora:StorageIOUsage", 0.0000002, "IOs"),
        ("Storage Snapshot", "Aurora:BackupUsage", 0.021, "GB-Mo"),
    ):
        yield from everywhere("AmazonRDS", family, usage, price, unit, **common)


def _caches() -> Iterator[Product]:
    for engine, suffix, factor in (("Redis", "", 1.0), ("Valkey", ":Valkey", VALKEY)):
        for name in sorted(NODE_TYPES):
            if (price := hourly(name, CACHE)) is not None:
                yield from everywhere(
                    "AmazonElastiCache",
                    "Cache Instance",
                    f"NodeUsage:{name}{suffix}",
                    round(price * factor, 6),
                    instanceType=name,
                    cacheEngine=engine,
                    operation="CreateCacheCluster",
                    servicename="Amazon ElastiCache",
                )
    yield from everywhere(
        "AmazonElastiCache",
        "Storage Snapshot",
        "BackupUsage:Redis",
        0.085,
        "GB-Mo",
        servicename="Amazon ElastiCache",
    )
