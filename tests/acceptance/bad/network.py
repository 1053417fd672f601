"""Mistakes in `network`."""

from __future__ import annotations

from acceptance.bad import Bad, any_account
from acceptance.stacks import stack

ROWS = [
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
    Bad(
        "the region has so many zones",
        stack('network = { cidr = "10.0.0.0/16", zone_count = 4 }', region="eu-west-1"),
        ("network.zone_count", "4", "eu-west-1"),
        before=any_account,
    ),
    Bad(
        "a named zone exists in this account",
        stack(
            'network = { cidr = "10.0.0.0/16", availability_zones = ["us-east-1a", "us-east-1z"] }'
        ),
        ("network.availability_zones", "us-east-1z", "us-east-1a"),
        before=any_account,
    ),
]
