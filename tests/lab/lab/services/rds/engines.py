"""What RDS for PostgreSQL offers: versions, upgrade paths, instance classes, storage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lab.extend import AwsError

ENGINE = "postgres"
LOG_TYPES = ("iam-db-auth-error", "postgresql", "upgrade")
PORT = 5432

# Major → minors, oldest first.
VERSIONS: dict[str, tuple[str, ...]] = {
    "14": ("14.19", "14.20"),
    "15": ("15.14", "15.15"),
    "16": ("16.10", "16.11"),
    "17": ("17.6", "17.7"),
    "18": ("18.1",),
}
DEFAULT_MAJOR = "17"


@dataclass(frozen=True)
class Storage:
    """Sizes in GiB, and for provisioned kinds the least IOPS (0 = not to be given)."""

    least: int
    most: int
    iops: int = 0


STORAGE = {
    "gp2": Storage(20, 65536),
    "gp3": Storage(20, 65536),
    "io1": Storage(100, 65536, 1000),
    "io2": Storage(100, 65536, 1000),
}
# From this size on, gp3 is striped: more IOPS and throughput, and both can be set.
GP3_STRIPED = 400

_SIZES = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")
_CLASSES = {
    "t3": ("micro", "small", "medium", "large", "xlarge", "2xlarge"),
    "t4g": ("micro", "small", "medium", "large", "xlarge", "2xlarge"),
    "m5": (*_SIZES, "24xlarge"),
    "m6g": _SIZES,
    "m6i": (*_SIZES, "24xlarge", "32xlarge"),
    "m7g": _SIZES,
    "m7i": (*_SIZES, "24xlarge", "48xlarge"),
    "m8g": (*_SIZES, "24xlarge", "48xlarge"),
    "r5": (*_SIZES, "24xlarge"),
    "r6g": _SIZES,
    "r6i": (*_SIZES, "24xlarge", "32xlarge"),
    "r7g": _SIZES,
    "r7i": (*_SIZES, "24xlarge", "48xlarge"),
    "r8g": (*_SIZES, "24xlarge", "48xlarge"),
    "x2g": _SIZES,
}
CLASSES = tuple(f"db.{family}.{size}" for family, sizes in _CLASSES.items() for size in sizes)


def major_of(version: str) -> str:
    """`17` for `17.7`."""
    return version.split(".", 1)[0]


def family_of(version: str) -> str:
    """The parameter group family: `postgres17` for `17.7`."""
    return f"{ENGINE}{major_of(version)}"


def families() -> list[str]:
    """All parameter group families."""
    return [f"{ENGINE}{major}" for major in VERSIONS]


def full_version(version: str | None) -> str:
    """A full version from what the caller gave: nothing, a major, or a full version."""
    version = version or DEFAULT_MAJOR
    if version in VERSIONS:
        return VERSIONS[version][-1]
    if version not in VERSIONS.get(major_of(version), ()):
        raise AwsError("InvalidParameterCombination", f"Cannot find version {version} for {ENGINE}")
    return version


def upgrades(version: str) -> list[str]:
    """Newer minors of the same major, then every version of newer majors."""
    major = int(major_of(version))
    same = [minor for minor in VERSIONS[str(major)] if _key(minor) > _key(version)]
    return same + [v for m, minors in VERSIONS.items() if int(m) > major for v in minors]


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def check_class(name: str, version: str) -> None:
    """Refuses a class that RDS does not offer for the engine."""
    if name not in CLASSES:
        raise AwsError(
            "InvalidParameterCombination",
            "RDS does not support creating a DB instance with the following combination: "
            f"DBInstanceClass={name}, Engine={ENGINE}, EngineVersion={version}, "
            "LicenseModel=postgresql-license. For supported combinations of instance class and "
            "database engine version, see the documentation.",
        )


def storage(
    kind: str, size: int | None, iops: int | None = None, throughput: int | None = None
) -> dict[str, Any]:
    """`StorageType`, `AllocatedStorage`, `Iops`, `StorageThroughput` as RDS answers them.

    Refuses sizes (GiB), IOPS and throughput (MiB/s) that the storage type does not take.
    """
    if kind not in STORAGE:
        raise AwsError("InvalidParameterValue", f"Invalid storage type: {kind}")
    limits = STORAGE[kind]
    if size is None or not limits.least <= size <= limits.most:
        raise AwsError(
            "InvalidParameterValue",
            f"Invalid storage size for engine name {ENGINE} and storage type {kind}: {size}",
        )
    if limits.iops and not iops:
        raise AwsError(
            "InvalidParameterCombination", f"You must specify IOPS for storage type {kind}"
        )
    fixed = kind == "gp2" or (kind == "gp3" and size < GP3_STRIPED)
    if fixed and (iops or throughput):
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
    return facts
