"""EC2's rules: states over time, and what must go before what."""

from __future__ import annotations

import pytest

HOUR = 3600


@pytest.fixture
def ec2(lab):
    return lab.client("ec2")


@pytest.fixture
def vpc(ec2):
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for name in ("EnableDnsSupport", "EnableDnsHostnames"):
        ec2.modify_vpc_attribute(VpcId=vpc_id, **{name: {"Value": True}})
    return vpc_id


@pytest.fixture
def subnet(ec2, vpc):
    made = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1a")
    return made["Subnet"]["SubnetId"]


@pytest.fixture
def gateway(ec2, vpc):
    igw = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
    return igw


@pytest.fixture
def address(ec2):
    return ec2.allocate_address(Domain="vpc")["AllocationId"]


def make_nat(ec2, subnet, address, token="t"):
    made = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address, ClientToken=token)
    return made["NatGateway"]["NatGatewayId"]


def nat_state(ec2, nat):
    return ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]["State"]


def test_an_account_begins_without_a_default_vpc(ec2):
    assert ec2.describe_vpcs()["Vpcs"] == []
    assert ec2.describe_subnets()["Subnets"] == []
    assert ec2.describe_security_groups()["SecurityGroups"] == []


def test_vpc_and_subnet_are_pending_for_a_moment(lab, ec2):
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]
    assert vpc["State"] == "pending"
    subnet = ec2.create_subnet(VpcId=vpc["VpcId"], CidrBlock="10.0.0.0/24")["Subnet"]
    assert (subnet["State"], subnet["MapPublicIpOnLaunch"]) == ("pending", False)
    lab.settle()
    assert ec2.describe_vpcs()["Vpcs"][0]["State"] == "available"
    assert ec2.describe_subnets()["Subnets"][0]["State"] == "available"


def test_a_subnet_s_zone_is_one_of_its_region(lab, refused):
    ec2 = lab.client("ec2", "eu-west-1")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    with refused("InvalidParameterValue"):
        ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", AvailabilityZone="us-east-1a")
    made = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]
    assert made["AvailabilityZone"].startswith("eu-west-1")


def test_a_subnet_changes_one_attribute_per_call(ec2, subnet, refused):
    with refused("InvalidParameterCombination"):
        ec2.modify_subnet_attribute(
            SubnetId=subnet,
            MapPublicIpOnLaunch={"Value": True},
            EnableDns64={"Value": True},
        )


def test_dry_run_makes_nothing(ec2, refused):
    with refused("DryRunOperation") as refusal:
        ec2.create_vpc(CidrBlock="10.0.0.0/16", DryRun=True)
    assert refusal.status == 412
    assert ec2.describe_vpcs()["Vpcs"] == []


def test_a_nat_gateway_takes_its_time_and_its_row_stays_an_hour(
    lab, ec2, subnet, gateway, address, refused
):
    nat = make_nat(ec2, subnet, address)
    assert nat_state(ec2, nat) == "pending"
    lab.advance(119)
    assert nat_state(ec2, nat) == "pending"
    lab.advance(1)
    assert nat_state(ec2, nat) == "available"
    ec2.delete_nat_gateway(NatGatewayId=nat)
    assert nat_state(ec2, nat) == "deleting"
    lab.advance(60)
    assert nat_state(ec2, nat) == "deleted"
    assert lab.admin("GET", "/_lab/census")["regions"]["us-east-1"].get("ec2/nat-gateway") is None
    lab.advance(HOUR)
    with refused("NatGatewayNotFound"):
        nat_state(ec2, nat)


def test_a_nat_gateway_without_internet_gateway_fails_with_its_reason(lab, ec2, subnet, address):
    nat = make_nat(ec2, subnet, address)
    lab.advance(10)
    shown = ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]
    assert (shown["State"], shown["FailureCode"]) == ("failed", "Gateway.NotAttached")
    ec2.release_address(AllocationId=address)


def test_a_nat_gateway_on_an_address_in_use_fails(lab, ec2, subnet, gateway, address):
    make_nat(ec2, subnet, address, "one")
    second = make_nat(ec2, subnet, address, "two")
    lab.advance(10)
    shown = ec2.describe_nat_gateways(NatGatewayIds=[second])["NatGateways"][0]
    assert (shown["State"], shown["FailureCode"]) == ("failed", "Resource.AlreadyAssociated")


