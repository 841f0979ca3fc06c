"""What the provider reads and signs: pre-flight, identity, tokens, assumed roles."""

import asyncio
import base64
import json
import urllib.parse
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from skyclust.contract.errors import AuthenticationFailed, InvalidSpec, NameTaken, PermissionDenied
from skyclust.contract.provider import TENANT
from skyclust.contract.resources import Mark
from skyclust.contract.specs import NetworkSpec
from skyclust.providers.aws import provider
from skyclust.providers.aws.cloud import Aws
from skyclust.sandbox.aws.requests import parse_request
from skyclust.sandbox.aws.signing import is_signed_with

REGION = "us-west-2"
OUTPUTS = {"name": "shop", "region": REGION, "endpoint": "https://x", "ca_data": "Zm9v"}


@pytest.fixture
def told(aws, sandbox):
    """Run a story with an open session."""

    def run(story, credential=None):
        async def whole():
            session = aws.connect(credential or sandbox.credential, REGION)
            try:
                return await story(session)
            finally:
                await session.close()

        return asyncio.run(whole())

    return run


@pytest.mark.parametrize(
    ("quota", "field", "said"),
    [
        ("vpcs", "/network", "VPCs per region"),
        ("internet_gateways", "/network", "internet gateways"),
        ("addresses", "/network", "Elastic IP"),
        ("nat_gateways", "/network", "us-west-2a"),
        ("vcpus", "/node_pools/0/node_count", "4 more are needed"),
        ("clusters", "/name", "EKS clusters"),
    ],
)
def test_a_quota_that_will_not_suffice_is_found_before_anything_is_made(
    told, aws, sandbox, make_cluster, quota, field, said
):
    sandbox.fault("-", "quota", params={"quota": quota, "value": 0})
    found = told(lambda session: aws.preflight_cluster(session, make_cluster()))
    (refused,) = [finding for finding in found if finding.severity == "error"]
    assert refused.field == field
    assert said in refused.message
    assert refused.code == "quota_exceeded"
    assert sandbox.resources() == []


def test_a_network_has_its_own_quotas(told, aws, sandbox):
    sandbox.fault("-", "quota", params={"quota": "vpcs", "value": 0})
    (refused,) = told(lambda session: aws.preflight_network(session, NetworkSpec("net", REGION, "10.0.0.0/16")))
    assert refused.field == "/cidr_block"
    assert "Raise it" in refused.message


def test_a_zone_or_machine_type_that_this_account_is_not_offered_is_found_before_anything_is_made(
    told, aws, make_cluster, make_pool
):
    async def story(session):
        odd_zone = make_cluster(zones=("us-west-2a", "us-west-2z"))
        odd_type = make_cluster(node_pools=(make_pool(machine_type="x99.large"),))
        return [await aws.preflight_cluster(session, spec) for spec in (odd_zone, odd_type)]

    zone, machine = told(story)
    assert [item.field for item in zone if item.severity == "error"] == ["/zones"]
    assert "us-west-2z" in next(item.message for item in zone if item.severity == "error")
    assert [item.field for item in machine if item.severity == "error"] == ["/node_pools/0/machine_type"]


def test_an_upgrade_is_told_of_subnets_without_room_for_the_nodes_it_adds(told, aws, make_cluster):
    """Two nodes in each zone for each pool; a subnet of sixteen addresses has eleven."""

    async def story(session):
        vpc = (await session.call("ec2", "create_vpc", CidrBlock="10.9.0.0/16"))["Vpc"]["VpcId"]
        made = await session.call(
            "ec2", "create_subnet", VpcId=vpc, CidrBlock="10.9.0.0/28", AvailabilityZone=f"{REGION}a"
        )
        subnets = [made["Subnet"]["SubnetId"]]

        async def asked(count, **settings):
            pools = {f"p{number}": {"subnet_ids": subnets, **settings} for number in range(count)}
            return await aws.preflight_upgrade(session, make_cluster(), ("1.35",), pools)

        in_place = await asked(6, upgrade={"max_surge": "0"})
        assert in_place == ()
        (wide,) = await asked(1, upgrade={"max_unavailable": "50%"}, desired=30)
        assert f"15 nodes in {REGION}a" in wide.message
        return subnets[0], await asked(5), await asked(6), await asked(0)

    subnet, enough, short, none = told(story)
    assert enough == none == ()
    (finding,) = short
    assert (finding.severity, finding.code) == ("warning", "too-few-addresses")
    assert f"12 nodes in {REGION}a" in finding.message
    assert f"{subnet} has 11 free addresses" in finding.message


