"""What ElastiCache offers: engines, versions, parameter families, node types."""

from __future__ import annotations

from lab.extend import AwsError

# Engine → version as requested → version as answered; oldest first.
VERSIONS: dict[str, dict[str, str]] = {
    "redis": {"6.2": "6.2.6", "7.0": "7.0.7", "7.1": "7.1.0"},
    "valkey": {"7.2": "7.2.6", "8.0": "8.0.1", "8.1": "8.1.0", "8.2": "8.2.0"},
}
PORT = 6379

_STANDARD = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")
_TYPES = {
    "t3": ("micro", "small", "medium"),
    "t4g": ("micro", "small", "medium"),
    "m5": ("large", "xlarge", "2xlarge", "4xlarge", "12xlarge", "24xlarge"),
    "m6g": _STANDARD,
    "m7g": _STANDARD,
    "r5": ("large", "xlarge", "2xlarge", "4xlarge", "12xlarge", "24xlarge"),
    "r6g": _STANDARD,
    "r7g": _STANDARD,
    "r6gd": ("xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"),
    "c7gn": _STANDARD,
}
NODE_TYPES = frozenset(f"cache.{kind}.{size}" for kind, sizes in _TYPES.items() for size in sizes)


def family_of(engine: str, version: str) -> str:
    """The parameter family of a version: `redis6.x`, `redis7`, `valkey8`."""
    major = version.split(".", 1)[0]
    return "redis6.x" if (engine, major) == ("redis", "6") else f"{engine}{major}"


def families() -> list[str]:
    """All parameter families."""
    found = (family_of(engine, version) for engine, rows in VERSIONS.items() for version in rows)
    return list(dict.fromkeys(found))


def full_version(engine: str, version: str | None) -> str:
    """The version as answered, from what the caller gave: nothing, `7.1`, or `7.1.0`."""
    if engine not in VERSIONS:
        raise AwsError("InvalidParameterValue", f"Unsupported engine {engine}")
    offered = VERSIONS[engine]
    if version is None:
        return list(offered.values())[-1]
    if version in offered:
        return offered[version]
    if version in offered.values():
        return version
    raise AwsError("InvalidParameterValue", f"Unknown version {version} of engine {engine}")


def is_newer(engine: str, old_engine: str, new: str, old: str) -> bool:
    """Whether a change leads forward; from Redis OSS every Valkey is forward."""
    if engine != old_engine:
        return (old_engine, engine) == ("redis", "valkey")
    return _key(new) >= _key(old)


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def check_node_type(name: str) -> None:
    """Refuses a node type that ElastiCache does not offer."""
    if name not in NODE_TYPES:
        raise AwsError("InvalidParameterValue", f"The value {name} is not a valid cache node type")
