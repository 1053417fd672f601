"""Failures inside a successful answer: some calls answer HTTP 200 and say per item what failed."""

from __future__ import annotations

from collections.abc import Callable

from lab.extend import Output, Params

Shape = Callable[[Params, str, str], Output]


def _unsuccessful(member: str) -> Shape:
    """EC2's form: the items are the request's `member`."""

    def shape(params: Params, code: str, message: str) -> Output:
        error = {"Code": code, "Message": message}
        items = params.get(member, ())
        return {"Unsuccessful": [{"ResourceId": each, "Error": error} for each in items]}

    return shape


def _objects(params: Params, code: str, message: str) -> Output:
    return {
        "Errors": [
            {"Key": each["Key"], "Code": code, "Message": message}
            for each in params["Delete"]["Objects"]
        ]
    }


SHAPES: dict[tuple[str, str], Shape] = {
    ("ec2", "DeleteVpcEndpoints"): _unsuccessful("VpcEndpointIds"),
    ("ec2", "DeleteFlowLogs"): _unsuccessful("FlowLogIds"),
    ("ec2", "CreateFlowLogs"): _unsuccessful("ResourceIds"),
    ("s3", "DeleteObjects"): _objects,
}
"""The calls that can fail so, and the form of their answers."""


def output(service: str, operation: str, params: Params, code: str, message: str) -> Output:
    """The answer in which every item failed."""
    return SHAPES[service, operation](params, code, message)
