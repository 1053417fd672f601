"""The census names whatever was made, in every service, and nothing that AWS put there."""

from __future__ import annotations

import pytest
import setups

TAGS = [{"Key": "team", "Value": "a"}]


def topic(lab):
    sns = lab.client("sns")
    arn = sns.create_topic(Name="alerts", Tags=TAGS)["TopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:q")


def ecs(lab):
    client = lab.client("ecs")
    client.create_cluster(clusterName="demo", tags=[{"key": "team", "value": "a"}])
    client.register_task_definition(
        family="web", containerDefinitions=[{"name": "w", "image": "i", "memory": 8}]
    )


def alarm(lab):
    lab.client("cloudwatch").put_metric_alarm(
        AlarmName="high",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="m",
        Namespace="n",
        Period=60,
        Statistic="Sum",
        Threshold=1.0,
        Tags=TAGS,
    )
    lab.client("cloudwatch").put_dashboard(DashboardName="board", DashboardBody='{"widgets": []}')


def backup(lab):
    lab.client("backup").create_backup_vault(BackupVaultName="vault", BackupVaultTags={"team": "a"})


def efs(lab):
    lab.client("efs").create_file_system(CreationToken="t", Tags=TAGS)


def zone(lab):
    lab.client("route53").create_hosted_zone(Name="example.com", CallerReference="r")


def table(lab):
    lab.client("dynamodb").create_table(
        TableName="locks",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )


@pytest.mark.parametrize(
    ("make", "kinds"),
    [
        (topic, {"sns/topic", "sns/subscription"}),
        (ecs, {"ecs/cluster", "ecs/task-definition"}),
        (alarm, {"cloudwatch/alarm", "cloudwatch/dashboard"}),
        (backup, {"backup/vault"}),
        (efs, {"efs/file-system"}),
        (zone, {"route53/zone"}),
        (table, {"dynamodb/table"}),
        (lambda lab: lab.client("sqs").create_queue(QueueName="q"), {"sqs/queue"}),
        (
            lambda lab: lab.client("ecr").create_repository(repositoryName="web", tags=TAGS),
            {"ecr/repository"},
        ),
        (
            lambda lab: lab.client("guardduty").create_detector(Enable=True),
            {"guardduty/detector"},
        ),
        (
            lambda lab: lab.client("acm").request_certificate(DomainName="a.example.com"),
            {"acm/certificate"},
        ),
        (
            lambda lab: lab.client("ssm").put_parameter(Name="p", Value="v", Type="String"),
            {"ssm/parameter"},
        ),
        (
            lambda lab: lab.client("kinesis").create_stream(StreamName="s", ShardCount=1),
            {"kinesis/streams"},
        ),
    ],
)
def test_what_is_made_is_counted_with_its_tags(lab, make, kinds):
    make(lab)
    census = lab.admin("GET", "/_lab/census")
    found = {kind: rows for place in census["regions"].values() for kind, rows in place.items()}
    assert set(found) == kinds
    for kind in (
        "sns/topic",
        "ecs/cluster",
        "cloudwatch/alarm",
        "efs/file-system",
        "ecr/repository",
    ):
        assert all(row["tags"] == {"team": "a"} for row in found.get(kind, []))


def test_looking_around_leaves_nothing_behind(lab):
    net = setups.network(lab)
    before = lab.admin("GET", "/_lab/census")
    for service, call in (
        ("acm", "list_certificates"),
        ("autoscaling", "describe_auto_scaling_groups"),
        ("backup", "list_backup_vaults"),
        ("cloudwatch", "describe_alarms"),
        ("dynamodb", "list_tables"),
        ("ecr", "describe_repositories"),
        ("ecs", "list_clusters"),
        ("efs", "describe_file_systems"),
        ("events", "list_rules"),
        ("guardduty", "list_detectors"),
        ("lambda", "list_functions"),
        ("route53", "list_hosted_zones"),
        ("sns", "list_topics"),
        ("sqs", "list_queues"),
        ("ssm", "describe_parameters"),
    ):
        getattr(lab.client(service), call)()
    assert lab.admin("GET", "/_lab/census") == before
    assert net.vpc in str(before)


def test_what_is_inactive_or_gone_is_not_counted(lab):
    client = lab.client("ecs")
    client.create_cluster(clusterName="demo")
    client.delete_cluster(cluster="demo")
    made = client.register_task_definition(
        family="web", containerDefinitions=[{"name": "w", "image": "i", "memory": 8}]
    )["taskDefinition"]["taskDefinitionArn"]
    client.deregister_task_definition(taskDefinition=made)
    assert lab.admin("GET", "/_lab/census")["total"] == 0
