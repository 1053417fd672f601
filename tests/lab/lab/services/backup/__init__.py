"""AWS Backup on moto: vaults and plans of moto's; selections, jobs and recovery points of the lab's.

Errors: AWS Backup API reference. Plans are kept, never run: only a job that is asked for makes a
recovery point.
"""

from __future__ import annotations

from typing import Any

from lab.extend import Context
from lab.services.backup import jobs, plans, points  # noqa: F401 (registration)
from lab.services.backup.state import recovery_points, selections


def census(ctx: Context) -> list[dict[str, Any]]:
    """Vaults with their recovery points, and plans with their selections."""
    backup = ctx.moto("backup")
    found = [
        {"kind": "backup/vault", "id": name, "tags": _tags(backup, each.backup_vault_arn)}
        for name, each in backup.vaults.items()
    ]
    found += [
        {"kind": "backup/plan", "id": name, "tags": _tags(backup, each.backup_plan_arn)}
        for name, each in backup.plans.items()
        if each.deletion_date is None
    ]
    found += [{"kind": "backup/selection", "id": key, "tags": {}} for key in selections(ctx)]
    found += [
        {"kind": "backup/recovery-point", "id": arn, "tags": dict(each["_tags"])}
        for arn, each in recovery_points(ctx).items()
    ]
    return found


def _tags(backup: Any, arn: str) -> dict[str, str]:
    return dict(backup.tagger.get_tag_dict_for_resource(arn))
