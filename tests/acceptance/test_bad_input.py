"""The errors that a newcomer meets in the first hour: clear, early, and nothing is created."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from acceptance.stacks import NETWORK, stack
from harness.lab import Lab
from harness.workspace import Workspace

SECONDS = 20
"""How long a plan may take to say that AWS cannot be used."""


@dataclass(frozen=True)
class Bad:
    """A configuration with one mistake, and the words that its error must hold."""

    rule: str
    configuration: str
    words: tuple[str, ...]


def kubernetes(pool: str) -> str:
    """A section with one node pool `web`."""
    return f'kubernetes = {{ version = "1.35", node_pools = {{ web = {{ {pool} }} }} }}'


def cdn(behavior: str) -> str:
    """A bucket `images` and a CDN with one behaviour besides the default."""
    return f"""buckets = {{ images = {{}} }}
  cdn = {{
    default_origin = {{ bucket = "images" }}
    behaviors      = [{{ {behavior} }}]
  }}"""


CONFIGURATION = [
    Bad(
        "a CIDR is a CIDR",
        stack('network = { cidr = "10.0.0.0/33" }'),
        ("network.cidr", "10.0.0.0/33"),
    ),
    Bad(
        "a CIDR has no host bits",
        stack('network = { cidr = "10.0.0.1/16" }'),
        ("network.cidr", "10.0.0.1/16"),
    ),
    Bad(
        "a CIDR is large enough",
        stack('network = { cidr = "10.0.0.0/27", zone_count = 3 }'),
        ("network.cidr", "10.0.0.0/27"),
    ),
    Bad(
        "zones are at most six",
        stack('network = { cidr = "10.0.0.0/16", zone_count = 9 }'),
        ("network.zone_count", "9"),
    ),
    Bad("a name follows the rule", stack(NETWORK, name="My_Shop"), ("name", "My_Shop")),
    Bad("a name is long enough", stack(NETWORK, name="ab"), ("name", "3")),
    Bad(
        "min is not above max",
        stack(NETWORK, kubernetes('instance_types = ["m5.large"], min = 5, max = 3')),
        ("kubernetes.node_pools", "web", "min", "max"),
    ),
    Bad(
        "desired lies between min and max",
        stack(NETWORK, kubernetes('instance_types = ["m5.large"], min = 1, desired = 9, max = 3')),
        ("kubernetes.node_pools", "web", "desired"),
    ),
    Bad(
        "a behaviour names a bucket of the stack",
        stack(NETWORK, cdn('path = "/img/*", bucket = "pictures"')),
        ("cdn.behaviors", "pictures", "images"),
    ),
    Bad(
        "what is not built yet is refused",
        stack(
            NETWORK,
            'database = { engine = "aurora-postgresql", version = "17",'
            ' instance_class = "db.r6g.large", storage = { gb = 20 } }',
        ),
        ("database.engine", "yet"),
    ),
]

ACCOUNT = [
    Bad(
        "the region has so many zones",
        stack('network = { cidr = "10.0.0.0/16", zone_count = 4 }', region="eu-west-1"),
        ("network.zone_count", "4", "eu-west-1"),
    ),
    Bad(
        "a named zone exists in this account",
        stack(
            'network = { cidr = "10.0.0.0/16", availability_zones = ["us-east-1a", "us-east-1z"] }'
        ),
        ("network.availability_zones", "us-east-1z", "us-east-1a"),
    ),
]

CREDENTIALS = [
    ("missing", {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "credentials"),
    ("expired", {"AWS_ACCESS_KEY_ID": "EXPIRED0000000000000"}, "expired"),
    ("unreachable", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "127.0.0.1:9"),
]


@pytest.mark.parametrize("bad", CONFIGURATION, ids=lambda bad: bad.rule)
def test_validate_says_what_is_wrong_where(bad: Bad, workspace: Workspace, lab: Lab) -> None:
    workspace.write(bad.configuration)
    workspace.init()
    checked = workspace.validate(AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert checked.code == 1, checked
    assert_words(bad.words, checked.errors)
    assert lab.log() == [], "validate needs no AWS"


@pytest.mark.parametrize("bad", ACCOUNT, ids=lambda bad: bad.rule)
def test_plan_says_what_the_account_lacks(bad: Bad, workspace: Workspace, lab: Lab) -> None:
    workspace.write(bad.configuration)
    workspace.init()
    planned = workspace.plan()
    assert planned.code == 1, planned
    assert_words(bad.words, planned.errors)
    assert lab.changes() == []


@pytest.mark.parametrize(
    ("env", "word"), [row[1:] for row in CREDENTIALS], ids=[row[0] for row in CREDENTIALS]
)
def test_plan_says_within_seconds_that_aws_cannot_be_used(
    env: dict[str, str], word: str, workspace: Workspace, lab: Lab
) -> None:
    workspace.write(stack(NETWORK))
    workspace.init()
    planned = workspace.plan(**env)
    assert planned.code == 1, planned
    assert word in planned.errors.lower()
    assert planned.seconds < SECONDS
    assert lab.changes() == []


def assert_words(words: tuple[str, ...], text: str) -> None:
    """Every word stands in the text."""
    missing = [word for word in words if word not in text]
    assert not missing, f"{missing} not in:\n{text}"
