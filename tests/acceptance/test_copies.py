"""AWS copies tags: whoever restores a snapshot of our database has an object that says it is ours, and is not."""

from __future__ import annotations

from acceptance.fields.database import PRIMARY
from acceptance.stacks import ADDRESS, stack
from acceptance.test_database import applied, lose, rds_section, snapshot, until
from harness.lab import Lab
from harness.workspace import Workspace

NETWORK = 'network = { cidr = "10.0.0.0/16", zone_count = 2, nat = "none" }'


def restore(lab: Lab, name: str, subnets: str) -> str:
    """An instance of that name from the snapshot, with the snapshot's tags; answers its resource id."""
    rds = lab.client("rds")
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=name, DBSnapshotIdentifier="yesterday", DBSubnetGroupName=subnets
    )
    until(lambda: status(lab, name) == "available")
    (found,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    assert "stellar:claim" in {tag["Key"] for tag in found["TagList"]}, "AWS copies them"
    return found["DbiResourceId"]


def status(lab: Lab, name: str) -> str | None:
    """The state of an instance; None when there is none."""
    found = lab.client("rds").describe_db_instances()["DBInstances"]
    return {each["DBInstanceIdentifier"]: each["DBInstanceStatus"] for each in found}.get(name)


def test_a_restored_copy_is_neither_taken_nor_destroyed(workspace: Workspace, lab: Lab) -> None:
    configuration = stack(NETWORK, rds_section())
    workspace.write(configuration)
    workspace.init()
    applied(workspace, configuration)
    snapshot(lab, "yesterday")
    (ours,) = lab.client("rds").describe_db_instances()["DBInstances"]
    restore(lab, "copy", ours["DBSubnetGroup"]["DBSubnetGroupName"])
    before = workspace.state()[ADDRESS]["values"]["components"]
    assert workspace.plan().code == 0, "it is no drift of ours"
    # A change, an import and a destroy leave it alone; it stands in the way of the last one, and is named.
    applied(workspace, stack(NETWORK, rds_section(), 'tags = { team = "web" }'))
    tags = lab.client("rds").describe_db_instances(DBInstanceIdentifier="copy")["DBInstances"][0]
    assert "team" not in {tag["Key"] for tag in tags["TagList"]}
    workspace.forget()
    workspace.command("import", "-input=false", ADDRESS, "shop")
    assert workspace.plan().code == 0
    assert workspace.state()[ADDRESS]["values"]["components"] == before
    held = workspace.destroy()
    assert held.code == 1, held
    assert "copy" in held.errors, held
    assert status(lab, "copy") == "available"
    assert status(lab, PRIMARY) is None
    lab.client("rds").delete_db_instance(DBInstanceIdentifier="copy", SkipFinalSnapshot=True)
    until(lambda: status(lab, "copy") is None)
    gone = workspace.destroy()
    assert gone.code == 0, gone
    assert lab.client("rds").describe_db_snapshots()["DBSnapshots"], "the snapshot is not ours"


def test_what_was_restored_by_hand_under_its_own_name_is_taken_by_an_import(
    workspace: Workspace, lab: Lab
) -> None:
    configuration = stack(NETWORK, rds_section())
    workspace.write(configuration)
    workspace.init()
    applied(workspace, configuration)
    snapshot(lab, "yesterday")
    (ours,) = lab.client("rds").describe_db_instances()["DBInstances"]
    lose(lab)
    restored = restore(lab, PRIMARY, ours["DBSubnetGroup"]["DBSubnetGroupName"])
    # To this state the database is lost; nothing is put in its place unasked.
    refused = workspace.plan()
    assert (refused.code, "database/primary@" in refused.errors) == (1, True), refused
    # The claim knows no ids: an import finds what has the stack's names.
    workspace.forget()
    workspace.command("import", "-input=false", ADDRESS, "shop")
    done = workspace.apply()
    assert done.code == 0, done
    assert workspace.state()[ADDRESS]["values"]["components"]["database/primary"]["id"] == restored
    (found,) = lab.client("rds").describe_db_instances()["DBInstances"]
    assert found["DbiResourceId"] == restored
    assert workspace.plan().code == 0
