"""A NAT gateway that AWS accepts and then fails to make."""

from __future__ import annotations

from acceptance.stacks import ADDRESS, NETWORK, stack
from harness.lab import Lab
from harness.workspace import Workspace


def test_a_gateway_that_failed_is_told_and_replaced(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    lab.faults(
        {
            "kind": "fail",
            "service": "ec2",
            "operation": "CreateNatGateway",
            "reason": "InternalError",
        }
    )
    failed = workspace.apply()
    assert failed.code == 1, failed
    told = failed.errors + failed.warnings
    assert "network/nat-gateway/a" in told and "InternalError" in told
    values = workspace.state()[ADDRESS]["values"]
    broken, address = (
        values["components"][f"network/{part}/a"]["id"] for part in ("nat-gateway", "elastic-ip")
    )

    lab.faults()
    mended = workspace.apply()
    assert mended.code == 0, mended
    values = workspace.state()[ADDRESS]["values"]
    assert values["status"] == "ready"
    assert values["components"]["network/elastic-ip/a"]["id"] == address
    assert values["components"]["network/nat-gateway/a"]["id"] != broken
    assert workspace.plan().code == 0
