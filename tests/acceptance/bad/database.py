"""Mistakes in `database`."""

from __future__ import annotations

from acceptance.bad import Bad, any_account
from acceptance.stacks import NETWORK, stack


def database(attributes: str) -> str:
    """The section with these attributes and a class."""
    return f'database = {{ instance_class = "db.r6g.large", {attributes} }}'


def aurora(attributes: str) -> str:
    """The same on Aurora."""
    return database(f'engine = "aurora-postgresql", {attributes}')


def bad(rule: str, attributes: str, *words: str) -> Bad:
    """A mistake in these attributes."""
    return Bad(rule, stack(NETWORK, database(attributes)), words)


def changed(rule: str, before: str, attributes: str, *words: str) -> Bad:
    """A change to these attributes that no database can follow."""
    common = "multi_az = false, monitoring = { interval_seconds = 0 }, backup = { final_snapshot = false }"
    one, other = (stack(NETWORK, database(f"{common}, {text}")) for text in (before, attributes))
    return Bad(rule, other, words, after=one)


ROWS = [
    bad(
        "storage that grows by itself has room to grow",
        "storage = { gb = 100, max_gb = 50 }",
        "database.storage.max_gb",
        "100",
        "110",
    ),
    bad("storage has a least size", "storage = { gb = 10 }", "database.storage.gb", "20", "10"),
    bad(
        "IOPS are bought with io1",
        'storage = { gb = 200, type = "io1" }',
        "database.storage.iops",
        "1000",
    ),
    bad(
        "io1 has 50 IOPS per GiB at most",
        'storage = { gb = 100, type = "io1", iops = 9000 }',
        "database.storage.iops",
        "9000",
        "5000",
    ),
    bad(
        "small gp3 has a fixed speed",
        "storage = { gb = 100, iops = 12000 }",
        "database.storage.iops",
        "400",
    ),
    bad(
        "throughput follows IOPS",
        "storage = { gb = 500, throughput = 4000 }",
        "database.storage.throughput",
        "16000",
    ),
    bad("an engine has a name", 'engine = "mysql"', "database.engine", "mysql", "postgres"),
    bad("a version is a number", 'version = "latest"', "database.version", "latest", "17.6"),
    bad(
        "replicas need backups",
        "replicas = { count = 2 }, backup = { retention_days = 0 }",
        "database.backup.retention_days",
        "replicas",
    ),
    bad(
        "backups are kept for at most 35 days",
        "backup = { retention_days = 36 }",
        "database.backup.retention_days",
        "36",
        "35",
    ),
    bad("replicas are 15 at most", "replicas = { count = 16 }", "database.replicas.count", "15"),
    bad(
        "a window is long enough",
        'maintenance_window = "sun:04:00-sun:04:10"',
        "database.maintenance_window",
        "30",
    ),
    bad("a window is a window", 'backup = { window = "3am" }', "database.backup.window", "3am"),
    bad(
        "windows do not overlap",
        'backup = { window = "04:00-05:00" }, maintenance_window = "sun:04:30-sun:05:30"',
        "database.backup.window",
        "overlap",
    ),
    bad(
        "samples come at RDS's intervals",
        "monitoring = { interval_seconds = 20 }",
        "database.monitoring.interval_seconds",
        "20",
    ),
    bad(
        "TLS stays on",
        'parameters = { "rds.force_ssl" = "0" }',
        "database.parameters",
        "TLS",
    ),
    bad(
        "a restore has one origin",
        'restore_from = { snapshot = "a", source = "b" }',
        "database.restore_from",
        "either",
    ),
    bad("some users are reserved", 'username = "admin"', "database.username", "admin"),
    Bad(
        "Aurora's storage has no size",
        stack(NETWORK, aurora("storage = { gb = 100 }")),
        ("database.storage.gb", "Aurora"),
    ),
    Bad(
        "Aurora has no standby",
        stack(NETWORK, aurora("multi_az = true")),
        ("database.multi_az", "replicas.count"),
    ),
    Bad(
        "serverless instances have limits",
        stack(
            NETWORK,
            'database = { engine = "aurora-postgresql", instance_class = "db.serverless" }',
        ),
        ("database.serverless", "min_acu"),
    ),
    Bad(
        "the region has the class",
        stack(NETWORK, 'database = { instance_class = "db.z9.large" }'),
        ("database.instance_class", "db.z9.large", "us-east-1"),
        before=any_account,
    ),
    Bad(
        "the engine has the version",
        stack(NETWORK, database('version = "9"')),
        ("postgres9", "us-east-1"),
        before=any_account,
    ),
    Bad(
        "the version has the parameter",
        stack(NETWORK, database('parameters = { max_conections = "200" }')),
        ("database.parameters", "max_conections", "postgres17"),
        before=any_account,
    ),
    Bad(
        "a parameter takes its values",
        stack(NETWORK, database('parameters = { max_connections = "2" }')),
        ("database.parameters", "max_connections", "6-"),
        before=any_account,
    ),
    changed(
        "storage does not shrink",
        "storage = { gb = 100 }",
        'storage = { gb = 50 }, version = "17.6", name = "other"',
        "database.storage.gb",
        "100",
        "50",
        "database.version",
        "17.6",
        "database.name",
    ),
]
