"""What other workspaces and other providers get of a stack: the data source and the ephemeral resources."""

from __future__ import annotations

import base64
import re
from datetime import datetime, timezone
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from acceptance.stacks import ADDRESS, KUBERNETES, NETWORK, stack
from harness.cli import version
from harness.lab import Lab
from harness.workspace import Workspace

HEAD = """
terraform {
  required_providers {
    stellar = { source = "stellar/stellar" }
  }
}

provider "stellar" {
  region = "us-east-1"
}
"""

DATABASE = """database = {
    instance_class = "db.r6g.large"
    storage        = { gb = 20 }
    backup         = { final_snapshot = false }
  }"""


def reader(workspace: Workspace, configuration: str) -> Workspace:
    """Another working directory of the same CLI."""
    other = Workspace(workspace.directory.parent / "reader", workspace.cli, workspace.env)
    other.write(HEAD + configuration)
    other.init()
    return other


def test_another_workspace_finds_a_stack_by_its_name(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK, 'tags = { team = "web" }'))
    workspace.init()
    assert workspace.apply().code == 0
    resource = workspace.state()[ADDRESS]["values"]
    before = lab.changes()

    other = reader(workspace, 'data "stellar_cluster" "shop" {\n  name = "shop"\n}\n')
    applied = other.apply()
    assert applied.code == 0, applied
    found = other.state()["data.stellar_cluster.shop"]["values"]
    outputs = ("id", "claim", "components", "vpc", "tags_all", "region")
    assert {key: found[key] for key in outputs} == {key: resource[key] for key in outputs}
    assert (found["status"], found["pending"]) == ("ready", [])
    assert "network" not in found
    assert lab.changes() == before, "reading changes nothing, the claim included"
    assert other.plan().code == 0

    other.write(
        HEAD + 'data "stellar_cluster" "shop" {\n  name = "shop"\n  region = "eu-west-1"\n}\n'
    )
    absent = other.plan()
    assert absent.code == 1, absent
    for word in ("no stack shop", "eu-west-1", "/stellar/shop"):
        assert word in absent.errors
    other.write(HEAD + 'data "stellar_cluster" "shop" {\n  name = "My Shop"\n}\n')
    assert "Invalid name" in other.plan().errors