def test_machines_with_gpus_have_a_quota_of_their_own(told, aws, sandbox, make_cluster, make_pool):
    sandbox.fault("-", "quota", params={"quota": "gpu_vcpus", "value": 7})
    pools = (make_pool(), make_pool("gpu", machine_type="g5.xlarge"))
    found = told(lambda session: aws.preflight_cluster(session, make_cluster(node_pools=pools)))
    (refused,) = [finding for finding in found if finding.severity == "error"]
    assert (refused.field, refused.code) == ("/node_pools/1/node_count", "quota_exceeded")
    assert "G and VT" in refused.message


def test_a_service_range_inside_an_existing_network_is_refused(told, aws, make_cluster):
    async def story(session):
        vpc = (await session.call("ec2", "create_vpc", CidrBlock="10.9.0.0/16"))["Vpc"]["VpcId"]
        await session.call("ec2", "modify_vpc_attribute", VpcId=vpc, EnableDnsHostnames={"Value": True})
        for zone, block in (("a", "10.9.0.0/20"), ("b", "10.9.16.0/20")):
            await session.call("ec2", "create_subnet", VpcId=vpc, CidrBlock=block, AvailabilityZone=f"{REGION}{zone}")
        inside, apart = (
            make_cluster(network=None, vpc_id=vpc, options={"service_cidr": block})
            for block in ("10.9.32.0/20", "10.100.0.0/20")
        )
        return [
            await aws.preflight_cluster(session, await aws.complete_cluster(session, spec)) for spec in (inside, apart)
        ]

    inside, apart = told(story)
    assert [item.field for item in inside if item.severity == "error"] == ["/aws/service_cidr"]
    assert not [item for item in apart if item.severity == "error"]


def test_what_policies_deny_is_a_warning_of_the_plan(told, aws, sandbox, client, make_cluster):
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "eks:CreateNodegroup", "Resource": "*"}],
    }
    client("iam").put_user_policy(UserName="sandbox", PolicyName="no", PolicyDocument=json.dumps(document))
    found = told(lambda session: aws.preflight_cluster(session, make_cluster()))
    (warned,) = [finding for finding in found if finding.code == "permission_simulated"]
    assert warned.severity == "warning"
    assert "eks:CreateNodegroup" in warned.message


@pytest.mark.parametrize(
    ("day", "version", "codes"),
    [
        (date(2026, 8, 1), "1.35", []),
        (date(2026, 11, 1), "1.34", ["support_ends_soon"]),
        (date(2026, 12, 3), "1.34", ["extended_support"]),
    ],
)
def test_plans_tell_when_standard_support_ends_and_what_comes_then(told, sandbox, make_cluster, day, version, codes):
    aws = Aws(endpoint=sandbox.aws["endpoint"], today=lambda: day)

    async def story(session):
        new = await aws.preflight_cluster(session, make_cluster(version=version))
        return new, await aws.preflight_upgrade(session, make_cluster(), (version,), {})

    for found in told(story):
        assert [finding.code for finding in found] == codes
        assert all("0.60 USD" in finding.message for finding in found)


def test_what_may_not_be_asked_is_a_warning(told, aws, sandbox, make_cluster):
    sandbox.fault("GetServiceQuota", "revoked")
    found = told(lambda session: aws.preflight_cluster(session, make_cluster()))
    assert {(finding.severity, finding.code) for finding in found} == {("warning", "not_checked")}


