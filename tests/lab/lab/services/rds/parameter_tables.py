"""Which parameters a family has: RDS for PostgreSQL, Aurora's clusters, Aurora's instances.

Aurora's storage replaces PostgreSQL's: what governs WAL files and checkpoints is not there.
"""

from __future__ import annotations

import functools

from lab.extend import AwsError
from lab.services.rds.engines import Engine
from lab.services.rds.parameter import Parameter, check_value, row
from lab.services.rds.postgres_parameters import POSTGRES

_NOT_IN_AURORA = {
    "archive_timeout",
    "checkpoint_completion_target",
    "checkpoint_timeout",
    "max_slot_wal_keep_size",
    "max_wal_size",
    "min_wal_size",
    "rds.restrict_password_commands",
    "wal_buffers",
    "wal_compression",
    "wal_keep_size",
}
# Parameters that hold for a whole Aurora cluster and are not in its instances' groups.
_CLUSTER_ONLY = {
    "max_logical_replication_workers",
    "max_replication_slots",
    "max_wal_senders",
    "rds.force_ssl",
    "rds.logical_replication",
    "ssl",
    "ssl_min_protocol_version",
    "timezone",
    "wal_receiver_timeout",
    "wal_sender_timeout",
}
_AURORA = (
    Parameter(
        "apg_plan_mgmt.capture_plan_baselines", "dynamic", "string", "off,manual,automatic", None
    ),
    Parameter("aurora_compute_plan_id", "dynamic", "boolean", "0,1", "1"),
    Parameter("rds.babelfish_status", "static", "string", "on,off", "off"),
    Parameter("rds.enable_plan_management", "static", "boolean", "0,1", None),
    Parameter("rds.global_db_rpo", "dynamic", "integer", "20-2147483647", None),
)
_DEFAULTS = {
    "shared_buffers": "SUM({DBInstanceClassMemory/12038},-50003)",
    "rds.force_ssl": "0",
}
_AURORA_CLUSTER_ONLY = {"rds.babelfish_status", "rds.global_db_rpo"}


def table(engine: Engine, *, cluster: bool) -> dict[str, Parameter]:
    """The parameters of an engine's group by name."""
    return _table(engine.aurora, cluster)


@functools.cache
def _table(aurora: bool, cluster: bool) -> dict[str, Parameter]:
    if not aurora:
        return {parameter.name: parameter for parameter in POSTGRES}
    known = [
        p._replace(default=_DEFAULTS.get(p.name, p.default))
        for p in (*POSTGRES, *_AURORA)
        if p.name not in _NOT_IN_AURORA
    ]
    hidden = set() if cluster else _CLUSTER_ONLY | _AURORA_CLUSTER_ONLY
    return {p.name: p for p in sorted(known, key=lambda p: p.name) if p.name not in hidden}


def find(known: dict[str, Parameter], name: str) -> Parameter:
    """The parameter, or InvalidParameterValue."""
    if name not in known:
        raise AwsError("InvalidParameterValue", f"Could not find parameter with name: {name}")
    return known[name]


__all__ = ["Parameter", "check_value", "find", "row", "table"]