def test_what_a_stack_lacks_is_pending_in_the_data_source(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    assert workspace.apply().code == 0
    components = workspace.state()[ADDRESS]["values"]["components"]
    nat = components["network/nat-gateway/a"]["id"]
    lab.client("ec2").delete_nat_gateway(NatGatewayId=nat)

    other = reader(workspace, 'data "stellar_cluster" "shop" {\n  name = "shop"\n}\n')
    applied = other.apply()
    assert applied.code == 0, applied
    found = other.state()["data.stellar_cluster.shop"]["values"]
    assert found["status"] == "incomplete"
    assert "network/nat-gateway/a" in found["pending"]


def test_all_stacks_of_a_region_are_listed(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    assert workspace.apply().code == 0
    assert workspace.plan().code == 0
    claim = workspace.state()[ADDRESS]["values"]["claim"]
    second = Workspace(workspace.directory.parent / "second", workspace.cli, workspace.env)
    second.write(stack(NETWORK, name="store"))
    second.init()
    lab.faults({"service": "ec2", "operation": "CreateNatGateway", "kind": "kill"})
    assert second.apply().code == 1
    lab.faults()
    lab.client("logs").create_log_group(logGroupName="/stellar/not/a/claim")
    before = lab.changes()

    other = reader(workspace, 'data "stellar_stacks" "all" {}\n')
    assert other.apply().code == 0
    found = other.state()["data.stellar_stacks.all"]["values"]["stacks"]
    assert set(found) == {"shop", "store"}
    shop, store = found["shop"], found["store"]
    assert shop["id"] == "123456789012/us-east-1/shop"
    assert (shop["claim"], shop["phase"], shop["busy"]) == (claim, "ready", False)
    assert (store["phase"], store["busy"]) == ("creating", True)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", store["created_at"])
    assert lab.changes() == before, "reading changes nothing"

    other.write(HEAD + 'data "stellar_stacks" "all" {\n  region = "eu-west-1"\n}\n')
    assert other.apply().code == 0
    assert other.state()["data.stellar_stacks.all"]["values"]["stacks"] == {}
    other.write(HEAD + 'data "stellar_stacks" "all" {\n  region = "Frankfurt"\n}\n')
    assert "Invalid region" in other.plan().errors


EPHEMERAL = """
ephemeral "stellar_cluster_auth" "this" {{
  name = {cluster}
}}

ephemeral "stellar_database_credentials" "this" {{
  secret_arn = {secret}
}}

check "auth" {{
  assert {{
    condition     = startswith(ephemeral.stellar_cluster_auth.this.token, "k8s-aws-v1.")
    error_message = "no token"
  }}
}}
"""


def test_tokens_and_passwords_live_for_one_run_and_are_stored_nowhere(
    workspace: Workspace, lab: Lab
) -> None:
    needs_ephemeral(workspace)
    ephemeral = EPHEMERAL.format(cluster=f"{ADDRESS}.eks.name", secret=f"{ADDRESS}.rds.secret_arn")
    workspace.write(stack(NETWORK, KUBERNETES, DATABASE) + ephemeral)
    workspace.init()
    applied = workspace.apply()
    assert applied.code == 0, applied
    assert "no token" not in applied.warnings
    assert workspace.plan().code == 0
    secret = lab.client("secretsmanager").get_secret_value(
        SecretId=workspace.state()[ADDRESS]["values"]["rds"]["secret_arn"]
    )["SecretString"]
    password = re.search(r'"password": ?"([^"]+)"', secret)[1]
    for file in workspace.directory.iterdir():
        if file.is_file():
            text = file.read_bytes()
            assert password.encode() not in text, file
            assert b"k8s-aws-v1" not in text or file.suffix == ".tf", file


TOKEN = """
ephemeral "stellar_cluster_auth" "this" {
  name = stellar_cluster.this.eks.name
}

resource "terraform_data" "command" {
  provisioner "local-exec" {
    command     = "printenv TOKEN EXPIRES > ../token"
    environment = {
      TOKEN   = ephemeral.stellar_cluster_auth.this.token
      EXPIRES = ephemeral.stellar_cluster_auth.this.expires_at
    }
  }
}
"""


def test_a_token_is_a_request_that_sts_accepts(workspace: Workspace, lab: Lab) -> None:
    needs_ephemeral(workspace)
    # A command stands for the kubernetes provider, which would send the token to the cluster, and that to STS.
    workspace.write(stack(NETWORK, KUBERNETES) + TOKEN)
    workspace.init()
    applied = workspace.apply()
    assert applied.code == 0, applied
    token, expires = (workspace.directory.parent / "token").read_text().split()
    left = (datetime.fromisoformat(expires) - datetime.now(timezone.utc)).total_seconds()
    assert 12 * 60 < left <= 15 * 60, expires

    request = decoded(token)
    forged = request[:-1] + ("0" if request[-1] != "0" else "1")
    lab.settings(keys={"test": "test"})
    try:
        assert whoami(lab, request, "shop") == (200, True)
        assert whoami(lab, request, "another-cluster")[0] == 403, "it is signed for one cluster"
        assert whoami(lab, forged, "shop")[0] == 403
        lab.settings(keys={"test": "another secret"})
        assert whoami(lab, request, "shop")[0] == 403
    finally:
        lab.settings(keys=None)


def decoded(token: str) -> str:
    """The URL that a token stands for."""
    encoded = token.removeprefix("k8s-aws-v1.")
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()


def whoami(lab: Lab, url: str, cluster: str) -> tuple[int, bool]:
    """Sends the request as EKS does: the status, and whether the account is the lab's."""
    place = urlsplit(url)
    connection = HTTPConnection(urlsplit(lab.url).netloc, timeout=30)
    headers = {"Host": place.netloc, "x-k8s-aws-id": cluster}
    connection.request("GET", f"/?{place.query}", headers=headers)
    answer = connection.getresponse()
    return answer.status, b"123456789012" in answer.read()


def test_a_cluster_that_does_not_exist_has_no_token(workspace: Workspace, lab: Lab) -> None:
    needs_ephemeral(workspace)
    workspace.write(HEAD + 'ephemeral "stellar_cluster_auth" "this" {\n  name = "shop"\n}\n')
    workspace.init()
    planned = workspace.plan()
    assert planned.code == 1, planned
    for word in ("shop", "eks:DescribeCluster", "ResourceNotFoundException"):
        assert word in planned.errors


def needs_ephemeral(workspace: Workspace) -> None:
    """Ephemeral resources came with Terraform 1.10 and OpenTofu 1.11."""
    found = re.search(r"v(\d+)\.(\d+)", version(workspace.cli))
    least = {"terraform": (1, 10), "tofu": (1, 11)}[workspace.cli.name]
    if (int(found[1]), int(found[2])) < least:
        pytest.skip(f"missing: {workspace.cli.name} >= {least[0]}.{least[1]}")