def test_a_token_makes_one_nat_gateway(ec2, subnet, gateway, address, refused):
    assert make_nat(ec2, subnet, address, "same") == make_nat(ec2, subnet, address, "same")
    other = ec2.allocate_address(Domain="vpc")["AllocationId"]
    with refused("IdempotentParameterMismatch"):
        make_nat(ec2, subnet, other, "same")


def test_the_filters_of_a_call_have_200_values_at_most(ec2, vpc, refused):
    def asked(count):
        ids = [vpc, *(f"vpc-{number:017x}" for number in range(count - 1))]
        return ec2.describe_vpcs(Filters=[{"Name": "vpc-id", "Values": ids}])["Vpcs"]

    assert len(asked(200)) == 1
    with refused("FilterLimitExceeded"):
        asked(201)


def test_the_network_goes_only_in_order(lab, ec2, vpc, subnet, gateway, address, refused):
    nat = make_nat(ec2, subnet, address)
    lab.settle()
    with refused("DependencyViolation"):
        ec2.delete_subnet(SubnetId=subnet)
    with refused("AuthFailure"):
        ec2.release_address(AllocationId=address)
    with refused("DependencyViolation"):
        ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    with refused("DependencyViolation"):
        ec2.delete_vpc(VpcId=vpc)
    ec2.delete_nat_gateway(NatGatewayId=nat)
    lab.advance(60)
    ec2.release_address(AllocationId=address)
    ec2.delete_subnet(SubnetId=subnet)
    with refused("DependencyViolation"):
        ec2.delete_vpc(VpcId=vpc)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    ec2.delete_vpc(VpcId=vpc)
    assert lab.admin("GET", "/_lab/census")["total"] == 0


def test_a_subnet_takes_its_route_table_association_along(ec2, vpc, subnet):
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_route_table(RouteTableId=table)


def test_a_subnet_has_one_route_table(ec2, vpc, subnet, refused):
    first, second = (ec2.create_route_table(VpcId=vpc)["RouteTable"] for _ in range(2))
    ec2.associate_route_table(RouteTableId=first["RouteTableId"], SubnetId=subnet)
    with refused("Resource.AlreadyAssociated"):
        ec2.associate_route_table(RouteTableId=second["RouteTableId"], SubnetId=subnet)


def test_a_route_to_a_deleted_nat_gateway_is_a_black_hole(
    lab, ec2, vpc, subnet, gateway, address, refused
):
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    target = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    with refused("InvalidNatGatewayID.NotFound"):
        ec2.create_route(**target, NatGatewayId="nat-0123456789abcdef0")
    nat = make_nat(ec2, subnet, address)
    ec2.create_route(**target, NatGatewayId=nat)
    with refused("RouteAlreadyExists"):
        ec2.create_route(**target, NatGatewayId=nat)
    ec2.delete_nat_gateway(NatGatewayId=nat)
    lab.settle()
    routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    assert [each["State"] for each in routes if each.get("NatGatewayId")] == ["blackhole"]


def test_a_security_group_in_use_or_referenced_stays(lab, ec2, vpc, subnet, refused):
    one, two = (
        ec2.create_security_group(GroupName=name, Description="d", VpcId=vpc)["GroupId"]
        for name in ("one", "two")
    )
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    ec2.authorize_security_group_ingress(
        GroupId=two, IpPermissions=[permission | {"UserIdGroupPairs": [{"GroupId": one}]}]
    )
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupId=one)
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName="com.amazonaws.us-east-1.ecr.api",
        VpcEndpointType="Interface",
        SubnetIds=[subnet],
        SecurityGroupIds=[two],
    )["VpcEndpoint"]["VpcEndpointId"]
    with refused("DependencyViolation"):
        ec2.delete_security_group(GroupId=two)
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    lab.settle()
    ec2.delete_security_group(GroupId=two)
    ec2.delete_security_group(GroupId=one)


