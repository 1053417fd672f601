"""The engines that the lab's RDS offers: versions, upgrade paths, instance classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lab.extend import AwsError

PORT = 5432


@dataclass(frozen=True)
class Engine:
    """One engine. `versions`: major → its minors, oldest first."""

    name: str
    title: str
    license: str
    versions: dict[str, tuple[str, ...]]
    classes: tuple[str, ...]
    log_types: tuple[str, ...]
    default_major: str = "17"
    aurora: bool = False

    def family_of(self, version: str) -> str:
        """The parameter group family: `postgres17` for `17.7`."""
        return f"{self.name}{major_of(version)}"

    def families(self) -> list[str]:
        """All parameter group families."""
        return [f"{self.name}{major}" for major in self.versions]

    def full_version(self, version: str | None) -> str:
        """A full version from what the caller gave: nothing, a major, or a full version."""
        version = version or self.default_major
        if version in self.versions:
            return self.versions[version][-1]
        if version not in self.versions.get(major_of(version), ()):
            raise AwsError(
                "InvalidParameterCombination", f"Cannot find version {version} for {self.name}"
            )
        return version

    def all_versions(self) -> list[str]:
        """Every full version, oldest first."""
        return [version for minors in self.versions.values() for version in minors]

    def upgrades(self, version: str) -> list[str]:
        """Newer minors of the same major, then every version of newer majors."""
        old = _key(version)
        return [each for each in self.all_versions() if _key(each) > old]

    def check_class(self, name: str, version: str) -> None:
        """Refuses a class that RDS does not offer for the engine."""
        if name not in self.classes:
            raise AwsError(
                "InvalidParameterCombination",
                "RDS does not support creating a DB instance with the following combination: "
                f"DBInstanceClass={name}, Engine={self.name}, EngineVersion={version}, "
                f"LicenseModel={self.license}. For supported combinations of instance class and "
                "database engine version, see the documentation.",
            )


def major_of(version: str) -> str:
    """`17` for `17.7`."""
    return version.split(".", 1)[0]


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _classes(**families: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"db.{family}.{size}" for family, sizes in families.items() for size in sizes)


def _minors(**ranges: tuple[int, int]) -> dict[str, tuple[str, ...]]:
    """`v17=(4, 7)` → `17.4` to `17.7`."""
    return {
        major[1:]: tuple(f"{major[1:]}.{minor}" for minor in range(first, last + 1))
        for major, (first, last) in ranges.items()
    }


_BURST = ("micro", "small", "medium", "large", "xlarge", "2xlarge")
_SIZES = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")

POSTGRES = Engine(
    name="postgres",
    title="PostgreSQL",
    license="postgresql-license",
    versions=_minors(v13=(20, 23), v14=(17, 20), v15=(12, 15), v16=(8, 11), v17=(4, 7), v18=(1, 1)),
    classes=_classes(
        t3=_BURST,
        t4g=_BURST,
        m5=(*_SIZES, "24xlarge"),
        m6g=_SIZES,
        m6i=(*_SIZES, "24xlarge", "32xlarge"),
        m7g=_SIZES,
        m7i=(*_SIZES, "24xlarge", "48xlarge"),
        m8g=(*_SIZES, "24xlarge", "48xlarge"),
        r5=(*_SIZES, "24xlarge"),
        r6g=_SIZES,
        r6i=(*_SIZES, "24xlarge", "32xlarge"),
        r7g=_SIZES,
        r7i=(*_SIZES, "24xlarge", "48xlarge"),
        r8g=(*_SIZES, "24xlarge", "48xlarge"),
        x2g=_SIZES,
    ),
    log_types=("iam-db-auth-error", "postgresql", "upgrade"),
)
AURORA = Engine(
    name="aurora-postgresql",
    title="Aurora PostgreSQL",
    license="postgresql-license",
    versions=_minors(v14=(17, 20), v15=(12, 15), v16=(8, 11), v17=(4, 7)),
    # Aurora has no m classes, of the burstable ones only medium and large, and serverless v2.
    classes=(
        "db.serverless",
        *_classes(
            t3=("medium", "large"),
            t4g=("medium", "large"),
            r5=(*_SIZES, "24xlarge"),
            r6g=_SIZES,
            r6i=(*_SIZES, "24xlarge", "32xlarge"),
            r7g=_SIZES,
            r7i=(*_SIZES, "24xlarge", "48xlarge"),
            r8g=(*_SIZES, "24xlarge", "48xlarge"),
            x2g=_SIZES,
        ),
    ),
    log_types=("iam-db-auth-error", "instance", "postgresql"),
    aurora=True,
)
ALL = {engine.name: engine for engine in (POSTGRES, AURORA)}
SUPPORT = {
    "13": ("2021-02-24", "2026-02-28"),
    "14": ("2022-02-03", "2027-02-28"),
    "15": ("2023-02-27", "2028-02-28"),
    "16": ("2023-11-15", "2029-02-28"),
    "17": ("2024-11-21", "2030-02-28"),
    "18": ("2025-11-14", "2031-02-28"),
}
"""Major → first and last day of standard support (RDS for PostgreSQL release calendar)."""
FAMILIES = {family: engine for engine in ALL.values() for family in engine.families()}


def find(name: str) -> Engine:
    """The engine, or InvalidParameterValue."""
    if name not in ALL:
        raise AwsError("InvalidParameterValue", f"Invalid DB engine: {name}")
    return ALL[name]


def of(record: dict[str, Any]) -> Engine:
    """The engine of an instance, cluster or snapshot."""
    return ALL[record["Engine"]]
