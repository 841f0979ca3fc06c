"""Clusters and networks that others made, told in our words so that nothing is left to do; our mark on and off."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from imports_judged import left_after_import
from skyclust.contract.errors import InvalidSpec, NameTaken, NotSupported
from skyclust.contract.imports import Importing
from skyclust.contract.resources import TAG_RESOURCE, TAG_STACK, Mark
from skyclust.contract.specs import (
    AutoScaling,
    FirewallRuleSpec,
    NetworkSpec,
    SubnetSpec,
    Taint,
)
from skyclust.providers.aws import provider
from skyclust.provisioning.planning import plan_import, plan_release
from skyclust.provisioning.rows import OperationState

REGION = "us-west-2"
OURS = Mark(UUID(int=1), UUID(int=2), 1, "shop")
STRANGERS = Mark(UUID(int=3), UUID(int=4), 1, "other")


@pytest.fixture
def told(aws, sandbox):
    """Run a story with a session of its own."""

    def run(story):
        async def in_session():
            session = aws.connect(sandbox.credential, REGION)
            try:
                return await story(session)
            finally:
                await session.close()

        return asyncio.run(in_session())

    return run


@pytest.fixture
def vpc(ec2):
    return vpc_of(ec2)


def vpc_of(ec2):
    """A VPC with a public and a private subnet, neither named, as the aws CLI makes them."""
    vpc_id = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    made = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.7.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
        for n, zone in enumerate("ab")
    ]
    subnets = [subnet["SubnetId"] for subnet in made]
    ec2.modify_subnet_attribute(SubnetId=subnets[0], MapPublicIpOnLaunch={"Value": True})
    return vpc_id, subnets


@pytest.fixture
def plain(sandbox, client, vpc):
    """A bare cluster "one" as others make it, active: (vpc, subnets, role, group)."""
    vpc_id, subnets = vpc
    role = client("iam").create_role(RoleName="eks", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    group = client("ec2").create_security_group(GroupName="api", Description="api", VpcId=vpc_id)["GroupId"]
    client("eks").create_cluster(
        name="one", version="1.34", roleArn=role, accessConfig={"authenticationMode": "API"}, tags={"team": "red"},
        resourcesVpcConfig={
            "subnetIds": subnets, "securityGroupIds": [group], "endpointPrivateAccess": True,
            "publicAccessCidrs": ["198.51.100.0/24", "192.0.2.0/24"],
        },
    )  # fmt: skip
    sandbox.pass_time(1500)
    return vpc_id, subnets, role, group


def add_pools(sandbox, client, subnets, role) -> None:
    """One with everything our words have, and one with what they do not have."""
    eks, ec2 = client("eks"), client("ec2")
    eks.create_nodegroup(
        clusterName="one", nodegroupName="plain", nodeRole=role, subnets=subnets[1:], instanceTypes=["m7g.large"],
        amiType="AL2023_ARM_64_STANDARD", scalingConfig={"minSize": 1, "maxSize": 4, "desiredSize": 2},
        capacityType="SPOT", diskSize=80, labels={"team": "red"},
        taints=[{"key": "only", "value": "these", "effect": "NO_SCHEDULE"}, {"key": "k", "effect": "NO_EXECUTE"}],
    )  # fmt: skip
    disk = {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 120}}
    ec2.create_launch_template(
        LaunchTemplateName="own", LaunchTemplateData={"InstanceType": "c6i.xlarge", "BlockDeviceMappings": [disk]}
    )
    other = client("iam").create_role(RoleName="nodes", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    eks.create_nodegroup(
        clusterName="one", nodegroupName="custom", nodeRole=other, subnets=subnets, version="1.33",
        launchTemplate={"name": "own"}, scalingConfig={"minSize": 3, "maxSize": 3, "desiredSize": 3},
    )  # fmt: skip
    eks.create_addon(clusterName="one", addonName="vpc-cni")
    sandbox.pass_time(900)


def test_a_cluster_that_others_made_is_told_in_our_words(aws, sandbox, client, plain, told):
    vpc_id, subnets, role, group = plain
    add_pools(sandbox, client, subnets, role)

    async def story(session):
        listed = await aws.existing(session)
        imported = await aws.import_cluster(session, "one")
        return listed, imported, await left_after_import(aws, session, imported)

    listed, imported, left = told(story)
    assert isinstance(aws, Importing)
    assert [(item.what, item.name, item.version, item.owner) for item in listed] == [
        ("cluster", "one", "1.34", None), ("network", vpc_id, "", None),
    ]  # fmt: skip
    spec = imported.spec
    assert left == []
    assert (spec.name, spec.version, spec.mode, spec.vpc_id) == ("one", "1.34", "standard", vpc_id)
    assert spec.subnet_ids == tuple(subnets)
    assert spec.options["public_access_cidrs"] == ["192.0.2.0/24", "198.51.100.0/24"]
    assert spec.options["cluster_role_arn"] == role
    custom, pool = sorted(spec.node_pools, key=lambda pool: pool.name)
    assert (pool.machine_type, pool.disk_gb, pool.spot) == ("m7g.large", 80, True)
    assert (pool.auto_scaling, pool.node_count, pool.labels) == (AutoScaling(1, 4), 2, {"team": "red"})
    assert pool.taints == (Taint("k", "", "NoExecute"), Taint("only", "these", "NoSchedule"))
    assert (custom.machine_type, custom.disk_gb, custom.auto_scaling, custom.node_count) == ("c6i.xlarge", 120, None, 3)
    keys = {node.key for node in aws.cluster_blueprint(spec) if node.kind == "aws.iam.role"}
    assert keys == set()
    assert imported.ids == {
        "cluster": "one", "node-pool/plain": "one/plain", "node-pool/custom": "one/custom",
    }  # fmt: skip
    assert {finding.severity for finding in imported.findings} == {"warning"}
    said = " ".join(finding.message for finding in imported.findings)
    assert all(word in said for word in ("vpc-cni", "launch template own", group)), said


def test_what_a_later_change_asks_for_goes_before_what_was_found(aws, sandbox, client, plain, told, make_pool):
    _, subnets, role, _ = plain
    add_pools(sandbox, client, subnets, role)
    spec = told(lambda session: aws.import_cluster(session, "one")).spec

    def pool(changed, name):
        return aws.cluster_blueprint(changed)[f"node-pool/{name}"].spec

    before = pool(spec, "custom")
    assert (before["version"], before["machine_type"], before["disk_gb"]) == ("1.33", None, None)
    price = aws.monthly_price(aws.cluster_blueprint(spec)["node-pool/custom"], REGION)
    assert price is not None
    assert price[0] > 3 * 120 * 0.08 + 3 * 730 * price[1].usd_per_hour - 1
    assert pool(replace(spec, version="1.35"), "custom")["version"] == "1.35"
    pools = tuple(replace(item, machine_type="m5.large") for item in spec.node_pools)
    assert pool(replace(spec, node_pools=pools), "custom")["machine_type"] == "m5.large"
    assert pool(replace(spec, node_pools=pools), "custom")["node_role_arn"].endswith("/nodes")
    grown = replace(spec, node_pools=(*spec.node_pools, make_pool("new")))
    graph = aws.cluster_blueprint(grown)
    assert graph["node-pool/new"].spec["node_role_arn"] == spec.options["node_role_arn"]
    assert graph["node-pool/new"].spec["version"] == "1.34"
    zoned = tuple(replace(item, zones=(f"{REGION}a",)) for item in spec.node_pools)
    assert pool(replace(spec, node_pools=zoned), "custom")["subnet_ids"] != before["subnet_ids"]


def test_a_cluster_without_machines_gets_a_role_for_them_with_its_first_pool(aws, plain, told, make_pool):
    async def story(session):
        imported = await aws.import_cluster(session, "one")
        return imported, await left_after_import(aws, session, imported)

    imported, left = told(story)
    assert left == []
    assert (imported.spec.node_pools, imported.ids) == ((), {"cluster": "one"})
    grown = aws.cluster_blueprint(replace(imported.spec, node_pools=(make_pool("new"),)))
    assert grown["role/node"].spec["role_name"] == f"skyclust-{REGION}-one-node"


def test_fargate_profiles_of_any_name_are_taken_along(aws, sandbox, client, plain, told):
    _, subnets, role, _ = plain
    for name, selector in (("fp", {"namespace": "web"}), ("jobs", {"namespace": "jobs", "labels": {"a": "b"}})):
        client("eks").create_fargate_profile(
            clusterName="one", fargateProfileName=name, podExecutionRoleArn=role, subnets=subnets[1:],
            selectors=[selector],
        )  # fmt: skip
        sandbox.pass_time(600)

    async def story(session):
        imported = await aws.import_cluster(session, "one")
        return imported, await left_after_import(aws, session, imported)

    imported, left = told(story)
    assert left == []
    assert imported.spec.mode == "fargate"
    assert imported.ids["fargate-profile/fp"] == "one/fp"
    assert any("selects pods by labels" in finding.message for finding in imported.findings)


def test_what_cannot_be_imported_says_why(aws, told):
    async def refused(session, what, external_id):
        with pytest.raises(InvalidSpec) as caught:
            await getattr(aws, f"import_{what}")(session, external_id)
        return caught.value.message

    assert told(lambda s: refused(s, "cluster", "none")) == (
        f"There is no EKS cluster none in {REGION}. Check name and region."
    )
    assert "There is no VPC vpc-0123456789abcdef0" in told(lambda s: refused(s, "network", "vpc-0123456789abcdef0"))


def test_what_is_still_being_made_is_not_imported_yet(at_rest):
    sandbox, client = at_rest
    _, subnets = vpc_of(client("ec2"))
    role = client("iam").create_role(RoleName="eks", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    client("eks").create_cluster(name="young", roleArn=role, resourcesVpcConfig={"subnetIds": subnets})

    async def story():
        aws = provider({"SKYCLUST_AWS_ENDPOINT": sandbox.aws["endpoint"]})
        session = aws.connect(sandbox.credential, REGION)
        try:
            await aws.import_cluster(session, "young")
        finally:
            await session.close()

    with pytest.raises(InvalidSpec, match="is creating"):
        asyncio.run(story())


def test_a_network_is_told_with_its_subnets_and_groups(aws, ec2, vpc, told):
    vpc_id, subnets = vpc
    ec2.create_tags(Resources=[vpc_id], Tags=[{"Key": "Name", "Value": "prod"}])
    ec2.create_tags(Resources=subnets[:1], Tags=[{"Key": "Name", "Value": "front"}, {"Key": "a", "Value": "b"}])
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
    web, closed, odd = (
        ec2.create_security_group(GroupName=name, Description=f"{name} group", VpcId=vpc_id)["GroupId"]
        for name in ("web", "closed", "odd name")
    )
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    ranges = [{"CidrIp": "10.0.0.0/8", "Description": "in"}, {"CidrIp": "192.0.2.0/24", "Description": "in"}]
    ping = {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=web, IpPermissions=[{**https, "IpRanges": ranges}, ping])
    pair = {**https, "UserIdGroupPairs": [{"GroupId": odd}]}
    ec2.authorize_security_group_ingress(GroupId=web, IpPermissions=[pair])
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.revoke_security_group_egress(GroupId=closed, IpPermissions=[everything])

    async def story(session):
        listed = await aws.existing(session)
        imported = await aws.import_network(session, vpc_id)
        return listed, imported, await left_after_import(aws, session, imported)

    listed, imported, left = told(story)
    assert [(item.name, item.external_id, item.cidr_block) for item in listed] == [("prod", vpc_id, "10.7.0.0/16")]
    assert left == []
    spec = imported.spec
    assert isinstance(spec, NetworkSpec)
    assert (spec.name, spec.cidr_block, spec.carve) == ("prod", "10.7.0.0/16", False)
    assert spec.subnets == (
        SubnetSpec("front", "10.7.0.0/24", f"{REGION}a", True), SubnetSpec(subnets[1], "10.7.1.0/24", f"{REGION}b"),
    )  # fmt: skip
    assert [group.name for group in spec.security_groups] == ["web"]
    assert FirewallRuleSpec("ingress", "icmp", 8, None, ("0.0.0.0/0",)) in spec.security_groups[0].rules
    assert (
        FirewallRuleSpec("ingress", "tcp", 443, 443, ("10.0.0.0/8", "192.0.2.0/24"), "in")
        in spec.security_groups[0].rules
    )
    assert imported.ids == {
        "network": vpc_id, "subnet/front": subnets[0], f"subnet/{subnets[1]}": subnets[1], "security-group/web": web,
    }  # fmt: skip
    said = " ".join(finding.message for finding in imported.findings)
    assert all(word in said for word in (gateway, closed, odd, "for other groups")), said
    assert not any(finding.severity == "error" for finding in imported.findings)
    assert aws.validate_network(spec) == ()


def test_marks_go_on_and_off_and_never_over_anothers(aws, sandbox, client, plain, told):
    vpc_id, subnets, role, group = plain
    add_pools(sandbox, client, subnets, role)
    before = {row["id"]: row["tags"] for row in sandbox.resources()}
    kinds = {
        "aws.ec2.vpc": vpc_id, "aws.ec2.subnet": subnets[0], "aws.ec2.security_group": group, "aws.iam.role": "eks",
        "aws.eks.cluster": "one", "aws.eks.nodegroup": "one/plain",
    }  # fmt: skip

    async def story(session):
        for kind, external_id in kinds.items():
            driver = aws.driver(kind)
            for _ in range(2):
                await aws.mark(session, kind, external_id, {}, OURS)
            seen = await driver.observe(session, external_id, {})
            assert OURS.owns_tags(seen.fields["tags"]), kind
            with pytest.raises(NameTaken, match=str(OURS.resource_id)):
                await aws.mark(session, kind, external_id, {}, STRANGERS)
            await aws.unmark(session, kind, external_id, {}, STRANGERS)
            seen = await driver.observe(session, external_id, {})
            assert seen.fields["tags"][TAG_STACK] == str(OURS.stack_id)
        assert (await aws.existing(session))[0].owner.resource_id == OURS.resource_id
        for kind, external_id in kinds.items():
            for _ in range(2):
                await aws.unmark(session, kind, external_id, {}, OURS)
        await aws.unmark(session, "aws.ec2.vpc", "vpc-0123456789abcdef0", {}, OURS)
        with pytest.raises(InvalidSpec, match="does not exist any more"):
            await aws.mark(session, "aws.eks.cluster", "gone", {}, OURS)
        with pytest.raises(NotSupported):
            await aws.mark(session, "aws.kubernetes.leftovers", "step/1", {}, OURS)

    told(story)
    assert {row["id"]: row["tags"] for row in sandbox.resources()} == before


def test_another_installations_cluster_and_network_show_their_owner_and_can_be_described(
    aws, sandbox, stacks, make_cluster
):
    async def story(make):
        stack = make()
        completed = await aws.complete_cluster(stack.session, make_cluster())
        operation = await stack.apply(aws.cluster_blueprint(completed))
        assert operation.state is OperationState.SUCCEEDED, operation.message
        listed = await aws.existing(stack.session)
        cluster = await aws.import_cluster(stack.session, "shop")
        network = await aws.import_network(stack.session, listed[1].external_id)
        return stack.id, listed, [await left_after_import(aws, stack.session, found) for found in (cluster, network)]

    stack_id, listed, left = stacks(story)
    assert left == [[], []]
    assert [(item.what, item.name, item.owner.stack_id) for item in listed] == [
        ("cluster", "shop", stack_id), ("network", "shop", stack_id),
    ]  # fmt: skip
    assert listed[0].owner.proof.startswith(f"tag {TAG_RESOURCE}=")


async def taken_over(stack, name: str):
    """The spec of a cluster that the engine has taken over, and its graph."""
    imported = await stack.provider.import_cluster(stack.session, name)
    graph = stack.provider.cluster_blueprint(imported.spec)
    operation = await stack.carry_out(plan_import(graph, imported.ids), graph)
    assert operation.state is OperationState.SUCCEEDED, operation.message
    assert stack.plan(graph).empty, stack.plan(graph).changes
    return imported.spec, graph


def test_an_imported_cluster_is_changed_and_deleted_like_one_of_ours_and_nothing_else_goes(
    aws, sandbox, client, plain, stacks
):
    vpc_id, subnets, role, group = plain
    add_pools(sandbox, client, subnets, role)

    async def story(make):
        stack = make("one")
        spec, _ = await taken_over(stack, "one")
        pools = tuple(replace(pool, auto_scaling=None, node_count=1) for pool in spec.node_pools)
        grown = aws.cluster_blueprint(replace(spec, node_pools=pools))
        operation = await stack.apply(grown)
        assert operation.state is OperationState.SUCCEEDED, operation.message
        assert stack.plan(grown).empty
        kinds = sandbox.kinds()
        operation = await stack.apply(None)
        assert operation.state is OperationState.SUCCEEDED, operation.message
        return kinds

    kinds = stacks(story)
    assert (kinds["node_group"], kinds["instance"]) == (2, 2)
    assert {row["id"] for row in sandbox.resources()} == {vpc_id, *subnets, group, "eks", "nodes"}


def test_an_imported_cluster_that_is_released_is_as_it_was(aws, sandbox, client, plain, stacks):
    _, subnets, role, _ = plain
    add_pools(sandbox, client, subnets, role)
    before = {row["id"]: row["tags"] for row in sandbox.resources()}

    async def story(make):
        stack = make("one")
        await taken_over(stack, "one")
        marked = [row["id"] for row in sandbox.resources() if TAG_RESOURCE in row["tags"]]
        operation = await stack.carry_out(plan_release(stack.rows()), None)
        assert operation.state is OperationState.SUCCEEDED, operation.message
        return marked

    assert len(stacks(story)) == 3
    assert {row["id"]: row["tags"] for row in sandbox.resources()} == before
