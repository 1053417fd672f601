"""What README and guides show does what they say: their snippets and commands, one after the other on one platform."""

from __future__ import annotations

import json
import re
import shlex

from acceptance.stacks import planned_changes
from harness.lab import ROOT, Lab
from harness.workspace import Run, Workspace

BLOCK = re.compile(r"^( *)```(?P<language>\w+)\n(?P<text>.*?)^ *```", re.M | re.S)
NAME = "shop-prod"
PLATFORM = "stellar_cluster.this"
HEAD = 'terraform {\n  required_providers {\n    stellar = { source = "stellar/stellar" }\n  }\n}\n'


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a language on a page."""
    found = BLOCK.finditer((ROOT / page).read_text())
    return [block["text"] for block in found if block["language"] == language]


def guide(name: str, language: str = "terraform") -> list[str]:
    """The blocks of a guide."""
    return blocks(f"docs/guides/{name}.md", language)


def commands(name: str) -> list[list[str]]:
    """The provider's own commands that a guide shows."""
    lines = "".join(guide(name, "shell")).splitlines()
    found = [shlex.split(line, comments=True) for line in lines]
    return [words[1:] for words in found if words[:1] == ["terraform-provider-stellar"]]


def test_the_guides_do_what_they_say(workspace: Workspace, lab: Lab) -> None:
    workspace.env |= {"AWS_REGION": "us-east-1"}
    (readme,) = blocks("README.md", "hcl")
    _interrupt(workspace, lab, readme.replace('"1.35"', '"1.34"'))
    _upgrade(workspace, readme)
    _look_from_elsewhere(workspace)
    _restore_beside(workspace, readme)
    _import(workspace, readme)
    _watch_and_report(workspace, lab, readme)
    _destroy(workspace, lab, readme)
    _restore(workspace, lab)
    _give_up(workspace, lab)


def _interrupt(workspace: Workspace, lab: Lab, configuration: str) -> None:
    """`lab`: a create that is killed, then one whose nodes fail, and the third time lucky."""
    workspace.write(configuration)
    workspace.init()
    shown = "".join(guide("lab", "console"))
    kill, fail = (json.loads(rules) for rules in re.findall(r"-d '(.*?)'", shown, re.S))
    lab.faults(*kill)
    assert workspace.apply().code not in (0, 1), "killed"
    lab.faults(*fail)
    assert "InsufficientFreeAddresses" in workspace.apply().warnings
    assert _status(workspace) == "incomplete"
    _applied(workspace)


def _upgrade(workspace: Workspace, configuration: str) -> None:
    """`upgrade-kubernetes`, and `resize`."""
    (snippet,) = guide("upgrade-kubernetes")
    version = re.search(r'version = "([^"]+)"', snippet)
    assert version and version[0] in re.sub(r" +=", " =", configuration)
    (permit,) = guide("resize")
    workspace.write(_with(permit, configuration.replace("max = 20 }", "max = 25 }")))
    _applied(workspace)
    eks = workspace.state()[PLATFORM]["values"]["eks"]
    assert eks["version"] == version[1]


def _look_from_elsewhere(workspace: Workspace) -> None:
    """`connect-kubernetes`, `permissions`, and the list of `import`, from a workspace of their own."""
    other = Workspace(workspace.directory.parent / "other", workspace.cli, workspace.env)
    connect = guide("connect-kubernetes")
    shown = [connect[2], guide("import")[1], guide("permissions")[0]]
    more = 'output "eks" {\n  value = data.stellar_cluster.platform.eks.name\n}\n'
    policy = 'output "policies" {\n  value = data.stellar_iam_policy.deploy.policies\n}\n'
    other.write("\n".join([HEAD, *shown, more, policy]))
    other.init()
    assert other.apply().code == 0
    outputs = json.loads(other.command("output", "-json"))
    assert outputs["eks"]["value"] == NAME
    assert list(outputs["stacks"]["value"]) == [NAME]
    assert all(len(policy) <= 6144 for policy in outputs["policies"]["value"])
    for arguments in commands("permissions"):
        code, said = workspace.provider(*arguments)
        assert code == 0, said
        assert all(json.loads(line)["Version"] == "2012-10-17" for line in said.splitlines())


def _restore_beside(workspace: Workspace, configuration: str) -> None:
    """`restore-a-database`, beside the present one; as of now, since the platform is young."""
    beside = re.sub(r', time = "[^"]+"', "", guide("restore-a-database")[0])
    workspace.write(configuration + beside)
    _applied(workspace)
    workspace.write(configuration)
    _applied(workspace)


