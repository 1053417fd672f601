"""PostgreSQL parameters as RDS offers them: the families' defaults.

A part of the several hundred that RDS knows: those that people set.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from lab.extend import AwsError


class Parameter(NamedTuple):
    """One parameter. `allowed` is RDS's notation (`1-100`, `on,off`), None where all is allowed."""

    name: str
    kind: str
    data: str
    allowed: str | None
    default: str | None
    modifiable: bool = True


_S, _D = "static", "dynamic"
_SWITCH = "0,1"
_INT = "0-2147483647"
_LEVELS = "debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic"

# fmt: off
_ALL = (
    Parameter("archive_timeout", _S, "integer", _INT, "300", False),
    Parameter("autovacuum", _D, "boolean", _SWITCH, "1"),
    Parameter("autovacuum_analyze_scale_factor", _D, "float", "0-100", "0.05"),
    Parameter("autovacuum_analyze_threshold", _D, "integer", _INT, None),
    Parameter("autovacuum_max_workers", _S, "integer",
              "1-262143", "GREATEST({DBInstanceClassMemory/64371566592},3)"),
    Parameter("autovacuum_naptime", _D, "integer", "1-2147483", "15"),
    Parameter("autovacuum_vacuum_cost_delay", _D, "float", "-1-100", None),
    Parameter("autovacuum_vacuum_cost_limit", _D, "integer",
              "-1-10000", "GREATEST({log(DBInstanceClassMemory/21474836480)*600},200)"),
    Parameter("autovacuum_vacuum_scale_factor", _D, "float", "0-100", "0.1"),
    Parameter("autovacuum_vacuum_threshold", _D, "integer", _INT, None),
    Parameter("checkpoint_completion_target", _D, "float", "0-1", "0.9"),
    Parameter("checkpoint_timeout", _D, "integer", "30-86400", None),
    Parameter("client_encoding", _D, "string", None, None),
    Parameter("datestyle", _D, "string", None, None),
    Parameter("deadlock_timeout", _D, "integer", "1-2147483647", None),
    Parameter("default_statistics_target", _D, "integer", "1-10000", None),
    Parameter("default_transaction_isolation", _D, "string",
              "serializable,repeatable read,read committed,read uncommitted", None),
    Parameter("effective_cache_size", _D, "integer",
              "1-2147483647", "{DBInstanceClassMemory/16384}"),
    Parameter("effective_io_concurrency", _D, "integer", "0-1000", None),
    Parameter("fsync", _D, "boolean", _SWITCH, "1", False),
    Parameter("hash_mem_multiplier", _D, "float", "1-1000", None),
    Parameter("hot_standby_feedback", _D, "boolean", _SWITCH, None),
    Parameter("huge_pages", _S, "string", "on,off,try", "on"),
    Parameter("idle_in_transaction_session_timeout", _D, "integer", _INT, "86400000"),
    Parameter("idle_session_timeout", _D, "integer", _INT, None),
    Parameter("intervalstyle", _D, "string",
              "postgres,postgres_verbose,sql_standard,iso_8601", None),
    Parameter("jit", _D, "boolean", _SWITCH, None),
    Parameter("lc_messages", _D, "string", None, None),
    Parameter("lock_timeout", _D, "integer", _INT, None),
    Parameter("log_autovacuum_min_duration", _D, "integer", "-1-2147483647", "10000"),
    Parameter("log_checkpoints", _D, "boolean", _SWITCH, "1"),
    Parameter("log_connections", _D, "boolean", _SWITCH, None),
    Parameter("log_destination", _D, "string", "stderr,csvlog,jsonlog", "stderr"),
    Parameter("log_disconnections", _D, "boolean", _SWITCH, None),
    Parameter("log_error_verbosity", _D, "string", "default,verbose,terse", None),
    Parameter("log_filename", _D, "string",
              "postgresql.log.%Y-%m-%d,postgresql.log.%Y-%m-%d-%H,postgresql.log.%Y-%m-%d-%H%M",
              "postgresql.log.%Y-%m-%d-%H"),
    Parameter("log_line_prefix", _D, "string", None, "%t:%r:%u@%d:[%p]:"),
    Parameter("log_lock_waits", _D, "boolean", _SWITCH, None),
    Parameter("log_min_duration_statement", _D, "integer", "-1-2147483647", None),
    Parameter("log_min_messages", _D, "string", _LEVELS, None),
    Parameter("log_rotation_age", _D, "integer", "1-1440", "60"),
    Parameter("log_statement", _D, "string", "none,ddl,mod,all", None),
    Parameter("log_temp_files", _D, "integer", "-1-2147483647", None),
    Parameter("logical_decoding_work_mem", _D, "integer", "64-2147483647", None),
    Parameter("maintenance_work_mem", _D, "integer",
              "1024-2147483647", "GREATEST({DBInstanceClassMemory*1024/63963136},65536)"),
    Parameter("max_connections", _S, "integer",
              "6-262143", "LEAST({DBInstanceClassMemory/9531392},5000)"),
    Parameter("max_locks_per_transaction", _S, "integer", "10-2147483647", None),
    Parameter("max_logical_replication_workers", _S, "integer", "0-262143", None),
    Parameter("max_parallel_maintenance_workers", _D, "integer", "0-1024", None),
    Parameter("max_parallel_workers", _D, "integer", "0-1024", "GREATEST({DBInstanceVCPU/2},8)"),
    Parameter("max_parallel_workers_per_gather", _D, "integer", "0-1024", None),
    Parameter("max_prepared_transactions", _S, "integer", "0-262143", "0"),
    Parameter("max_replication_slots", _S, "integer", "5-2147483647", "20"),
    Parameter("max_slot_wal_keep_size", _D, "integer", "-1-2147483647", None),
    Parameter("max_stack_depth", _D, "integer", "100-2147483647", "6144"),
    Parameter("max_standby_archive_delay", _D, "integer", "-1-2147483647", None),
    Parameter("max_standby_streaming_delay", _D, "integer", "-1-2147483647", "14000"),
    Parameter("max_wal_senders", _S, "integer", "5-262143", "35"),
    Parameter("max_wal_size", _D, "integer", "128-201326592", "2048"),
    Parameter("max_worker_processes", _S, "integer", "0-262143", "GREATEST({DBInstanceVCPU*2},8)"),
    Parameter("min_wal_size", _D, "integer", "128-201326592", "192"),
    Parameter("password_encryption", _D, "string", "md5,scram-sha-256", None),
    Parameter("pg_stat_statements.max", _S, "integer", "100-2147483647", None),
    Parameter("pg_stat_statements.track", _D, "string", "none,top,all", None),
    Parameter("pgaudit.log", _D, "string", None, None),
    Parameter("random_page_cost", _D, "float", "0-1.79769e+308", None),
    Parameter("rds.allowed_extensions", _D, "list", None, None),
    Parameter("rds.extensions", _S, "list",
              None, "address_standardizer,pg_stat_statements,pgcrypto,vector", False),
    Parameter("rds.force_admin_logging_level", _D, "string",
              f"disabled,{_LEVELS}", None),
    Parameter("rds.force_autovacuum_logging_level", _D, "string",
              f"disabled,{_LEVELS}", "warning"),
    Parameter("rds.force_ssl", _D, "boolean", _SWITCH, "1"),
    Parameter("rds.log_retention_period", _D, "integer", "1440-10080", "4320"),
    Parameter("rds.logical_replication", _S, "boolean", _SWITCH, "0"),
    Parameter("rds.rds_superuser_reserved_connections", _S, "integer", "0-8388607", None),
    Parameter("rds.restrict_password_commands", _S, "boolean", _SWITCH, None),
    Parameter("search_path", _D, "string", None, None),
    Parameter("seq_page_cost", _D, "float", "0-1.79769e+308", None),
    Parameter("session_replication_role", _D, "string", "origin,replica,local", None),
    Parameter("shared_buffers", _S, "integer", "16-1073741823", "{DBInstanceClassMemory/32768}"),
    Parameter("shared_preload_libraries", _S, "list",
              "auto_explain,orafce,pgaudit,pglogical,pg_bigm,pg_cron,pg_hint_plan,pg_prewarm,"
              "pg_similarity,pg_stat_statements,pg_tle,pg_transport,plprofiler,plrust",
              "pg_stat_statements"),
    Parameter("ssl", _S, "boolean", _SWITCH, "1"),
    Parameter("ssl_min_protocol_version", _S, "string", "TLSv1.2,TLSv1.3", "TLSv1.2"),
    Parameter("statement_timeout", _D, "integer", _INT, None),
    Parameter("synchronous_commit", _D, "string", "local,on,off,remote_write,remote_apply", "on"),
    Parameter("tcp_keepalives_count", _D, "integer", _INT, None),
    Parameter("tcp_keepalives_idle", _D, "integer", _INT, None),
    Parameter("tcp_keepalives_interval", _D, "integer", _INT, None),
    Parameter("temp_buffers", _D, "integer", "100-1073741823", None),
    Parameter("temp_file_limit", _D, "integer", "-1-2147483647", None),
    Parameter("timezone", _D, "string", None, "UTC"),
    Parameter("track_activity_query_size", _S, "integer", "100-1048576", "4096"),
    Parameter("track_io_timing", _D, "boolean", _SWITCH, "1"),
    Parameter("vacuum_cost_delay", _D, "float", "0-100", None),
    Parameter("vacuum_cost_limit", _D, "integer", "1-10000", None),
    Parameter("wal_buffers", _S, "integer", "-1-262143", None),
    Parameter("wal_compression", _D, "string", "pglz,lz4,zstd,on,off", "zstd"),
    Parameter("wal_keep_size", _D, "integer", _INT, "2048"),
    Parameter("wal_receiver_timeout", _D, "integer", "0-3600000", "30000"),
    Parameter("wal_sender_timeout", _D, "integer", "0-3600000", None),
    Parameter("work_mem", _D, "integer", "64-2147483647", None),
)
# fmt: on

