"""Redis OSS and Valkey parameters as ElastiCache offers them: those that people set."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from lab.extend import AwsError


class Parameter(NamedTuple):
    """One parameter; `allowed` is ElastiCache's notation (`0-100`, `yes,no`)."""

    name: str
    data: str
    allowed: str
    default: str
    change: str = "immediate"
    modifiable: bool = True


_POLICIES = (
    "volatile-lru,allkeys-lru,volatile-lfu,allkeys-lfu,volatile-random,allkeys-random,"
    "volatile-ttl,noeviction"
)
_SWITCH = "yes,no"

# fmt: off
_ALL = (
    Parameter("acllog-max-len", "integer", "1-10000", "128"),
    Parameter("active-defrag-cycle-max", "integer", "1-75", "75"),
    Parameter("active-defrag-cycle-min", "integer", "1-75", "5"),
    Parameter("active-defrag-threshold-lower", "integer", "1-100", "10"),
    Parameter("active-defrag-threshold-upper", "integer", "1-100", "100"),
    Parameter("active-expire-effort", "integer", "1-10", "1"),
    Parameter("activedefrag", "string", _SWITCH, "no"),
    Parameter("activerehashing", "string", _SWITCH, "yes", "requires-reboot"),
    Parameter("appendfsync", "string", "always,everysec,no", "everysec", modifiable=False),
    Parameter("appendonly", "string", _SWITCH, "no", modifiable=False),
    Parameter("client-output-buffer-limit-normal-hard-limit", "integer", "0-", "0"),
    Parameter("client-output-buffer-limit-pubsub-hard-limit", "integer", "0-", "33554432"),
    Parameter("client-output-buffer-limit-pubsub-soft-limit", "integer", "0-", "8388608"),
    Parameter("close-on-replica-write", "string", _SWITCH, "yes"),
    Parameter("cluster-allow-pubsubshard-when-down", "string", _SWITCH, "yes"),
    Parameter("cluster-allow-reads-when-down", "string", _SWITCH, "no"),
    Parameter("cluster-enabled", "string", _SWITCH, "no", "requires-reboot"),
    Parameter("cluster-require-full-coverage", "string", _SWITCH, "no"),
    Parameter("databases", "integer", "1-1200000", "16", "requires-reboot"),
    Parameter("hash-max-listpack-entries", "integer", "0-", "512"),
    Parameter("hash-max-listpack-value", "integer", "0-", "64"),
    Parameter("latency-tracking", "string", _SWITCH, "no"),
    Parameter("lazyfree-lazy-eviction", "string", _SWITCH, "no"),
    Parameter("lazyfree-lazy-expire", "string", _SWITCH, "no"),
    Parameter("lazyfree-lazy-server-del", "string", _SWITCH, "no"),
    Parameter("lazyfree-lazy-user-del", "string", _SWITCH, "no"),
    Parameter("lfu-decay-time", "integer", "0-", "1"),
    Parameter("lfu-log-factor", "integer", "1-", "10"),
    Parameter("list-max-listpack-size", "integer", "-5-", "-2"),
    Parameter("maxclients", "integer", "1-65000", "65000", "requires-reboot", modifiable=False),
    Parameter("maxmemory-policy", "string", _POLICIES, "volatile-lru"),
    Parameter("maxmemory-samples", "integer", "1-", "3"),
    Parameter("min-replicas-max-lag", "integer", "0-", "10"),
    Parameter("min-replicas-to-write", "integer", "0-", "0"),
    Parameter("notify-keyspace-events", "string", "", ""),
    Parameter("proto-max-bulk-len", "integer", "1048576-536870912", "536870912"),
    Parameter("rename-commands", "string", "", ""),
    Parameter("repl-backlog-size", "integer", "16384-", "1048576"),
    Parameter("repl-backlog-ttl", "integer", "0-", "3600"),
    Parameter("repl-timeout", "integer", "11-", "60"),
    Parameter("reserved-memory-percent", "integer", "0-100", "25"),
    Parameter("set-max-intset-entries", "integer", "0-", "512"),
    Parameter("slowlog-log-slower-than", "integer", "-1-", "10000"),
    Parameter("slowlog-max-len", "integer", "0-", "128"),
    Parameter("stream-node-max-bytes", "integer", "0-", "4096"),
    Parameter("stream-node-max-entries", "integer", "0-", "100"),
    Parameter("tcp-keepalive", "integer", "0-", "300"),
    Parameter("timeout", "integer", "0,20-", "0"),
    Parameter("tracking-table-max-keys", "integer", "1-100000000", "1000000"),
    Parameter("zset-max-listpack-entries", "integer", "0-", "128"),
    Parameter("zset-max-listpack-value", "integer", "0-", "64"),
)
# fmt: on

PARAMETERS: dict[str, Parameter] = {parameter.name: parameter for parameter in _ALL}


def find(name: str) -> Parameter:
    """The parameter, or InvalidParameterValue."""
    if name not in PARAMETERS:
        raise AwsError("InvalidParameterValue", f"Invalid parameter name: {name}")
    return PARAMETERS[name]


def check_value(parameter: Parameter, value: str) -> None:
    """Refuses a value outside the allowed ones."""
    if not parameter.modifiable:
        raise AwsError(
            "InvalidParameterValue", f"The parameter {parameter.name} cannot be modified."
        )
    if parameter.allowed and not _fits(parameter, value):
        raise AwsError(
            "InvalidParameterValue",
            f"Invalid parameter value: {value} for parameter {parameter.name}; allowed values "
            f"are: {parameter.allowed}",
        )


def _fits(parameter: Parameter, value: str) -> bool:
    if parameter.data != "integer":
        return value in parameter.allowed.split(",")
    if not re.fullmatch(r"-?\d+", value):
        return False
    return any(_within(int(value), span) for span in parameter.allowed.split(","))


def _within(number: int, span: str) -> bool:
    """`20-` is open upwards, `1-10` closed, `0` a single value."""
    found = re.fullmatch(r"(-?\d+)(-(\d*))?", span)
    if found is None or found[2] is None:
        return str(number) == span
    return number >= int(found[1]) and (not found[3] or number <= int(found[3]))


def row(parameter: Parameter, value: str | None) -> dict[str, Any]:
    """The parameter as DescribeCacheParameters answers it; `value` is the user's, if any."""
    return {
        "ParameterName": parameter.name,
        "ParameterValue": parameter.default if value is None else value,
        "Description": parameter.name.replace("-", " "),
        "Source": "system" if value is None else "user",
        "DataType": parameter.data,
        "AllowedValues": parameter.allowed,
        "IsModifiable": parameter.modifiable,
        "MinimumEngineVersion": "6.0.0",
        "ChangeType": parameter.change,
    }
