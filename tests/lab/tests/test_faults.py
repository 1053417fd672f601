"""Faults on request: which calls they break, how, and that the lab keeps count."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
import urllib.error
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ConnectionClosedError, HTTPClientError

from lab import caller


def fault(lab, **rule):
    lab.admin("PUT", "/_lab/faults", [rule])


@pytest.mark.parametrize(
    ("service", "call", "code", "status"),
    [
        ("ec2", "describe_vpcs", "RequestLimitExceeded", 503),
        ("s3", "list_buckets", "SlowDown", 503),
        ("kms", "list_keys", "ThrottlingException", 400),
        ("iam", "list_roles", "Throttling", 400),
    ],
)
def test_throttling_speaks_as_its_service_does(lab, refused, service, call, code, status):
    fault(lab, kind="throttle", service=service)
    with refused(code) as refusal:
        getattr(lab.client(service), call)()
    assert refusal.status == status
    getattr(lab.client(service), call)()


def test_an_error_comes_with_the_code_and_status_asked_for(lab, refused):
    fault(lab, kind="error", operation="ListKeys", code="KMSInternalException", status=500)
    with refused("KMSInternalException") as refusal:
        lab.client("kms").list_keys()
    assert refusal.status == 500
    assert lab.admin("GET", "/_lab/log")[-1]["fault"] == "error"


def test_skip_every_and_count_choose_the_calls(lab):
    fault(lab, kind="throttle", operation="ListKeys", skip=1, every=2, count=2)
    kms, seen = lab.client("kms"), []
    for _ in range(7):
        try:
            kms.list_keys()
            seen.append(True)
        except kms.exceptions.ClientError:
            seen.append(False)
    assert seen == [True, True, False, True, False, True, True]


def test_a_reset_connection_leaves_nothing_done(lab):
    fault(lab, kind="reset", operation="CreateLogGroup")
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        lab.client("logs").create_log_group(logGroupName="/a")
    assert lab.client("logs").describe_log_groups()["logGroups"] == []


def test_a_lost_response_leaves_the_deed_done(lab):
    fault(lab, kind="lost-response", operation="CreateLogGroup")
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        lab.client("logs").create_log_group(logGroupName="/a")
    assert len(lab.client("logs").describe_log_groups()["logGroups"]) == 1


def test_a_delay_takes_its_time(lab):
    fault(lab, kind="delay", operation="ListKeys", seconds=0.2)
    begin = time.monotonic()
    lab.client("kms").list_keys()
    assert time.monotonic() - begin >= 0.2


def test_a_held_call_is_done_when_the_rules_are_replaced(lab):
    fault(lab, kind="hold", operation="CreateLogGroup")
    with ThreadPoolExecutor() as threads:
        made = threads.submit(lab.client("logs").create_log_group, logGroupName="/a")
        while not any(
            call["operation"] == "CreateLogGroup" for call in lab.admin("GET", "/_lab/log")
        ):
            assert not made.done()
        assert lab.client("logs").describe_log_groups()["logGroups"] == []
        lab.admin("PUT", "/_lab/faults", [])
        made.result(10)
    assert len(lab.client("logs").describe_log_groups()["logGroups"]) == 1


@pytest.mark.parametrize(("when", "groups"), [("before", 0), ("after", 1)])
def test_a_process_is_killed_before_or_after_the_call(lab, when, groups):
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    fault(lab, kind="kill", operation="CreateLogGroup", pid=process.pid, when=when)
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        lab.client("logs").create_log_group(logGroupName="/a")
    assert process.wait(5) == -9
    assert len(lab.client("logs").describe_log_groups()["logGroups"]) == groups


CALLER = """
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], b'{}', {
    "Authorization": "AWS4-HMAC-SHA256 "
    "Credential=AKIALABLABLABLABLAB0/20260101/us-east-1/kms/aws4_request,"
    " SignedHeaders=host, Signature=00",
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "TrentService.CreateKey",
})
urllib.request.urlopen(request).read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="finding the caller needs /proc")
@pytest.mark.parametrize(("when", "keys"), [("before", 0), ("after", 1)])
def test_without_a_pid_it_is_the_caller_that_is_killed(lab, when, keys):
    fault(lab, kind="kill", operation="CreateKey", when=when)
    ended = subprocess.run([sys.executable, "-c", CALLER, lab.server.url], timeout=30)
    assert ended.returncode == -9
    assert len(lab.client("kms").list_keys()["Keys"]) == keys


