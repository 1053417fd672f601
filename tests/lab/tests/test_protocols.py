"""Requests are answered in the protocol that they speak, CBOR too."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest
from botocore.parsers import RpcV2CBORParser
from botocore.serialize import create_serializer
from moto.core.utils import get_service_model

AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=AKIALABLABLABLABLAB0/20260101/us-east-1/monitoring/aws4_request,"
    " SignedHeaders=host, Signature=00"
)
ALARM = {
    "AlarmName": "high",
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 1,
    "MetricName": "m",
    "Namespace": "n",
    "Period": 60,
    "Statistic": "Sum",
    "Threshold": 1.5,
}


def call(lab, protocol, operation, params):
    """Status, headers and body of a call of CloudWatch's in one of its protocols."""
    model = get_service_model("cloudwatch").operation_model(operation)
    parts = create_serializer(protocol, include_validation=False).serialize_to_request(
        params, model
    )
    body = parts["body"]
    if isinstance(body, dict):
        body = urllib.parse.urlencode(body)
    request = urllib.request.Request(
        lab.server.url + parts["url_path"],
        body if isinstance(body, bytes) else str(body).encode(),
        {**parts["headers"], "Authorization": AUTHORIZATION},
        method=parts["method"],
    )
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as refused:
        answer = refused
    return answer.status, answer.headers, answer.read()


def test_cbor_is_read_and_answered(lab):
    status, headers, _ = call(lab, "smithy-rpc-v2-cbor", "PutMetricAlarm", ALARM)
    assert (status, headers["smithy-protocol"]) == (200, "rpc-v2-cbor")
    status, headers, body = call(lab, "smithy-rpc-v2-cbor", "DescribeAlarms", {})
    answer = {"status_code": status, "headers": dict(headers), "body": body}
    shape = get_service_model("cloudwatch").operation_model("DescribeAlarms").output_shape
    (alarm,) = RpcV2CBORParser().parse(answer, shape)["MetricAlarms"]
    assert ALARM.items() <= alarm.items()


def test_refusals_in_cbor_have_their_code(lab):
    status, headers, body = call(
        lab, "smithy-rpc-v2-cbor", "GetDashboard", {"DashboardName": "none"}
    )
    assert (status, headers["x-amzn-query-error"]) == (404, "ResourceNotFound;Sender")
    assert b"ResourceNotFound" in body
    status, headers, _ = call(lab, "smithy-rpc-v2-cbor", "DeleteAlarms", {})
    assert status == 400
    status, _, _ = call(lab, "smithy-rpc-v2-cbor", "DescribeAlarmContributors", {"AlarmName": "a"})
    assert status == 501


@pytest.mark.parametrize(
    ("protocol", "mark"), [("query", b"<DescribeAlarmsResponse"), ("json", b"{")]
)
def test_older_protocols_are_answered_in_kind(lab, protocol, mark):
    call(lab, protocol, "PutMetricAlarm", ALARM)
    status, _, body = call(lab, protocol, "DescribeAlarms", {})
    assert status == 200
    assert body.lstrip().startswith(mark)
    assert b"high" in body
