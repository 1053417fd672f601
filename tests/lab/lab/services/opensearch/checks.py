"""What a domain may look like.

Rules as generally known of the service, codes from its model; the texts are not AWS's word for word.
"""

from __future__ import annotations

import json
from typing import Any

from lab.extend import AwsError, Context
from lab.kit import network
from lab.kit.records import Record
from lab.services.opensearch.state import invalid

LINKED_ROLE = "/aws-service-role/opensearchservice.amazonaws.com/"
MOST_NODES = 80
# Dedicated masters vote, so there are three or five.
MASTERS = (3, 5)


def require_valid(ctx: Context, domain: Record) -> None:
    """Raises ValidationException for a combination of options that the service refuses."""
    _require_nodes(domain["ClusterConfig"])
    _require_storage(domain)
    _require_security(domain)
    _require_policy(domain.get("AccessPolicies", ""))
    if "CustomEndpoint" in domain["DomainEndpointOptions"]:
        _require_certificate(domain["DomainEndpointOptions"])


def _require_nodes(config: dict[str, Any]) -> None:
    count = config["InstanceCount"]
    if not 1 <= count <= MOST_NODES:
        raise AwsError("LimitExceededException", f"Instance count must be 1 to {MOST_NODES}")
    if config["ZoneAwarenessEnabled"]:
        zones = config.get("ZoneAwarenessConfig", {}).get("AvailabilityZoneCount", 2)
        if zones not in (2, 3):
            raise invalid("Availability zone count must be either 2 or 3")
        if count < zones:
            raise invalid(f"You need at least {zones} data nodes for {zones} Availability Zones")
        if zones == 2 and count % 2:
            raise invalid("You must choose an even number of data nodes for a two AZ deployment")
    if config["DedicatedMasterEnabled"]:
        if config.get("DedicatedMasterCount") not in MASTERS:
            raise invalid("You must specify a dedicated master count of 3 or 5")
        if not config.get("DedicatedMasterType"):
            raise invalid("You must specify a dedicated master type")


def _require_storage(domain: Record) -> None:
    options, kind = domain["EBSOptions"], domain["ClusterConfig"]["InstanceType"]
    if not options.get("EBSEnabled"):
        if not kind.startswith(("i", "r6gd", "r7gd", "oi")):
            raise invalid(f"EBS storage must be selected for {kind}")
        return
    if options.get("VolumeSize", 0) < 10:
        raise invalid("Volume size must be at least 10 GiB")
    if options.get("Iops") and options.get("VolumeType") not in ("io1", "gp3"):
        raise invalid("IOPS can be set for the volume types io1 and gp3 only")


def _require_security(domain: Record) -> None:
    """Fine-grained access control stands on both encryptions and HTTPS, and needs a master."""
    options = domain["AdvancedSecurityOptions"]
    if not options.get("Enabled"):
        return
    encrypted = domain["EncryptionAtRestOptions"].get("Enabled")
    between = domain["NodeToNodeEncryptionOptions"].get("Enabled")
    if not (encrypted and between and domain["DomainEndpointOptions"].get("EnforceHTTPS")):
        raise invalid(
            "You must enable encryption at rest, node-to-node encryption and HTTPS to use advanced "
            "security options"
        )


def _require_policy(text: str) -> None:
    try:
        if text:
            json.loads(text)["Statement"]
    except (ValueError, KeyError, TypeError) as reason:
        raise AwsError(
            "InvalidTypeException", "Error setting policy: it is no policy document"
        ) from reason


def _require_certificate(options: dict[str, Any]) -> None:
    if options.get("CustomEndpointEnabled") and not options.get("CustomEndpointCertificateArn"):
        raise invalid("A custom endpoint needs the ARN of a certificate")


def vpc_options(ctx: Context, given: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """VPCDerivedInfo for the subnets and groups of a request: one subnet per zone."""
    if LINKED_ROLE not in {role.path for role in ctx.moto("iam").roles.values()}:
        raise invalid(
            "Before you can proceed, you must enable a service-linked role to give Amazon "
            "OpenSearch Service permissions to access your VPC."
        )
    zones = 1
    if config["ZoneAwarenessEnabled"]:
        zones = config.get("ZoneAwarenessConfig", {}).get("AvailabilityZoneCount", 2)
    if len(given.get("SubnetIds", ())) != zones:
        what = "exactly one subnet" if zones == 1 else f"exactly {zones} subnets"
        raise invalid(f"You must specify {what}.")
    try:
        subnets = network.subnets(ctx, given["SubnetIds"])
        groups = network.security_groups(ctx, given.get("SecurityGroupIds", []))
    except AwsError as error:
        raise invalid(error.message) from error
    if len({subnet["AvailabilityZone"] for subnet in subnets}) != zones:
        raise invalid("The subnets must be in different Availability Zones.")
    vpcs = {each["VpcId"] for each in (*subnets, *groups)}
    if len(vpcs) != 1:
        raise invalid("Subnets and security groups must be in one VPC.")
    (vpc,) = vpcs
    return {
        "VPCId": vpc,
        "SubnetIds": [subnet["SubnetId"] for subnet in subnets],
        "AvailabilityZones": [subnet["AvailabilityZone"] for subnet in subnets],
        "SecurityGroupIds": [group["GroupId"] for group in groups]
        or [network.default_group(ctx, vpc)],
    }