SAME_PORT = """
import socket, sys
port, server = map(int, sys.argv[1:])
here = socket.socket()
here.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
here.bind(("127.0.0.1", port))
here.connect(("127.0.0.1", server))
print(1, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="finding the caller needs /proc")
def test_the_caller_is_found_although_another_program_uses_the_same_port_elsewhere():
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        found = {}
        for server in (each.getsockname()[1] for each in servers):
            command = [sys.executable, "-c", SAME_PORT, str(port), str(server)]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            client = stack.enter_context(subprocess.Popen(command, **pipes))
            assert client.stdout.readline() == b"1\n"
            found[client.pid] = caller.pid(port, server)
    assert found == {pid: pid for pid in found}
    assert len(found) == 2


FAMILY = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", *sys.argv[1:]])
print(child.wait())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="finding the caller needs /proc")
def test_the_parents_of_the_caller_are_killed_with_it(lab):
    fault(lab, kind="kill", mutating=True, parents=1)
    command = [sys.executable, "-c", FAMILY, CALLER, lab.server.url]
    ended = subprocess.run(command, timeout=30, capture_output=True)
    assert (ended.returncode, ended.stdout) == (-9, b"")
    assert lab.client("kms").list_keys()["Keys"] == []


@pytest.mark.skipif(sys.platform != "linux", reason="finding children needs /proc")
def test_several_processes_are_killed_with_what_they_started(lab):
    sleep = "import time; print(1, flush=True); time.sleep(60)"
    alone = subprocess.Popen([sys.executable, "-c", sleep], stdout=subprocess.PIPE)
    parent = subprocess.Popen([sys.executable, "-c", FAMILY, sleep], stdout=subprocess.PIPE)
    assert [each.stdout.readline() for each in (alone, parent)] == [b"1\n", b"1\n"]
    fault(lab, kind="kill", pid=[alone.pid, parent.pid], tree=True)
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        lab.client("kms").create_key()
    assert [each.wait(5) for each in (alone, parent)] == [-9, -9]
    # The pipe ends when the grandchild, which holds it too, is gone.
    assert parent.stdout.read() == b""


def test_calls_that_change_something_are_counted_alone(lab):
    fault(lab, kind="throttle", mutating=True, skip=1, count=1)
    kms, ec2, seen = lab.client("kms"), lab.client("ec2"), []

    def attempt(call, **params):
        try:
            call(**params)
            seen.append("done")
        except ec2.exceptions.ClientError as failed:
            seen.append(failed.response["Error"]["Code"])

    attempt(kms.list_keys)
    attempt(kms.create_key)
    attempt(lab.client("sts").get_caller_identity)
    attempt(ec2.create_vpc, CidrBlock="10.0.0.0/16", DryRun=True)
    attempt(kms.generate_random, NumberOfBytes=8)
    attempt(ec2.create_vpc, CidrBlock="10.0.0.0/16")
    attempt(ec2.create_vpc, CidrBlock="10.0.0.0/16")
    assert seen == [*["done"] * 3, "DryRunOperation", "done", "RequestLimitExceeded", "done"]
    changes = [e["operation"] for e in lab.admin("GET", "/_lab/log") if e["mutating"]]
    assert changes == ["CreateKey", "CreateVpc", "CreateVpc"]


def test_reads_can_be_chosen_alone(lab, refused):
    fault(lab, kind="throttle", mutating=False)
    lab.client("kms").create_key()
    with refused("ThrottlingException"):
        lab.client("kms").list_keys()


def test_excepted_operations_are_neither_hit_nor_counted(lab, refused):
    fault(lab, kind="throttle", mutating=True, skip=1, **{"except": ["CreateLogGroup"]})
    logs, kms = lab.client("logs"), lab.client("kms")
    logs.create_log_group(logGroupName="/a")
    logs.create_log_group(logGroupName="/b")
    kms.create_key()
    with refused("ThrottlingException"):
        kms.create_key()


@pytest.mark.parametrize(
    "rules",
    [
        {},
        [{"kind": "explode"}],
        [{"kind": "delay", "secs": 1}],
        ["throttle"],
        [{"kind": "reset", "mutating": "yes"}],
        [{"kind": "kill", "pid": ["1"]}],
        [{"kind": "kill", "parents": -1}],
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(lab, rules):
    with pytest.raises(urllib.error.HTTPError) as answer:
        lab.admin("PUT", "/_lab/faults", rules)
    assert answer.value.code == 400


def outcomes(lab, calls):
    kms, seen = lab.client("kms"), ""
    for _ in range(calls):
        try:
            kms.list_keys()
            seen += "."
        except kms.exceptions.ClientError:
            seen += "x"
    return seen


def test_chance_is_drawn_from_the_seed(lab):
    runs = []
    for seed in (1, 1, 2):
        fault(lab, kind="throttle", operation="ListKeys", probability=0.5, seed=seed)
        runs.append(outcomes(lab, 20))
    assert runs[0] == runs[1] != runs[2]
    assert set(runs[0]) == {".", "x"}


def test_a_rate_lets_a_burst_through_and_throttles_the_rest(lab):
    fault(lab, kind="throttle", service="kms", rate=0.001, burst=3)
    assert outcomes(lab, 6) == "...xxx"


@pytest.mark.parametrize(
    ("service", "call", "code", "status"),
    [
        ("ec2", "describe_vpcs", "RequestExpired", 400),
        ("kms", "list_keys", "ExpiredTokenException", 400),
        ("eks", "list_clusters", "ExpiredTokenException", 403),
        ("iam", "list_roles", "ExpiredToken", 403),
        ("rds", "describe_db_instances", "ExpiredToken", 403),
    ],
)
def test_credentials_expire_after_their_time(lab, refused, service, call, code, status):
    fault(lab, kind="expire", seconds=900)
    getattr(lab.client(service), call)()
    lab.advance(900)
    with refused(code) as refusal:
        getattr(lab.client(service), call)()
    assert refusal.status == status


def test_only_the_expired_key_is_refused(lab, refused):
    fault(lab, kind="expire", access_key="AKIAOLD0000000000000")
    with refused("ExpiredTokenException"):
        lab.client("kms", key="AKIAOLD0000000000000").list_keys()
    lab.client("kms", key="AKIANEW0000000000000").list_keys()


def test_a_region_that_is_down_answers_503_and_the_others_go_on(lab, refused):
    fault(lab, kind="down", region="us-east-1")
    for service, call in (("kms", "list_keys"), ("ec2", "describe_vpcs"), ("iam", "list_roles")):
        with refused("ServiceUnavailable") as refusal:
            getattr(lab.client(service), call)()
        assert refusal.status == 503
    lab.client("kms", "us-west-2").list_keys()


def test_a_region_that_is_down_may_not_answer_at_all(lab):
    fault(lab, kind="down", region="us-east-1", how="reset")
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        lab.client("kms").list_keys()


@pytest.mark.parametrize(
    ("service", "operation", "params", "code"),
    [
        ("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16"}, "VpcLimitExceeded"),
        ("s3", "create_bucket", {"Bucket": "some-bucket"}, "TooManyBuckets"),
        ("kms", "create_key", {}, "LimitExceededException"),
    ],
)
def test_a_quota_is_exceeded_with_the_services_code(lab, refused, service, operation, params, code):
    fault(lab, kind="quota", service=service)
    with refused(code):
        getattr(lab.client(service), operation)(**params)
