"""What EKS puts into the customer's account for a control plane: group, interfaces, logs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.extend import AwsError, Context
from lab.kit import network
from lab.kit.calls import make_log_group
from lab.kit.records import Record, digest

REQUESTER = "amazon-eks"


def make_group(ctx: Context, cluster: Record) -> None:
    """The cluster security group, which control plane and managed nodes share."""
    name, config = cluster["name"], cluster["resourcesVpcConfig"]
    ec2 = ctx.moto("ec2")
    suffix = int(digest("sg", cluster["_incarnation"], length=8), 16) % 10**9
    # Through the backend, since the API takes no `aws:` tags from callers.
    group = ec2.create_security_group(
        f"eks-cluster-sg-{name}-{suffix}",
        "EKS created security group applied to ENI that is attached to EKS Control Plane "
        "master nodes, as well as any managed workloads.",
        vpc_id=config["vpcId"],
        tags={
            "Name": f"eks-cluster-sg-{name}-{suffix}",
            "aws:eks:cluster-name": name,
            f"kubernetes.io/cluster/{name}": "owned",
        },
    )
    ec2.authorize_security_group_ingress(
        group.id, "-1", "-1", "-1", [], source_groups=[{"GroupId": group.id}], vpc_id=group.vpc_id
    )
    config["clusterSecurityGroupId"] = group.id


def place(ctx: Context, cluster: Record) -> None:
    """Interfaces of the control plane in every subnet of the cluster; replaces earlier ones."""
    config = cluster["resourcesVpcConfig"]
    groups = [config["clusterSecurityGroupId"], *config["securityGroupIds"]]
    made = network.place(
        ctx, config["subnetIds"], groups, f"Amazon EKS {cluster['name']}", REQUESTER
    )
    network.remove(ctx, cluster["_interfaces"])
    cluster["_interfaces"] = made


def write_logs(ctx: Context, cluster: Record) -> None:
    """With any log type on, EKS makes the cluster's log group if nobody did before."""
    if any(row["enabled"] for row in cluster["logging"]["clusterLogging"]):
        make_log_group(ctx, f"/aws/eks/{cluster['name']}/cluster")


def remove(ctx: Context, cluster: Record) -> None:
    """Interfaces go for certain; the group stays behind where something else still uses it.

    The control plane logs to its end: a log group that was deleted too early is there again.
    """
    write_logs(ctx, cluster)
    network.remove(ctx, cluster["_interfaces"])
    group = cluster["resourcesVpcConfig"]["clusterSecurityGroupId"]
    try:
        ctx.call("ec2", "DeleteSecurityGroup", {"GroupId": group})
    except AwsError:
        # As on AWS: an interface of a load balancer or a rule elsewhere holds it.
        return


def looked_up(
    find: Callable[[Context, list[str]], list[dict[str, Any]]], ctx: Context, ids: list[str]
) -> list[dict[str, Any]]:
    """`find`, with EC2's not-found told in EKS's words."""
    try:
        return find(ctx, ids)
    except AwsError as error:
        raise AwsError(
            "InvalidParameterException", f"{error.message} (Service: AmazonEC2)"
        ) from error
