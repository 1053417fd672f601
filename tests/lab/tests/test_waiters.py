"""botocore's waiters end on the lab, for every kind that has one."""

from __future__ import annotations

import json
from types import SimpleNamespace

import botocore.waiter
import databases
import pytest
import setups
import test_cloudfront
import test_elasticache
from botocore.exceptions import WaiterError

EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.fixture(autouse=True)
def sleepless(lab, monkeypatch):
    """While a waiter sleeps, the lab's time passes."""
    monkeypatch.setattr(botocore.waiter, "time", SimpleNamespace(sleep=lab.advance))


def wait(lab, service, waiter, /, **of):
    lab.client(service).get_waiter(waiter).wait(**of)


@pytest.fixture
def ec2(lab):
    return lab.client("ec2")


def test_network(lab, ec2):
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    wait(lab, "ec2", "vpc_exists", VpcIds=[vpc])
    wait(lab, "ec2", "vpc_available", VpcIds=[vpc])
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    wait(lab, "ec2", "subnet_available", SubnetIds=[subnet])
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    wait(lab, "ec2", "security_group_exists", GroupIds=[group])
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    wait(lab, "ec2", "internet_gateway_exists", InternetGatewayIds=[gateway])
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)
    nat = made["NatGateway"]["NatGatewayId"]
    wait(lab, "ec2", "nat_gateway_available", NatGatewayIds=[nat])
    ec2.delete_nat_gateway(NatGatewayId=nat)
    wait(lab, "ec2", "nat_gateway_deleted", NatGatewayIds=[nat])


def test_a_waiter_fails_with_the_failed_nat_gateway(lab, ec2):
    net = setups.network(lab)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = ec2.create_nat_gateway(SubnetId=net.subnets[0], AllocationId=address)
    with pytest.raises(WaiterError, match="terminal failure"):
        wait(
            lab, "ec2", "nat_gateway_available", NatGatewayIds=[made["NatGateway"]["NatGatewayId"]]
        )


def test_instances(lab, ec2):
    subnet = setups.network(lab).subnets[0]
    request = {"ImageId": "ami-12345678", "MinCount": 1, "MaxCount": 1, "SubnetId": subnet}
    node = ec2.run_instances(**request)["Instances"][0]["InstanceId"]
    for name in ("instance_exists", "instance_running", "instance_status_ok"):
        wait(lab, "ec2", name, InstanceIds=[node])
    ec2.terminate_instances(InstanceIds=[node])
    wait(lab, "ec2", "instance_terminated", InstanceIds=[node])


def test_volumes(lab, ec2):
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)["VolumeId"]
    wait(lab, "ec2", "volume_available", VolumeIds=[volume])
    ec2.delete_volume(VolumeId=volume)
    wait(lab, "ec2", "volume_deleted", VolumeIds=[volume])


def test_kubernetes(lab):
    eks, net = lab.client("eks"), setups.network(lab)
    eks.create_cluster(**setups.cluster_request(lab, net))
    wait(lab, "eks", "cluster_active", name="demo")
    addon = {"clusterName": "demo", "addonName": "vpc-cni"}
    eks.create_addon(**addon)
    wait(lab, "eks", "addon_active", **addon)
    group = {"clusterName": "demo", "nodegroupName": "api"}
    eks.create_nodegroup(**setups.node_request(lab, net))
    wait(lab, "eks", "nodegroup_active", **group)
    eks.delete_nodegroup(**group)
    wait(lab, "eks", "nodegroup_deleted", **group)
    eks.delete_addon(**addon)
    wait(lab, "eks", "addon_deleted", **addon)
    eks.delete_cluster(name="demo")
    wait(lab, "eks", "cluster_deleted", name="demo")


def test_a_waiter_fails_with_the_failed_node_group(lab):
    net = setups.network(lab)
    setups.cluster(lab, net)
    rule = {"kind": "fail", "service": "eks", "operation": "CreateNodegroup"}
    lab.admin("PUT", "/_lab/faults", [rule | {"reason": "NodeCreationFailure"}])
    lab.client("eks").create_nodegroup(**setups.node_request(lab, net))
    with pytest.raises(WaiterError, match="terminal failure"):
        wait(lab, "eks", "nodegroup_active", clusterName="demo", nodegroupName="api")


def test_databases(lab):
    databases.network(lab)
    rds = lab.client("rds")
    rds.create_db_instance(**databases.request())
    of = {"DBInstanceIdentifier": "main"}
    wait(lab, "rds", "db_instance_available", **of)
    rds.create_db_snapshot(DBSnapshotIdentifier="copy", **of)
    wait(lab, "rds", "db_snapshot_available", DBSnapshotIdentifier="copy")
    wait(lab, "rds", "db_snapshot_completed", DBSnapshotIdentifier="copy")
    wait(lab, "rds", "db_instance_available", **of)
    rds.delete_db_snapshot(DBSnapshotIdentifier="copy")
    wait(lab, "rds", "db_snapshot_deleted", DBSnapshotIdentifier="copy")
    rds.delete_db_instance(**of, SkipFinalSnapshot=True)
    wait(lab, "rds", "db_instance_deleted", **of)


