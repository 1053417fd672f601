"""ECS: services reach their steady state in minutes, and clusters that still run something stay."""

from __future__ import annotations

from typing import Any

from lab.backend import NOT_SIMULATED
from lab.extend import AwsError, Context, Output, Params, after, before, on_end
from lab.failures import Failure, fails
from lab.kit.records import digest
from lab.services.ecs_options import options

SERVICE = "ecs/service"
LOST = frozenset(
    {
        "alarms",
        "availabilityZoneRebalancing",
        "serviceConnectConfiguration",
        "volumeConfigurations",
        "vpcLatticeConfigurations",
    }
)
"""Members of services that moto takes and forgets."""
ROLLED = frozenset(
    {
        "capacityProviderStrategy",
        "forceNewDeployment",
        "networkConfiguration",
        "platformVersion",
        "taskDefinition",
    }
)
"""Changes that need new tasks."""


@before("ecs", "CreateService", "UpdateService")
def simulated(ctx: Context, params: Params) -> None:
    """Never a false success: what would be forgotten is refused, and no SDK retries a 501."""
    if lost := sorted(LOST & set(params)):
        text = f"The lab does not simulate {', '.join(lost)} of ecs services"
        raise AwsError(NOT_SIMULATED, text, status=501)


@before("ecs", "CreateCluster", "UpdateCluster", "PutClusterCapacityProviders")
def nameless(_ctx: Context, params: Params) -> None:
    """Service Connect needs a namespace of Cloud Map, which is not simulated."""
    if params.get("serviceConnectDefaults"):
        text = "The lab does not simulate Service Connect of ecs clusters"
        raise AwsError(NOT_SIMULATED, text, status=501)


@before("ecs", "CreateService")
def grouped(_ctx: Context, params: Params) -> Params | None:
    """Security groups may be left out; moto needs a list."""
    network = params.get("networkConfiguration", {}).get("awsvpcConfiguration")
    if network is None:
        return None
    whole = {"awsvpcConfiguration": {"securityGroups": []} | network}
    return params | {"networkConfiguration": whole}


@before("ecs", "CreateService")
def name_free(ctx: Context, params: Params) -> None:
    """A service that is not gone keeps its name; moto puts the new one in its place."""
    cluster = params.get("cluster", "default").rpartition("/")[2]
    old = ctx.moto("ecs").services.get(f"{cluster}:{params['serviceName']}")
    if old is not None and old.status != "INACTIVE":
        raise AwsError("InvalidParameterException", "Creation of service was not idempotent.")


@after("ecs", "CreateService")
def deploying(ctx: Context, _params: Params, output: Output) -> None:
    """The tasks of a new service start."""
    ctx.life.start(SERVICE, output["service"]["serviceArn"], "deploy")


@on_end(SERVICE, "deploy")
def steady(ctx: Context, arn: str) -> None:
    """Every task runs: the deployment is complete."""
    if (service := _service(ctx, arn)) is None or service.status != "ACTIVE":
        return
    cluster = ctx.moto("ecs").clusters[service.cluster_name]
    cluster.pending_tasks_count -= service.pending_count
    cluster.running_tasks_count += service.desired_count - service.running_count
    service.running_count, service.pending_count = service.desired_count, 0
    del service.deployments[1:]
    for deployment in service.deployments:
        deployment |= {
            "desiredCount": service.desired_count,
            "runningCount": service.desired_count,
            "pendingCount": 0,
            "rolloutState": "COMPLETED",
            "rolloutStateReason": f"ECS deployment {deployment['id']} completed.",
        }


@after("ecs", "UpdateService")
def redeploying(ctx: Context, params: Params, output: Output) -> Output:
    """A change is rolled out: until then the old tasks run, in a deployment of their own."""
    arn = output["service"]["serviceArn"]
    service = _service(ctx, arn)
    if not service.deployments:
        return output
    running = sum(each["runningCount"] for each in service.deployments)
    cluster = ctx.moto("ecs").clusters[service.cluster_name]
    cluster.running_tasks_count += running - service.running_count
    service.running_count = running
    if ROLLED & set(params):
        _begin_deployment(ctx, service)
    service.deployments[0] |= {"desiredCount": service.desired_count, "rolloutState": "IN_PROGRESS"}
    ctx.life.start(SERVICE, arn, "deploy")
    request = {"cluster": service.cluster_name, "services": [service.name]}
    return {"service": ctx.call("ecs", "DescribeServices", request)["services"][0]}


def _begin_deployment(ctx: Context, service: Any) -> None:
    old = [each | {"status": "ACTIVE"} for each in service.deployments]
    identifier = f"ecs-svc/{int(digest(service.arn, str(ctx.now()), length=15), 16)}"
    new = service.deployments[0] | {
        "id": identifier,
        "taskDefinition": service.task_definition,
        "runningCount": 0,
        "pendingCount": service.desired_count,
        "rolloutStateReason": f"ECS deployment {identifier} in progress.",
    }
    service.deployments = [new, *old]


def _service(ctx: Context, arn: str) -> Any:
    return next((each for each in ctx.moto("ecs").services.values() if each.arn == arn), None)


@fails("ecs", "CreateService", SERVICE, {"TaskFailedToStart": "tasks failed to start."})
@fails("ecs", "UpdateService", SERVICE, {"TaskFailedToStart": "tasks failed to start."})
def never_steady(ctx: Context, arn: str, failure: Failure) -> None:
    """Without a circuit breaker it goes on for ever; with one it fails, or goes back."""
    if (service := _service(ctx, arn)) is None or not service.deployments:
        return
    breaker = options(ctx, arn)["deploymentConfiguration"]["deploymentCircuitBreaker"]
    new, old = service.deployments[0], service.deployments[1:]
    new["failedTasks"] = max(10, service.desired_count)
    if not breaker["enable"]:
        return
    text = f"ECS deployment circuit breaker: {failure.message}"
    if breaker["rollback"] and old:
        service.task_definition = old[0]["taskDefinition"]
        back = f"{text} rolling back to deploymentId {old[0]['id']}."
        service.deployments = [
            old[0] | {"status": "PRIMARY", "rolloutState": "COMPLETED", "rolloutStateReason": back}
        ]
        return
    new |= {"rolloutState": "FAILED", "rolloutStateReason": text}


@before("ecs", "DeleteCluster")
def empty(ctx: Context, params: Params) -> None:
    """A cluster with services, tasks or container instances stays."""
    ecs, name = ctx.moto("ecs"), params["cluster"].rpartition("/")[2]
    services = [each for each in ecs.services.values() if each.cluster_name == name]
    tasks = ecs.tasks.get(name, {}).values()
    for what, held in (
        ("Services", any(each.status != "INACTIVE" for each in services)),
        ("Tasks", any(each.last_status != "STOPPED" for each in tasks)),
        ("ContainerInstances", bool(ecs.container_instances.get(name))),
    ):
        if held:
            text = f"The Cluster cannot be deleted while {what} are active."
            raise AwsError(f"ClusterContains{what}Exception", text, status=400)
