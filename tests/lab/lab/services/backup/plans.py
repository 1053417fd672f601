"""Plans and what they select."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context, Output, Params, before, operation
from lab.kit.records import digest, moment, pick, public
from lab.services.backup.state import missing, plan, require_role, selections


def _require_vaults(ctx: Context, document: dict[str, Any]) -> None:
    for rule in document["Rules"]:
        name = rule["TargetBackupVaultName"]
        if name not in ctx.moto("backup").vaults:
            text = f"Invalid backup plan: the backup vault {name} does not exist"
            raise AwsError("InvalidParameterValueException", text, status=400)


@before("backup", "CreateBackupPlan")
def vaults_of(ctx: Context, params: Params) -> None:
    """Every rule of a plan stores into a vault of this region."""
    _require_vaults(ctx, params["BackupPlan"])


@operation("backup", "UpdateBackupPlan")
def update_plan(ctx: Context, params: Params) -> Output:
    """A new version of the whole plan."""
    found = plan(ctx, params["BackupPlanId"])
    _require_vaults(ctx, params["BackupPlan"])
    made = type(found)(params["BackupPlan"], found.creator_request_id, ctx.moto("backup"))
    found.backup_plan, found.version_id = made.backup_plan, made.version_id
    found.advanced_backup_settings = made.advanced_backup_settings
    return {
        "BackupPlanId": found.backup_plan_id,
        "BackupPlanArn": found.backup_plan_arn,
        "CreationDate": moment(ctx),
        "VersionId": found.version_id,
        "AdvancedBackupSettings": found.advanced_backup_settings,
    }


@before("backup", "DeleteBackupPlan")
def unselected(ctx: Context, params: Params) -> None:
    """Selections go first."""
    identifier = params["BackupPlanId"]
    if any(each["BackupPlanId"] == identifier for each in selections(ctx).values()):
        text = "Related backup plan selections must be deleted prior to backup plan deletion"
        raise AwsError("InvalidRequestException", text, status=400)


@operation("backup", "CreateBackupSelection")
def select(ctx: Context, params: Params) -> Output:
    """Names are unique within a plan; the role is checked at once."""
    found, chosen = plan(ctx, params["BackupPlanId"]), params["BackupSelection"]
    mine = [e for e in selections(ctx).values() if e["BackupPlanId"] == found.backup_plan_id]
    for each in mine:
        if each["BackupSelection"]["SelectionName"] == chosen["SelectionName"]:
            if params.get("CreatorRequestId", "") == each.get("CreatorRequestId", None):
                return _made(each)
            text = f"Selection {chosen['SelectionName']} already exists"
            raise AwsError("AlreadyExistsException", text, status=400)
    require_role(ctx, chosen["IamRoleArn"])
    if not any(chosen.get(name) for name in ("Resources", "ListOfTags", "Conditions")):
        text = "A selection needs resources, tags or conditions"
        raise AwsError("InvalidParameterValueException", text, status=400)
    raw = digest("selection", found.backup_plan_id, chosen["SelectionName"], repr(ctx.now()))
    identifier = f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-8{raw[17:20]}-{raw[20:32]}"
    selections(ctx)[identifier] = {
        "SelectionId": identifier,
        "BackupPlanId": found.backup_plan_id,
        "BackupSelection": chosen,
        "CreationDate": moment(ctx),
        **pick(params, "CreatorRequestId"),
    }
    return _made(selections(ctx)[identifier])


def _made(record: dict[str, Any]) -> Output:
    return pick(record, "SelectionId", "BackupPlanId", "CreationDate")


def _selection(ctx: Context, params: Params) -> dict[str, Any]:
    found = selections(ctx).get(params["SelectionId"])
    if found is None or found["BackupPlanId"] != params["BackupPlanId"]:
        raise missing(f"Backup selection {params['SelectionId']}")
    return found


@operation("backup", "GetBackupSelection")
def get_selection(ctx: Context, params: Params) -> Output:
    """One selection."""
    return public(_selection(ctx, params))


@operation("backup", "ListBackupSelections")
def list_selections(ctx: Context, params: Params) -> Output:
    """Those of a plan."""
    found = plan(ctx, params["BackupPlanId"])
    rows = [
        _made(each)
        | pick(each, "CreatorRequestId")
        | pick(each["BackupSelection"], "SelectionName", "IamRoleArn")
        for each in selections(ctx).values()
        if each["BackupPlanId"] == found.backup_plan_id
    ]
    return {"BackupSelectionsList": rows}


@operation("backup", "DeleteBackupSelection")
def delete_selection(ctx: Context, params: Params) -> None:
    """Gone at once."""
    del selections(ctx)[_selection(ctx, params)["SelectionId"]]
