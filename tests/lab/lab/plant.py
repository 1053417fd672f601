"""What controllers inside a cluster make behind Terraform's back, planted as if they had run.

`POST /_lab/plant` {"cluster": "demo", "kinds": […], "tagged": "other"}: the objects stand in the
network of `cluster`; their tags name `tagged`, by default the cluster itself. Another name there
makes decoys that a sweep must leave alone. Tags and names are those of the controllers: AWS Load
Balancer Controller, the in-tree cloud provider, the VPC CNI, the EBS CSI driver, Karpenter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab.extend import AwsError, Context
from lab.kit.records import digest, moment, tag_list
from lab.services.eks.state import clusters

Tags = dict[str, str]


class BadPlant(ValueError):
    """A request to plant that cannot be done."""


@dataclass(frozen=True)
class Soil:
    """Where things are planted, and the cluster that their tags name."""

    ctx: Context
    vpc: str
    subnets: list[str]
    group: str
    """The cluster's security group."""
    name: str

    def call(self, service: str, operation: str, **params: Any) -> Any:
        """Makes a call as a controller would."""
        return self.ctx.call(service, operation, params)

    def suffix(self, what: str) -> str:
        """Ten characters that differ from plant to plant."""
        return digest(self.name, self.vpc, what, repr(self.ctx.now()), length=10)

    def owned(self) -> Tags:
        """The tag by which Kubernetes marks what a cluster owns."""
        return {f"kubernetes.io/cluster/{self.name}": "owned"}


def plant(ctx: Context, document: Any) -> list[dict[str, str]]:
    """Plants all the kinds asked for, by default the usual ones; what was made as `{kind, id}`."""
    if not isinstance(document, dict) or not (cluster := document.get("cluster")):
        raise BadPlant('expected {"cluster": name}')
    kinds = document.get("kinds", USUAL)
    if unknown := sorted(set(kinds) - set(KINDS)):
        raise BadPlant(f"unknown kinds: {', '.join(unknown)}; known: {', '.join(KINDS)}")
    if (record := clusters(ctx).get(cluster)) is None:
        raise BadPlant(f"no cluster {cluster} in {ctx.region}")
    config = record["resourcesVpcConfig"]
    soil = Soil(
        ctx,
        config["vpcId"],
        list(config["subnetIds"]),
        config["clusterSecurityGroupId"],
        document.get("tagged", cluster),
    )
    try:
        return [found for kind in kinds for found in KINDS[kind](soil)]
    except AwsError as refused:
        raise BadPlant(f"AWS would refuse it: {refused}") from refused


def _made(kind: str, *ids: str) -> list[dict[str, str]]:
    return [{"kind": kind, "id": each} for each in ids]


def _group(
    soil: Soil,
    name: str,
    tags: Tags,
    description: str = "[k8s] Managed SecurityGroup for LoadBalancer",
) -> str:
    """A security group to which the nodes' group opens, as controllers leave it."""
    spec = [{"ResourceType": "security-group", "Tags": tag_list(tags)}]
    group = soil.call(
        "ec2",
        "CreateSecurityGroup",
        GroupName=name,
        Description=description,
        VpcId=soil.vpc,
        TagSpecifications=spec,
    )["GroupId"]
    rule = {
        "IpProtocol": "tcp",
        "FromPort": 8080,
        "ToPort": 8080,
        "UserIdGroupPairs": [
            {"GroupId": group, "Description": "elbv2.k8s.aws/targetGroupBinding=shared"}
        ],
    }
    soil.call("ec2", "AuthorizeSecurityGroupIngress", GroupId=soil.group, IpPermissions=[rule])
    return group


def _balancer(soil: Soil, type_: str, owner: str) -> list[dict[str, str]]:
    """A load balancer with listener and target group; `owner` is `ingress` or `service`."""
    stack = {
        "elbv2.k8s.aws/cluster": soil.name,
        f"{owner}.k8s.aws/stack": "shop/web",
    }
    short, groups = soil.suffix(type_), []
    if type_ == "application":
        tags = stack | {f"{owner}.k8s.aws/resource": "ManagedLBSecurityGroup"}
        groups = [_group(soil, f"k8s-shop-web-{short}", tags)]
    balancer = soil.call(
        "elbv2",
        "CreateLoadBalancer",
        Name=f"k8s-shop-web-{short}",
        Subnets=soil.subnets,
        Type=type_,
        Scheme="internal",
        Tags=tag_list(stack | {f"{owner}.k8s.aws/resource": "LoadBalancer"}),
        **({"SecurityGroups": groups} if groups else {}),
    )["LoadBalancers"][0]["LoadBalancerArn"]
    protocol = "HTTP" if type_ == "application" else "TCP"
    target = soil.call(
        "elbv2",
        "CreateTargetGroup",
        Name=f"k8s-shop-web-{soil.suffix(type_ + ' target')}",
        Protocol=protocol,
        Port=8080,
        VpcId=soil.vpc,
        TargetType="ip",
        Tags=tag_list(stack | {f"{owner}.k8s.aws/resource": "shop/web:80"}),
    )["TargetGroups"][0]["TargetGroupArn"]
    action = {"Type": "forward", "TargetGroupArn": target}
    soil.call(
        "elbv2",
        "CreateListener",
        LoadBalancerArn=balancer,
        Protocol=protocol,
        Port=80,
        DefaultActions=[action],
    )
    return [
        *_made("elbv2/load-balancer", balancer),
        *_made("elbv2/target-group", target),
        *_made("ec2/security-group", *groups),
    ]


