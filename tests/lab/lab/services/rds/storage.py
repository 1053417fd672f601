"""RDS instance storage: sizes, IOPS and throughput per type, and how it may change.

Limits: "Amazon RDS DB instance storage" in the RDS user guide, for PostgreSQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lab.extend import AwsError, Context
from lab.kit.records import Record, pick

MEMBERS = ("AllocatedStorage", "StorageType", "Iops", "StorageThroughput")
# From this size on, gp3 is striped: more IOPS and throughput, and both can be set.
GP3_STRIPED = 400
# "For either six hours or until storage optimization has completed, whichever is longer."
COOLDOWN = 6 * 3600


@dataclass(frozen=True)
class Storage:
    """Sizes in GiB; least and most IOPS, and IOPS per GiB (0 = not to be given)."""

    least: int
    most: int
    iops: tuple[int, int] = (0, 0)
    ratio: tuple[float, float] = (0, 0)


KINDS = {
    "gp2": Storage(20, 65536),
    "gp3": Storage(20, 65536, (12000, 64000), (0, 500)),
    "io1": Storage(100, 65536, (1000, 256000), (0.5, 50)),
    "io2": Storage(100, 65536, (1000, 256000), (0.5, 1000)),
}
PROVISIONED = ("io1", "io2")
# MiB/s of striped gp3, and how much of it one IOPS carries.
THROUGHPUT = (500, 4000)
PER_IOPS = 0.25


def accept(
    kind: str, size: int | None, iops: int | None = None, throughput: int | None = None
) -> dict[str, Any]:
    """`StorageType`, `AllocatedStorage`, `Iops`, `StorageThroughput` as RDS answers them.

    Refuses sizes (GiB), IOPS and throughput (MiB/s) that the storage type does not take.
    """
    if kind not in KINDS:
        raise AwsError("InvalidParameterValue", f"Invalid storage type: {kind}")
    limits = KINDS[kind]
    if size is None or not limits.least <= size <= limits.most:
        raise AwsError(
            "InvalidParameterValue",
            f"Invalid storage size for engine name postgres and storage type {kind}: {size}",
        )
    if kind in PROVISIONED and not iops:
        raise AwsError(
            "InvalidParameterCombination", f"You must specify IOPS for storage type {kind}"
        )
    fixed = kind == "gp2" or (kind == "gp3" and size < GP3_STRIPED)
    if (fixed and (iops or throughput)) or (throughput and kind != "gp3"):
        raise AwsError(
            "InvalidParameterCombination",
            "You can't specify IOPS or storage throughput for engine postgres, storage type "
            f"{kind} and a storage size of {size}.",
        )
    facts: dict[str, Any] = {"StorageType": kind, "AllocatedStorage": size, "StorageThroughput": 0}
    if kind == "gp3":
        facts["Iops"] = iops or (3000 if fixed else 12000)
        facts["StorageThroughput"] = throughput or (125 if fixed else 500)
    elif iops:
        facts["Iops"] = iops
    if not fixed:
        _ranges(kind, facts)
    return facts


def _ranges(kind: str, facts: Record) -> None:
    limits, iops, size = KINDS[kind], facts["Iops"], facts["AllocatedStorage"]
    if not limits.iops[0] <= iops <= limits.iops[1]:
        raise AwsError(
            "InvalidParameterCombination",
            f"Invalid iops value for engine name postgres and storage type {kind}: {iops}. It "
            f"must be between {limits.iops[0]} and {limits.iops[1]}.",
        )
    if not limits.ratio[0] <= iops / size <= limits.ratio[1]:
        raise AwsError(
            "InvalidParameterCombination",
            f"The IOPS to GiB ratio must be between {limits.ratio[0]} and {limits.ratio[1]} for "
            f"storage type {kind}: {iops} IOPS on {size} GiB",
        )
    if kind != "gp3":
        return
    throughput = facts["StorageThroughput"]
    most = min(THROUGHPUT[1], iops * PER_IOPS)
    if not THROUGHPUT[0] <= throughput <= most:
        raise AwsError(
            "InvalidParameterCombination",
            f"Invalid storage throughput: {throughput}. With {iops} IOPS it must be between "
            f"{THROUGHPUT[0]} and {int(most)} MiB/s.",
        )


def chosen(record: Record) -> Record:
    """IOPS and throughput that somebody chose, in the form of a request."""
    kind = record.get("StorageType")
    if kind in PROVISIONED:
        return pick(record, "Iops")
    if kind == "gp3" and record["AllocatedStorage"] >= GP3_STRIPED:
        return pick(record, "Iops", "StorageThroughput")
    return {}


def check_change(ctx: Context, record: Record, params: Record, changes: Record) -> None:
    """Storage only grows, by at least 10 %, and not before the last change has settled."""
    _check_cooldown(ctx, record)
    old, new = record["AllocatedStorage"], changes.get("AllocatedStorage")
    if new is not None and new < old:
        raise AwsError(
            "InvalidParameterCombination",
            f"Requested storage size ({new}) cannot be less than the current storage size ({old}).",
        )
    if new is not None and new < old * 1.1:
        raise AwsError(
            "InvalidParameterCombination",
            f"Invalid storage size: {new}. It must be at least 10% above the current {old}.",
        )
    kind: str = changes.get("StorageType") or record["StorageType"]
    iops, throughput = params.get("Iops"), params.get("StorageThroughput")
    if kind == record["StorageType"] and (kind != "gp3" or old >= GP3_STRIPED):
        # What was chosen before stays chosen.
        iops = iops or record.get("Iops")
        throughput = throughput or record.get("StorageThroughput") or None
    facts = accept(kind, new or old, iops, throughput)
    changes |= {key: value for key, value in facts.items() if value != record.get(key)}


def _check_cooldown(ctx: Context, record: Record) -> None:
    if record["DBInstanceStatus"] == "storage-optimization":
        raise AwsError(
            "InvalidParameterCombination",
            "You can't currently modify the storage of this DB instance because the previous "
            "storage change is being optimized.",
        )
    changed = record.get("_storage_changed")
    if changed is not None and ctx.now() < changed + COOLDOWN:
        raise AwsError(
            "InvalidParameterCombination",
            "You can't currently modify the storage of this DB instance because the previous "
            "storage change was less than 6 hours ago.",
        )