def test_the_default_security_group_cannot_be_deleted(ec2, vpc, refused):
    group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    with refused("CannotDelete"):
        ec2.delete_security_group(GroupId=group)


def test_a_new_security_group_lets_everything_out(ec2, vpc):
    group = ec2.create_security_group(
        GroupName="g",
        Description="d",
        VpcId=vpc,
        TagSpecifications=[
            {"ResourceType": "security-group", "Tags": [{"Key": "a", "Value": "b"}]}
        ],
    )
    assert group["Tags"] == [{"Key": "a", "Value": "b"}]
    rules = ec2.describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": [group["GroupId"]]}]
    )["SecurityGroupRules"]
    assert [(each["IsEgress"], each["IpProtocol"], each["CidrIpv4"]) for each in rules] == [
        (True, "-1", "0.0.0.0/0")
    ]


def test_an_interface_endpoint_keeps_its_interfaces_until_it_is_gone(
    lab, ec2, vpc, subnet, refused
):
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName="com.amazonaws.us-east-1.ecr.dkr",
        VpcEndpointType="Interface",
        SubnetIds=[subnet],
        PrivateDnsEnabled=True,
    )["VpcEndpoint"]
    assert endpoint["State"] == "pending"
    assert len(endpoint["NetworkInterfaceIds"]) == 1
    lab.advance(120)
    ids = {"VpcEndpointIds": [endpoint["VpcEndpointId"]]}
    assert ec2.describe_vpc_endpoints(**ids)["VpcEndpoints"][0]["State"] == "available"
    by_id = {"Filters": [{"Name": "vpc-endpoint-id", "Values": [endpoint["VpcEndpointId"]]}]}
    assert len(ec2.describe_vpc_endpoints(**by_id)["VpcEndpoints"]) == 1
    ec2.delete_vpc_endpoints(**ids)
    assert ec2.describe_vpc_endpoints(**ids)["VpcEndpoints"][0]["State"] == "deleting"
    with refused("DependencyViolation"):
        ec2.delete_subnet(SubnetId=subnet)
    lab.advance(180)
    with refused("InvalidVpcEndpointId.NotFound"):
        ec2.describe_vpc_endpoints(**ids)
    ec2.delete_subnet(SubnetId=subnet)


def test_a_gateway_endpoint_writes_and_removes_its_routes(ec2, vpc):
    one, two = (ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in "12")

    def targets(table):
        routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
        return [each["GatewayId"] for each in routes if each.get("DestinationPrefixListId")]

    made = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", RouteTableIds=[one]
    )["VpcEndpoint"]
    endpoint = made["VpcEndpointId"]
    assert (made["State"], made["VpcEndpointType"]) == ("available", "Gateway")
    assert targets(one) == [endpoint]
    ec2.modify_vpc_endpoint(
        VpcEndpointId=endpoint, AddRouteTableIds=[two], RemoveRouteTableIds=[one]
    )
    assert (targets(one), targets(two)) == ([], [endpoint])
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert targets(two) == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"ServiceName": "com.amazonaws.us-east-1.nothing"}, "InvalidServiceName"),
        ({"ServiceName": "com.amazonaws.us-east-1.ecr.api"}, "InvalidParameter"),
        ({"ServiceName": "com.amazonaws.us-west-2.s3"}, "InvalidServiceName"),
    ],
)
def test_an_endpoint_needs_a_service_that_offers_its_type(ec2, vpc, refused, params, code):
    with refused(code):
        ec2.create_vpc_endpoint(VpcId=vpc, **params)


def test_failed_deletes_are_inside_a_successful_answer(ec2):
    endpoints = ec2.delete_vpc_endpoints(VpcEndpointIds=["vpce-0123456789abcdef0"])
    assert endpoints["Unsuccessful"][0]["Error"]["Code"] == "InvalidVpcEndpoint.NotFound"
    logs = ec2.delete_flow_logs(FlowLogIds=["fl-0123456789abcdef0"])
    assert logs["Unsuccessful"][0]["Error"]["Code"] == "InvalidFlowLogId.NotFound"


