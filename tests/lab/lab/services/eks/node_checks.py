"""What EKS checks before it makes or changes a node group."""

from __future__ import annotations

from typing import Any

from lab.extend import AwsError, Context
from lab.kit import network, roles
from lab.kit.records import Record, pick
from lab.services.eks.control_plane import looked_up
from lab.services.eks.versions import MINORS, ami_release


def check(ctx: Context, cluster: Record, params: Record) -> Record:
    """Refuses a CreateNodegroup that EKS refuses; returns the facts of its launch template."""
    _check_subnets(ctx, cluster, params["subnets"])
    _check_role(ctx, params["nodeRole"])
    check_scaling(whole_scaling(params.get("scalingConfig", {})))
    version = params.get("version") or cluster["version"]
    if version not in MINORS or MINORS[version].number > MINORS[cluster["version"]].number:
        raise AwsError(
            "InvalidParameterException", f"Requested Nodegroup version {version} is invalid"
        )
    check_release(params.get("releaseVersion"), version)
    template = read_template(ctx, params["launchTemplate"]) if params.get("launchTemplate") else {}
    _check_template(template, params)
    types = params.get("instanceTypes") or [template.get("instance_type") or "t3.medium"]
    _check_types(ctx, types, "CUSTOM" if template.get("image") else params.get("amiType"))
    return template


def nodes_can_join(ctx: Context, group: Record) -> bool:
    """Nodes register only with a role that carries the worker policy."""
    try:
        return "AmazonEKSWorkerNodePolicy" in roles.attached(ctx, group["nodeRole"])
    except AwsError:
        return False


def whole_scaling(given: Record) -> Record:
    """Sizes with EKS's defaults."""
    least = given.get("minSize", 1)
    desired = given.get("desiredSize", max(least, 2 if "maxSize" not in given else least))
    return {
        "minSize": least,
        "maxSize": given.get("maxSize", max(desired, 2)),
        "desiredSize": desired,
    }


def check_scaling(sizes: Record) -> None:
    """min ≤ desired ≤ max, max at least 1."""
    least, most, desired = sizes["minSize"], sizes["maxSize"], sizes["desiredSize"]
    if most < 1:
        raise AwsError("InvalidParameterException", "maxSize must be at least 1")
    if least > desired:
        raise AwsError(
            "InvalidParameterException",
            f"Minimum capacity {least} can't be greater than desired size {desired}",
        )
    if desired > most:
        raise AwsError(
            "InvalidParameterException",
            f"desired capacity {desired} can't be greater than max size {most}",
        )


def whole_update_config(given: Record) -> Record:
    """One node at a time unless told otherwise; count and percentage exclude each other."""
    if "maxUnavailable" in given and "maxUnavailablePercentage" in given:
        raise AwsError(
            "InvalidParameterException",
            "Only one of maxUnavailable and maxUnavailablePercentage can be specified",
        )
    return dict(given) if set(given) - {"updateStrategy"} else {"maxUnavailable": 1} | given


def check_release(release: str | None, version: str) -> str:
    """A release version belongs to its minor; without one the newest is taken."""
    if release is None:
        return ami_release(version)
    if not release.startswith(f"{version}."):
        raise AwsError(
            "InvalidParameterException",
            f"Requested release version {release} is not valid for kubernetes version {version}.",
        )
    return release


def read_template(ctx: Context, spec: Record) -> Record:
    """The launch template version: spec as EKS answers it, image, instance type, groups."""
    if ("id" in spec) == ("name" in spec):
        raise AwsError(
            "InvalidParameterException",
            "You must specify either the launch template ID or the launch template name in the "
            "request, but not both.",
        )
    request: dict[str, Any] = {"Versions": [spec.get("version", "$Default")]}
    request |= (
        {"LaunchTemplateId": spec["id"]} if "id" in spec else {"LaunchTemplateName": spec["name"]}
    )
    try:
        found = ctx.call("ec2", "DescribeLaunchTemplateVersions", request)["LaunchTemplateVersions"]
    except AwsError as error:
        raise AwsError("InvalidRequestException", error.message) from error
    if not found:
        raise AwsError("InvalidRequestException", f"Launch template version not found: {spec}")
    version, data = found[0], found[0]["LaunchTemplateData"]
    interfaces = data.get("NetworkInterfaces", [])
    groups = data.get("SecurityGroupIds") or [g for i in interfaces for g in i.get("Groups", [])]
    return {
        "spec": {
            "id": version["LaunchTemplateId"],
            "name": version["LaunchTemplateName"],
            "version": str(version["VersionNumber"]),
        },
        "image": data.get("ImageId"),
        "instance_type": data.get("InstanceType"),
        "security_groups": groups,
        "data": data,
        "launch": pick(data, "CapacityReservationSpecification", "Placement"),
    }


