"""What the kinds of fault rules do to a call.

throttle       refused as the service throttles; with `rate` (and `burst`) what exceeds a token
               bucket, in calls per real second
error          refused with `code`, `message`, `status` (default 500 InternalError)
quota          refused with the code that the service uses when a quota is exceeded
reset          the connection is reset, nothing is done
lost-response  the call is done, the connection is reset instead of an answer
delay          done after `seconds` real seconds
hold           done once the rules are replaced
kill           SIGKILL `when` = before or after the call: of process `pid` (or each of several), by
               default of the caller; of its `parents` so many generations up; with `tree` also of
               what the killed ones have started
fail           accepted; what it began fails with `reason` when its time is over (`failures`)
partial        HTTP 200 with a failure inside for every item
capacity       there is no `instance_type` (in `zone`), until the rules are replaced
expire         credentials are expired, `seconds` lab seconds after the rule was set
down           a region or a service answers 503, or with `how` = reset not at all
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

from lab import caller, failures, partial, protocol
from lab.extend import AwsError, Output
from lab.failures import Failure
from lab.rules import COMPANIONS, Rule

if TYPE_CHECKING:
    from lab.request import Call, Raw
    from lab.world import World

THROTTLES = {
    "ec2": ("RequestLimitExceeded", 503),
    "s3": ("SlowDown", 503),
    "rds": ("ThrottlingException", 400),
    "eks": ("ThrottlingException", 429),
    "cloudfront": ("Throttling", 400),
    "elasticache": ("Throttling", 400),
    "iam": ("Throttling", 400),
    "sts": ("Throttling", 400),
    "route53": ("Throttling", 400),
}
"""Service → wire code and status of throttling; others answer `ThrottlingException` 400."""
EXPIRED = {
    "ec2": ("RequestExpired", 400),
    "s3": ("ExpiredToken", 400),
    "json": ("ExpiredTokenException", 400),
    "rest-json": ("ExpiredTokenException", 403),
}
"""Service or protocol → how expired credentials are refused; others answer `ExpiredToken` 403."""
QUOTAS = {
    ("ec2", "CreateVpc"): "VpcLimitExceeded",
    ("ec2", "CreateSubnet"): "SubnetLimitExceeded",
    ("ec2", "CreateInternetGateway"): "InternetGatewayLimitExceeded",
    ("ec2", "CreateNatGateway"): "NatGatewayLimitExceeded",
    ("ec2", "AllocateAddress"): "AddressLimitExceeded",
    ("ec2", "CreateSecurityGroup"): "SecurityGroupLimitExceeded",
    ("ec2", "AuthorizeSecurityGroupIngress"): "RulesPerSecurityGroupLimitExceeded",
    ("ec2", "AuthorizeSecurityGroupEgress"): "RulesPerSecurityGroupLimitExceeded",
    ("ec2", "CreateRouteTable"): "RouteTableLimitExceeded",
    ("ec2", "CreateRoute"): "RouteLimitExceeded",
    ("ec2", "CreateVpcEndpoint"): "VpcEndpointLimitExceeded",
    ("ec2", "RunInstances"): "VcpuLimitExceeded",
    ("ec2", "CreateCapacityReservation"): "InstanceLimitExceeded",
    ("eks", "CreateCluster"): "ResourceLimitExceededException",
    ("eks", "CreateNodegroup"): "ResourceLimitExceededException",
    ("eks", "CreateAccessEntry"): "ResourceLimitExceededException",
    ("rds", "CreateDBInstance"): "InstanceQuotaExceeded",
    ("rds", "CreateDBInstanceReadReplica"): "InstanceQuotaExceeded",
    ("rds", "CreateDBParameterGroup"): "DBParameterGroupQuotaExceeded",
    ("rds", "CreateDBSubnetGroup"): "DBSubnetGroupQuotaExceeded",
    ("rds", "CreateDBSnapshot"): "SnapshotQuotaExceeded",
    ("elasticache", "CreateReplicationGroup"): "NodeQuotaForCustomerExceeded",
    ("elasticache", "CreateCacheSubnetGroup"): "CacheSubnetGroupQuotaExceeded",
    ("elasticache", "CreateCacheParameterGroup"): "CacheParameterGroupQuotaExceeded",
    ("cloudfront", "CreateDistribution"): "TooManyDistributions",
    ("cloudfront", "CreateDistributionWithTags"): "TooManyDistributions",
    ("cloudfront", "CreateCachePolicy"): "TooManyCachePolicies",
    ("cloudfront", "CreateOriginAccessControl"): "TooManyOriginAccessControls",
    ("s3", "CreateBucket"): "TooManyBuckets",
    ("iam", "CreateRole"): "LimitExceeded",
    ("iam", "CreatePolicy"): "LimitExceeded",
    ("iam", "AttachRolePolicy"): "LimitExceeded",
}
"""Call → the code of its quota; others answer `LimitExceededException`."""


LOOK = 0.02
"""Real seconds between two looks whether a held call may go on."""


class Dropped(Exception):
    """The connection is to be reset instead of answered."""


def breaker(taken: list[Rule]) -> Rule | None:
    """The rule that breaks the call, among those that apply to it: the first."""
    return next((rule for rule in taken if rule.kind not in COMPANIONS), None)


def of_kind(kind: str, taken: list[Rule]) -> Rule | None:
    """The first rule of a kind among those that apply."""
    return next((rule for rule in taken if rule.kind == kind), None)


def later(taken: list[Rule], call: Call) -> Failure | None:
    """How what the call begins is to fail, if a rule asks for it."""
    if (rule := of_kind("fail", taken)) is None:
        return None
    return failures.chosen(call.service, call.operation, rule.reason, rule.message)


def inside(taken: list[Rule], call: Call) -> Output | None:
    """The successful answer in which everything failed, if a rule asks for one."""
    if (rule := of_kind("partial", taken)) is None:
        return None
    code, message = rule.code or "InternalError", rule.message or "A fault of the lab"
    return partial.output(call.service, call.operation, call.params, code, message)


def before(world: World, rule: Rule, call: Call) -> None:
    """What happens instead of the call, or ahead of it."""
    if rule.kind == "delay":
        time.sleep(rule.seconds)
    elif rule.kind == "hold":
        while any(each is rule for each in world.faults):
            time.sleep(LOOK)
    elif rule.kind == "reset" or (rule.kind == "down" and rule.how == "reset"):
        raise Dropped
    elif rule.kind == "kill" and rule.when == "before":
        _kill(rule, call.raw)
    elif error := _error(rule, call):
        raise error


def after(rule: Rule, call: Call) -> None:
    """What happens once the call is done but not answered."""
    if rule.kind == "lost-response":
        raise Dropped
    if rule.kind == "kill" and rule.when == "after":
        _kill(rule, call.raw)


def no_capacity(world: World, instance_type: str, zone: str | None, region: str) -> bool:
    """Whether a rule says that there are no such instances in the zone; None = in any zone."""
    return any(
        rule.kind == "capacity"
        and rule.region in (None, "*", region)
        and rule.instance_type in (None, "*", instance_type)
        and (rule.zone in (None, "*") or rule.zone == zone)
        for rule in world.faults
    )


def _error(rule: Rule, call: Call) -> AwsError | None:
    """The refusal of the kinds that refuse; None for the others."""
    service = call.service
    if rule.kind == "throttle":
        usual, text = THROTTLES.get(service, ("ThrottlingException", 400)), "Rate exceeded"
    elif rule.kind == "error":
        usual, text = ("InternalError", 400 if rule.code else 500), "A fault of the lab"
    elif rule.kind == "quota":
        code = QUOTAS.get((service, call.operation), "LimitExceededException")
        usual, text = (code, 400), "You have reached the limit of what this account may have."
    elif rule.kind == "expire":
        spoken = protocol.of(call.model.service_model)
        usual = EXPIRED.get(service) or EXPIRED.get(spoken, ("ExpiredToken", 403))
        text = "The security token included in the request is expired"
    elif rule.kind == "down":
        usual, text = ("ServiceUnavailable", 503), "Service is unavailable. Please try again."
    else:
        return None
    return AwsError(rule.code or usual[0], rule.message or text, rule.status or usual[1])


def _kill(rule: Rule, raw: Raw) -> None:
    """Parents die before their children, so that none lives to see its child's death."""
    found = caller.pid(raw.port, raw.server) if not rule.pid else None
    doomed = list(rule.pid) or ([found] if found else [])
    for pid in list(doomed):
        doomed[:0] = reversed(caller.ancestors(pid, rule.parents))
    if rule.tree:
        doomed += [each for pid in doomed for each in caller.descendants(pid)]
    for pid in dict.fromkeys(doomed):
        if pid != os.getpid():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    raise Dropped
