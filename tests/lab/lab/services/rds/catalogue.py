"""RDS catalogue calls: engine versions and orderable instance options."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, operation
from lab.services.rds.engines import (
    CLASSES,
    DEFAULT_MAJOR,
    ENGINE,
    LOG_TYPES,
    STORAGE,
    VERSIONS,
    family_of,
    major_of,
    upgrades,
)
from lab.services.rds.state import page


@operation("rds", "DescribeDBEngineVersions")
def describe_engine_versions(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """An unknown engine or version gives an empty list, as on AWS."""
    given, family = params.get("EngineVersion"), params.get("DBParameterGroupFamily")
    rows = []
    if params.get("Engine", ENGINE) == ENGINE:
        rows = [
            _version(version)
            for minors in VERSIONS.values()
            for version in minors
            if (not given or given in (version, major_of(version)))
            and (not family or family == family_of(version))
        ]
    if params.get("DefaultOnly"):
        newest = {major_of(row["EngineVersion"]): row for row in rows}
        rows = (
            list(newest.values()) if given else [r for m, r in newest.items() if m == DEFAULT_MAJOR]
        )
    return page(rows, params, "DBEngineVersions")


def _version(version: str) -> dict[str, Any]:
    return {
        "Engine": ENGINE,
        "EngineVersion": version,
        "MajorEngineVersion": major_of(version),
        "DBParameterGroupFamily": family_of(version),
        "DBEngineDescription": "PostgreSQL",
        "DBEngineVersionDescription": f"PostgreSQL {version}-R1",
        "Status": "available",
        "SupportsReadReplica": True,
        "SupportsLogExportsToCloudwatchLogs": True,
        "ExportableLogTypes": list(LOG_TYPES),
        "SupportedEngineModes": ["provisioned"],
        "SupportsGlobalDatabases": False,
        "SupportedCACertificateIdentifiers": [
            "rds-ca-rsa2048-g1",
            "rds-ca-rsa4096-g1",
            "rds-ca-ecc384-g1",
        ],
        "ValidUpgradeTarget": [
            {
                "Engine": ENGINE,
                "EngineVersion": target,
                "Description": f"PostgreSQL {target}-R1",
                "AutoUpgrade": major_of(target) == major_of(version),
                "IsMajorVersionUpgrade": major_of(target) != major_of(version),
                "SupportedEngineModes": ["provisioned"],
            }
            for target in upgrades(version)
        ],
    }


@operation("rds", "DescribeOrderableDBInstanceOptions")
def describe_orderable(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One row per version, class and storage type; every zone of the region has each."""
    if params["Engine"] != ENGINE:
        return {"OrderableDBInstanceOptions": []}
    version, name = params.get("EngineVersion"), params.get("DBInstanceClass")
    if version and version not in VERSIONS.get(major_of(version), ()):
        raise AwsError("InvalidParameterCombination", f"Cannot find version {version} for {ENGINE}")
    names = ctx.call("ec2", "DescribeAvailabilityZones", {})["AvailabilityZones"]
    zones = [{"Name": zone["ZoneName"]} for zone in names]
    rows = [
        _option(each, option, storage, zones)
        for each in ([version] if version else [v for minors in VERSIONS.values() for v in minors])
        for option in CLASSES
        if not name or option == name
        for storage in STORAGE
    ]
    return page(rows, params, "OrderableDBInstanceOptions")


def _option(version: str, name: str, storage: str, zones: list) -> dict[str, Any]:
    limits = STORAGE[storage]
    provisioned = bool(limits.iops)
    return {
        "Engine": ENGINE,
        "EngineVersion": version,
        "DBInstanceClass": name,
        "LicenseModel": "postgresql-license",
        "AvailabilityZones": zones,
        "MultiAZCapable": True,
        "ReadReplicaCapable": True,
        "Vpc": True,
        "SupportsStorageEncryption": True,
        "StorageType": storage,
        "SupportsIops": provisioned or storage == "gp3",
        "SupportsEnhancedMonitoring": True,
        "SupportsIAMDatabaseAuthentication": True,
        "SupportsPerformanceInsights": True,
        "MinStorageSize": limits.least,
        "MaxStorageSize": limits.most,
        "SupportsStorageAutoscaling": True,
        "SupportsKerberosAuthentication": True,
        "SupportedNetworkTypes": ["IPV4", "DUAL"],
        "SupportsStorageThroughput": storage == "gp3",
    }
