"""Route 53, SNS and CloudTrail: changes with time, references used once, who may write."""

from __future__ import annotations

import json

import pytest

RECORD = {
    "Name": "a.example.com",
    "Type": "A",
    "TTL": 60,
    "ResourceRecords": [{"Value": "192.0.2.1"}],
}


def change(dns, zone, action):
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": RECORD}]}
    return dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)["ChangeInfo"]


def test_a_change_is_pending_until_every_server_has_it(lab, refused):
    dns = lab.client("route53")
    made = dns.create_hosted_zone(Name="example.com", CallerReference="r")
    info = change(dns, made["HostedZone"]["Id"], "CREATE")
    assert info["Status"] == "PENDING"
    assert info["Id"] != made["ChangeInfo"]["Id"]
    lab.advance(59)
    assert dns.get_change(Id=info["Id"])["ChangeInfo"]["Status"] == "PENDING"
    lab.advance(1)
    assert dns.get_change(Id=info["Id"])["ChangeInfo"]["Status"] == "INSYNC"
    with refused("NoSuchChange"):
        dns.get_change(Id="/change/C0000000000000")


def test_a_zone_with_records_stays_and_its_reference_is_used_up(lab, refused):
    dns = lab.client("route53")
    of = {"Name": "example.com", "CallerReference": "r"}
    zone = dns.create_hosted_zone(**of)["HostedZone"]["Id"]
    change(dns, zone, "CREATE")
    with refused("HostedZoneNotEmpty"):
        dns.delete_hosted_zone(Id=zone)
    change(dns, zone, "DELETE")
    dns.delete_hosted_zone(Id=zone)
    with refused("HostedZoneAlreadyExists"):
        dns.create_hosted_zone(**of)


def test_the_reference_of_a_deleted_health_check_is_used_up(lab, refused):
    dns = lab.client("route53")
    config = {"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.com", "Port": 443}
    of = {"CallerReference": "r", "HealthCheckConfig": config}
    dns.delete_health_check(HealthCheckId=dns.create_health_check(**of)["HealthCheck"]["Id"])
    with refused("HealthCheckAlreadyExists"):
        dns.create_health_check(**of)


@pytest.mark.parametrize(
    ("protocol", "to"), [("email", "a@example.com"), ("https", "https://a.example.com")]
)
def test_people_confirm_their_subscriptions(lab, refused, protocol, to):
    sns = lab.client("sns")
    of = {"TopicArn": sns.create_topic(Name="alerts")["TopicArn"]}
    given = sns.subscribe(**of, Protocol=protocol, Endpoint=to)["SubscriptionArn"]
    assert given == "pending confirmation"
    (listed,) = sns.list_subscriptions_by_topic(**of)["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"
    whole = {"Protocol": protocol, "Endpoint": to, "ReturnSubscriptionArn": True}
    arn = sns.subscribe(**of, **whole)["SubscriptionArn"]
    shown = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert shown["PendingConfirmation"] == "true"
    with refused("InvalidParameter"):
        sns.unsubscribe(SubscriptionArn=arn)


def test_a_trail_needs_a_bucket_that_lets_it_write(lab, refused):
    s3, trails = lab.client("s3"), lab.client("cloudtrail")
    s3.create_bucket(Bucket="some-trail")
    of = {"Name": "account", "S3BucketName": "some-trail"}
    with refused("InsufficientS3BucketPolicyException"):
        trails.create_trail(**of)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["s3:GetBucketAcl", "s3:PutObject"],
        "Resource": ["arn:aws:s3:::some-trail", "arn:aws:s3:::some-trail/*"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3.put_bucket_policy(Bucket="some-trail", Policy=policy)
    trails.create_trail(**of)
    with refused("TrailAlreadyExistsException"):
        trails.create_trail(**of)
