"""Blue/green deployments: a copy with the target's version takes over the source's names."""

from __future__ import annotations

from typing import Any

from lab.backend import not_simulated
from lab.extend import AwsError, Context, before, on_end, operation
from lab.kit.records import Record, digest, moment, public
from lab.services.rds import engines, green, replicas
from lab.services.rds.state import (
    BLUE_GREEN,
    CLUSTER,
    INSTANCE,
    Shelf,
    page,
    request_tags,
    require_available,
    require_cluster,
    wanted,
)

# Storage and keys of green that differ from blue's.
ABSENT = (
    "UpgradeTargetStorageConfig",
    "TargetIops",
    "TargetStorageType",
    "TargetAllocatedStorage",
    "TargetStorageThroughput",
    "TargetResourceConfigurations",
)
COPY, UPGRADE = "CREATING_READ_REPLICA_OF_SOURCE", "DB_ENGINE_VERSION_UPGRADE"
LAST = {INSTANCE: "CONFIGURE_BACKUPS", CLUSTER: "CREATE_DB_INSTANCES_FOR_CLUSTER"}
UNFINISHED = ("PROVISIONING", "AVAILABLE", "SWITCHOVER_IN_PROGRESS")


@operation("rds", "CreateBlueGreenDeployment")
def create_deployment(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """PROVISIONING for half an hour; green is there and can be described meanwhile."""
    shelf = Shelf(ctx)
    name = params["BlueGreenDeploymentName"]
    if any(row["BlueGreenDeploymentName"] == name for row in shelf.blue_green.values()):
        raise AwsError(
            "BlueGreenDeploymentAlreadyExistsFault",
            f"A Blue Green Deployment with the name '{name}' already exists",
        )
    for member in ABSENT:
        if params.get(member):
            raise not_simulated("rds", f"CreateBlueGreenDeployment with {member}")
    kind = CLUSTER if ":cluster:" in params["Source"] else INSTANCE
    source = _source(ctx, shelf, kind, params["Source"])
    version = _target_version(source, params.get("TargetEngineVersion"))
    green.check_groups(ctx, source, version, params)
    if target_class := params.get("TargetDBInstanceClass"):
        engines.of(source).check_class(target_class, version)
    record = _record(ctx, kind, source, version, params)
    if kind == CLUSTER:
        green.make_cluster(ctx, source, record["_green"])
    else:
        green.make_instance(ctx, source, record["_green"], params)
    shelf.blue_green[record["BlueGreenDeploymentIdentifier"]] = record
    _step(ctx, record, "copy", needs=[(kind, record["_blue"])])
    return {"BlueGreenDeployment": public(record)}


def _record(ctx: Context, kind: str, source: Record, version: str, params: Record) -> Record:
    name = params["BlueGreenDeploymentName"]
    blue = source["DBClusterIdentifier" if kind == CLUSTER else "DBInstanceIdentifier"]
    suffix = digest("green", ctx.region, name, blue, str(ctx.now()), length=6)
    pairs = [blue]
    if kind == CLUSTER:
        pairs += [member["DBInstanceIdentifier"] for member in Shelf(ctx).members(source)]
    names = {each: f"{each[: 63 - len('-green-') - 6]}-green-{suffix}" for each in pairs}
    upgrade = version != source["EngineVersion"]
    tasks = (COPY, *((UPGRADE,) if upgrade else ()), LAST[kind])
    record = {
        "BlueGreenDeploymentIdentifier": "bgd-"
        + digest("bgd", ctx.region, name, str(ctx.now()), length=16),
        "BlueGreenDeploymentName": name,
        "Source": green.arn_of(ctx, kind, blue),
        "Target": green.arn_of(ctx, kind, names[blue]),
        "Tasks": [{"Name": task, "Status": "PENDING"} for task in tasks],
        "Status": "PROVISIONING",
        "CreateTime": moment(ctx),
        "TagList": request_tags(params, "deployment"),
        "_kind": kind,
        "_blue": blue,
        "_green": names[blue],
        "_pairs": {each: other for each, other in names.items() if each != blue or kind != CLUSTER},
        "_version": version,
        "_params": dict(params),
    }
    details(ctx, record, "PROVISIONING")
    return record


def details(ctx: Context, record: Record, status: str) -> None:
    """One line per cluster and instance; `_pairs` has the instances, blue → green."""
    pairs = [(INSTANCE, blue, other) for blue, other in record["_pairs"].items()]
    if record["_kind"] == CLUSTER:
        pairs.insert(0, (CLUSTER, record["_blue"], record["_green"]))
    record["SwitchoverDetails"] = [
        {
            "SourceMember": green.arn_of(ctx, kind, blue),
            "TargetMember": green.arn_of(ctx, kind, other),
            "Status": status,
        }
        for kind, blue, other in pairs
    ]


def _source(ctx: Context, shelf: Shelf, kind: str, given: str) -> Record:
    """The source, if it serves and can be copied."""
    if kind == CLUSTER:
        source = shelf.cluster(given)
        require_cluster(source)
        for member in shelf.members(source):
            require_available(member)
        if source.get("GlobalClusterIdentifier"):
            raise not_simulated("rds", "CreateBlueGreenDeployment of a global cluster's member")
    else:
        source = shelf.instance(given)
        require_available(source)
        _check_instance(source)
    for row in shelf.blue_green.values():
        same = (row["_kind"], row["_blue"]) == (kind, given.rsplit(":", 1)[-1].lower())
        if same and row["Status"] in UNFINISHED:
            code = "InvalidDBClusterStateFault" if kind == CLUSTER else "InvalidDBInstanceState"
            raise AwsError(code, f"{given} is in a blue/green deployment already")
    return source


def _check_instance(source: Record) -> None:
    name = source["DBInstanceIdentifier"]
    if source.get("DBClusterIdentifier"):
        raise AwsError(
            "SourceDatabaseNotSupportedFault",
            f"{name} is an instance of a DB cluster: create the deployment of the cluster",
        )
    if source.get("ReadReplicaSourceDBInstanceIdentifier"):
        raise AwsError("SourceDatabaseNotSupportedFault", f"{name} is a read replica")
    if not source["BackupRetentionPeriod"]:
        raise AwsError(
            "InvalidDBInstanceState",
            "Automated backups are not enabled for this database instance. To enable automated "
            "backups, use ModifyDBInstance to set the backup retention period to a non-zero value.",
        )
    if source["ReadReplicaDBInstanceIdentifiers"]:
        raise not_simulated("rds", "CreateBlueGreenDeployment of an instance with read replicas")


def _target_version(source: Record, wanted_version: str | None) -> str:
    engine, old = engines.of(source), source["EngineVersion"]
    new = engine.full_version(wanted_version) if wanted_version else old
    if new not in (old, *engine.upgrades(old)):
        raise AwsError(
            "InvalidParameterCombination", f"Cannot upgrade {engine.name} from {old} to {new}"
        )
    return new


def _step(ctx: Context, record: Record, name: str, **more: Any) -> None:
    """Begins the next task: the ones before are done."""
    task = {"copy": COPY, "upgrade": UPGRADE, "topology": LAST[record["_kind"]]}[name]
    for row in record["Tasks"]:
        if row["Status"] == "IN_PROGRESS":
            row["Status"] = "COMPLETED"
        if row["Name"] == task:
            row["Status"] = "IN_PROGRESS"
    ctx.life.start(BLUE_GREEN, record["BlueGreenDeploymentIdentifier"], name, **more)


@on_end(BLUE_GREEN, "copy")
def _copied(ctx: Context, identifier: str) -> None:
    record = Shelf(ctx).blue_green[identifier]
    if not green.serves(ctx, record["_kind"], record["_green"]):
        _broken(record, "The green environment could not be created")
        return
    if any(row["Name"] == UPGRADE for row in record["Tasks"]):
        _step(ctx, record, "upgrade")
    else:
        _prepared(ctx, identifier)


@on_end(BLUE_GREEN, "upgrade")
def _prepared(ctx: Context, identifier: str) -> None:
    shelf = Shelf(ctx)
    record = shelf.blue_green[identifier]
    params, name = record["_params"], record["_green"]
    if record["_kind"] == INSTANCE:
        green.upgrade_instance(ctx, shelf.instances[name], record["_version"], params)
    else:
        green.upgrade_cluster(ctx, shelf.clusters[name], record["_version"], params)
        for blue, other in record["_pairs"].items():
            green.make_member(ctx, shelf.instances[blue], name, other, params)
    _step(ctx, record, "topology")


@on_end(BLUE_GREEN, "topology")
def _available(ctx: Context, identifier: str) -> None:
    record = Shelf(ctx).blue_green[identifier]
    if not green.serves(ctx, record["_kind"], record["_green"]):
        _broken(record, "An instance of the green environment is not available")
        return
    for row in record["Tasks"]:
        row["Status"] = "COMPLETED"
    record["Status"] = "AVAILABLE"
    details(ctx, record, "AVAILABLE")


def _broken(record: Record, why: str) -> None:
    record |= {"Status": "INVALID_CONFIGURATION", "StatusDetails": why}
    for row in record["Tasks"]:
        if row["Status"] == "IN_PROGRESS":
            row["Status"] = "FAILED"


@operation("rds", "DescribeBlueGreenDeployments")
def describe_deployments(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One by identifier, or all that pass the filters."""
    shelf = Shelf(ctx)
    given = params.get("BlueGreenDeploymentIdentifier")
    rows = [find(shelf, given)] if given else list(shelf.blue_green.values())
    rows = [row for row in rows if _passes(row, params.get("Filters", []))]
    return page(rows, params, "BlueGreenDeployments")


def _passes(row: Record, filters: list[Record]) -> bool:
    facts = {
        "blue-green-deployment-identifier": row["BlueGreenDeploymentIdentifier"],
        "blue-green-deployment-name": row["BlueGreenDeploymentName"],
        "source": row["Source"],
        "target": row.get("Target", ""),
    }
    return wanted(filters, facts)


def find(shelf: Shelf, identifier: str) -> Record:
    """The deployment, or BlueGreenDeploymentNotFoundFault."""
    if identifier not in shelf.blue_green:
        raise AwsError(
            "BlueGreenDeploymentNotFoundFault", f"BlueGreenDeployment {identifier} not found."
        )
    return shelf.blue_green[identifier]


def wrong_state(record: Record) -> AwsError:
    """The refusal that names the status."""
    return AwsError(
        "InvalidBlueGreenDeploymentStateFault",
        f"BlueGreenDeployment {record['BlueGreenDeploymentIdentifier']} is {record['Status']}.",
    )


@operation("rds", "DeleteBlueGreenDeployment")
def delete_deployment(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Green stays, on its own, unless DeleteTarget; after a switchover both stay."""
    shelf = Shelf(ctx)
    record = find(shelf, params["BlueGreenDeploymentIdentifier"])
    along = params.get("DeleteTarget", False)
    if record["Status"] in ("SWITCHOVER_IN_PROGRESS", "DELETING"):
        raise wrong_state(record)
    if record["Status"] == "SWITCHOVER_COMPLETED" and along:
        raise AwsError(
            "InvalidBlueGreenDeploymentStateFault",
            "DeleteTarget can not be specified once the switchover is completed",
        )
    name, kind = record["_green"], record["_kind"]
    before_switch = record["Status"] != "SWITCHOVER_COMPLETED"
    if (
        along
        and (shelf.clusters if kind == CLUSTER else shelf.instances)[name]["DeletionProtection"]
    ):
        raise AwsError(
            "InvalidParameterCombination",
            f"Cannot delete protected {name}, please disable deletion protection and try again.",
        )
    record |= {"Status": "DELETING", "DeleteTime": moment(ctx)}
    if along:
        green.delete(ctx, kind, name)
    elif before_switch and kind == INSTANCE:
        replicas.detach(ctx, shelf.instances[name])
    ctx.life.start(BLUE_GREEN, record["BlueGreenDeploymentIdentifier"], "delete")
    return {"BlueGreenDeployment": public(record)}


@on_end(BLUE_GREEN, "delete")
def _deleted(ctx: Context, identifier: str) -> None:
    del Shelf(ctx).blue_green[identifier]


@before("rds", "DeleteDBInstance", "DeleteDBCluster")
def not_while_deployed(ctx: Context, params: dict[str, Any]) -> None:
    """Neither side can go before the deployment is switched over or deleted."""
    cluster = params.get("DBClusterIdentifier")
    name = (cluster or params["DBInstanceIdentifier"]).rsplit(":", 1)[-1].lower()
    for row in Shelf(ctx).blue_green.values():
        pairs = {row["_blue"]: row["_green"]} if cluster else row["_pairs"]
        if (cluster and row["_kind"] != CLUSTER) or row["Status"] not in UNFINISHED:
            continue
        if name in pairs or name in pairs.values():
            code = "InvalidDBClusterStateFault" if cluster else "InvalidDBInstanceState"
            raise AwsError(
                code,
                f"{name} is part of the blue/green deployment "
                f"{row['BlueGreenDeploymentIdentifier']}: delete the deployment first.",
            )
