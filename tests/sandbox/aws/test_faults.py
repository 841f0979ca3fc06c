import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    HTTPClientError,
    ReadTimeoutError,
    ResponseStreamingError,
)


def error_of(call, **arguments) -> tuple[str, int]:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    response = refused.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


SERVICES = [
    ("ec2", "describe_vpcs", "AuthFailure"),
    ("eks", "list_clusters", "UnrecognizedClientException"),
    ("iam", "list_roles", "InvalidClientTokenId"),
    ("sts", "get_caller_identity", "InvalidClientTokenId"),
]


@pytest.mark.parametrize(("service", "call", "code"), SERVICES)
def test_an_unknown_key_is_refused_in_each_protocol(sandbox, service, call, code):
    client = sandbox.client(service, key="AKIAIOSFODNN7EXAMPLE")
    assert error_of(getattr(client, call))[0] == code


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("ec2", "describe_vpcs", "AuthFailure"),
        ("eks", "list_clusters", "InvalidSignatureException"),
        ("iam", "list_roles", "SignatureDoesNotMatch"),
        ("sts", "get_caller_identity", "SignatureDoesNotMatch"),
    ],
)
def test_a_wrong_secret_is_refused_in_each_services_words(sandbox, service, call, code):
    assert error_of(getattr(sandbox.client(service, secret="wrong"), call))[0] == code


def test_a_service_that_is_not_simulated_is_refused_by_name(sandbox):
    code, status = error_of(sandbox.client("pricing").get_products, ServiceCode="AmazonEKS")
    assert (code, status) == ("UnknownService", 400)


def test_the_caller_has_a_name(sandbox):
    told = sandbox.client("sts").get_caller_identity()
    assert told["Arn"].endswith(":user/sandbox")
    assert told["Account"] == "123456789012"


@pytest.mark.parametrize(("service", "call", "code"), SERVICES)
def test_a_revoked_credential_is_refused_until_the_rule_goes(sandbox, service, call, code):
    rule = sandbox.fault(mode="revoked")
    client = sandbox.client(service)
    assert error_of(getattr(client, call))[0] == code
    sandbox.control("DELETE", f"faults/{rule['id']}")
    getattr(client, call)()


@pytest.mark.parametrize(
    ("service", "call", "expected"),
    [
        ("ec2", "describe_vpcs", ("RequestLimitExceeded", 503)),
        ("eks", "list_clusters", ("TooManyRequestsException", 429)),
        ("iam", "list_roles", ("Throttling", 400)),
    ],
)
def test_throttling_has_each_services_shape(sandbox, service, call, expected):
    sandbox.fault(mode="throttle", times=1)
    client = sandbox.client(service)
    assert error_of(getattr(client, call)) == expected
    getattr(client, call)()


def test_an_error_before_applies_nothing_and_one_after_does(sandbox):
    ec2 = sandbox.client("ec2")
    sandbox.fault(operation="CreateVpc", mode="error_before", times=1)
    assert error_of(ec2.create_vpc, CidrBlock="10.0.0.0/16") == ("InternalError", 500)
    assert sandbox.resources("vpc") == []
    sandbox.fault(operation="CreateVpc", mode="error_after", times=1)
    assert error_of(ec2.create_vpc, CidrBlock="10.0.0.0/16") == ("InternalError", 500)
    assert len(sandbox.resources("vpc")) == 1


def test_a_lost_reply_leaves_the_resource_behind(sandbox):
    sandbox.fault(operation="CreateVpc", mode="lost_reply", times=1)
    with pytest.raises((ConnectionClosedError, ResponseStreamingError, HTTPClientError, ReadTimeoutError)):
        sandbox.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    assert len(sandbox.resources("vpc")) == 1


def test_a_lost_request_leaves_nothing_behind(sandbox):
    sandbox.fault(operation="ec2.CreateVpc", mode="lost_request", times=1)
    with pytest.raises((ConnectionClosedError, ResponseStreamingError, HTTPClientError, ReadTimeoutError)):
        sandbox.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    assert sandbox.resources("vpc") == []


def test_a_rule_for_all_calls_counts_each_once(sandbox):
    sandbox.fault(operation="*", mode="error_before", after_calls=2, times=1)
    ec2 = sandbox.client("ec2")
    ec2.describe_vpcs()
    ec2.describe_vpcs()
    assert error_of(ec2.describe_vpcs) == ("InternalError", 500)


def test_lag_hides_new_ids_for_some_polls(sandbox, network):
    sandbox.fault(operation="DescribeVpcs", mode="lag", params={"polls": 2})
    ec2 = network.ec2
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    assert error_of(ec2.describe_vpcs, VpcIds=[vpc])[0] == "InvalidVpcID.NotFound"
    assert error_of(ec2.describe_vpcs, VpcIds=[vpc])[0] == "InvalidVpcID.NotFound"
    assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["VpcId"] == vpc


def test_lag_by_seconds_hides_from_filters_too(sandbox, network):
    sandbox.fault(operation="DescribeVpcs", mode="lag", params={"seconds": 60})
    mine = {"Filters": [{"Name": "tag:skyclust:stack", "Values": ["s1"]}]}
    assert network.ec2.describe_vpcs(**mine)["Vpcs"] == []
    sandbox.pass_time(61)
    assert len(network.ec2.describe_vpcs(**mine)["Vpcs"]) == 1


def test_no_capacity_fails_the_node_group_with_a_reason(sandbox, network, cluster, eks):
    sandbox.fault(operation="CreateNodegroup", mode="no_capacity", times=1)
    eks.create_nodegroup(**network.node_group())
    sandbox.pass_time(400)
    group = eks.describe_nodegroup(clusterName="one", nodegroupName="pool")["nodegroup"]
    assert group["status"] == "CREATE_FAILED"
    assert "InsufficientInstanceCapacity" in group["health"]["issues"][0]["message"]


def test_a_wrong_rule_is_refused(sandbox):
    assert sandbox.fault(mode="banana")["status"] == 422
    assert sandbox.fault(mode="slow", wrong=1)["status"] == 422
    assert sandbox.control("POST", "actions/aws/explode", {})["status"] == 404
    assert sandbox.control("POST", "actions/aws/delete_resource", {})["status"] == 422


def test_calls_are_logged_with_operation_and_status(sandbox, network):
    network.ec2.describe_vpcs()
    calls = sandbox.control("GET", "calls?provider=aws")["calls"]
    assert calls[-1]["operation"] == "ec2.DescribeVpcs"
    assert calls[-1]["status"] == 200
    assert any(call["resource_id"] == network.vpc for call in calls)
