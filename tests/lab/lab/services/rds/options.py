"""Option groups and licences: PostgreSQL has no others than those that RDS gives it."""

from __future__ import annotations

from lab.extend import AwsError, Context, Params, before
from lab.services.rds.engines import ALL

NEW_OR_CHANGED = (
    "CreateDBInstance",
    "ModifyDBInstance",
    "CreateDBInstanceReadReplica",
    "RestoreDBInstanceFromDBSnapshot",
    "RestoreDBInstanceToPointInTime",
    "CreateDBCluster",
    "ModifyDBCluster",
    "RestoreDBClusterFromSnapshot",
    "RestoreDBClusterToPointInTime",
    "CopyDBSnapshot",
)


@before("rds", "CreateDBInstance", "CreateDBCluster")
def key_of_managed_passwords(_ctx: Context, params: Params) -> None:
    """A key for the master user's secret needs a secret that RDS manages."""
    if params.get("MasterUserSecretKmsKeyId") and not params.get("ManageMasterUserPassword"):
        text = "MasterUserSecretKmsKeyId can only be specified with ManageMasterUserPassword."
        raise AwsError("InvalidParameterCombination", text, status=400)


@before("rds", *NEW_OR_CHANGED)
def only_defaults(_ctx: Context, params: Params) -> None:
    """An option group that exists, and the engine's one licence."""
    name = params.get("OptionGroupName") or "default:postgres"
    if not any(name.startswith(f"default:{engine}") for engine in ALL):
        text = f"Specified OptionGroupName: {name} not found."
        raise AwsError("OptionGroupNotFoundFault", text, status=404)
    licence = params.get("LicenseModel") or "postgresql-license"
    if licence != "postgresql-license":
        text = (
            f"Invalid license model '{licence}' for engine 'postgres'. "
            "Valid license models are: postgresql-license."
        )
        raise AwsError("InvalidParameterValue", text, status=400)
