"""How fast the lab is: calls per second of one core, time until ready, memory. Prints JSON.

    python tests/bench/throughput.py [--calls 400]

The calls are sent over one kept connection, as HTTP requests that were recorded from botocore: a
client that builds and signs each request costs more than the lab itself. What counts is the CPU
time of the lab's process, so the figure is one core's whatever else the machine does.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.lab import Lab

BUDGET = 150
"""Describe calls per second of one core."""
READY = 3.0
"""Seconds until the lab is ready."""
CALLS = (
    ("ec2", "describe_vpcs", {}),
    ("ec2", "describe_subnets", {}),
    ("ec2", "describe_security_groups", {}),
    ("ec2", "describe_nat_gateways", {}),
    ("iam", "get_role", {"RoleName": "bench"}),
    ("kms", "describe_key", {"KeyId": "alias/bench"}),
    ("logs", "describe_log_groups", {}),
    ("eks", "list_clusters", {}),
    ("rds", "describe_db_instances", {}),
    ("elasticache", "describe_replication_groups", {}),
    ("s3", "head_bucket", {"Bucket": "bench-bucket"}),
    ("secretsmanager", "describe_secret", {"SecretId": "bench"}),
)


def populate(lab: Lab) -> None:
    """Some objects, so that answers are not empty."""
    ec2 = lab.client("ec2")
    for index in range(3):
        vpc = ec2.create_vpc(CidrBlock=f"10.{index}.0.0/16")["Vpc"]["VpcId"]
        for part in range(6):
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.{index}.{part}.0/24")
    lab.client("iam").create_role(RoleName="bench", AssumeRolePolicyDocument="{}")
    key = lab.client("kms").create_key()["KeyMetadata"]["KeyId"]
    lab.client("kms").create_alias(AliasName="alias/bench", TargetKeyId=key)
    lab.client("logs").create_log_group(logGroupName="/bench")
    lab.client("s3").create_bucket(Bucket="bench-bucket")
    lab.client("secretsmanager").create_secret(Name="bench", SecretString="x")


def recorded(lab: Lab, service: str, operation: str, params: dict[str, Any]) -> Any:
    """The request as botocore sends it."""
    client, seen = lab.client(service), []
    client.meta.events.register("before-send.*.*", lambda request, **_: seen.append(request))
    getattr(client, operation)(**params)
    return seen[-1]


def cpu(pid: int) -> float:
    """CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Resident MB of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(lab: Lab, request: Any, calls: int) -> dict[str, float]:
    """Calls per CPU second of the lab, and per second of the wall."""
    address = urlsplit(request.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    headers = {
        name: value.decode() if isinstance(value, bytes) else value
        for name, value in request.headers.items()
    }
    target = address.path + (f"?{address.query}" if address.query else "")
    began, used = time.monotonic(), cpu(lab.process.pid)
    for _ in range(calls):
        connection.request(request.method, target, request.body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{request.url} answered {answer.status}")
    connection.close()
    spent = max(cpu(lab.process.pid) - used, 0.01)
    return {
        "per_core": round(calls / spent),
        "per_second": round(calls / (time.monotonic() - began)),
    }


def main() -> int:
    """Measures, prints; exit code 1 when a budget is missed."""
    parser = argparse.ArgumentParser(description="Measures the lab.")
    parser.add_argument("--calls", type=int, default=400, help="per operation")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        lab = Lab.start(600, Path(folder) / "lab.log")
        ready, start_cpu = time.monotonic() - began, cpu(lab.process.pid)
        try:
            populate(lab)
            found = {}
            for service, operation, params in CALLS:
                request = recorded(lab, service, operation, params)
                found[f"{service}.{operation}"] = measure(lab, request, chosen.calls)
            size = memory(lab.process.pid)
        finally:
            lab.stop()
    slowest = min(each["per_core"] for each in found.values())
    mean = len(found) / sum(1 / each["per_core"] for each in found.values())
    report = {
        "ready_seconds": round(ready, 2),
        "ready_cpu_seconds": round(start_cpu, 2),
        "calls": found,
        "mean_per_core": round(mean),
        "slowest_per_core": slowest,
        "memory_mb": round(size),
        "budget": {"mean_per_core": BUDGET, "ready_cpu_seconds": READY},
    }
    print(json.dumps(report, indent=1))
    return int(mean < BUDGET or start_cpu > READY)


if __name__ == "__main__":
    sys.exit(main())
