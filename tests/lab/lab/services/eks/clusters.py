"""EKS clusters: create, describe, list, delete."""

from __future__ import annotations

import base64
from typing import Any

from lab.extend import AwsError, Context, on_end, operation
from lab.kit import keys, network, roles
from lab.kit.pages import page
from lab.kit.records import Record, digest, moment, pick, public
from lab.kit.tokens import remember, replayed
from lab.services.eks import control_plane
from lab.services.eks.access import admit_creator
from lab.services.eks.state import ADDON, CLUSTER, arn, cluster_of, clusters
from lab.services.eks.versions import DEFAULT, MINORS

# Zones in which EKS runs no control plane.
UNSUPPORTED_ZONE_IDS = {"use1-az3", "usw1-az2", "cac1-az3"}
LOG_TYPES = ["api", "audit", "authenticator", "controllerManager", "scheduler"]


@operation("eks", "CreateCluster")
def create_cluster(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """CREATING at once; endpoint, certificate and OIDC issuer come with ACTIVE."""
    name = params["name"]
    if replayed(ctx, "CreateCluster", params) and name in clusters(ctx):
        return {"cluster": public(clusters(ctx)[name])}
    if name in clusters(ctx):
        raise AwsError("ResourceInUseException", f"Cluster already exists with name: {name}")
    version = params.get("version", DEFAULT)
    if version not in MINORS or not MINORS[version].offered:
        raise AwsError("InvalidParameterException", f"unsupported Kubernetes version {version}")
    _check_role(ctx, params["roleArn"])
    vpc = check_network(ctx, params["resourcesVpcConfig"])
    check_key(ctx, params.get("encryptionConfig", []))
    cluster = _record(ctx, params, version, vpc)
    clusters(ctx)[name] = cluster
    control_plane.make_group(ctx, cluster)
    admit_creator(ctx, cluster)
    ctx.life.start(CLUSTER, name, "create")
    remember(ctx, "CreateCluster", params, name)
    return {"cluster": public(cluster)}


@on_end(CLUSTER, "create")
def _created(ctx: Context, name: str) -> None:
    cluster = clusters(ctx)[name]
    try:
        control_plane.place(ctx, cluster)
    except AwsError as error:
        # Somebody took a subnet or a security group away meanwhile.
        issue = {"code": "Ec2SubnetNotFound", "message": error.message, "resourceIds": []}
        cluster |= {"status": "FAILED", "health": {"issues": [issue]}}
        return
    control_plane.write_logs(ctx, cluster)
    host = digest("endpoint", cluster["_incarnation"]).upper()
    ca = f"-----BEGIN CERTIFICATE-----\n{host}\n-----END CERTIFICATE-----\n"
    cluster |= {
        "status": "ACTIVE",
        "endpoint": f"https://{host}.gr7.{ctx.region}.eks.amazonaws.com",
        "identity": {"oidc": {"issuer": f"https://oidc.eks.{ctx.region}.amazonaws.com/id/{host}"}},
        "certificateAuthority": {"data": base64.b64encode(ca.encode()).decode()},
    }


@operation("eks", "DescribeCluster")
def describe_cluster(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """The cluster as it is now."""
    return {"cluster": public(cluster_of(ctx, params["name"]))}


@operation("eks", "ListClusters")
def list_clusters(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Names, sorted."""
    names, token = page(sorted(clusters(ctx)), params)
    return {"clusters": names, "nextToken": token}


@operation("eks", "ListFargateProfiles")
def list_profiles(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """None: the lab makes no Fargate profiles."""
    cluster_of(ctx, params["clusterName"])
    return {"fargateProfileNames": []}


@operation("eks", "DeleteCluster")
def delete_cluster(ctx: Context, params: dict[str, Any]) -> dict[str, Any]:
    """Refused while node groups exist, an update runs or deletion protection is on."""
    name = params["name"]
    cluster = cluster_of(ctx, name)
    # "Protect EKS clusters from accidental deletion" in the User Guide: one that is creating, failed or deleting is not.
    if cluster["deletionProtection"] and cluster["status"] not in (
        "CREATING",
        "FAILED",
        "DELETING",
    ):
        raise AwsError(
            "InvalidRequestException",
            f"Cluster {name} has deletion protection enabled. Disable it to delete the cluster.",
        )
    if cluster["_nodegroups"]:
        raise AwsError("ResourceInUseException", "Cluster has nodegroups attached")
    if cluster["status"] == "DELETING":
        return {"cluster": public(cluster)}
    if cluster["status"] not in ("ACTIVE", "FAILED"):
        raise AwsError(
            "ResourceInUseException",
            f"Cannot delete cluster {name}: an operation is in progress ({cluster['status']})",
        )
    cluster["status"] = "DELETING"
    ctx.life.start(CLUSTER, name, "delete")
    return {"cluster": public(cluster)}


@on_end(CLUSTER, "delete")
def _deleted(ctx: Context, name: str) -> None:
    cluster = clusters(ctx).pop(name)
    for addon in cluster["_addons"]:
        ctx.life.forget(ADDON, f"{name}/{addon}")
    control_plane.remove(ctx, cluster)


def check_network(ctx: Context, config: Record) -> Record:
    """Subnets of one VPC in at least two zones that EKS supports; returns the VPC."""
    ids = config.get("subnetIds", [])
    subnets = control_plane.looked_up(network.subnets, ctx, ids)
    zones = {subnet["AvailabilityZoneId"] for subnet in subnets}
    if unsupported := zones & UNSUPPORTED_ZONE_IDS:
        raise AwsError(
            "UnsupportedAvailabilityZoneException",
            f"Cannot create cluster because {sorted(unsupported)[0]}, the targeted availability "
            "zone, does not currently have sufficient capacity to support the cluster.",
        )
    if len(zones) < 2:
        raise AwsError(
            "InvalidParameterException",
            "Subnets specified must be in at least two different AZs",
        )
    vpcs = {subnet["VpcId"] for subnet in subnets}
    groups = control_plane.looked_up(
        network.security_groups, ctx, config.get("securityGroupIds", [])
    )
    vpcs |= {group["VpcId"] for group in groups}
    if len(vpcs) > 1:
        raise AwsError(
            "InvalidParameterException",
            "Subnets and security groups specified must all belong to the same VPC",
        )
    return ctx.call("ec2", "DescribeVpcs", {"VpcIds": sorted(vpcs)})["Vpcs"][0]


def check_key(ctx: Context, encryption: list[Record]) -> None:
    """The key of secrets encryption must exist and be enabled."""
    for entry in encryption:
        key = entry["provider"]["keyArn"]
        if keys.usable(ctx, key, "eks") is None:
            raise AwsError("InvalidParameterException", f"Key {key} cannot be used: not enabled")


def _check_role(ctx: Context, role_arn: str) -> None:
    if not roles.assumable(ctx, role_arn, "eks.amazonaws.com"):
        raise AwsError(
            "InvalidParameterException",
            f"Role with arn: {role_arn}, could not be assumed because it does not exist or the "
            "trusted entity is not correct",
        )
    if "AmazonEKSClusterPolicy" not in roles.attached(ctx, role_arn):
        raise AwsError(
            "InvalidParameterException",
            "The provided role doesn't have the Amazon EKS Managed Policies associated with it. "
            "Please ensure the following policies [arn:aws:iam::aws:policy/"
            "AmazonEKSClusterPolicy] are attached",
        )


def _record(ctx: Context, params: Record, version: str, vpc: Record) -> Record:
    """The new cluster with the defaults of EKS filled in."""
    name, given = params["name"], params["resourcesVpcConfig"]
    record = pick(
        params, "encryptionConfig", "remoteNetworkConfig", "computeConfig", "storageConfig"
    )
    # EKS avoids the VPC's own range when it chooses one for services.
    services = "172.20.0.0/16" if vpc["CidrBlock"].startswith("10.") else "10.100.0.0/16"
    return record | {
        "name": name,
        "arn": arn(ctx, "cluster", name),
        "createdAt": moment(ctx),
        "version": version,
        "roleArn": params["roleArn"],
        "status": "CREATING",
        "platformVersion": MINORS[version].platform,
        "tags": dict(params.get("tags", {})),
        "certificateAuthority": {},
        "health": {"issues": []},
        "resourcesVpcConfig": {
            "subnetIds": list(given.get("subnetIds", [])),
            "securityGroupIds": list(given.get("securityGroupIds", [])),
            "vpcId": vpc["VpcId"],
            "endpointPublicAccess": given.get("endpointPublicAccess", True),
            "endpointPrivateAccess": given.get("endpointPrivateAccess", False),
            "publicAccessCidrs": given.get("publicAccessCidrs") or ["0.0.0.0/0"],
        },
        "kubernetesNetworkConfig": {
            "serviceIpv4Cidr": services,
            "ipFamily": "ipv4",
            "elasticLoadBalancing": {"enabled": False},
        }
        | params.get("kubernetesNetworkConfig", {}),
        "logging": {"clusterLogging": whole_logging(params.get("logging", {}))},
        "accessConfig": {
            "bootstrapClusterCreatorAdminPermissions": True,
            "authenticationMode": "CONFIG_MAP",
        }
        | params.get("accessConfig", {}),
        "upgradePolicy": {"supportType": "EXTENDED"} | params.get("upgradePolicy", {}),
        "zonalShiftConfig": {"enabled": False} | params.get("zonalShiftConfig", {}),
        "deletionProtection": params.get("deletionProtection", False),
        "_incarnation": f"{name}@{ctx.now()}",
        "_interfaces": [],
        "_nodegroups": {},
        "_addons": {},
        "_entries": {},
        "_associations": {},
        "_updates": {},
    }


def whole_logging(given: Record, before: list[Record] | None = None) -> list[Record]:
    """EKS answers with at most two rows, the enabled and the disabled types."""
    enabled = {kind for row in before or [] if row["enabled"] for kind in row["types"]}
    for row in given.get("clusterLogging", []):
        kinds = set(row.get("types", []))
        enabled = enabled | kinds if row.get("enabled") else enabled - kinds
    rows = [
        {"types": [kind for kind in LOG_TYPES if kind in enabled], "enabled": True},
        {"types": [kind for kind in LOG_TYPES if kind not in enabled], "enabled": False},
    ]
    return [row for row in rows if row["types"]]