def next_template(ctx: Context, group: Record, spec: Record) -> Record:
    """An update may only name another version of the template that the group was made with."""
    if "launchTemplate" not in group:
        raise AwsError(
            "InvalidParameterException",
            "You cannot specify a launch template for a node group created without one",
        )
    template = read_template(ctx, spec)
    if template["spec"]["id"] != group["launchTemplate"]["id"]:
        raise AwsError(
            "InvalidParameterException", "The launch template of a node group cannot be replaced"
        )
    return template


def _check_block(template: Record, params: Record) -> None:
    """Capacity Blocks: "Create a managed node group with Capacity Blocks" in the EKS guide."""
    if params.get("capacityType") != "CAPACITY_BLOCK":
        return
    data = template.get("data", {})
    reservation = data.get("CapacityReservationSpecification", {}).get(
        "CapacityReservationTarget", {}
    )
    market = data.get("InstanceMarketOptions", {}).get("MarketType")
    if market != "capacity-block" or not reservation.get("CapacityReservationId"):
        raise AwsError(
            "InvalidParameterException",
            "The capacity type CAPACITY_BLOCK needs a launch template with the market type "
            "capacity-block and the id of a capacity reservation",
        )


def _check_template(template: Record, params: Record) -> None:
    _check_block(template, params)
    if not template:
        return
    data = template["data"]
    rules = (
        ("diskSize" in params, "Disk size must be specified within the launch template."),
        (
            "remoteAccess" in params,
            "Remote access configuration cannot be specified with a launch template.",
        ),
        (
            bool(data.get("IamInstanceProfile")),
            "Launch template should not specify an instance "
            "profile. The noderole in your request will be used to construct an instance profile.",
        ),
        (
            bool(data.get("InstanceType")) and "instanceTypes" in params,
            "Cannot specify instance types in launch template and API request",
        ),
        (
            bool(data.get("ImageId")) and params.get("amiType", "CUSTOM") != "CUSTOM",
            "An image id within the launch template needs the AMI type CUSTOM",
        ),
        (
            any(i.get("SubnetId") for i in data.get("NetworkInterfaces", [])),
            "Launch template should not specify a subnet",
        ),
    )
    for broken, message in rules:
        if broken:
            raise AwsError("InvalidParameterException", message)


def _check_subnets(ctx: Context, cluster: Record, ids: list[str]) -> None:
    found = looked_up(network.subnets, ctx, ids)
    vpc = cluster["resourcesVpcConfig"]["vpcId"]
    if not found or any(subnet["VpcId"] != vpc for subnet in found):
        raise AwsError(
            "InvalidParameterException",
            f"Subnets are not tagged with or not part of the cluster's VPC {vpc}",
        )


def _check_role(ctx: Context, role_arn: str) -> None:
    role = roles.find_role(ctx, role_arn)
    if role is None or roles.fresh(ctx, role["RoleName"]):
        raise AwsError(
            "InvalidParameterException",
            f"The role with name {role_arn.rsplit('/', 1)[-1]} does not exist or cannot be found.",
        )
    if not roles.trusts(role, "ec2.amazonaws.com"):
        raise AwsError(
            "InvalidParameterException",
            "Following required service principals [ec2.amazonaws.com] were not found in the "
            f"trust relationships of nodeRole {role_arn}",
        )


def _check_types(ctx: Context, types: list[str], image: str | None) -> None:
    try:
        found = ctx.call("ec2", "DescribeInstanceTypes", {"InstanceTypes": types})["InstanceTypes"]
    except AwsError as error:
        raise AwsError(
            "InvalidParameterException",
            f"The following supplied instance types do not exist: {types}",
        ) from error
    if image == "CUSTOM":
        return
    image = image or "AL2023_x86_64_STANDARD"
    wanted = "arm64" if "ARM_64" in image else "x86_64"
    for row in found:
        if wanted not in row["ProcessorInfo"]["SupportedArchitectures"]:
            raise AwsError(
                "InvalidParameterException",
                f"[{row['InstanceType']}] is not a valid instance type for requested amiType "
                f"{image}",
            )
