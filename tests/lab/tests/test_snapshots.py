"""Snapshots: the world goes back to what it was, in the same process or in the next one."""

from __future__ import annotations

import urllib.error

import databases
import pytest
import setups
import test_cloudfront
import test_elasticache

from lab import snapshot


def take(lab):
    return lab.admin("POST", "/_lab/snapshot")["snapshot"]


def restore(lab, name):
    lab.admin("POST", "/_lab/restore", {"snapshot": name})


def populate(lab):
    """Objects of every way in which the lab keeps them, one of them still on its way."""
    net = setups.network(lab)
    setups.cluster(lab, net)
    setups.nodes(lab, net)
    lab.client("s3").create_bucket(Bucket="some-bucket")
    lab.client("s3").put_object(Bucket="some-bucket", Key="k", Body=b"content")
    for spec in ("SYMMETRIC_DEFAULT", "RSA_2048", "ECC_NIST_P256"):
        usage = "ENCRYPT_DECRYPT" if spec == "SYMMETRIC_DEFAULT" else "SIGN_VERIFY"
        lab.client("kms").create_key(KeySpec=spec, KeyUsage=usage)
    lab.client("logs").create_log_group(logGroupName="/a")
    lab.client("secretsmanager").create_secret(Name="s", SecretString="x")
    of = {"SubnetIds": net.subnets}
    lab.client("rds").create_db_subnet_group(
        DBSubnetGroupName="data", DBSubnetGroupDescription="d", **of
    )
    lab.client("rds").create_db_instance(**databases.request())
    lab.client("elasticache").create_cache_subnet_group(
        CacheSubnetGroupName="data", CacheSubnetGroupDescription="d", **of
    )
    lab.client("elasticache").create_replication_group(**test_elasticache.request())
    test_cloudfront.create(lab.client("cloudfront"))
    elb = {"Name": "a", "Subnets": net.subnets, "Type": "network"}
    lab.client("elbv2").create_load_balancer(**elb)
    rule = {"kind": "throttle", "operation": "ListKeys", "probability": 0.5}
    lab.admin("PUT", "/_lab/faults", [rule])
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    lab.admin("PUT", "/_lab/policy", {"Statement": [everything]})
    lab.client("eks").create_addon(clusterName="demo", addonName="vpc-cni")
    return net


def test_restore_brings_back_what_was_and_drops_what_came(lab):
    populate(lab)
    before, name = lab.admin("GET", "/_lab/census"), take(lab)
    lab.settle()
    eks = lab.client("eks")
    eks.delete_nodegroup(clusterName="demo", nodegroupName="api")
    lab.client("logs").create_log_group(logGroupName="/b")
    lab.client("s3").delete_object(Bucket="some-bucket", Key="k")
    lab.settle()
    for _ in range(2):  # a snapshot can be used more than once
        restore(lab, name)
        assert lab.admin("GET", "/_lab/census") == before
        body = lab.client("s3").get_object(Bucket="some-bucket", Key="k")["Body"].read()
        assert body == b"content"
        addon = {"clusterName": "demo", "addonName": "vpc-cni"}
        assert eks.describe_addon(**addon)["addon"]["status"] == "CREATING"
        lab.settle()
        assert eks.describe_addon(**addon)["addon"]["status"] == "ACTIVE"


def test_restore_brings_back_time_and_log(lab):
    lab.client("logs").create_log_group(logGroupName="/a")
    moment, name = lab.world.clock.now(), take(lab)
    lab.advance(3600)
    lab.client("logs").create_log_group(logGroupName="/b")
    restore(lab, name)
    assert lab.world.clock.now() == moment
    assert [each["operation"] for each in lab.admin("GET", "/_lab/log")] == ["CreateLogGroup"]


def test_a_restored_world_can_be_changed_and_taken_down(lab):
    net = populate(lab)
    lab.settle()
    restore(lab, take(lab))
    eks = lab.client("eks")
    eks.delete_nodegroup(clusterName="demo", nodegroupName="api")
    lab.settle()
    eks.delete_cluster(name="demo")
    lab.settle()
    elb = lab.client("elbv2")
    for balancer in elb.describe_load_balancers()["LoadBalancers"]:
        elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    rds = lab.client("rds")
    rds.delete_db_instance(DBInstanceIdentifier="main", SkipFinalSnapshot=True)
    cache = lab.client("elasticache")
    group = cache.describe_replication_groups()["ReplicationGroups"][0]["ReplicationGroupId"]
    cache.delete_replication_group(ReplicationGroupId=group)
    lab.settle()
    ec2 = lab.client("ec2")
    for subnet in net.subnets:
        ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_security_group(GroupId=net.group)
    ec2.delete_vpc(VpcId=net.vpc)
    found = lab.admin("GET", "/_lab/census")["regions"]["us-east-1"]
    assert not [kind for kind in found if kind.startswith(("ec2/", "eks/"))]


def test_a_world_goes_on_in_another_process(lab, tmp_path):
    populate(lab)
    before, file = lab.admin("GET", "/_lab/census"), tmp_path / "world"
    snapshot.write(lab.world, file)
    lab.world.reset()
    snapshot.read(lab.world, file)
    assert lab.admin("GET", "/_lab/census") == before


def test_snapshots_do_not_fill_the_memory(lab):
    first = take(lab)
    for _ in range(snapshot.KEPT):
        take(lab)
    with pytest.raises(urllib.error.HTTPError) as answer:
        restore(lab, first)
    assert answer.value.code == 404


@pytest.mark.parametrize("body", [None, {}, [], {"snapshot": "snapshot-0"}])
def test_restoring_nothing_is_refused(lab, body):
    with pytest.raises(urllib.error.HTTPError) as answer:
        lab.admin("POST", "/_lab/restore", body)
    assert answer.value.code in (400, 404)


@pytest.mark.parametrize("content", [b"", b"no world", b"lab 0 on moto 5.0\n\x80\x04K\x01."])
def test_a_file_that_holds_no_world_is_refused_and_nothing_is_lost(lab, tmp_path, content):
    lab.client("logs").create_log_group(logGroupName="/a")
    file = tmp_path / "world"
    file.write_bytes(content)
    with pytest.raises(snapshot.UnknownSnapshot):
        snapshot.read(lab.world, file)
    assert lab.client("logs").describe_log_groups()["logGroups"]
