"""RDS catalogue calls: engine versions, how long they are supported, and orderable instance options."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from lab.extend import AwsError, Context, operation
from lab.kit.records import digest
from lab.services.rds import cluster_checks, engines, storage
from lab.services.rds.engines import Engine, major_of
from lab.services.rds.state import page


@operation("rds", "DescribeDBEngineVersions")
def describe_engine_versions(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """An unknown engine or version gives an empty list, as on AWS."""
    given, family = params.get("EngineVersion"), params.get("DBParameterGroupFamily")
    rows = []
    for engine in engines.ALL.values():
        if params.get("Engine") in (None, engine.name):
            own = [
                version
                for version in engine.all_versions()
                if (not given or given in (version, major_of(version)))
                and (not family or family == engine.family_of(version))
            ]
            if params.get("DefaultOnly"):
                own = _defaults(engine, own, every_major=bool(given))
            rows += [_version(engine, version) for version in own]
    return page(rows, params, "DBEngineVersions")


@operation("rds", "DescribeDBMajorEngineVersions")
def describe_major_versions(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Majors with the ends of their support."""
    given = params.get("MajorEngineVersion")
    rows = [
        {
            "Engine": engine.name,
            "MajorEngineVersion": major,
            "SupportedEngineLifecycles": _lifecycles(major),
        }
        for engine in engines.ALL.values()
        if params.get("Engine") in (None, engine.name)
        for major in engine.versions
        if given in (None, major)
    ]
    return page(rows, params, "DBMajorEngineVersions")


def _lifecycles(major: str) -> list[dict[str, Any]]:
    """Standard support, then up to three years of extended support."""
    begin, end = (_day(text) for text in engines.SUPPORT[major])
    return [
        {
            "LifecycleSupportName": f"open-source-rds-{name}-support",
            "LifecycleSupportStartDate": first,
            "LifecycleSupportEndDate": last,
        }
        for name, first, last in (
            ("standard", begin, end),
            ("extended", end, end.replace(year=end.year + 3, day=28)),
        )
    ]


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def _defaults(engine: Engine, versions: list[str], *, every_major: bool) -> list[str]:
    """The newest minor of the majors asked for, else of the engine's default major."""
    newest = {major_of(version): version for version in versions}
    return [v for m, v in newest.items() if every_major or m == engine.default_major]


def _version(engine: Engine, version: str) -> dict[str, Any]:
    return {
        "Engine": engine.name,
        "EngineVersion": version,
        "MajorEngineVersion": major_of(version),
        "DBParameterGroupFamily": engine.family_of(version),
        "DBEngineDescription": engine.title,
        "DBEngineVersionDescription": _described(engine, version),
        "Status": "available",
        "SupportsReadReplica": not engine.aurora,
        "SupportsLogExportsToCloudwatchLogs": True,
        "ExportableLogTypes": list(engine.log_types),
        "SupportedEngineModes": ["provisioned"],
        "SupportedFeatureNames": ["Lambda", "s3Export", "s3Import"],
        "SupportsParallelQuery": False,
        "SupportsGlobalDatabases": engine.aurora,
        "SupportsCertificateRotationWithoutRestart": True,
        "SupportedCACertificateIdentifiers": [
            "rds-ca-rsa2048-g1",
            "rds-ca-rsa4096-g1",
            "rds-ca-ecc384-g1",
        ],
        "ValidUpgradeTarget": [
            {
                "Engine": engine.name,
                "EngineVersion": target,
                "Description": _described(engine, target),
                "AutoUpgrade": major_of(target) == major_of(version),
                "IsMajorVersionUpgrade": major_of(target) != major_of(version),
                "SupportedEngineModes": ["provisioned"],
                "SupportsGlobalDatabases": engine.aurora,
            }
            for target in engine.upgrades(version)
        ],
    } | (_serverless() if engine.aurora else {})


def _described(engine: Engine, version: str) -> str:
    if engine.aurora:
        return f"{engine.title} (compatible with PostgreSQL {version})"
    return f"{engine.title} {version}-R1"


def _serverless() -> dict[str, Any]:
    return {
        "ServerlessV2FeaturesSupport": {
            "MinCapacity": cluster_checks.CAPACITY[0],
            "MaxCapacity": cluster_checks.CAPACITY[1],
        }
    }


