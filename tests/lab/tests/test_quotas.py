"""Quotas: read, raised, and in force."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import databases
import pytest
import setups


@pytest.mark.parametrize(
    ("quota", "call", "params", "code"),
    [
        ("vpc/L-F678F1CE", "create_vpc", {"CidrBlock": "10.0.0.0/16"}, "VpcLimitExceeded"),
        ("ec2/L-0263D0A3", "allocate_address", {"Domain": "vpc"}, "AddressLimitExceeded"),
        ("vpc/L-A4707A72", "create_internet_gateway", {}, "InternetGatewayLimitExceeded"),
    ],
)
def test_one_more_than_the_quota_is_refused_until_it_is_raised(
    lab, refused, quota, call, params, code
):
    lab.admin("PUT", "/_lab/quotas", {quota: 1})
    make = getattr(lab.client("ec2"), call)
    make(**params)
    with refused(code):
        make(**params)
    service, quota_code = quota.split("/")
    lab.client("service-quotas").request_service_quota_increase(
        ServiceCode=service, QuotaCode=quota_code, DesiredValue=2
    )
    make(**params)


def test_quotas_are_read_one_by_one_and_by_service(lab, refused):
    quotas = lab.client("service-quotas")
    one = quotas.get_service_quota(ServiceCode="ec2", QuotaCode="L-DB2E81BA")["Quota"]
    assert one["Value"] > 0
    listed = quotas.list_service_quotas(ServiceCode="ec2")["Quotas"]
    assert one["QuotaCode"] in [each["QuotaCode"] for each in listed]
    with refused("NoSuchResourceException"):
        quotas.get_service_quota(ServiceCode="ec2", QuotaCode="L-00000000")


def run(lab, name, **more):
    return lab.client("ec2").run_instances(
        ImageId="ami-12c6146b", InstanceType=name, MinCount=1, MaxCount=1, **more
    )["Instances"][0]["InstanceId"]


SPOT = {"InstanceMarketOptions": {"MarketType": "spot"}}


@pytest.mark.parametrize(
    ("code", "name", "more", "error"),
    [
        ("L-1216C47A", "m5.large", {}, "VcpuLimitExceeded"),
        ("L-DB2E81BA", "g5.xlarge", {}, "VcpuLimitExceeded"),
        ("L-417A185B", "p4d.24xlarge", {}, "VcpuLimitExceeded"),
        ("L-34B43A08", "c5.large", SPOT, "MaxSpotInstanceCountExceeded"),
        ("L-C4BD4855", "p5.48xlarge", SPOT, "MaxSpotInstanceCountExceeded"),
    ],
)
def test_vcpus_that_run_count_against_their_group(lab, refused, code, name, more, error):
    one = {"m5.large": 2, "g5.xlarge": 4, "p4d.24xlarge": 96, "c5.large": 2, "p5.48xlarge": 192}[
        name
    ]
    lab.admin("PUT", "/_lab/quotas", {f"ec2/{code}": one})
    setups.network(lab)
    subnet = lab.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    first = run(lab, name, SubnetId=subnet, **more)
    with refused(error):
        run(lab, name, SubnetId=subnet, **more)
    lab.client("ec2").terminate_instances(InstanceIds=[first])
    run(lab, name, SubnetId=subnet, **more)


def test_nodes_beyond_the_vcpu_quota_fail_their_group(lab):
    net = setups.network(lab)
    setups.cluster(lab, net)
    lab.admin("PUT", "/_lab/quotas", {"ec2/L-1216C47A": 2})
    setups.nodes(lab, net, instanceTypes=["m5.large"])
    group = lab.client("eks").describe_nodegroup(clusterName="demo", nodegroupName="api")
    (issue,) = group["nodegroup"]["health"]["issues"]
    assert issue["code"] == "AsgInstanceLaunchFailures"
    assert "vCPU limit of 2" in issue["message"]


def test_every_service_refuses_with_its_own_code(lab, refused):
    net = databases.network(lab)
    setups.cluster(lab, net)
    lab.admin(
        "PUT",
        "/_lab/quotas",
        {
            "eks/L-1194D53C": 1,
            "eks/L-6D54EA21": 0,
            "rds/L-7B6409FD": 0,
            "rds/L-952B80B8": 0,
            "elasticache/L-DFE45DF3": 3,
        },
    )
    eks, rds, cache = (lab.client(name) for name in ("eks", "rds", "elasticache"))
    with refused("ResourceLimitExceededException"):
        eks.create_cluster(
            name="more",
            roleArn="arn:aws:iam::123456789012:role/control",
            resourcesVpcConfig={"subnetIds": net.subnets},
        )
    with refused("ResourceLimitExceededException"):
        eks.create_nodegroup(**setups.node_request(lab, net))
    with refused("InstanceQuotaExceeded"):
        rds.create_db_instance(**databases.request())
    with refused("DBClusterQuotaExceededFault"):
        rds.create_db_cluster(DBClusterIdentifier="main", Engine="aurora-postgresql")
    with refused("NodeQuotaForCustomerExceeded"):
        cache.create_replication_group(
            ReplicationGroupId="c",
            ReplicationGroupDescription="d",
            CacheNodeType="cache.r6g.large",
            NumNodeGroups=2,
            ReplicasPerNodeGroup=1,
        )


def test_a_service_without_quotas_is_unknown(lab, refused):
    quotas = lab.client("service-quotas")
    with refused("NoSuchResourceException"):
        quotas.list_service_quotas(ServiceCode="none")
    defaults = quotas.list_aws_default_service_quotas(ServiceCode="eks", MaxResults=2)
    assert len(defaults["Quotas"]) == 2 and defaults["NextToken"]
    default = quotas.get_aws_default_service_quota(ServiceCode="ec2", QuotaCode="L-DB2E81BA")
    assert default["Quota"]["Value"] == 0


def test_a_quota_names_the_metric_of_its_usage(lab):
    net, quota = setups.network(lab), {"ServiceCode": "ec2", "QuotaCode": "L-1216C47A"}
    wanted = {"ImageId": "ami-12c6146b", "InstanceType": "m5.xlarge", "SubnetId": net.subnets[0]}
    lab.client("ec2").run_instances(MinCount=2, MaxCount=2, **wanted)
    shown = lab.client("service-quotas").get_service_quota(**quota)["Quota"]["UsageMetric"]
    metric = {
        "Namespace": shown["MetricNamespace"],
        "MetricName": shown["MetricName"],
        "Dimensions": [
            {"Name": name, "Value": value} for name, value in shown["MetricDimensions"].items()
        ],
    }
    now = datetime.fromtimestamp(lab.world.clock.now(), timezone.utc)
    span = {"StartTime": now - timedelta(minutes=10), "EndTime": now}
    watch, best = lab.client("cloudwatch"), shown["MetricStatisticRecommendation"]
    (point,) = watch.get_metric_statistics(**metric, **span, Period=300, Statistics=[best])[
        "Datapoints"
    ]
    assert point[best] == 8
    query = {"Id": "a", "MetricStat": {"Metric": metric, "Period": 300, "Stat": best}}
    (result,) = watch.get_metric_data(MetricDataQueries=[query], **span)["MetricDataResults"]
    assert result["Values"] == [8]