def _ingress(soil: Soil) -> list[dict[str, str]]:
    return _balancer(soil, "application", "ingress")


def _service(soil: Soil) -> list[dict[str, str]]:
    return _balancer(soil, "network", "service")


def _backend_group(soil: Soil) -> list[dict[str, str]]:
    """The one group that the Load Balancer Controller shares between its load balancers."""
    tags = {"elbv2.k8s.aws/cluster": soil.name, "elbv2.k8s.aws/resource": "backend-sg"}
    name = f"k8s-traffic-{soil.name.replace('-', '')}-{soil.suffix('backend')}"
    text = "[k8s] Shared Backend SecurityGroup for LoadBalancer"
    return _made("ec2/security-group", _group(soil, name, tags, text))


def _in_tree(soil: Soil) -> list[dict[str, str]]:
    """A network load balancer of the cloud provider inside Kubernetes, known by its cluster tag."""
    name = soil.suffix("in-tree") + digest("in-tree", soil.name, length=22)
    balancer = soil.call(
        "elbv2",
        "CreateLoadBalancer",
        Name=f"a{name}"[:32],
        Subnets=soil.subnets,
        Type="network",
        Scheme="internal",
        Tags=tag_list(soil.owned() | {"kubernetes.io/service-name": "shop/web"}),
    )["LoadBalancers"][0]["LoadBalancerArn"]
    return _made("elbv2/load-balancer", balancer)


def _interface(soil: Soil) -> list[dict[str, str]]:
    """What the VPC CNI leaves when a node dies: detached, so that anybody may delete it."""
    node = f"i-{digest(soil.name, 'node', repr(soil.ctx.now()), length=17)}"
    tags = {
        "cluster.k8s.amazonaws.com/name": soil.name,
        "node.k8s.amazonaws.com/instance_id": node,
        "node.k8s.amazonaws.com/createdAt": moment(soil.ctx).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eks:eni:owner": "amazon-vpc-cni",
    }
    eni = soil.call(
        "ec2",
        "CreateNetworkInterface",
        SubnetId=soil.subnets[0],
        Description=f"aws-K8S-{node}",
        Groups=[soil.group],
        TagSpecifications=[{"ResourceType": "network-interface", "Tags": tag_list(tags)}],
    )["NetworkInterface"]["NetworkInterfaceId"]
    return _made("ec2/network-interface", eni)


def _volume(soil: Soil) -> list[dict[str, str]]:
    """A volume of a PersistentVolumeClaim."""
    claim = "kubernetes.io/created-for/pvc"
    tags = soil.owned() | {
        "ebs.csi.aws.com/cluster": "true",
        "KubernetesCluster": soil.name,
        f"{claim}/namespace": "shop",
        f"{claim}/name": "data-web-0",
        "kubernetes.io/created-for/pv/name": f"pvc-{soil.suffix('volume')}",
    }
    subnet = soil.call("ec2", "DescribeSubnets", SubnetIds=soil.subnets[:1])["Subnets"][0]
    volume = soil.call(
        "ec2",
        "CreateVolume",
        AvailabilityZone=subnet["AvailabilityZone"],
        Size=20,
        VolumeType="gp3",
        TagSpecifications=[{"ResourceType": "volume", "Tags": tag_list(tags)}],
    )["VolumeId"]
    return _made("ec2/volume", volume)


def _karpenter(soil: Soil) -> list[dict[str, str]]:
    """A node of Karpenter's, with the launch template from which it came."""
    node_class = {
        "karpenter.k8s.aws/ec2nodeclass": "default",
        "karpenter.k8s.aws/cluster": soil.name,
        "eks:eks-cluster-name": soil.name,
    }
    node = (
        soil.owned()
        | node_class
        | {
            "karpenter.sh/nodepool": "default",
            "karpenter.sh/nodeclaim": f"default-{soil.suffix('claim')[:5]}",
        }
    )
    image = f"ami-{digest('karpenter', length=17)}"
    template = soil.call(
        "ec2",
        "CreateLaunchTemplate",
        LaunchTemplateName=f"karpenter.k8s.aws/{soil.suffix('template')}",
        LaunchTemplateData={"ImageId": image, "SecurityGroupIds": [soil.group]},
        TagSpecifications=[
            {"ResourceType": "launch-template", "Tags": tag_list(soil.owned() | node_class)}
        ],
    )["LaunchTemplate"]["LaunchTemplateId"]
    instance = soil.call(
        "ec2",
        "RunInstances",
        ImageId=image,
        InstanceType="m5.large",
        MinCount=1,
        MaxCount=1,
        SubnetId=soil.subnets[0],
        SecurityGroupIds=[soil.group],
        TagSpecifications=[{"ResourceType": "instance", "Tags": tag_list(node)}],
    )["Instances"][0]["InstanceId"]
    return [*_made("ec2/launch-template", template), *_made("ec2/instance", instance)]


KINDS: dict[str, Callable[[Soil], list[dict[str, str]]]] = {
    "ingress": _ingress,
    "service": _service,
    "backend-group": _backend_group,
    "interface": _interface,
    "volume": _volume,
    "karpenter": _karpenter,
    "in-tree": _in_tree,
}
USUAL = [kind for kind in KINDS if kind != "in-tree"]
"""What is planted when nobody asks for certain kinds: today's controllers."""
