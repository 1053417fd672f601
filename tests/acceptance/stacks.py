"""Configurations that the tests apply."""

from __future__ import annotations

from harness.workspace import Workspace

ADDRESS = "stellar_cluster.this"

NETWORK = 'network = { cidr = "10.0.0.0/16", zone_count = 2, nat = "single" }'
KUBERNETES = """kubernetes = {
    version    = "1.35"
    node_pools = { general = { instance_types = ["m5.large"], min = 1, desired = 2, max = 4 } }
  }"""

MORE = KUBERNETES.replace(
    "general =", 'more = { instance_types = ["m5.large"], min = 1, max = 2 }, general ='
)
"""With a pool more."""
MIDDLES = [
    ("apply", KUBERNETES, ("eks", "CreateCluster")),
    ("apply", MORE, ("eks", "CreateNodegroup")),
    ("destroy", MORE, ("eks", "DeleteNodegroup")),
]
"""Command, section, and a call in the middle of it: of a create, an update and a destroy."""

PATIENT = 'timeouts = { create = "1000h", update = "1000h", delete = "1000h" }'
"""For a test that holds a call: at the lab's clock the usual limit of 90 minutes is a few seconds."""

POSTCONDITION = """lifecycle {
    postcondition {
      condition     = self.status == "ready"
      error_message = "Run the same apply again."
    }
  }"""


def stack(
    *sections: str,
    name: str = "shop",
    region: str = "us-east-1",
    on_create_error: str = "keep",
    protected: bool = False,
) -> str:
    """A root module with one cluster of these sections."""
    lines = [
        f'name = "{name}"',
        *sections,
        f"deletion_protection = {str(protected).lower()}",
        f'on_create_error = "{on_create_error}"',
    ]
    if on_create_error == "keep":
        lines.append(POSTCONDITION)
    body = "\n  ".join(lines)
    return f"""
terraform {{
  required_providers {{
    stellar = {{ source = "stellar/stellar" }}
  }}
}}

provider "stellar" {{
  region = "{region}"
}}

resource "stellar_cluster" "this" {{
  {body}
}}
"""


def planned_changes(workspace: Workspace) -> list[str]:
    """The lines of `changes` in the last plan; empty when the plan has none."""
    return changes_of(workspace, ADDRESS)


def changes_of(workspace: Workspace, address: str) -> list[str]:
    """The same for the resource at an address."""
    resources = workspace.planned()["planned_values"]["root_module"]["resources"]
    found = (each["values"] for each in resources if each["address"] == address)
    return next(found, {}).get("changes") or []