def _import(workspace: Workspace, configuration: str) -> None:
    """`import`: by each command, and with a configuration that is written for it."""
    lines = "".join(guide("import", "shell")).splitlines()
    for line in (line for line in lines if line.startswith("terraform import")):
        workspace.forget()
        workspace.command("import", "-input=false", *shlex.split(line, comments=True)[2:])
        assert workspace.plan().code == 0
    workspace.forget()
    workspace.write(HEAD + guide("import")[0])
    (write,) = (shlex.split(line) for line in lines if line.startswith("terraform plan"))
    assert workspace.plan(*write[2:]).code in (0, 2)
    _applied(workspace)
    workspace.write(configuration)
    (workspace.directory / "stack.tf").unlink()


def _watch_and_report(workspace: Workspace, lab: Lab, configuration: str) -> None:
    """`watch-an-apply`: what is left of an operation that has ended."""
    (provider,) = guide("watch-an-apply")
    workspace.write(provider, "provider.tf")
    workspace.write(configuration.replace("max = 20 }", "max = 30 }"))
    _applied(workspace)
    assert list((workspace.directory / "reports").glob("*.html"))
    for arguments in commands("watch-an-apply"):
        code, said = workspace.provider(*arguments)
        assert (code, "ended well" in said) == (0, True), said
    journal = lab.client("logs").filter_log_events(
        logGroupName=f"/stellar/{NAME}", logStreamNamePrefix="journal/"
    )
    assert any("ended well" in event["message"] for event in journal["events"])


def _destroy(workspace: Workspace, lab: Lab, configuration: str) -> None:
    """`destroy`: refused at first; then the two lists."""
    workspace.write(configuration)
    assert "deletion_protection" in workspace.destroy().errors
    workspace.write(_with("deletion_protection = false", configuration))
    assert workspace.plan().code == 2
    lines = [line for line in planned_changes(workspace) if "database/primary" in line]
    assert [line.rpartition(": ")[2] for line in lines] == ["deletion_protection"], (
        "it takes no time"
    )
    _applied(workspace)
    destroyed = workspace.destroy()
    assert destroyed.code == 0, destroyed
    for word in ("Deleted: ", "Retained; the census found no other object", "rds/snapshot"):
        assert word in destroyed.warnings, destroyed


def _restore(workspace: Workspace, lab: Lab) -> None:
    """`restore-a-database`, in its place: from the snapshot that the destroy has left."""
    (found,) = lab.client("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    sections = re.sub(
        r'snapshot = "[^"]+"',
        f'snapshot = "{found["DBSnapshotIdentifier"]}"',
        guide("restore-a-database")[1],
    )
    workspace.write(
        f'{HEAD}resource "stellar_cluster" "this" {{\n  name = "{NAME}"\n{sections}}}\n'
    )
    _applied(workspace)
    operations = [call["operation"] for call in lab.log()]
    assert "RestoreDBInstanceFromDBSnapshot" in operations


def _give_up(workspace: Workspace, lab: Lab) -> None:
    """`import`, without Terraform: the platform is seen, followed, and destroyed with the same guards."""
    expected = {
        "stacks": (0, NAME),
        "watch": (0, "ended well"),
        "destroy": (1, "deletion_protection"),
    }
    shown = commands("import")
    assert {words[0] for words in shown} == expected.keys()
    for arguments in shown:
        code, said = workspace.provider(*arguments, typed=f"{NAME}\n")
        wanted, word = expected[arguments[0]]
        assert (code, word in said) == (wanted, True), said
    code, said = workspace.provider(
        "destroy", NAME, "--ignore-deletion-protection", typed=f"{NAME}\n"
    )
    assert code == 0, said


def _applied(workspace: Workspace) -> Run:
    """An apply that ends well, after which there is nothing to do."""
    applied = workspace.apply()
    assert applied.code == 0, applied
    assert _status(workspace) == "ready"
    planned = workspace.plan()
    assert planned.code == 0, planned
    return applied


def _with(attribute: str, configuration: str) -> str:
    """The configuration with another attribute of its last resource."""
    return f"{configuration.rstrip().removesuffix('}')}  {attribute.strip()}\n}}\n"


def _status(workspace: Workspace) -> str:
    return workspace.state()[PLATFORM]["values"]["status"]