def test_a_network_that_does_not_exist_is_told_with_its_field(told, aws, make_cluster):
    async def story(session):
        spec = make_cluster(network=None, vpc_id="vpc-0123456789abcdef0")
        with pytest.raises(InvalidSpec) as refused:
            await aws.complete_cluster(session, spec)
        return refused.value

    error = told(story)
    assert error.field == "network/vpc_id"
    assert REGION in error.message


def test_a_credential_is_verified_in_its_own_region(aws, sandbox):
    identity = asyncio.run(aws.verify({**sandbox.credential, "region": "eu-west-1"}))
    assert identity.account == "123456789012"
    assert identity.principal.endswith(":user/sandbox")


def test_a_wrong_secret_names_the_refused_call(aws, sandbox):
    wrong = {**sandbox.credential, "secret_key": "x" * 40}
    with pytest.raises(AuthenticationFailed) as refused:
        asyncio.run(aws.verify(wrong))
    assert refused.value.operation == "sts:GetCallerIdentity"


def test_a_credential_without_keys_never_borrows_those_of_the_machine(aws, sandbox, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", sandbox.credential["access_key"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", sandbox.credential["secret_key"])
    with pytest.raises(AuthenticationFailed):
        asyncio.run(aws.verify({}, REGION))
    assert sandbox.calls() == []


def test_a_role_alone_is_assumed_with_the_machines_identity_only_where_the_operator_allows_it(
    told, aws, sandbox, monkeypatch
):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", sandbox.credential["access_key"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", sandbox.credential["secret_key"])
    credential = role_for(told, "ops", "skyclust-w1") | {TENANT: "skyclust-w1"}
    with pytest.raises(AuthenticationFailed, match="operator has not allowed"):
        asyncio.run(aws.verify(credential, REGION))
    assert sandbox.calls("AssumeRole") == []
    identity = asyncio.run(allowing(sandbox).verify(credential, REGION))
    assert ":assumed-role/ops/" in identity.principal


def test_a_tenant_cannot_use_a_role_of_another_by_its_name_nor_by_its_external_id(told, sandbox, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", sandbox.credential["access_key"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", sandbox.credential["secret_key"])
    role, machine = role_for(told, "ops", "skyclust-w1"), allowing(sandbox)
    with pytest.raises(PermissionDenied, match="sts:ExternalId is skyclust-w2") as denied:
        asyncio.run(machine.verify(role | {TENANT: "skyclust-w2"}, REGION))
    assert denied.value.operation == "sts:AssumeRole"
    with pytest.raises(AuthenticationFailed, match=r"workspace's own\. Put skyclust-w2 into"):
        asyncio.run(machine.verify(role | {TENANT: "skyclust-w2", "external_id": "skyclust-w1"}, REGION))
    asyncio.run(machine.verify(role | {TENANT: "skyclust-w1", "external_id": "skyclust-w1"}, REGION))


def test_a_role_that_asks_for_no_external_id_is_refused_with_what_to_add(told, sandbox, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", sandbox.credential["access_key"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", sandbox.credential["secret_key"])
    with pytest.raises(AuthenticationFailed, match="Add the condition sts:ExternalId = skyclust-w1"):
        asyncio.run(allowing(sandbox).verify(role_for(told, "open", None) | {TENANT: "skyclust-w1"}, REGION))


def allowing(sandbox):
    """The provider as an operator sets it up who lets the machine assume roles."""
    return provider({"SKYCLUST_AWS_ENDPOINT": sandbox.aws["endpoint"], "SKYCLUST_AWS_MACHINE_MAY_ASSUME": "1"})


def role_for(told, name, external_id):
    """The data of a credential with a new role alone, whose trust policy asks for the external id."""
    condition = {"Condition": {"StringEquals": {"sts:ExternalId": external_id}}} if external_id else {}
    allow = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"} | condition
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    made = told(lambda session: session.call("iam", "create_role", RoleName=name, AssumeRolePolicyDocument=policy))
    return {"role_arn": made["Role"]["Arn"]}