PARAMETERS: dict[str, Parameter] = {parameter.name: parameter for parameter in _ALL}


def find(name: str) -> Parameter:
    """The parameter, or InvalidParameterValue."""
    if name not in PARAMETERS:
        raise AwsError("InvalidParameterValue", f"Could not find parameter with name: {name}")
    return PARAMETERS[name]


def check_value(parameter: Parameter, value: str) -> None:
    """Refuses a value outside the allowed ones; formulas in braces or functions are taken."""
    if not parameter.modifiable:
        raise AwsError(
            "InvalidParameterValue", f"The parameter {parameter.name} cannot be modified."
        )
    if parameter.allowed is None or re.match(r"(\{|GREATEST|LEAST|SUM)", value):
        return
    parts = value.split(",") if parameter.data == "list" else [value]
    if not all(_fits(parameter, part.strip()) for part in parts if part):
        raise AwsError(
            "InvalidParameterValue",
            f"Invalid parameter value: {value} for: {parameter.name} allowed values are: "
            f"{parameter.allowed}",
        )


def _fits(parameter: Parameter, value: str) -> bool:
    allowed = parameter.allowed or ""
    if parameter.data in ("integer", "float"):
        low, high = re.fullmatch(r"(-?[\d.]+)-([\d.e+]+)", allowed).groups()  # type: ignore[union-attr]
        try:
            number = int(value) if parameter.data == "integer" else float(value)
        except ValueError:
            return False
        return float(low) <= number <= float(high)
    return value in allowed.split(",")


def row(parameter: Parameter, value: str | None, method: str | None) -> dict[str, Any]:
    """The parameter as DescribeDBParameters answers it; `value` is the user's, if any."""
    system = "system" if parameter.default else "engine-default"
    answer = {
        "ParameterName": parameter.name,
        "Description": parameter.name.replace("_", " "),
        "Source": "user" if value is not None else system,
        "ApplyType": parameter.kind,
        "DataType": parameter.data,
        "IsModifiable": parameter.modifiable,
        "ApplyMethod": method or "pending-reboot",
    }
    if parameter.allowed:
        answer["AllowedValues"] = parameter.allowed
    shown = value if value is not None else parameter.default
    return answer | ({"ParameterValue": shown} if shown is not None else {})
