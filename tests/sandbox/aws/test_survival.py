"""What a killed sandbox must still know; and who the Kubernetes API lets in."""

import base64

import boto3
from botocore.signers import RequestSigner


def build(sandbox, make_network):
    network = make_network(sandbox)
    ec2, eks = network.ec2, sandbox.client("eks")
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc)
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.create_nat_gateway(SubnetId=network.subnets[0], AllocationId=allocation)
    table = ec2.create_route_table(VpcId=network.vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=network.subnets[1])
    eks.create_cluster(**network.cluster())
    sandbox.pass_time(1500)
    eks.create_nodegroup(**network.node_group())
    sandbox.pass_time(400)
    eks.create_cluster(**network.cluster("two"))
    sandbox.control("POST", "actions/aws/kubernetes_leftovers", {"cluster": "one"})
    sandbox.control("POST", "actions/aws/plant_decoys", {"region": "eu-west-1"})
    sandbox.control("POST", "actions/aws/plant_instance", {"network_id": network.vpc})
    return network


def test_a_killed_sandbox_comes_back_with_everything_it_answered(private_sandbox, make_network):
    sandbox = private_sandbox
    build(sandbox, make_network)
    before = sandbox.resources()
    described = sandbox.client("eks").describe_cluster(name="one")["cluster"]
    first = sandbox.ready
    sandbox.kill()
    sandbox.start()
    assert sandbox.ready == first
    assert sandbox.resources() == before
    assert sandbox.client("eks").describe_cluster(name="two")["cluster"]["status"] == "CREATING"
    again = sandbox.client("eks").describe_cluster(name="one")["cluster"]
    for said in (described, again):
        said.pop("createdAt")
    assert again == described
    made = sandbox.client("ec2").create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    assert made not in {row["id"] for row in before}


def test_the_outside_world_leaves_things_that_block_and_decoys(sandbox, make_network):
    network = build(sandbox, make_network)
    leftover = [row for row in sandbox.resources("security_group") if "elbv2.k8s.aws/cluster" in row["tags"]]
    assert len(leftover) == 1
    balancer = sandbox.client("elbv2").describe_load_balancers()["LoadBalancers"][0]
    tags = sandbox.client("elbv2").describe_tags(ResourceArns=[balancer["LoadBalancerArn"]])["TagDescriptions"][0][
        "Tags"
    ]
    assert {"Key": "elbv2.k8s.aws/cluster", "Value": "one"} in tags
    attached = network.ec2.describe_network_interfaces(Filters=[{"Name": "group-id", "Values": [leftover[0]["id"]]}])
    assert len(attached["NetworkInterfaces"]) == 2
    sandbox.client("elbv2").delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    attached = network.ec2.describe_network_interfaces(Filters=[{"Name": "group-id", "Values": [leftover[0]["id"]]}])
    assert attached["NetworkInterfaces"] == []
    network.ec2.delete_security_group(GroupId=leftover[0]["id"])
    assert {row["kind"] for row in sandbox.resources() if row["decoy"]} >= {
        "vpc",
        "subnet",
        "address",
        "security_group",
        "instance",
    }


def test_somebody_deletes_and_changes_things_by_hand(sandbox, network):
    sandbox.control("POST", "actions/aws/set_field", {"id": network.vpc, "field": "tags.Name", "value": "changed"})
    assert sandbox.resources("vpc")[0]["name"] == "changed"
    sandbox.control("POST", "actions/aws/delete_resource", {"id": network.subnets[0]})
    assert network.subnets[0] not in {row["id"] for row in sandbox.resources("subnet")}
    assert sandbox.control("POST", "actions/aws/delete_resource", {"id": "vpc-nowhere"})["status"] == 404


def token_for(sandbox, cluster: str, secret: str | None = None) -> str:
    session = boto3.Session(sandbox.aws["access_key"], secret or sandbox.aws["secret_key"], region_name="eu-west-1")
    client = session.client("sts")
    signer = RequestSigner(
        client.meta.service_model.service_id, "eu-west-1", "sts", "v4", session.get_credentials(), session.events
    )
    request = {
        "method": "GET",
        "url": "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
        "body": {},
        "headers": {"x-k8s-aws-id": cluster},
        "context": {},
    }
    url = signer.generate_presigned_url(request, region_name="eu-west-1", expires_in=60, operation_name="")
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def test_a_kubernetes_token_is_good_for_its_cluster_only(sandbox, in_process):
    cloud, cluster = in_process
    authenticate = cloud._authenticator(cluster.key)
    connection = {"access_key": cloud.identities.access_key, "secret_key": cloud.identities.secret_key}
    caller = type("Caller", (), {"aws": connection})
    assert authenticate(token_for(caller, "one")) == "arn:aws:iam::123456789012:user/sandbox"
    assert authenticate(token_for(caller, "two")) is None
    assert authenticate(token_for(caller, "one", secret="wrong")) is None
    assert authenticate("k8s-aws-v1.nonsense") is None
    assert authenticate("Bearer") is None


def test_a_region_that_was_first_read_is_rebuilt_with_the_same_ids(private_sandbox):
    sandbox = private_sandbox
    ec2 = sandbox.client("ec2", "ap-south-1")
    ec2.describe_vpcs()
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    sandbox.kill()
    sandbox.start()
    found = sandbox.client("ec2", "ap-south-1").describe_addresses()["Addresses"]
    assert [address["AllocationId"] for address in found] == [allocation]
