"""Create after destroy works at once, also where AWS delays a deletion or keeps something."""

from __future__ import annotations

from acceptance.stacks import ADDRESS, KUBERNETES, NETWORK, stack
from harness.lab import Lab
from harness.workspace import Workspace

SECTIONS = (
    NETWORK,
    KUBERNETES,
    """database = {
    engine = "postgres", version = "17", instance_class = "db.m7g.large", storage = { gb = 100 }
    logs = ["postgresql"]
  }""",
    'cache = { engine = "valkey", version = "8.0", node_type = "cache.m7g.large", replicas = 1 }',
    "buckets = { images = {} }",
    'cdn = { default_origin = { bucket = "images" } }',
)


def test_a_stack_is_made_and_destroyed_twice_in_one_account(workspace: Workspace, lab: Lab) -> None:
    workspace.write(stack(*SECTIONS))
    workspace.init()
    claims, kept = set(), set()
    for round_ in (1, 2):
        applied = workspace.apply()
        assert applied.code == 0, (round_, applied)
        claims.add(workspace.state()[ADDRESS]["values"]["claim"])
        destroyed = workspace.destroy()
        assert destroyed.code == 0, (round_, destroyed)
        assert workspace.state() == {}
        left = {each for ids in lab.census().values() for each in ids}
        for each in left:
            told = each.rsplit("/", 1)[-1]
            assert told in destroyed.warnings or each in kept, (round_, each, destroyed)
        snapshots = {each for each in left if "-final-" in each}
        assert len(snapshots) == round_, "each round leaves a final snapshot of its own"
        kept |= left
    assert len(claims) == 2
