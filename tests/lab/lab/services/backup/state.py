"""What the lab remembers of backups."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context
from lab.kit.records import Record
from lab.kit.roles import assumable

JOB = "backup/job"


def selections(ctx: Context) -> dict[str, Record]:
    """Id → selection, of every plan."""
    return ctx.store("backup").setdefault("selections", {})


def jobs(ctx: Context) -> dict[str, Record]:
    """Id → backup job."""
    return ctx.store("backup").setdefault("jobs", {})


def recovery_points(ctx: Context) -> dict[str, Record]:
    """ARN → recovery point; `_vault` is the name of its vault."""
    return ctx.store("backup").setdefault("points", {})


def missing(what: str) -> AwsError:
    """What the service answers about things that are not there."""
    return AwsError("ResourceNotFoundException", f"{what} does not exist", status=400)


def plan(ctx: Context, identifier: str) -> Any:
    """moto's plan; ResourceNotFoundException for none, or a deleted one."""
    found = ctx.moto("backup").plans.get(identifier)
    if found is None or found.deletion_date is not None:
        raise missing(f"Backup plan {identifier}")
    return found


def vault(ctx: Context, name: str) -> Any:
    """moto's vault; ResourceNotFoundException for none."""
    found = ctx.moto("backup").vaults.get(name)
    if found is None:
        raise missing(f"Backup vault {name}")
    return found


def require_role(ctx: Context, arn: str) -> None:
    """The role exists, trusts AWS Backup and has spread."""
    if not assumable(ctx, arn, "backup.amazonaws.com"):
        text = f"IAM Role {arn} cannot be assumed by AWS Backup"
        raise AwsError("InvalidParameterValueException", text, status=400)