def test_a_waiter_fails_with_the_failed_database(lab):
    databases.network(lab)
    rule = {"kind": "fail", "service": "rds", "operation": "CreateDBInstance"}
    lab.admin("PUT", "/_lab/faults", [rule | {"reason": "failed"}])
    lab.client("rds").create_db_instance(**databases.request())
    with pytest.raises(WaiterError, match="terminal failure"):
        wait(lab, "rds", "db_instance_available", DBInstanceIdentifier="main")


def test_caches(lab):
    cache, net = lab.client("elasticache"), setups.network(lab)
    cache.create_cache_subnet_group(
        CacheSubnetGroupName="data", CacheSubnetGroupDescription="d", SubnetIds=net.subnets
    )
    made = cache.create_replication_group(**test_elasticache.request())["ReplicationGroup"]
    of = {"ReplicationGroupId": made["ReplicationGroupId"]}
    wait(lab, "elasticache", "replication_group_available", **of)
    member = {"CacheClusterId": made["MemberClusters"][0]}
    wait(lab, "elasticache", "cache_cluster_available", **member)
    cache.delete_replication_group(**of)
    wait(lab, "elasticache", "replication_group_deleted", **of)
    wait(lab, "elasticache", "cache_cluster_deleted", **member)


def test_distributions(lab):
    made = test_cloudfront.create(lab.client("cloudfront"))["Distribution"]["Id"]
    wait(lab, "cloudfront", "distribution_deployed", Id=made)


def test_buckets_and_objects(lab):
    s3, of = lab.client("s3"), {"Bucket": "some-bucket"}
    s3.create_bucket(**of)
    wait(lab, "s3", "bucket_exists", **of)
    s3.put_object(**of, Key="k", Body=b"x")
    wait(lab, "s3", "object_exists", **of, Key="k")
    s3.delete_object(**of, Key="k")
    wait(lab, "s3", "object_not_exists", **of, Key="k")
    s3.delete_bucket(**of)
    wait(lab, "s3", "bucket_not_exists", **of)


def test_identities(lab):
    iam = lab.client("iam")
    setups.role(lab, "r", "ec2.amazonaws.com")
    wait(lab, "iam", "role_exists", RoleName="r")
    iam.create_instance_profile(InstanceProfileName="p")
    wait(lab, "iam", "instance_profile_exists", InstanceProfileName="p")
    document = json.dumps({"Version": "2012-10-17", "Statement": [EVERYTHING]})
    arn = iam.create_policy(PolicyName="p", PolicyDocument=document)["Policy"]["Arn"]
    wait(lab, "iam", "policy_exists", PolicyArn=arn)


def test_load_balancers(lab):
    elb, net = lab.client("elbv2"), setups.network(lab)
    made = elb.create_load_balancer(Name="a", Subnets=net.subnets, Type="network")
    of = {"LoadBalancerArns": [made["LoadBalancers"][0]["LoadBalancerArn"]]}
    wait(lab, "elbv2", "load_balancer_exists", **of)
    wait(lab, "elbv2", "load_balancer_available", **of)
    elb.delete_load_balancer(LoadBalancerArn=of["LoadBalancerArns"][0])
    wait(lab, "elbv2", "load_balancers_deleted", **of)


def test_containers(lab):
    ecs, net = lab.client("ecs"), setups.network(lab)
    ecs.create_cluster(clusterName="demo")
    ecs.register_task_definition(
        family="web",
        networkMode="awsvpc",
        containerDefinitions=[{"name": "web", "image": "a", "memory": 8}],
    )
    ecs.create_service(
        cluster="demo",
        serviceName="web",
        taskDefinition="web:1",
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": net.subnets}},
    )
    of = {"cluster": "demo", "services": ["web"]}
    wait(lab, "ecs", "services_stable", **of)
    ecs.delete_service(cluster="demo", service="web", force=True)
    wait(lab, "ecs", "services_inactive", **of)


def test_names_and_certificates(lab):
    dns, acm = lab.client("route53"), lab.client("acm")
    made = dns.create_hosted_zone(Name="example.com", CallerReference="r")
    wait(lab, "route53", "resource_record_sets_changed", Id=made["ChangeInfo"]["Id"])
    arn = acm.request_certificate(DomainName="a.example.com", ValidationMethod="DNS")[
        "CertificateArn"
    ]
    (option,) = acm.describe_certificate(CertificateArn=arn)["Certificate"][
        "DomainValidationOptions"
    ]
    record = option["ResourceRecord"]
    rows = {"Name": record["Name"], "Type": "CNAME", "TTL": 60}
    rows["ResourceRecords"] = [{"Value": record["Value"]}]
    dns.change_resource_record_sets(
        HostedZoneId=made["HostedZone"]["Id"],
        ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": rows}]},
    )
    wait(lab, "acm", "certificate_validated", CertificateArn=arn)


def test_watching(lab):
    lab.client("cloudwatch").put_metric_alarm(
        AlarmName="high",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="m",
        Namespace="n",
        Period=60,
        Statistic="Sum",
        Threshold=1.0,
    )
    wait(lab, "cloudwatch", "alarm_exists", AlarmNames=["high"])
