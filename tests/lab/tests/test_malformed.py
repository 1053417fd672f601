"""Requests that no SDK would send: refused in the service's format, and the lab lives."""

from __future__ import annotations

import http.client

import pytest

SIGNED = (
    "AWS4-HMAC-SHA256 Credential=AKIALABLABLABLABLAB0/20260101/us-east-1/{service}/aws4_request, "
    "SignedHeaders=host, Signature=00"
)


def send(lab, service, method="POST", path="/", body=b"", **headers):
    connection = http.client.HTTPConnection(lab.server.url.removeprefix("http://"))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(
        method, path, body, {"Authorization": SIGNED.format(service=service)} | named
    )
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


FORM = {"Content_Type": "application/x-www-form-urlencoded"}
JSON = {"Content_Type": "application/x-amz-json-1.1"}


@pytest.mark.parametrize(
    ("service", "request_parts", "status", "code"),
    [
        ("ec2", {"body": b"Action=Nonsense", **FORM}, 404, "UnknownOperationException"),
        ("ec2", {"body": b"", **FORM}, 404, "UnknownOperationException"),
        (
            "ec2",
            {"body": b"Action=CreateRoute&Version=2016-11-15", **FORM},
            400,
            "MissingParameter",
        ),
        (
            "ec2",
            {"body": b"Action=DescribeVpcs&MaxResults=many", **FORM},
            400,
            "MalformedQueryString",
        ),
        (
            "kms",
            {"body": b"{", "X_Amz_Target": "TrentService.CreateAlias", **JSON},
            400,
            "SerializationException",
        ),
        (
            "kms",
            {"body": b"[]", "X_Amz_Target": "TrentService.CreateAlias", **JSON},
            400,
            "SerializationException",
        ),
        (
            "kms",
            {"body": b"{}", "X_Amz_Target": "TrentService.Nonsense", **JSON},
            404,
            "UnknownOperationException",
        ),
        (
            "eks",
            {"body": b'{"name": 1}', "path": "/clusters", "Content_Type": "application/json"},
            400,
            "InvalidParameterException",
        ),
        ("eks", {"method": "GET", "path": "/nonsense"}, 404, "UnknownOperationException"),
        (
            "s3",
            {"method": "PUT", "path": "/b?versioning", "body": b"<Versioning"},
            400,
            "MalformedXML",
        ),
        ("nonsense", {}, 501, "UnknownService"),
    ],
)
def test_nonsense_is_refused_in_the_service_s_format(lab, service, request_parts, status, code):
    seen, text = send(lab, service, **request_parts)
    assert (seen, code in text) == (status, True), text
    assert lab.client("sts").get_caller_identity()["Account"] == "123456789012"


@pytest.mark.parametrize(
    "authorization",
    ["AWS4-HMAC-SHA256 Credential=a/b", "AWS4-HMAC-SHA256 nothing", SIGNED.format(service="a/b")],
)
def test_a_malformed_signature_is_refused(lab, authorization):
    status, text = send(lab, "ec2", Authorization=authorization)
    assert (status, "IncompleteSignature" in text) == (403, True)


def test_a_body_that_claims_to_be_huge_is_refused_unread(lab):
    connection = http.client.HTTPConnection(lab.server.url.removeprefix("http://"))
    connection.putrequest("PUT", "/bucket/key")
    connection.putheader("Content-Length", str(2**40))
    connection.endheaders()
    assert connection.getresponse().status == 413


def test_a_chunked_body_is_read(lab):
    connection = http.client.HTTPConnection(lab.server.url.removeprefix("http://"))
    headers = {
        "Authorization": SIGNED.format(service="kms"),
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "TrentService.ListKeys",
    }
    connection.request("POST", "/", iter([b'{"Lim', b'it": 5}']), headers, encode_chunked=True)
    assert connection.getresponse().status == 200
    assert lab.admin("GET", "/_lab/log")[-1]["params"] == {"Limit": 5}
