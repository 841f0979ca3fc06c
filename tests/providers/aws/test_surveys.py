"""What a survey of an AWS region sees: the same as each driver's own look, in far fewer calls."""

import asyncio
from collections import defaultdict
from dataclasses import replace

import pytest

from skyclust.contract.errors import AuthenticationFailed
from skyclust.contract.resources import TAG_RESOURCE, TAG_STACK, resolve
from skyclust.contract.specs import FirewallRuleSpec, NetworkSpec, SecurityGroupSpec, SubnetSpec
from skyclust.contract.surveys import Known, Surveying

REGION = "us-west-2"


def known_of(rows) -> dict[str, list[Known]]:
    """As a sweep tells what rows say."""
    outputs = {row.key: row.outputs for row in rows}
    known = defaultdict(list)
    for row in rows:
        if row.kind != "aws.kubernetes.leftovers":
            known[row.kind].append(Known(row.kind, row.external_id, resolve(row.spec, outputs)))
    return known


@pytest.fixture
def surveyed(aws, sandbox):
    """Survey with a session of its own: (survey, calls it took)."""

    def survey(known=None, credential=None):
        async def told():
            session = aws.connect(credential or sandbox.credential, REGION)
            try:
                return await aws.survey(session, known or {})
            finally:
                await session.close()

        before = len(sandbox.calls())
        return asyncio.run(told()), len(sandbox.calls()) - before

    return survey


@pytest.fixture
def built(stacks):
    """Rows of a stack that the engine built, and what each driver observes."""

    def build(spec, *, network: bool = False):
        async def story(make):
            stack = make()
            if network:
                graph = stack.provider.network_blueprint(spec)
            else:
                completed = await stack.provider.complete_cluster(stack.session, spec)
                graph = stack.provider.cluster_blueprint(completed)
            await stack.apply(graph)
            rows = stack.rows()
            known = known_of(rows)
            seen = {
                item.external_id: await stack.provider.driver(kind).observe(stack.session, item.external_id, item.spec)
                for kind, items in known.items()
                for item in items
            }
            return stack.id, rows, seen

        return stacks(story)

    return build


def network_spec(subnets: int) -> NetworkSpec:
    parts = tuple(SubnetSpec(f"s{n}", f"10.0.{n}.0/24", f"{REGION}{'ab'[n % 2]}") for n in range(subnets))
    rule = FirewallRuleSpec("ingress", "tcp", 22, 22, ("10.0.0.0/8",))
    groups = tuple(SecurityGroupSpec(f"g{n}", "", (rule,)) for n in range(subnets))
    return NetworkSpec("net", REGION, "10.0.0.0/16", carve=False, subnets=parts, security_groups=groups)


@pytest.mark.parametrize("mode", ["standard", "fargate"])
def test_a_survey_sees_a_whole_cluster_as_its_drivers_do(sandbox, aws, built, surveyed, make_cluster, mode):
    sandbox.act("plant_decoys", region=REGION)
    changes = {"mode": "fargate", "node_pools": ()} if mode == "fargate" else {}
    stack_id, rows, seen = built(make_cluster(**changes))
    survey, _ = surveyed(known_of(rows))
    assert isinstance(aws, Surveying)
    assert survey.unread == {}
    sighted = {sighting.external_id: sighting for sighting in survey.sightings}
    wanted = [row for row in rows if row.kind != "aws.kubernetes.leftovers"]
    assert sorted(sighted) == sorted(row.external_id for row in wanted)
    for row in wanted:
        sighting = sighted[row.external_id]
        assert (sighting.kind, sighting.owner.resource_id, sighting.owner.stack_id) == (row.kind, row.id, stack_id)
        if row.kind != "aws.ec2.vpc":  # its DNS attributes are in no list
            assert sighting.observed == seen[row.external_id], row.key
        else:
            assert sighting.observed is None
    assert sighted["shop"].created_at is not None
    names = {sighting.kind: sighting.name for sighting in survey.sightings}
    assert (names["aws.eks.cluster"], names["aws.ec2.security_group"]) == ("shop", "shop-control-plane")
    _is_found_by_marks_alone(surveyed()[0], stack_id, wanted)


def _is_found_by_marks_alone(survey, stack_id, rows) -> None:
    """Without a word from any row: what an orphan sweep needs."""
    owners = {sighting.external_id: sighting.owner for sighting in survey.sightings}
    assert {name: owner.resource_id for name, owner in owners.items()} == {row.external_id: row.id for row in rows}
    assert {owner.stack_id for owner in owners.values()} == {stack_id}
    role = next(sighting for sighting in survey.sightings if sighting.kind == "aws.iam.role")
    assert role.owner.proof == f"description {TAG_RESOURCE}={role.owner.resource_id}"
    assert owners["shop"].proof == f"tag {TAG_RESOURCE}={owners['shop'].resource_id}"


