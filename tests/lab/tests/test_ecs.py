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
    for option in (
        {"serviceConnectConfiguration": {"enabled": True, "namespace": "n"}},
        {"deploymentConfiguration": {"strategy": "BLUE_GREEN"}},
    ):
        with refused("NotImplemented") as refusal:
            ecs.create_service(**request_, **option)
        assert refusal.status == 501
    with refused("NotImplemented"):
        ecs.create_cluster(clusterName="c", serviceConnectDefaults={"namespace": "n"})


BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}


def test_how_a_service_deploys_is_remembered_and_checked(ecs, request_, refused):
    with refused("InvalidParameterException"):
        ecs.create_service(**request_, deploymentConfiguration={"maximumPercent": 100})
    made = ecs.create_service(**request_)["service"]["deploymentConfiguration"]
    assert (made["maximumPercent"], made["minimumHealthyPercent"]) == (200, 100)
    of = {"cluster": "demo", "service": "web"}
    ecs.update_service(**of, deploymentConfiguration=BREAKER)
    (shown,) = ecs.describe_services(cluster="demo", services=["web"])["services"]
    assert shown["deploymentConfiguration"] == made | BREAKER


def fail(lab, operation):
    rule = {"kind": "fail", "service": "ecs", "operation": operation, "reason": "TaskFailedToStart"}
    lab.admin("PUT", "/_lab/faults", [rule])


def test_a_broken_deployment_goes_back_when_a_circuit_breaker_says_so(lab, ecs, request_):
    ecs.create_service(**request_, deploymentConfiguration=BREAKER)
    lab.settle()
    fail(lab, "UpdateService")
    ecs.update_service(cluster="demo", service="web", taskDefinition="web:2")
    lab.settle()
    (service,) = ecs.describe_services(cluster="demo", services=["web"])["services"]
    (deployment,) = service["deployments"]
    assert deployment["taskDefinition"].endswith("web:1")
    assert deployment["rolloutState"] == "COMPLETED"
    assert "rolling back" in deployment["rolloutStateReason"]


def test_a_broken_deployment_fails_with_a_breaker_and_never_ends_without(lab, ecs, request_):
    for breaker, state in ((True, "FAILED"), (False, "IN_PROGRESS")):
        fail(lab, "CreateService")
        how = {"deploymentCircuitBreaker": {"enable": breaker, "rollback": False}}
        ecs.create_service(**request_, deploymentConfiguration=how)
        lab.settle()
        assert rollout(ecs) == (0, state)
        ecs.delete_service(cluster="demo", service="web", force=True)


def test_a_strategy_names_providers_of_the_cluster(ecs, request_, refused):
    request_.pop("launchType")
    spot = [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
    with refused("InvalidParameterException") as refusal:
        ecs.create_service(**request_, capacityProviderStrategy=spot)
    assert "not associated with the cluster" in refusal.message
    ecs.put_cluster_capacity_providers(
        cluster="demo", capacityProviders=["FARGATE_SPOT"], defaultCapacityProviderStrategy=[]
    )
    with refused("InvalidParameterException"):
        ecs.create_service(**request_, launchType="FARGATE", capacityProviderStrategy=spot)
    made = ecs.create_service(**request_, capacityProviderStrategy=spot)["service"]
    assert made["capacityProviderStrategy"] == spot
    assert "launchType" not in made
