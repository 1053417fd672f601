"""One call from end to end: read, break on request, settle, run, answer, log."""

from __future__ import annotations

import logging

from moto.core.utils import get_service_model

from lab import backend, faults, protocol, request, sigv4, wire
from lab.access import check
from lab.backend import Answer
from lab.extend import AwsError, Output
from lab.faults import Dropped
from lab.identity import mutates, named, owned
from lab.log import Entry, redacted
from lab.request import Call, Raw, Refused
from lab.rules import Rule
from lab.wire import Reply
from lab.world import World

log = logging.getLogger(__name__)


def handle(world: World, raw: Raw) -> Reply:
    """Answers one AWS request; raises Dropped when the connection is to be reset."""
    try:
        call = request.parse(raw)
    except Refused as refused:
        return _refused(world, raw, refused)
    entry = _entry(world, call)
    rules = world.faults_for(call)
    entry.fault = ", ".join(rule.kind for rule in rules) or None
    try:
        reply = _run(world, call, entry, rules)
    except AwsError as error:
        reply = _failed(call, entry, error)
    except Dropped:
        raise
    except Exception as failed:
        log.exception("%s %s", call.service, call.operation)
        text = f"The lab failed in {call.service} {call.operation}: {failed!r}"
        reply = _failed(call, entry, AwsError("InternalFailure", text, status=500))
    entry.status = reply.status
    return reply


def _failed(call: Call, entry: Entry, error: AwsError) -> Reply:
    entry.error, entry.lacking = error.code, error.lacking
    head = call.raw.method == "HEAD"
    return wire.refuse(
        call.service, call.operation, error, entry.n, head=head, spoken=call.protocol
    )


def _refused(world: World, raw: Raw, refused: Refused) -> Reply:
    service, error = refused.service, refused.error
    with world.lock:
        entry = Entry(
            world.next_number(),
            world.clock.now(),
            service or "",
            refused.operation,
            refused.region,
            error=error.code,
        )
        world.log.add(entry)
    head = raw.method == "HEAD"
    spoken = protocol.asked(get_service_model(service), raw.headers) if service else ""
    reply = wire.refuse(service, refused.operation, error, entry.n, head=head, spoken=spoken)
    entry.status = reply.status
    return reply


def _entry(world: World, call: Call) -> Entry:
    with world.lock:
        entry = Entry(
            world.next_number(),
            world.clock.now(),
            call.service,
            call.operation,
            call.region,
            redacted(call.model, call.params),
            mutates(call.service, call.operation, call.params),
            world.account_of(call.access_key),
            request_ids=sorted(set(named(call.params))),
        )
        world.log.add(entry)
    return entry


def _run(world: World, call: Call, entry: Entry, rules: list[Rule]) -> Reply:
    if world.settings.keys is not None:
        sigv4.check(call, world.settings.keys)
    rule = faults.breaker(rules)
    if rule:
        # Outside the lock: a delayed call must not hold up the others.
        faults.before(world, rule, call)
    with world.lock:
        world.settle()
        context = world.context(
            call.region,
            call.service,
            entry.account,
            origin=entry.n,
            failure=faults.later(rules, call),
            access_key=call.access_key,
        )
        if world.policies is not None:
            check.require(context, call, world.policies)
        broken = faults.inside(rules, call)
        result = world.serve(context, call) if broken is None else broken
        reply = _reply(call, result, entry)
    if rule:
        faults.after(rule, call)
    return reply


def _reply(call: Call, result: Output | Answer, entry: Entry) -> Reply:
    if isinstance(result, Answer):
        if result.status >= 400:
            entry.error = backend.error_code(call.model, result)
        entry.ids = entry.request_ids
        headers = {"x-amz-request-id": wire.request_id(entry.n)} | result.headers
        return Reply(result.status, result.body, headers)
    own = owned(call.operation, call.params, result) if entry.mutating else entry.request_ids
    entry.ids = sorted(own)
    return wire.answer(call.model, result, entry.n, call.protocol)


__all__ = ["Dropped", "handle"]
