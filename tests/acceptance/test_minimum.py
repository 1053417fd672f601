"""The whole life of the minimum platform, as the example sets it up."""

from __future__ import annotations

from harness.lab import Lab
from harness.workspace import Workspace

DISPOSABLE = "-var=disposable=true"
GROWN = "-var-file=grow.tfvars"
RESOURCE = "module.platform.stellar_cluster.this"


def test_the_minimum_platform_lives_from_create_to_destroy(example: Workspace, lab: Lab) -> None:
    created = example.apply(DISPOSABLE)
    assert created.code == 0, created
    assert_profile(lab, storage_gb=500, pools={"api": (3, 5, 20), "ai": (2, 3, 10)})
    assert_nothing_to_do(example)

    objects = identities(example)
    changed = example.apply(DISPOSABLE, GROWN)
    assert changed.code == 0, changed
    assert changed.summary == {"add": 0, "change": 1, "remove": 0}
    pools = {"api": (3, 5, 20), "ai": (2, 3, 10), "batch": (0, 1, 6)}
    assert_profile(lab, storage_gb=600, pools=pools)
    now = identities(example)
    assert {address: now[address] for address in objects} == objects, "an object was replaced"
    assert_nothing_to_do(example, GROWN)

    destroyed = example.destroy(DISPOSABLE, GROWN)
    assert destroyed.code == 0, destroyed
    assert lab.census() == {}
    assert example.state() == {}


def assert_nothing_to_do(example: Workspace, *options: str) -> None:
    """A plan after an apply finds no changes, and makes none."""
    planned = example.plan(DISPOSABLE, *options)
    assert planned.code == 0, planned


def identities(example: Workspace) -> dict[str, str]:
    """Component address → AWS id, from the state."""
    components = example.state()[RESOURCE]["values"]["components"]
    return {address: component["id"] for address, component in components.items()}


def assert_profile(lab: Lab, storage_gb: int, pools: dict[str, tuple[int, int, int]]) -> None:
    """The account holds the profile with its numbers, seen by a client that is not ours."""
    assert_network(lab)
    assert_kubernetes(lab, pools)
    assert_database(lab, storage_gb)
    assert_cache(lab)
    assert_buckets_and_cdn(lab)


def assert_network(lab: Lab) -> None:
    """Three zones, three tiers, a NAT gateway per zone, the S3 endpoint."""
    ec2 = lab.client("ec2")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"]
    assert vpc["CidrBlock"] == "10.0.0.0/16"
    mine = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    subnets = ec2.describe_subnets(Filters=mine)["Subnets"]
    assert len(subnets) == 9
    assert len({subnet["AvailabilityZone"] for subnet in subnets}) == 3
    gateways = ec2.describe_nat_gateways(Filters=mine)["NatGateways"]
    assert [gateway["State"] for gateway in gateways] == ["available"] * 3
    endpoints = ec2.describe_vpc_endpoints(Filters=mine)["VpcEndpoints"]
    assert "com.amazonaws.us-east-1.s3" in [endpoint["ServiceName"] for endpoint in endpoints]
    assert ec2.describe_flow_logs(Filters=[{"Name": "resource-id", "Values": [vpc["VpcId"]]}])[
        "FlowLogs"
    ]


def assert_kubernetes(lab: Lab, pools: dict[str, tuple[int, int, int]]) -> None:
    """A closed, encrypted, logging cluster with exactly these node pools."""
    eks = lab.client("eks")
    (name,) = eks.list_clusters()["clusters"]
    cluster = eks.describe_cluster(name=name)["cluster"]
    assert (cluster["status"], cluster["version"]) == ("ACTIVE", "1.35")
    assert cluster["resourcesVpcConfig"]["endpointPrivateAccess"] is True
    assert cluster["resourcesVpcConfig"]["endpointPublicAccess"] is False
    assert cluster["encryptionConfig"][0]["resources"] == ["secrets"]
    found = {}
    for group_name in eks.list_nodegroups(clusterName=name)["nodegroups"]:
        group = eks.describe_nodegroup(clusterName=name, nodegroupName=group_name)["nodegroup"]
        assert group["status"] == "ACTIVE"
        scaling = group["scalingConfig"]
        sizes = (scaling["minSize"], scaling["desiredSize"], scaling["maxSize"])
        # PLATFORM-POOL-GENERATION
        pool = group_name.split("-")[-2]
        found[pool] = sizes
        if pool == "ai":
            assert group["amiType"] == "AL2023_x86_64_NVIDIA"
            assert group["labels"]["node-type"] == "gpu"
            assert [taint["key"] for taint in group["taints"]] == ["nvidia.com/gpu"]
    assert found == pools
    addons = eks.list_addons(clusterName=name)["addons"]
    assert {"vpc-cni", "kube-proxy", "coredns", "eks-pod-identity-agent"} <= set(addons)


def assert_database(lab: Lab, storage_gb: int) -> None:
    """A primary in two zones and two replicas: encrypted, private, monitored."""
    instances = lab.client("rds").describe_db_instances()["DBInstances"]
    assert len(instances) == 3
    for each in instances:
        # RDS goes on for hours after a volume grew; the database serves all the while.
        assert each["DBInstanceStatus"] in ("available", "storage-optimization")
        assert each["StorageEncrypted"] is True
        assert each["PubliclyAccessible"] is False
        assert each["DBInstanceClass"] == "db.m7g.2xlarge"
    (primary,) = [i for i in instances if not i.get("ReadReplicaSourceDBInstanceIdentifier")]
    assert primary["EngineVersion"].startswith("17")
    assert primary["MultiAZ"] is True
    assert primary["AllocatedStorage"] == storage_gb
    assert primary["MaxAllocatedStorage"] == 2000
    assert primary["BackupRetentionPeriod"] == 30
    assert (primary["DBName"], primary["MasterUsername"]) == ("stellar_production", "stellar_admin")


def assert_cache(lab: Lab) -> None:
    """One shard of three nodes with TLS and encryption."""
    (group,) = lab.client("elasticache").describe_replication_groups()["ReplicationGroups"]
    assert group["Status"] == "available"
    assert len(group["MemberClusters"]) == 3
    assert group["CacheNodeType"] == "cache.r6g.xlarge"
    assert group["TransitEncryptionEnabled"] is True
    assert group["AtRestEncryptionEnabled"] is True
    assert group["AutomaticFailover"] == "enabled"


def assert_buckets_and_cdn(lab: Lab) -> None:
    """Two private, encrypted, versioned buckets behind one distribution with three behaviours."""
    s3 = lab.client("s3")
    buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert len(buckets) == 2
    for bucket in buckets:
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
        blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        assert all(blocked.values())
        assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    (found,) = lab.client("cloudfront").list_distributions()["DistributionList"]["Items"]
    assert (found["Status"], found["Enabled"]) == ("Deployed", True)
    paths = [behavior["PathPattern"] for behavior in found["CacheBehaviors"]["Items"]]
    assert paths == ["/images/*", "/api/*", "/reports/*"]
    hosts = [origin["DomainName"] for origin in found["Origins"]["Items"]]
    assert len(hosts) == 3 and "api.stellar.ai" in hosts