def test_a_managed_interface_cannot_be_deleted(lab, ec2, subnet, gateway, address, refused):
    make_nat(ec2, subnet, address)
    eni = ec2.describe_network_interfaces()["NetworkInterfaces"][0]
    assert (eni["InterfaceType"], eni["Status"], eni["Groups"]) == ("nat_gateway", "in-use", [])
    with refused("OperationNotPermitted"):
        ec2.delete_network_interface(NetworkInterfaceId=eni["NetworkInterfaceId"])


def test_the_critical_path_is_the_longest_chain_of_waiting(lab, ec2, vpc, subnet, gateway, address):
    lab.settle()
    nat = make_nat(ec2, subnet, address)
    lab.settle()
    ec2.delete_nat_gateway(NatGatewayId=nat)
    lab.settle()
    path = lab.admin("GET", "/_lab/critical-path")
    steps = [(each["kind"], round(each["seconds"])) for each in path["path"]]
    assert steps[-2:] == [("ec2/nat-gateway", 120), ("ec2/nat-gateway", 60)]
    assert round(path["total"]) == 182


@pytest.fixture
def rule(ec2, vpc):
    """A rule that lets group `one` into group `two`: (group, rule id, source group)."""
    one, two = (
        ec2.create_security_group(GroupName=name, Description="d", VpcId=vpc)["GroupId"]
        for name in ("one", "two")
    )
    pair = {"GroupId": one, "Description": "from one"}
    made = ec2.authorize_security_group_ingress(
        GroupId=two,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 81, "UserIdGroupPairs": [pair]}
        ],
    )
    return two, made["SecurityGroupRules"][0]["SecurityGroupRuleId"], one


def show_rule(ec2, identifier):
    shown = ec2.describe_security_group_rules(SecurityGroupRuleIds=[identifier])
    return shown["SecurityGroupRules"][0]


def test_a_rule_from_a_group_shows_its_description(ec2, rule):
    shown = show_rule(ec2, rule[1])
    assert shown["Description"] == "from one"
    assert shown["ReferencedGroupInfo"]["GroupId"] == rule[2]


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"CidrIpv4": "10.0.0.0/8"}, ("CidrIpv4", "10.0.0.0/8")),
        ({"CidrIpv6": "::/0"}, ("CidrIpv6", "::/0")),
    ],
)
def test_a_rule_keeps_its_id_when_its_source_changes(ec2, rule, change, shown):
    group, identifier, _ = rule
    wanted = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "Description": "new"} | change
    ec2.modify_security_group_rules(
        GroupId=group,
        SecurityGroupRules=[{"SecurityGroupRuleId": identifier, "SecurityGroupRule": wanted}],
    )
    rule_now = show_rule(ec2, identifier)
    assert rule_now[shown[0]] == shown[1]
    assert (rule_now["FromPort"], rule_now["Description"]) == (443, "new")
    assert "ReferencedGroupInfo" not in rule_now


def test_a_template_version_inherits_from_its_source(ec2):
    made = ec2.create_launch_template(
        LaunchTemplateName="nodes",
        LaunchTemplateData={"InstanceType": "m5.large", "KeyName": "k"},
        TagSpecifications=[
            {"ResourceType": "launch-template", "Tags": [{"Key": "a", "Value": "b"}]}
        ],
    )["LaunchTemplate"]["LaunchTemplateId"]
    ec2.create_launch_template_version(
        LaunchTemplateId=made, SourceVersion="1", LaunchTemplateData={"InstanceType": "m5.xlarge"}
    )
    versions = ec2.describe_launch_template_versions(LaunchTemplateId=made)
    data = {
        each["VersionNumber"]: each["LaunchTemplateData"]
        for each in versions["LaunchTemplateVersions"]
    }
    assert "TagSpecifications" not in data[1]
    assert (data[2]["InstanceType"], data[2]["KeyName"]) == ("m5.xlarge", "k")


def test_regions_are_those_of_the_account_s_partition(ec2):
    enabled = {each["RegionName"] for each in ec2.describe_regions()["Regions"]}
    known = {each["RegionName"] for each in ec2.describe_regions(AllRegions=True)["Regions"]}
    assert {"us-east-1", "us-west-2"} <= enabled < known
    assert not any(name.startswith(("cn-", "us-gov-")) for name in known)