def test_when_keys_were_made_and_when_they_end_is_told_where_known(aws, sandbox):
    lasting = asyncio.run(aws.verify(sandbox.credential, REGION))
    assert lasting.expires_at is None
    assert abs((datetime.now(UTC) - lasting.issued_at).total_seconds()) < 86_400
    ending = {**sandbox.credential, "expiration": "2031-01-02T03:04:05Z"}
    assert asyncio.run(aws.verify(ending, REGION)).expires_at == datetime(2031, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_role_is_assumed_and_the_creator_is_the_role(told, aws, sandbox, make_cluster):
    made = told(lambda session: session.call("iam", "create_role", RoleName="ops", AssumeRolePolicyDocument="{}"))
    arn = made["Role"]["Arn"]
    credential = {**sandbox.credential, "role_arn": arn, "external_id": "tenant-7"}
    spec = told(lambda session: aws.complete_cluster(session, make_cluster()), credential)
    assert spec.options["creator"] == arn
    identity = asyncio.run(aws.verify(credential, REGION))
    assert ":assumed-role/ops/" in identity.principal


def test_a_token_is_a_signed_question_who_am_i_for_one_cluster(told, aws, sandbox):
    token = told(lambda session: aws.kube_token(session, OUTPUTS))
    encoded = token.token.removeprefix("k8s-aws-v1.")
    url = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)
    assert query["Action"] == ["GetCallerIdentity"]
    assert query["X-Amz-SignedHeaders"] == ["host;x-k8s-aws-id"]
    assert sandbox.credential["secret_key"] not in url
    assert token.expires_at - datetime.now(UTC) <= timedelta(minutes=14)
    parts = urllib.parse.urlsplit(url)
    for cluster, valid in (("shop", True), ("other", False)):
        headers = {"host": parts.netloc, "x-k8s-aws-id": cluster}
        request = parse_request("GET", parts.path, parts.query, headers, b"")
        assert is_signed_with(request, sandbox.credential["secret_key"]) is valid


def test_a_kubeconfig_runs_the_aws_cli(pure):
    access = pure.cluster_access(OUTPUTS)
    assert access.user_exec["command"] == "aws"
    assert access.user_exec["args"][-4:] == ["--cluster-name", "shop", "--output", "json"]
    assert "secret" not in json.dumps(access.user_exec)


def test_mutations_are_sent_once_and_reads_a_few_times(told, aws, sandbox):
    sandbox.fault("DescribeVpcs", "error_before", times=2)
    assert told(lambda session: session.listed("ec2", "describe_vpcs", "Vpcs")) == []
    assert len(sandbox.calls("DescribeVpcs")) == 3
    sandbox.fault("CreateVpc", "error_before", times=1)

    async def story(session):
        driver = aws.driver("aws.ec2.vpc")
        mark = Mark(UUID(int=1), UUID(int=2), 1, "net")
        spec = {"name": "net", "cidr_block": "10.0.0.0/16"}
        return await asyncio.gather(driver.create(session, mark, spec), return_exceptions=True)

    told(story)
    assert len(sandbox.calls("CreateVpc")) == 1
    assert sandbox.resources() == []


def test_a_role_of_that_name_that_is_not_ours_is_not_taken_over(told, aws):
    async def story(session):
        await session.call("iam", "create_role", RoleName="r", AssumeRolePolicyDocument="{}")
        mark = Mark(UUID(int=1), UUID(int=2), 1, "net")
        spec = {"name": "r", "role_name": "r", "service": "eks.amazonaws.com", "policies": []}
        driver = aws.driver("aws.iam.role")
        for call in (driver.find, driver.create):
            with pytest.raises(NameTaken):
                await call(session, mark, spec)
        with pytest.raises(NameTaken):
            await driver.delete(session, "r", spec, mark)

    told(story)