def test_calls_do_not_grow_with_what_is_in_a_network(sandbox, built, surveyed):
    _, few, _ = built(network_spec(2), network=True)
    _, calls_for_few = surveyed(known_of(few))
    sandbox.reset()
    _, many, _ = built(network_spec(9), network=True)
    survey, calls_for_many = surveyed(known_of(many))
    assert len(survey.sightings) == 19
    assert calls_for_many == calls_for_few <= 10


def test_what_lost_its_mark_is_seen_as_long_as_a_row_knows_it(ec2, built, surveyed):
    _, rows, _ = built(network_spec(2), network=True)
    subnet = next(row for row in rows if row.key == "subnet/s0").external_id
    group = next(row for row in rows if row.key == "security-group/g0").external_id
    ec2.delete_tags(Resources=[subnet, group], Tags=[{"Key": TAG_RESOURCE}])
    ec2.create_tags(Resources=[group], Tags=[{"Key": TAG_RESOURCE, "Value": "not-of-our-making"}])
    seen = {sighting.external_id: sighting for sighting in surveyed(known_of(rows))[0].sightings}
    assert (seen[subnet].owner, seen[group].owner) == (None, None)
    assert "Name" in seen[subnet].observed.fields["tags"]
    unknown = {sighting.external_id for sighting in surveyed()[0].sightings}
    assert len(unknown) == len(seen) - 2
    assert not unknown & {subnet, group}


def test_changes_by_other_hands_show_and_what_was_deleted_does_not(ec2, built, surveyed):
    _, rows, _ = built(network_spec(2), network=True)
    changed, gone = (next(row for row in rows if row.key == f"subnet/s{n}").external_id for n in range(2))
    ec2.modify_subnet_attribute(SubnetId=changed, MapPublicIpOnLaunch={"Value": True})
    ec2.delete_subnet(SubnetId=gone)
    seen = {sighting.external_id: sighting for sighting in surveyed(known_of(rows))[0].sightings}
    assert seen[changed].observed.fields["public"] is True
    assert gone not in seen


def test_a_kind_that_is_refused_is_named_and_the_others_are_read(sandbox, built, surveyed):
    _, rows, _ = built(network_spec(2), network=True)
    for operation in ("DescribeSubnets", "ListClusters", "ListRoles"):
        sandbox.fault(operation, "error_before")
    survey, _ = surveyed(known_of(rows))
    sandbox.control("DELETE", "faults")
    eks = {"cluster", "nodegroup", "fargate_profile", "addon", "access_entry"}
    assert survey.unread.keys() == {"aws.ec2.subnet", "aws.iam.role", *(f"aws.eks.{kind}" for kind in eks)}
    assert "ec2:DescribeSubnets" in survey.unread["aws.ec2.subnet"]
    assert {sighting.kind for sighting in survey.sightings} == {"aws.ec2.vpc", "aws.ec2.security_group"}


def test_a_revoked_credential_is_no_survey(sandbox, surveyed):
    with pytest.raises(AuthenticationFailed):
        surveyed(credential={**sandbox.credential, "secret_key": "not-the-secret-of-this-access-key"})


def test_pools_tell_what_they_wait_for_and_go_from_sight_with_their_deletion(client, built, surveyed, make_cluster):
    _, rows, _ = built(make_cluster())
    cluster = next(row for row in rows if row.key == "cluster")
    client("eks").untag_resource(resourceArn=cluster.outputs["arn"], tagKeys=[TAG_RESOURCE, TAG_STACK])
    known = {"aws.eks.nodegroup": known_of(rows)["aws.eks.nodegroup"]}
    seen = {item.external_id: item for item in surveyed(known)[0].sightings}
    assert "shop" not in seen
    assert seen["shop/default"].observed.message == ""
    later = [replace(item, spec={**item.spec, "version": "1.35"}) for item in known["aws.eks.nodegroup"]]
    seen = {item.external_id: item for item in surveyed({"aws.eks.nodegroup": later})[0].sightings}
    assert seen["shop/default"].observed.message == "waits until the control plane runs 1.35"

    gateway = next(row for row in rows if row.kind == "aws.ec2.nat_gateway").external_id
    client("eks").delete_nodegroup(clusterName="shop", nodegroupName="default")
    client("ec2").delete_nat_gateway(NatGatewayId=gateway)
    left = {sighting.external_id for sighting in surveyed(known_of(rows))[0].sightings}
    assert not left & {"shop/default", gateway}
    assert "shop" in left