def test_tags_go_with_their_object(ec2):
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "claim", "Value": "x"}]}]
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    claimed = {"Filters": [{"Name": "key", "Values": ["claim"]}]}
    assert [each["ResourceId"] for each in ec2.describe_tags(**claimed)["Tags"]] == [vpc]
    ec2.delete_vpc(VpcId=vpc)
    assert ec2.describe_tags(**claimed)["Tags"] == []


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ([{"Key": "aws:own", "Value": "x"}], "InvalidParameterValue"),
        ([{"Key": "a", "Value": "x"}, {"Key": "a", "Value": "y"}], "InvalidParameterValue"),
        ([{"Key": str(number), "Value": "x"} for number in range(51)], "TagLimitExceeded"),
    ],
)
def test_tags_that_aws_refuses(ec2, vpc, refused, tags, code):
    with refused(code):
        ec2.create_tags(Resources=[vpc], Tags=tags)


def test_long_answers_come_in_pages(ec2, refused):
    for number in range(7):
        ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")
    pages = ec2.get_paginator("describe_vpcs").paginate(PaginationConfig={"PageSize": 5})
    assert [len(page["Vpcs"]) for page in pages] == [5, 2]
    with refused("InvalidNextToken"):
        ec2.describe_vpcs(NextToken="lab-x")


def test_an_unknown_instance_type_is_named_as_such(ec2, refused):
    with refused("InvalidInstanceType"):
        ec2.describe_instance_types(InstanceTypes=["m5.nonsense"])


def test_instances_are_as_many_as_can_be_and_take_a_while(lab, ec2, subnet, refused):
    lab.settle()
    wanted = {"ImageId": "ami-12c6146b", "InstanceType": "m5.large", "SubnetId": subnet}
    made = ec2.run_instances(MinCount=1, MaxCount=3, **wanted)["Instances"]
    assert [each["State"]["Name"] for each in made] == ["pending"] * 3
    lab.settle()
    (batch,) = ec2.describe_instances()["Reservations"]
    assert {each["State"]["Name"] for each in batch["Instances"]} == {"running"}
    with refused("InvalidParameterValue"):
        ec2.run_instances(MinCount=2, MaxCount=1, **wanted)
    kept = ec2.run_instances(MinCount=1, MaxCount=1, DisableApiTermination=True, **wanted)
    with refused("OperationNotPermitted"):
        ec2.terminate_instances(InstanceIds=[kept["Instances"][0]["InstanceId"]])


def test_a_rule_stands_in_one_of_two_forms(ec2, vpc, refused):
    group = ec2.create_security_group(GroupName="a", Description="d", VpcId=vpc)["GroupId"]
    flat = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "CidrIp": "192.0.2.0/24"}
    with refused("InvalidParameterCombination"):
        ec2.authorize_security_group_ingress(
            GroupId=group, **flat, IpPermissions=[{"IpProtocol": "-1"}]
        )
    ec2.authorize_security_group_ingress(GroupId=group, **flat)
    (shown,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert [each["FromPort"] for each in shown["IpPermissions"]] == [1]


def test_a_volume_is_attached_once_and_in_its_zone(lab, ec2, subnet, refused):
    lab.settle()
    one, other = ec2.run_instances(
        ImageId="ami-12c6146b", MinCount=2, MaxCount=2, InstanceType="m5.large", SubnetId=subnet
    )["Instances"]
    lab.settle()
    here, there = (
        ec2.create_volume(AvailabilityZone=f"us-east-1{zone}", Size=1)["VolumeId"] for zone in "ab"
    )
    with refused("InvalidVolume.ZoneMismatch"):
        ec2.attach_volume(VolumeId=there, InstanceId=one["InstanceId"], Device="/dev/sdf")
    ec2.attach_volume(VolumeId=here, InstanceId=one["InstanceId"], Device="/dev/sdf")
    with refused("VolumeInUse"):
        ec2.attach_volume(VolumeId=here, InstanceId=other["InstanceId"], Device="/dev/sdf")
    with refused("VolumeInUse"):
        ec2.delete_volume(VolumeId=here)
