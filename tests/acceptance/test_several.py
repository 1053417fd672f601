"""Several stacks beside one another: in one configuration, in one account, in other regions."""

from __future__ import annotations

from harness.lab import Lab
from harness.workspace import Workspace

STACKS = """
terraform {
  required_providers {
    stellar = { source = "stellar/stellar" }
  }
}

provider "stellar" {
  region = "us-east-1"
}

resource "stellar_cluster" "stack" {
  for_each = { blue = "eu-central-1", green = "eu-central-1", far = "ap-southeast-2" }

  name   = "shop-${each.key}"
  region = each.value
  tags   = { colour = each.key }

  network = { cidr = "10.0.0.0/16", zone_count = 2, nat = "single" }
  kubernetes = {
    version    = "1.35"
    node_pools = { general = { instance_types = ["m5.large"], min = 1, desired = 1, max = 2 } }
  }
  buckets = { images = { force_destroy = true } }

  deletion_protection = false
}
"""


def test_stacks_of_one_configuration_do_not_meet(workspace: Workspace, lab: Lab) -> None:
    workspace.write(STACKS)
    workspace.init()
    applied = workspace.apply()
    assert applied.code == 0, applied
    found = {each["index"]: each["values"] for each in workspace.state().values()}

    assert {key: values["vpc"]["availability_zones"][0] for key, values in found.items()} == {
        "blue": "eu-central-1a",
        "green": "eu-central-1a",
        "far": "ap-southeast-2a",
    }
    shared = [
        (one, other)
        for one in found
        for other in found
        if one < other and _ids(found[one]) & _ids(found[other])
    ]
    assert shared == [], "two stacks hold the same object"
    assert workspace.plan().code == 0

    # One goes, the others stay as they are.
    gone = workspace.apply("-destroy", '-target=stellar_cluster.stack["green"]')
    assert gone.code == 0, gone
    assert len(lab.client("eks", "eu-central-1").list_clusters()["clusters"]) == 1
    targets = ['-target=stellar_cluster.stack["blue"]', '-target=stellar_cluster.stack["far"]']
    assert workspace.plan(*targets).code == 0

    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    assert lab.census() == {}


def _ids(values: dict) -> set[str]:
    """The AWS ids of a stack's objects."""
    return {found["id"] for found in values["components"].values() if found["id"]}
