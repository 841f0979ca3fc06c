import pytest
from botocore.exceptions import ClientError


def code_of(call, **arguments) -> str:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def test_a_fresh_account_is_empty(sandbox):
    ec2 = sandbox.client("ec2")
    assert ec2.describe_vpcs()["Vpcs"] == []
    assert ec2.describe_subnets()["Subnets"] == []
    assert sandbox.resources() == []


def test_a_vpc_is_pending_until_its_time_has_come(sandbox, network):
    state = lambda: network.ec2.describe_vpcs(VpcIds=[network.vpc])["Vpcs"][0]["State"]  # noqa: E731
    assert state() == "pending"
    sandbox.pass_time(40)
    assert state() == "available"
    assert {row["state"] for row in sandbox.resources("vpc")} == {"available"}


def test_a_nat_gateway_lives_by_the_clock_and_takes_its_interface_along(sandbox, network):
    ec2 = network.ec2
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=network.subnets[0], AllocationId=allocation)["NatGateway"]
    assert gateway["State"] == "pending"
    ids = [gateway["NatGatewayId"]]
    sandbox.pass_time(300)
    assert ec2.describe_nat_gateways(NatGatewayIds=ids)["NatGateways"][0]["State"] == "available"
    assert code_of(ec2.delete_subnet, SubnetId=network.subnets[0]) == "DependencyViolation"
    assert code_of(ec2.release_address, AllocationId=allocation) == "InvalidIPAddress.InUse"
    assert len(sandbox.resources("network_interface")) == 1
    ec2.delete_nat_gateway(NatGatewayId=ids[0])
    assert ec2.describe_nat_gateways(NatGatewayIds=ids)["NatGateways"][0]["State"] == "deleting"
    assert code_of(ec2.release_address, AllocationId=allocation) == "InvalidIPAddress.InUse"
    sandbox.pass_time(200)
    assert ec2.describe_nat_gateways(NatGatewayIds=ids)["NatGateways"][0]["State"] == "deleted"
    assert sandbox.resources("network_interface") == []
    ec2.release_address(AllocationId=allocation)
    ec2.delete_subnet(SubnetId=network.subnets[0])


def test_a_vpc_is_refused_while_anything_is_inside(sandbox, network):
    ec2 = network.ec2
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc)
    assert code_of(ec2.delete_vpc, VpcId=network.vpc) == "DependencyViolation"
    for subnet in network.subnets:
        ec2.delete_subnet(SubnetId=subnet)
    assert code_of(ec2.delete_vpc, VpcId=network.vpc) == "DependencyViolation"
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc)
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=network.vpc)["GroupId"]
    assert code_of(ec2.delete_vpc, VpcId=network.vpc) == "DependencyViolation"
    ec2.delete_security_group(GroupId=group)
    ec2.delete_vpc(VpcId=network.vpc)
    assert sandbox.resources("vpc") == []


def test_a_referenced_security_group_and_one_in_use_are_refused(network):
    ec2 = network.ec2
    one, two = (ec2.create_security_group(GroupName=n, Description="d", VpcId=network.vpc)["GroupId"] for n in "ab")
    permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "UserIdGroupPairs": [{"GroupId": one}]}
    ec2.authorize_security_group_ingress(GroupId=two, IpPermissions=[permission])
    assert code_of(ec2.delete_security_group, GroupId=one) == "DependencyViolation"
    interface = ec2.create_network_interface(SubnetId=network.subnets[0], Groups=[two])["NetworkInterface"]
    assert code_of(ec2.delete_security_group, GroupId=two) == "DependencyViolation"
    ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    ec2.delete_security_group(GroupId=two)
    ec2.delete_security_group(GroupId=one)


def test_an_internet_gateway_with_mapped_addresses_stays_attached(sandbox, network):
    ec2 = network.ec2
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc)
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.create_nat_gateway(SubnetId=network.subnets[0], AllocationId=allocation)
    assert code_of(ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=network.vpc) == "DependencyViolation"


def test_a_route_table_goes_only_without_associations(network):
    ec2 = network.ec2
    table = ec2.create_route_table(VpcId=network.vpc)["RouteTable"]["RouteTableId"]
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=network.subnets[0])["AssociationId"]
    assert code_of(ec2.delete_route_table, RouteTableId=table) == "DependencyViolation"
    ec2.disassociate_route_table(AssociationId=association)
    ec2.delete_route_table(RouteTableId=table)


def test_quotas_are_told_and_enforced(sandbox, network):
    quotas = sandbox.client("service-quotas")
    value = lambda: quotas.get_service_quota(ServiceCode="vpc", QuotaCode="L-F678F1CE")["Quota"]["Value"]  # noqa: E731
    assert value() == 20
    sandbox.fault(operation="none", mode="quota", params={"quota": "vpcs", "value": 1})
    assert value() == 1
    assert code_of(network.ec2.create_vpc, CidrBlock="10.9.0.0/16") == "VpcLimitExceeded"
    sandbox.fault(operation="none", mode="quota", params={"quota": "addresses", "value": 0})
    assert code_of(network.ec2.allocate_address, Domain="vpc") == "AddressLimitExceeded"
    assert code_of(quotas.get_service_quota, ServiceCode="vpc", QuotaCode="L-NONE") == "NoSuchResourceException"


def test_regions_are_separate(sandbox, network):
    assert sandbox.client("ec2", "us-west-2").describe_vpcs()["Vpcs"] == []
    assert {row["region"] for row in sandbox.resources("vpc")} == {"eu-west-1"}


def test_bad_input_is_refused(sandbox, network):
    ec2 = network.ec2
    assert code_of(ec2.create_vpc, CidrBlock="banana").startswith("InvalidParameter")
    assert code_of(ec2.create_nat_gateway, SubnetId="subnet-0", AllocationId="eipalloc-0") == "InvalidSubnetID.NotFound"
    assert code_of(ec2.delete_nat_gateway, NatGatewayId="nat-0") == "NatGatewayNotFound"
    assert code_of(ec2.delete_vpc, VpcId="vpc-00000000") == "InvalidVpcID.NotFound"
    assert code_of(ec2.create_subnet, VpcId=network.vpc, CidrBlock="192.168.0.0/24") == "InvalidSubnet.Range"
