"""Domains: made in a quarter of an hour, deleted in another."""

from __future__ import annotations

import re
from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit import network
from lab.kit.records import Record, digest, pick
from lab.services.opensearch import checks
from lab.services.opensearch.state import KIND, domains_of, find, invalid, status
from lab.services.opensearch.versions import LATEST, VERSIONS

NAME = re.compile(r"[a-z][a-z0-9-]{2,27}")
MOST_DOMAINS = 100
DEFAULTS: dict[str, Any] = {
    "ClusterConfig": {
        "InstanceType": "m4.large.search",
        "InstanceCount": 1,
        "DedicatedMasterEnabled": False,
        "ZoneAwarenessEnabled": False,
        "WarmEnabled": False,
        "ColdStorageOptions": {"Enabled": False},
    },
    "EBSOptions": {"EBSEnabled": False},
    "SnapshotOptions": {"AutomatedSnapshotStartHour": 0},
    "CognitoOptions": {"Enabled": False},
    "EncryptionAtRestOptions": {"Enabled": False},
    "NodeToNodeEncryptionOptions": {"Enabled": False},
    "DomainEndpointOptions": {
        "EnforceHTTPS": False,
        "TLSSecurityPolicy": "Policy-Min-TLS-1-0-2019-07",
        "CustomEndpointEnabled": False,
    },
    "AdvancedSecurityOptions": {"Enabled": False, "InternalUserDatabaseEnabled": False},
}
"""Members that a domain always has, with what it has when the request says nothing."""
AS_GIVEN = ("AccessPolicies", "AdvancedOptions", "LogPublishingOptions", "IPAddressType")
"""Members that are kept as the request gives them."""
KEPT = frozenset({*DEFAULTS, *AS_GIVEN, "VPCOptions"})
SECRET = "MasterUserOptions"


def merged(old: Record, given: dict[str, Any]) -> Record:
    """`old` with the members of a request; structures are merged, a master user is not kept."""
    new = dict(old)
    for name in DEFAULTS:
        new[name] = {**old.get(name, DEFAULTS[name]), **given.get(name, {})}
    new["AdvancedSecurityOptions"].pop(SECRET, None)
    return new | pick(given, *AS_GIVEN)


def require_known(given: dict[str, Any], also: frozenset[str]) -> None:
    """Options that the lab would lose are refused, with a status that no SDK retries."""
    if unknown := sorted(set(given) - KEPT - also):
        text = f"The lab does not simulate {', '.join(unknown)} of opensearch domains"
        raise AwsError("NotImplemented", text, status=501)


@operation("opensearch", "CreateDomain")
def create_domain(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Everything is checked at once; the endpoint comes when the domain is made."""
    require_known(params, frozenset({"DomainName", "EngineVersion", "TagList"}))
    name, every = params["DomainName"], domains_of(ctx)
    if not NAME.fullmatch(name):
        raise invalid("Domain name must start with a lowercase letter and have 3 to 28 characters")
    if name in every:
        raise AwsError("ResourceAlreadyExistsException", f"Domain {name} already exists")
    if len(every) >= MOST_DOMAINS:
        raise AwsError("LimitExceededException", f"You can have {MOST_DOMAINS} domains")
    version = params.get("EngineVersion", LATEST)
    if version not in VERSIONS:
        raise invalid(f"Invalid engine version: {version}")
    domain = merged(
        {
            "DomainId": f"{ctx.account}/{name}",
            "DomainName": name,
            "ARN": f"arn:aws:es:{ctx.region}:{ctx.account}:domain/{name}",
            "EngineVersion": version,
            "AccessPolicies": "",
            "AdvancedOptions": {"rest.action.multi.allow_explicit_index": "true"},
            "_host": f"{name}-{digest(ctx.region, name, length=26)}.{ctx.region}.es.amazonaws.com",
            "_tags": list(params.get("TagList", [])),
            "_interfaces": [],
            "_created": ctx.now(),
            "_updated": ctx.now(),
            "_version": 1,
        },
        params,
    )
    require_master(params, domain)
    checks.require_valid(ctx, domain)
    place(ctx, domain, params)
    every[name] = domain
    ctx.life.start(KIND, name, "create")
    return {"DomainStatus": status(ctx, domain)}


def require_master(given: dict[str, Any], domain: Record) -> None:
    """Fine-grained access control is switched on together with a master user."""
    options = given.get("AdvancedSecurityOptions", {})
    master = options.get(SECRET, {})
    if not options.get("Enabled") or domain.get("_secured"):
        return
    named = master.get("MasterUserName") and master.get("MasterUserPassword")
    if not (named or master.get("MasterUserARN")):
        raise invalid("You must provide a master user when you enable fine-grained access control")
    domain["_secured"] = True


def place(ctx: Context, domain: Record, given: dict[str, Any]) -> None:
    """Puts the interfaces of a domain into its subnets, instead of those it had."""
    if not given.get("VPCOptions"):
        return
    asked = {**pick(domain.get("VPCOptions", {}), "SubnetIds", "SecurityGroupIds")}
    asked |= given["VPCOptions"]
    info = checks.vpc_options(ctx, asked, domain["ClusterConfig"])
    text = f"ES {domain['DomainName']}"
    made = network.place(ctx, info["SubnetIds"], info["SecurityGroupIds"], text, "amazon-es")
    network.remove(ctx, domain["_interfaces"])
    domain |= {"VPCOptions": info, "_interfaces": made}


@operation("opensearch", "DescribeDomain")
def describe_domain(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """One domain."""
    return {"DomainStatus": status(ctx, find(ctx, params["DomainName"]))}


@operation("opensearch", "DescribeDomains")
def describe_domains(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Those of the names that exist; the others are left out."""
    every = domains_of(ctx)
    names = [name for name in params["DomainNames"] if name in every]
    return {"DomainStatusList": [status(ctx, every[name]) for name in names]}


@operation("opensearch", "ListDomainNames")
def list_domain_names(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """All names; every domain of the lab runs OpenSearch."""
    wanted = params.get("EngineType", "OpenSearch") == "OpenSearch"
    names = domains_of(ctx) if wanted else ()
    return {"DomainNames": [{"DomainName": name, "EngineType": "OpenSearch"} for name in names]}


@operation("opensearch", "DeleteDomain")
def delete_domain(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Takes effect in every state; asking again changes nothing."""
    name = params["DomainName"]
    domain = find(ctx, name)
    if ctx.life.state(KIND, name) != "delete":
        ctx.life.start(KIND, name, "delete")
    return {"DomainStatus": status(ctx, domain)}


@on_end(KIND, "delete")
def _gone(ctx: Context, name: str) -> None:
    domain = domains_of(ctx).pop(name)
    network.remove(ctx, domain["_interfaces"])
    ctx.life.forget(KIND, name)
