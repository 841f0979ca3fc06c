"""What the aws CLI made, SkyClust takes over: nothing is left to do, and the CLI sees our mark come and go."""

import asyncio
from uuid import UUID

import pytest

from imports_judged import left_after_import
from skyclust.contract.resources import TAG_RESOURCE, Mark
from skyclust.providers.aws import provider

pytestmark = pytest.mark.xdist_group("aws-cli")

REGION = "eu-west-1"
MARK = Mark(UUID(int=1), UUID(int=2), 1, "one")


@pytest.fixture
def made(shell):
    """A cluster "one" with a node group "pool", by the lines of the EKS user guide."""
    vpc = shell("aws ec2 create-vpc --cidr-block 10.0.0.0/16")["Vpc"]["VpcId"]
    zones = [f"{REGION}a", f"{REGION}b"]
    lines = [f"--cidr-block 10.0.{n}.0/24 --availability-zone {zone}" for n, zone in enumerate(zones)]
    subnets = [shell(f"aws ec2 create-subnet --vpc-id {vpc} {line}")["Subnet"]["SubnetId"] for line in lines]
    role = shell("aws iam create-role --role-name eks --assume-role-policy-document '{}'")["Role"]["Arn"]
    line = f"aws eks create-cluster --name one --kubernetes-version 1.34 --role-arn {role}"
    shell(f"{line} --resources-vpc-config subnetIds={','.join(subnets)}")
    shell.pass_time(1500)
    line = f"aws eks create-nodegroup --cluster-name one --nodegroup-name pool --subnets {' '.join(subnets)}"
    shell(f"{line} --node-role {role} --kubernetes-version 1.33 --labels team=red")
    shell.pass_time(600)
    return vpc


def test_what_the_cli_made_is_taken_over_as_it_is(shell, sandbox_process, made):
    ready = sandbox_process.ready["aws"]
    aws = provider({"SKYCLUST_AWS_ENDPOINT": ready["endpoint"]})
    tags = "aws eks describe-nodegroup --cluster-name one --nodegroup-name pool --query nodegroup.tags"

    async def story():
        session = aws.connect({name: ready[name] for name in ("access_key", "secret_key")}, REGION)
        try:
            cluster = await aws.import_cluster(session, "one")
            network = await aws.import_network(session, made)
            left = [await left_after_import(aws, session, found) for found in (cluster, network)]
            await aws.mark(session, "aws.eks.nodegroup", "one/pool", {}, MARK)
            seen = await asyncio.to_thread(shell, tags)
            await aws.unmark(session, "aws.eks.nodegroup", "one/pool", {}, MARK)
            return cluster, left, seen
        finally:
            await session.close()

    cluster, left, seen = asyncio.run(story())
    assert left == [[], []]
    assert [pool.name for pool in cluster.spec.node_pools] == ["pool"]
    assert seen[TAG_RESOURCE] == str(MARK.resource_id)
    assert not shell(tags)
    assert "Whether its aws-auth map lets it in is open" in " ".join(item.message for item in cluster.findings)