@operation("rds", "DescribeOrderableDBInstanceOptions")
def describe_orderable(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One row per version, class and storage type; every zone of the region has each."""
    engine = engines.ALL.get(params["Engine"])
    if engine is None:
        return {"OrderableDBInstanceOptions": []}
    version, name = params.get("EngineVersion"), params.get("DBInstanceClass")
    if version and version not in engine.all_versions():
        raise AwsError(
            "InvalidParameterCombination", f"Cannot find version {version} for {engine.name}"
        )
    names = ctx.call("ec2", "DescribeAvailabilityZones", {})["AvailabilityZones"]
    zones = [{"Name": zone["ZoneName"]} for zone in names]
    rows = [
        _option(engine, each, option, kind, zones)
        for each in ([version] if version else engine.all_versions())
        for option in engine.classes
        if not name or option == name
        for kind in (cluster_checks.STORAGE if engine.aurora else storage.KINDS)
    ]
    return page(rows, params, "OrderableDBInstanceOptions")


def _option(engine: Engine, version: str, name: str, kind: str, zones: list) -> dict[str, Any]:
    row = {
        "Engine": engine.name,
        "EngineVersion": version,
        "DBInstanceClass": name,
        "LicenseModel": engine.license,
        "AvailabilityZones": zones,
        "MultiAZCapable": not engine.aurora,
        "ReadReplicaCapable": not engine.aurora,
        "Vpc": True,
        "SupportsStorageEncryption": True,
        "StorageType": kind,
        "SupportsIops": False,
        "SupportsEnhancedMonitoring": True,
        "SupportsIAMDatabaseAuthentication": True,
        "SupportsPerformanceInsights": True,
        "AvailableProcessorFeatures": [],
        "SupportedEngineModes": ["provisioned"],
        "SupportsStorageAutoscaling": not engine.aurora,
        "SupportsKerberosAuthentication": True,
        "SupportsGlobalDatabases": engine.aurora,
        "SupportsClusters": engine.aurora,
        "SupportedNetworkTypes": ["IPV4", "DUAL"],
        "SupportsStorageThroughput": kind == "gp3",
    }
    return row if engine.aurora else row | _storage_limits(kind)


def _storage_limits(kind: str) -> dict[str, Any]:
    limits = storage.KINDS[kind]
    row: dict[str, Any] = {
        "MinStorageSize": limits.least,
        "MaxStorageSize": limits.most,
        "SupportsIops": kind != "gp2",
    }
    if limits.iops[1]:
        row |= {
            "MinIopsPerDbInstance": limits.iops[0],
            "MaxIopsPerDbInstance": limits.iops[1],
            "MinIopsPerGib": limits.ratio[0],
            "MaxIopsPerGib": limits.ratio[1],
        }
    if kind == "gp3":
        row |= {
            "MinStorageThroughputPerDbInstance": storage.THROUGHPUT[0],
            "MaxStorageThroughputPerDbInstance": storage.THROUGHPUT[1],
            "MinStorageThroughputPerIops": 0.0,
            "MaxStorageThroughputPerIops": storage.PER_IOPS,
        }
    return row


@operation("rds", "DescribeCertificates")
def describe_certificates(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The authorities of every region, valid for decades."""
    rows = [
        {
            "CertificateIdentifier": name,
            "CertificateType": "CA",
            "Thumbprint": digest("certificate", ctx.region, name, length=40),
            "ValidFrom": datetime(2021, 5, 25, tzinfo=timezone.utc),
            "ValidTill": datetime(2061 if name.endswith("2048-g1") else 2121, 5, 25).replace(
                tzinfo=timezone.utc
            ),
            "CertificateArn": f"arn:aws:rds:{ctx.region}::cert:{name}",
            "CustomerOverride": False,
        }
        for name in ("rds-ca-ecc384-g1", "rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1")
    ]
    wanted = params.get("CertificateIdentifier")
    if wanted:
        rows = [row for row in rows if row["CertificateIdentifier"] == wanted]
        if not rows:
            raise AwsError("CertificateNotFound", f"Certificate {wanted} not found.")
    return page(rows, params, "Certificates") | {
        "DefaultCertificateForNewLaunches": "rds-ca-rsa2048-g1"
    }
