"""In which order RDS upgrades a primary and its read replicas of the region.

"Upgrades of the RDS for PostgreSQL DB engine" in the RDS User Guide: a minor version the replicas must
have first, a major version RDS installs on all of them together.
"""

from __future__ import annotations

from lab.extend import AwsError
from lab.kit.records import Record
from lab.services.rds import engines
from lab.services.rds.state import Shelf


def check_order(shelf: Shelf, record: Record, new: str) -> None:
    """Refuses a minor version before the replicas have it, and a major version on a replica."""
    major = engines.major_of(new) != engines.major_of(record["EngineVersion"])
    if major and record.get("ReadReplicaSourceDBInstanceIdentifier"):
        raise AwsError(
            "InvalidParameterCombination",
            "A read replica is upgraded to a major version with its source DB instance.",
        )
    late = [row["DBInstanceIdentifier"] for row in _replicas(shelf, record) if _is_behind(row, new)]
    if late and not major:
        raise AwsError(
            "InvalidParameterCombination",
            "One or more of the DB Instance's read replicas need to be upgraded: "
            f"{', '.join(late)}",
        )


def begin(shelf: Shelf, record: Record) -> None:
    """The replicas are down while their source gets its new major version."""
    for row in _taken_along(shelf, record, record["PendingModifiedValues"].get("EngineVersion")):
        row["DBInstanceStatus"] = "upgrading"


def end(shelf: Shelf, record: Record, before: str) -> None:
    """The replicas have the version too; a group of the old family gives way to the default one."""
    version, engine = record["EngineVersion"], engines.of(record)
    if engines.major_of(version) == engines.major_of(before):
        return
    for row in _replicas(shelf, record):
        row |= {"EngineVersion": version, "DBInstanceStatus": "available"}
        row["DBParameterGroups"] = [
            {
                "DBParameterGroupName": f"default.{engine.family_of(version)}",
                "ParameterApplyStatus": "in-sync",
            }
        ]


def _taken_along(shelf: Shelf, record: Record, version: str | None) -> list[Record]:
    if not version or engines.major_of(version) == engines.major_of(record["EngineVersion"]):
        return []
    return _replicas(shelf, record)


def _replicas(shelf: Shelf, record: Record) -> list[Record]:
    """Those of the same region; others are listed by ARN."""
    names = record["ReadReplicaDBInstanceIdentifiers"]
    return [shelf.instances[name] for name in names if name in shelf.instances]


def _is_behind(row: Record, version: str) -> bool:
    coming = row["PendingModifiedValues"].get("EngineVersion", row["EngineVersion"])
    return _key(coming) < _key(version)


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
