"""The judge nobody here wrote: the aws CLI on the networks of the simulated AWS."""

import pytest

pytestmark = pytest.mark.xdist_group("aws-cli")

TAGS = "--tag-specifications 'ResourceType={kind},Tags=[{{Key=Name,Value=one}},{{Key=team,Value=red blue}}]'"
ANYWHERE = "0.0.0.0/0"


def an_id(shell, line: str, query: str) -> str:
    return shell(f"{line} --query {query} --output text")


def vpc_of(shell) -> str:
    tags = TAGS.format(kind="vpc")
    return an_id(shell, f"aws ec2 create-vpc --cidr-block 10.0.0.0/16 {tags}", "Vpc.VpcId")


def subnet_of(shell, vpc: str, third: int, zone: str) -> str:
    line = f"aws ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.{third}.0/24 --availability-zone {zone}"
    return an_id(shell, line, "Subnet.SubnetId")


def test_a_vpc_reads_the_same_as_text_json_and_table(shell):
    made = shell(f"aws ec2 create-vpc --cidr-block 10.0.0.0/16 {TAGS.format(kind='vpc')}")["Vpc"]
    assert made["State"] == "pending"
    assert made["Tags"] == [{"Key": "Name", "Value": "one"}, {"Key": "team", "Value": "red blue"}]
    shell.pass_time(60)
    shell(f"aws ec2 wait vpc-available --vpc-ids {made['VpcId']}")
    shell("aws ec2 create-vpc --cidr-block 10.1.0.0/16")
    found = "aws ec2 describe-vpcs --filters Name=tag:team,Values='red blue' --output"
    assert [vpc["VpcId"] for vpc in shell(f"{found} json")["Vpcs"]] == [made["VpcId"]]
    assert shell(f"{found} text --query 'Vpcs[].[VpcId,CidrBlock,State]'") == f"{made['VpcId']}\t10.0.0.0/16\tavailable"
    assert f"|  VpcId                |  {made['VpcId']}        ||" in shell(f"{found} table")
    shown = shell("aws ec2 describe-vpcs --max-items 1")
    assert len(shown["Vpcs"]) == 1
    rest = shell(f"aws ec2 describe-vpcs --starting-token {shown['NextToken']}")["Vpcs"]
    assert len(rest) == 1
    assert rest[0]["VpcId"] != shown["Vpcs"][0]["VpcId"]


def test_a_network_with_a_way_out_goes_up_and_comes_down_in_order(shell):
    vpc = vpc_of(shell)
    subnet = subnet_of(shell, vpc, 0, "eu-west-1a")
    gateway = an_id(shell, "aws ec2 create-internet-gateway", "InternetGateway.InternetGatewayId")
    attachment = f"--internet-gateway-id {gateway} --vpc-id {vpc}"
    shell(f"aws ec2 attach-internet-gateway {attachment}")
    address = an_id(shell, "aws ec2 allocate-address --domain vpc", "AllocationId")
    nat_line = f"aws ec2 create-nat-gateway --subnet-id {subnet} --allocation-id {address}"
    nat = shell(nat_line)["NatGateway"]
    assert nat["State"] == "pending"
    shell.pass_time(300)
    shell(f"aws ec2 wait nat-gateway-available --nat-gateway-ids {nat['NatGatewayId']}")
    table = an_id(shell, f"aws ec2 create-route-table --vpc-id {vpc}", "RouteTable.RouteTableId")
    route = f"--route-table-id {table} --destination-cidr-block {ANYWHERE} --nat-gateway-id {nat['NatGatewayId']}"
    shell(f"aws ec2 create-route {route}")
    association = shell(f"aws ec2 associate-route-table --route-table-id {table} --subnet-id {subnet}")["AssociationId"]
    routes = "RouteTables[].Routes[].[DestinationCidrBlock,GatewayId||NatGatewayId,State]"
    shown = shell(f"aws ec2 describe-route-tables --route-table-ids {table} --query '{routes}'")
    assert shown == [["10.0.0.0/16", "local", "active"], [ANYWHERE, nat["NatGatewayId"], "active"]]

    for line, told in (
        (f"delete-vpc --vpc-id {vpc}", f"The vpc '{vpc}' has dependencies and cannot be deleted."),
        (f"delete-subnet --subnet-id {subnet}", f"The subnet '{subnet}' has dependencies and cannot be deleted."),
        (f"detach-internet-gateway {attachment}", "has some mapped public address(es)"),
        (f"delete-route-table --route-table-id {table}", "has dependencies and cannot be deleted."),
    ):
        refusal = shell.refused(f"aws ec2 {line}")
        assert "An error occurred (DependencyViolation)" in refusal
        assert told in refusal

    shell(f"aws ec2 delete-nat-gateway --nat-gateway-id {nat['NatGatewayId']}")
    shell.pass_time(300)
    shell(f"aws ec2 wait nat-gateway-deleted --nat-gateway-ids {nat['NatGatewayId']}")
    for line in (
        f"release-address --allocation-id {address}",
        f"disassociate-route-table --association-id {association}",
        f"delete-route-table --route-table-id {table}",
        f"detach-internet-gateway {attachment}",
        f"delete-internet-gateway --internet-gateway-id {gateway}",
        f"delete-subnet --subnet-id {subnet}",
        f"delete-vpc --vpc-id {vpc}",
    ):
        shell(f"aws ec2 {line}")
    left = shell.sandbox.control("GET", "resources?provider=aws")["resources"]
    assert [row["kind"] for row in left if row["kind"] != "nat_gateway"] == []


def test_the_rules_of_a_security_group_are_listed_once_each(shell):
    vpc = vpc_of(shell)
    made = f"aws ec2 create-security-group --group-name web --description 'web hosts' --vpc-id {vpc}"
    group = an_id(shell, made, "GroupId")
    rule = f"aws ec2 authorize-security-group-ingress --group-id {group} --protocol tcp --port 443 --cidr {ANYWHERE}"
    added = shell(rule)["SecurityGroupRules"][0]
    assert (added["FromPort"], added["CidrIpv4"], added["IsEgress"]) == (443, ANYWHERE, False)
    assert "InvalidPermission.Duplicate" in shell.refused(rule)
    rules = shell(f"aws ec2 describe-security-group-rules --filters Name=group-id,Values={group}")["SecurityGroupRules"]
    assert sorted((row["IpProtocol"], row["IsEgress"]) for row in rules) == [("-1", True), ("tcp", False)]


def test_what_a_region_offers_can_be_listed_page_by_page(shell):
    names = "'AvailabilityZones[].ZoneName'"
    zones = shell(f"aws ec2 describe-availability-zones --output text --query {names}").split()
    assert zones == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    size = "'InstanceTypes[].[VCpuInfo.DefaultVCpus,MemoryInfo.SizeInMiB]'"
    assert shell(f"aws ec2 describe-instance-types --instance-types t3.large --query {size}") == [[2, 8192]]
    offered = "aws ec2 describe-instance-type-offerings --location-type availability-zone --output text"
    found = shell(f"{offered} --filters Name=instance-type,Values=t3.large --query 'InstanceTypeOfferings[].Location'")
    assert found.split() == zones
    paged = shell("aws ec2 describe-instance-types --page-size 5 --max-items 7")
    assert len(paged["InstanceTypes"]) == 7
    assert paged["NextToken"]
