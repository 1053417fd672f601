"""ECS: a service is steady after minutes, and a cluster with services stays."""

from __future__ import annotations

import pytest
import setups


@pytest.fixture
def ecs(lab):
    client = lab.client("ecs")
    client.create_cluster(clusterName="demo")
    for image in ("a", "b"):
        client.register_task_definition(
            family="web",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            containerDefinitions=[{"name": "web", "image": image}],
        )
    return client


@pytest.fixture
def request_(lab):
    net = setups.network(lab)
    return {
        "cluster": "demo",
        "serviceName": "web",
        "taskDefinition": "web:1",
        "desiredCount": 2,
        "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": net.subnets}},
    }


def rollout(ecs):
    (service,) = ecs.describe_services(cluster="demo", services=["web"])["services"]
    return service["runningCount"], service["deployments"][0]["rolloutState"]


def test_a_service_is_steady_only_after_its_tasks_started(lab, ecs, request_):
    ecs.create_service(**request_)
    lab.advance(119)
    assert rollout(ecs) == (0, "IN_PROGRESS")
    lab.advance(1)
    assert rollout(ecs) == (2, "COMPLETED")


def test_a_change_is_rolled_out_in_time(lab, ecs, request_):
    ecs.create_service(**request_)
    lab.settle()
    ecs.update_service(cluster="demo", service="web", taskDefinition="web:2")
    (during,) = ecs.describe_services(cluster="demo", services=["web"])["services"]
    shown = [(each["status"], each["runningCount"]) for each in during["deployments"]]
    assert (during["runningCount"], shown) == (2, [("PRIMARY", 0), ("ACTIVE", 2)])
    lab.settle()
    (service,) = ecs.describe_services(cluster="demo", services=["web"])["services"]
    assert rollout(ecs) == (2, "COMPLETED")
    assert service["deployments"][0]["taskDefinition"].endswith("web:2")


def test_tasks_are_added_and_stopped_in_time(lab, ecs, request_):
    ecs.create_service(**request_)
    lab.settle()
    for wanted, before in ((5, 2), (0, 5)):
        shown = ecs.update_service(cluster="demo", service="web", desiredCount=wanted)["service"]
        assert (shown["desiredCount"], shown["runningCount"]) == (wanted, before)
        lab.settle()
        assert rollout(ecs) == (wanted, "COMPLETED")
    (cluster,) = ecs.describe_clusters(clusters=["demo"])["clusters"]
    assert (cluster["runningTasksCount"], cluster["pendingTasksCount"]) == (0, 0)


def test_a_cluster_with_a_service_stays_and_so_does_a_scaled_service(ecs, request_, refused):
    ecs.create_service(**request_)
    with refused("ClusterContainsServicesException"):
        ecs.delete_cluster(cluster="demo")
    with refused("InvalidParameterException"):
        ecs.delete_service(cluster="demo", service="web")
    ecs.delete_service(cluster="demo", service="web", force=True)
    ecs.delete_cluster(cluster="demo")


def test_a_name_in_use_is_refused(ecs, request_, refused):
    ecs.create_service(**request_)
    with refused("InvalidParameterException"):
        ecs.create_service(**request_)


def test_what_moto_would_forget_is_refused(ecs, request_, refused):
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    with refused("NotImplemented") as refusal:
        ecs.create_service(**request_, deploymentConfiguration=breaker)
    assert refusal.status == 501
