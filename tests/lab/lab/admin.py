"""The lab's own calls, under `/_lab/`: what exists, what happened, faults, quotas, time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from lab import census, critical_path, decay, plant, quotas, rules
from lab.access import check
from lab.access.actions import requests
from lab.backend import NOT_SIMULATED
from lab.extend import AwsError, Context
from lab.snapshot import UnknownSnapshot
from lab.wire import Reply
from lab.world import World


def handle(world: World, method: str, target: str, body: bytes) -> Reply:
    """Answers one admin call."""
    path = target.partition("?")[0]
    route = ROUTES.get((method, path))
    if route is None:
        known = ", ".join(f"{m} {p}" for m, p in ROUTES)
        return _json({"error": f"no such call: {method} {path}", "calls": known}, 404)
    with world.lock:
        return route(world, body)


def _reset(world: World, _body: bytes) -> Reply:
    world.reset()
    return _json({"reset": True})


def _log(world: World, _body: bytes) -> Reply:
    lines = "".join(world.log.lines())
    return Reply(200, lines.encode(), {"Content-Type": "application/x-ndjson"})


def _census(world: World, _body: bytes) -> Reply:
    world.settle()
    return _json(census.take(world))


def _unknown(world: World, _body: bytes) -> Reply:
    """How often what was asked for that the lab does not simulate."""
    asked = (
        f"{each.service} {each.operation} {each.lacking}".rstrip()
        for each in world.log.entries
        if each.error == NOT_SIMULATED
    )
    return _json(dict(Counter(asked).most_common()))


def _faults(world: World, body: bytes) -> Reply:
    try:
        world.faults = rules.rules_from(json.loads(body or b"[]"), world.clock.now())
    except (rules.BadRule, ValueError) as reason:
        return _json({"error": str(reason)}, 400)
    return _json({"rules": len(world.faults)})


def _policy(world: World, body: bytes) -> Reply:
    try:
        world.policies = check.policies(json.loads(body or b"null"))
    except ValueError as reason:
        return _json({"error": str(reason)}, 400)
    return _json({"policies": {key: len(rules) for key, rules in (world.policies or {}).items()}})


def _actions(world: World, _body: bytes) -> Reply:
    """What a policy must allow for the calls so far: action → resources."""
    needed: dict[str, set[str]] = {}
    for entry in world.log.entries:
        if entry.params is None:
            continue  # refused before it was read
        account = entry.account or world.account
        context = Context(world, account, entry.region, entry.service)
        for each in requests(context, entry.operation, entry.params or {}):
            needed.setdefault(each.action, set()).add(each.resource or "*")
    return _json({action: sorted(found) for action, found in sorted(needed.items())})


def _plant(world: World, body: bytes) -> Reply:
    world.settle()
    try:
        document = json.loads(body or b"null")
        region = document.pop("region", "us-east-1") if isinstance(document, dict) else ""
        planted = plant.plant(Context(world, world.account, region, "eks"), document)
    except ValueError as reason:
        return _json({"error": str(reason)}, 400)
    return _json({"planted": planted})


def _decay(world: World, body: bytes) -> Reply:
    world.settle()
    try:
        document = json.loads(body or b"null")
        service = decay.service_of(document)
        region = document.get("region", "us-east-1")
        decay.happen(Context(world, world.account, region, service), document)
    except ValueError as reason:
        return _json({"error": str(reason)}, 400)
    return _json({"decayed": document})


def _insights(world: World, body: bytes) -> Reply:
    from lab.services.eks import insights  # services are loaded after the admin calls

    world.settle()
    try:
        document = json.loads(body or b"null")
        if not isinstance(document, dict) or document.get("status", "") not in (
            None,
            *insights.STATUSES,
        ):
            raise ValueError(f"expected cluster and status: {', '.join(insights.STATUSES)} or null")
        ctx = Context(world, world.account, document.get("region", "us-east-1"), "eks")
        text = str(document.get("reason", "forced"))
        insights.force(ctx, str(document.get("cluster", "")), document["status"], text)
    except (ValueError, AwsError) as reason:
        return _json({"error": str(reason)}, 400)
    return _json({"insights": document})


def _settings(world: World, body: bytes) -> Reply:
    try:
        world.settings = world.settings.changed(json.loads(body or b"{}"))
    except ValueError as reason:
        return _json({"error": str(reason)}, 400)
    return _json(world.settings.shown())


def _snapshot(world: World, _body: bytes) -> Reply:
    name, size = world.snapshots.keep(world)
    return _json({"snapshot": name, "bytes": size})


def _restore(world: World, body: bytes) -> Reply:
    try:
        world.snapshots.bring_back(world, json.loads(body)["snapshot"])
    except (TypeError, ValueError, KeyError) as reason:
        return _json({"error": f'expected {{"snapshot": id}}: {reason}'}, 400)
    except UnknownSnapshot as reason:
        return _json({"error": str(reason)}, 404)
    return _clock(world, b"")


def _critical_path(world: World, _body: bytes) -> Reply:
    return _json(critical_path.longest(world))


def _timeline(world: World, _body: bytes) -> Reply:
    """Every transition that takes time, since the last reset; begin and end in lab seconds."""
    world.settle()
    steps = [
        {
            "kind": each.kind,
            "id": each.id,
            "region": each.place[1],
            "step": each.name,
            "begin": each.begin,
            "end": each.end,
        }
        for each in world.lives.history
        if each.waited_for and each.end > each.begin
    ]
    return _json(steps)


def _clock(world: World, _body: bytes) -> Reply:
    clock = world.clock
    return _json({"now": clock.now(), "factor": clock.factor, "instant": clock.instant})


def _advance(world: World, body: bytes) -> Reply:
    try:
        world.clock.advance(float(json.loads(body)["advance"]))
    except (TypeError, ValueError, KeyError) as reason:
        return _json({"error": f'expected {{"advance": lab seconds}}: {reason}'}, 400)
    return _clock(world, b"")


def _json(document: Any, status: int = 200) -> Reply:
    text = json.dumps(document, indent=1, default=str) + "\n"
    return Reply(status, text.encode(), {"Content-Type": "application/json"})


def _quotas(world: World, body: bytes) -> Reply:
    try:
        quotas.override(world.store(world.account, "global", "servicequotas"), json.loads(body))
    except ValueError as reason:
        return _json({"error": str(reason)}, 400)
    return _json({"quotas": "set"})


ROUTES: dict[tuple[str, str], Callable[[World, bytes], Reply]] = {
    ("POST", "/_lab/reset"): _reset,
    ("GET", "/_lab/log"): _log,
    ("GET", "/_lab/census"): _census,
    ("GET", "/_lab/unknown"): _unknown,
    ("PUT", "/_lab/faults"): _faults,
    ("PUT", "/_lab/quotas"): _quotas,
    ("POST", "/_lab/plant"): _plant,
    ("POST", "/_lab/decay"): _decay,
    ("PUT", "/_lab/insights"): _insights,
    ("PUT", "/_lab/policy"): _policy,
    ("GET", "/_lab/actions"): _actions,
    ("PUT", "/_lab/settings"): _settings,
    ("POST", "/_lab/snapshot"): _snapshot,
    ("POST", "/_lab/restore"): _restore,
    ("GET", "/_lab/critical-path"): _critical_path,
    ("GET", "/_lab/timeline"): _timeline,
    ("GET", "/_lab/clock"): _clock,
    ("POST", "/_lab/clock"): _advance,
}
