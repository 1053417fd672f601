"""Rules of single services that moto lets pass: names, owners, states, and what goes together."""

from __future__ import annotations

import pytest
import setups

OTHER = "210987654321"


def test_a_bucket_of_somebody_else_is_not_touched_by_mistake(lab, refused):
    s3 = lab.client("s3")
    s3.create_bucket(Bucket="some-bucket")
    s3.head_bucket(Bucket="some-bucket", ExpectedBucketOwner="123456789012")
    for call, more in (
        (s3.get_bucket_location, {}),
        (s3.put_object, {"Key": "a", "Body": b"x"}),
        (s3.delete_bucket, {}),
    ):
        with refused("AccessDenied"):
            call(Bucket="some-bucket", ExpectedBucketOwner=OTHER, **more)


@pytest.mark.parametrize("name", ["Upper-Case", "under_score", "two..dots", "10.0.0.1", "-a-"])
def test_names_of_buckets(lab, refused, name):
    with refused("InvalidBucketName"):
        lab.client("s3").create_bucket(Bucket=name)


def test_acls_are_off_unless_asked_for(lab, refused):
    s3 = lab.client("s3")
    s3.create_bucket(Bucket="closed")
    with refused("AccessControlListNotSupported"):
        s3.put_bucket_acl(Bucket="closed", ACL="public-read")
    with refused("AccessControlListNotSupported"):
        s3.put_object(Bucket="closed", Key="a", Body=b"", ACL="public-read")
    s3.put_object(Bucket="closed", Key="a", Body=b"", ACL="bucket-owner-full-control")
    with refused("InvalidBucketAclWithObjectOwnership"):
        s3.create_bucket(Bucket="other", ACL="public-read")
    s3.create_bucket(Bucket="open", ObjectOwnership="BucketOwnerPreferred")
    s3.put_bucket_acl(Bucket="open", ACL="private")


def test_what_stands_in_a_body_and_is_wrong_is_malformed(lab, refused):
    s3 = lab.client("s3")
    s3.create_bucket(Bucket="some-bucket")
    with refused("MalformedXML"):
        s3.put_bucket_versioning(
            Bucket="some-bucket", VersioningConfiguration={"Status": "Perhaps"}
        )


def test_keys_are_used_while_enabled_and_for_their_purpose(lab, refused):
    kms = lab.client("kms")
    key, signing = (
        kms.create_key(**more)["KeyMetadata"]["KeyId"]
        for more in ({}, {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"})
    )
    with refused("InvalidKeyUsageException"):
        kms.encrypt(KeyId=signing, Plaintext=b"x")
    with refused("KMSInvalidStateException"):
        kms.cancel_key_deletion(KeyId=key)
    kms.disable_key(KeyId=key)
    with refused("DisabledException"):
        kms.encrypt(KeyId=key, Plaintext=b"x")
    kms.enable_key(KeyId=key)
    kms.encrypt(KeyId=key, Plaintext=b"x")
    kms.schedule_key_deletion(KeyId=key)
    with refused("KMSInvalidStateException"):
        kms.generate_data_key(KeyId=key, KeySpec="AES_256")


def test_a_secret_in_its_window_takes_no_changes(lab, refused):
    secrets = lab.client("secretsmanager")
    with refused("InvalidParameterException"):
        secrets.create_secret(Name="a", SecretString="x", SecretBinary=b"x")
    arn = secrets.create_secret(Name="a", SecretString="x")["ARN"]
    secrets.delete_secret(SecretId="a")
    for identifier in ("a", arn):
        with refused("InvalidRequestException"):
            secrets.put_secret_value(SecretId=identifier, SecretString="y")
    secrets.restore_secret(SecretId="a")
    secrets.put_secret_value(SecretId=arn, SecretString="y")


def test_small_subnets_reserved_names_and_unknown_ids(lab, refused):
    net, ec2 = setups.network(lab), lab.client("ec2")
    with refused("InvalidSubnet.Range"):
        ec2.create_subnet(VpcId=net.vpc, CidrBlock="10.0.9.0/29")
    with refused("InvalidParameterValue"):
        ec2.create_security_group(GroupName="default", Description="d", VpcId=net.vpc)
    with refused("InvalidLaunchTemplateId.NotFound"):
        ec2.delete_launch_template(LaunchTemplateId="lt-0123456789abcdef0")


def test_alarms_begin_without_data_and_make_sense(lab, refused):
    watch = lab.client("cloudwatch")
    alarm = {
        "AlarmName": "a",
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 2,
        "MetricName": "m",
        "Namespace": "n",
        "Period": 60,
        "Statistic": "Sum",
        "Threshold": 1.0,
    }
    watch.put_metric_alarm(**alarm)
    shown = watch.describe_alarms()["MetricAlarms"][0]
    assert (shown["StateValue"], shown["StateReason"]) == (
        "INSUFFICIENT_DATA",
        "Unchecked: Initial alarm creation",
    )
    watch.set_alarm_state(AlarmName="a", StateValue="OK", StateReason="r")
    watch.put_metric_alarm(**alarm | {"Threshold": 2.0})
    for wrong in ({"Period": 7}, {"DatapointsToAlarm": 3}, {"ExtendedStatistic": "p99"}):
        with refused("ValidationError"):
            watch.put_metric_alarm(**alarm | wrong)


def test_detectors_and_topics_and_records(lab, refused):
    with refused("BadRequestException"):
        lab.client("guardduty").delete_detector(DetectorId="0" * 32)
    sns = lab.client("sns")
    sns.create_topic(Name="t")
    sns.create_topic(Name="t")
    with refused("InvalidParameter"):
        sns.create_topic(Name="t", Attributes={"DisplayName": "x"})
    dns = lab.client("route53")
    zone = dns.create_hosted_zone(Name="a.example.com", CallerReference="1")["HostedZone"]["Id"]
    record = {"Name": "x.a.example.com", "Type": "A", "TTL": 60}
    record["ResourceRecords"] = [{"Value": "192.0.2.1"}]

    def change(action):
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)

    with refused("InvalidChangeBatch"):
        change("DELETE")
    change("CREATE")
    with refused("InvalidChangeBatch"):
        change("CREATE")
    change("DELETE")


def test_every_service_refuses_values_with_its_own_code(lab, refused):
    with refused("InvalidParameterException"):
        lab.client("ecr").create_repository(repositoryName="UPPER")
    with refused("InvalidParameterValueException"):
        lab.client("backup").create_backup_vault(BackupVaultName="a vault")
