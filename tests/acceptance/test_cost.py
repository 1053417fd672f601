"""The estimated cost: said in a plan that changes something, filled into the state, never guessed."""

from __future__ import annotations

import pytest

from acceptance.stacks import ADDRESS, NETWORK, stack
from harness.lab import Lab
from harness.workspace import Workspace


@pytest.fixture
def priced(workspace: Workspace) -> Workspace:
    """A workspace whose prices are not those of another test."""
    workspace.env["XDG_CACHE_HOME"] = str(workspace.directory.parent / "cache")
    return workspace


def test_a_plan_says_the_cost_and_the_state_holds_it(priced: Workspace, lab: Lab) -> None:
    priced.write(stack(NETWORK))
    priced.init()
    planned = priced.plan()
    assert "Estimated cost:" in planned.warnings, planned
    assert priced.apply().code == 0
    values = priced.state()[ADDRESS]["values"]
    # One NAT gateway and its address, 730 hours, by the lab's list: 0.045 and 0.005 USD.
    assert values["estimated_monthly_cost_usd"] == pytest.approx(36.5)
    assert values["cost"] == {
        "network/nat-gateway/a": pytest.approx(32.85),
        "network/elastic-ip/a": pytest.approx(3.65),
    }
    assert any("not counted" in note for note in values["cost_notes"])
    assert priced.plan().code == 0

    asked = sum(call["service"] == "pricing" for call in lab.log())
    priced.write(stack(NETWORK.replace("single", "per_zone")))
    planned = priced.plan()
    assert "+36.50 USD" in planned.warnings, planned
    assert sum(call["service"] == "pricing" for call in lab.log()) == asked, "prices are cached"


PRICED = """database = {
    engine         = "aurora-postgresql"
    instance_class = "db.serverless"
    serverless     = { min_acu = 2, max_acu = 8 }
    storage        = { type = "aurora-iopt1" }
    support        = "extended"
  }
  kubernetes = {
    version    = "1.33"
    support    = "extended"
    node_pools = { spot = { instance_types = ["m5.large"], capacity = "spot", max = 2 } }
  }
  buckets = { images = {} }
  cdn     = { default_origin = { bucket = "images" } }"""
FAST = """database = {
    instance_class = "db.r6g.large"
    storage        = { gb = 400, type = "gp3", iops = 15000, throughput = 600 }
    multi_az       = false
  }"""


def test_what_is_reserved_has_its_price_and_what_is_not_counted_its_name(
    priced: Workspace, lab: Lab
) -> None:
    priced.write(stack(NETWORK, PRICED))
    priced.init()
    planned = priced.plan()
    # 2 ACU at 0.156; 0.10 for the cluster and 0.50 for the old version, 730 hours.
    assert "database/instance/1: 227.76" in planned.warnings, planned
    assert "kubernetes/cluster: 438.00" in planned.warnings
    for word in (
        "spot price changes by the hour",
        "Extended Support of database/",
        "data through NAT gateways, nodes beyond desired, storage and I/O of Aurora",
        "capacity beyond min_acu",
        "objects and requests of the buckets, traffic and requests of the CDN",
    ):
        assert word in planned.warnings, planned
    priced.write(stack(NETWORK, FAST))
    planned = priced.plan()
    # 0.225 an hour, 400 GB at 0.115, 3000 IOPS at 0.02, 100 MB/s at 0.08.
    assert "database/primary: 278.25" in planned.warnings, planned


def test_without_prices_there_is_no_number(priced: Workspace, lab: Lab) -> None:
    priced.write(stack(NETWORK))
    priced.init()
    denied = {"service": "pricing", "kind": "error", "count": 0, "status": 400}
    lab.faults(denied | {"code": "AccessDeniedException"})
    assert priced.apply().code == 0
    lab.faults()
    values = priced.state()[ADDRESS]["values"]
    assert values["estimated_monthly_cost_usd"] is None
    assert any("pricing:GetProducts" in note for note in values["cost_notes"])
    assert priced.plan().code == 0


def test_it_can_be_off(priced: Workspace, lab: Lab) -> None:
    priced.write(stack(NETWORK, 'cost_estimate = "off"'))
    priced.init()
    assert priced.apply().code == 0
    values = priced.state()[ADDRESS]["values"]
    assert (values["estimated_monthly_cost_usd"], values["cost"]) == (None, None)
    assert not any(call["service"] == "pricing" for call in lab.log())
    assert priced.plan().code == 0
