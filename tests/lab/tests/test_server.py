"""The endpoint: what is refused before any service sees it, and how."""

from __future__ import annotations

import time
import urllib.error
import urllib.request

import pytest

from lab import lifecycle, log


def test_an_unsigned_request_misses_its_token(lab):
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(f"{lab.server.url}/")
    assert answer.value.code == 403
    assert "MissingAuthenticationToken" in answer.value.read().decode()


def test_expired_credentials_are_refused(lab, refused):
    with refused("ExpiredToken") as refusal:
        lab.client("sts", key="EXPIREDKEY0000000000").get_caller_identity()
    assert refusal.status == 403


def test_an_unknown_region_is_refused(lab, refused):
    with refused("SignatureDoesNotMatch"):
        lab.client("ec2", region="mars-north-1").describe_vpcs()


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("ec2", "describe_fast_launch_images", {}),
        (
            "iam",
            "simulate_principal_policy",
            {
                "PolicySourceArn": "arn:aws:iam::123456789012:role/r",
                "ActionNames": ["s3:GetObject"],
            },
        ),
        ("kms", "connect_custom_key_store", {"CustomKeyStoreId": "cks-1"}),
        ("cloudfront", "list_anycast_ip_lists", {}),
    ],
)
def test_what_is_not_simulated_is_501_and_counted(lab, refused, service, operation, params):
    with refused("NotImplemented") as refusal:
        getattr(lab.client(service), operation)(**params)
    assert refusal.status == 501
    assert service in refusal.message
    entry = lab.admin("GET", "/_lab/log")[-1]
    assert (entry["service"], entry["status"], entry["error"]) == (service, 501, "NotImplemented")


@pytest.mark.parametrize(
    ("service", "operation", "params", "code"),
    [
        ("kms", "create_key", {"Description": "x" * 8193}, "ValidationException"),
        ("logs", "create_log_group", {"logGroupName": "no spaces"}, "InvalidParameterException"),
        (
            "ec2",
            "create_vpc",
            {"CidrBlock": "10.0.0.0/16", "InstanceTenancy": "odd"},
            "InvalidParameterValue",
        ),
        (
            "iam",
            "create_role",
            {"RoleName": "a b", "AssumeRolePolicyDocument": "{}"},
            "ValidationError",
        ),
    ],
)
def test_parameters_outside_the_model_are_refused_in_the_service_s_way(
    lab, refused, service, operation, params, code
):
    with refused(code):
        getattr(lab.client(service), operation)(**params)


def test_the_log_names_calls_and_hides_secrets(lab):
    lab.client("secretsmanager").create_secret(Name="token", SecretString="hunter2")
    entry = lab.admin("GET", "/_lab/log")[-1]
    assert entry["operation"] == "CreateSecret"
    assert entry["params"]["Name"] == "token"
    assert "hunter2" not in str(entry)
    assert any(each.startswith("arn:aws:secretsmanager:") for each in entry["ids"])


def test_reset_empties_objects_and_log(lab):
    lab.client("logs").create_log_group(logGroupName="/a")
    lab.admin("POST", "/_lab/reset")
    assert lab.admin("GET", "/_lab/log") == []
    assert lab.client("logs").describe_log_groups()["logGroups"] == []


def test_an_unknown_admin_call_is_an_error_that_lists_the_calls(lab):
    with pytest.raises(urllib.error.HTTPError) as answer:
        lab.admin("GET", "/_lab/nothing")
    assert answer.value.code == 404
    assert "/_lab/census" in answer.value.read().decode()


def test_moto_and_the_lab_live_at_the_same_time(lab):
    lab.advance(30 * 86400)
    key = lab.client("kms").create_key()["KeyMetadata"]
    assert abs(key["CreationDate"].timestamp() - lab.world.clock.now()) < 1


def test_log_events_keep_the_time_of_their_writer(lab):
    logs, now = lab.client("logs"), int(time.time() * 1000)
    lab.advance(30 * 86400)
    logs.create_log_group(logGroupName="/l")
    logs.create_log_stream(logGroupName="/l", logStreamName="s")
    answer = logs.put_log_events(
        logGroupName="/l", logStreamName="s", logEvents=[{"timestamp": now, "message": "m"}]
    )
    assert "rejectedLogEventsInfo" not in answer
    events = logs.get_log_events(logGroupName="/l", logStreamName="s", startFromHead=True)
    assert [(each["timestamp"], each["message"]) for each in events["events"]] == [(now, "m")]


def test_the_log_and_the_history_stay_bounded():
    calls, lives = log.Log(), lifecycle.Lives()
    for number in range(log.LONGEST + 5):
        calls.add(log.Entry(number, 0.0, "eks", "ListClusters", "us-east-1"))
    assert (len(calls.entries), calls.entries[0].n) == (log.LONGEST, 5)
    assert lives.history.maxlen == lifecycle.LONGEST
