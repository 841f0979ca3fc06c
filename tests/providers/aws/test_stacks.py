"""Whole stacks, run by the real engine against a real sandbox process."""

import asyncio
import base64
import json
import ssl
import urllib.request
from dataclasses import replace

import pytest

from skyclust.contract.resources import Origin
from skyclust.contract.specs import (
    AutoScaling,
    FirewallRuleSpec,
    NetworkSpec,
    SecurityGroupSpec,
    SubnetSpec,
    UpgradeSettings,
)
from skyclust.contract.surveys import Known
from skyclust.provisioning.planning import Verb
from skyclust.provisioning.rows import OperationState

REGION = "us-west-2"
NETWORK = NetworkSpec("net", REGION, "10.1.0.0/16")


def succeeded(operation) -> None:
    assert operation.state is OperationState.SUCCEEDED, (operation.message, operation.timeline[-5:])


async def built(stack, spec):
    """The completed spec and its graph, built."""
    completed = await stack.provider.complete_cluster(stack.session, spec)
    graph = stack.provider.cluster_blueprint(completed)
    succeeded(await stack.apply(graph))
    return completed, graph


def names_of_nodes(access, token: str) -> list[str]:
    """What a Kubernetes client sees that has nothing but the kubeconfig's data and a token."""
    trust = ssl.create_default_context(cadata=base64.b64decode(access.ca_data).decode())
    request = urllib.request.Request(f"{access.endpoint}/api/v1/nodes", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=20, context=trust) as reply:
        return [item["metadata"]["name"] for item in json.load(reply)["items"]]


def test_a_cluster_comes_to_be_and_goes_and_leaves_only_decoys(sandbox, stacks, make_cluster):
    decoys = set(sandbox.act("plant_decoys", region=REGION)["ids"])

    async def story(make):
        stack = make()
        _, graph = await built(stack, make_cluster())
        assert stack.plan(graph).empty, stack.plan(graph).changes
        seen = sandbox.kinds(), stack.row("cluster").outputs
        token = await stack.provider.kube_token(stack.session, seen[1])
        nodes = await asyncio.to_thread(names_of_nodes, stack.provider.cluster_access(seen[1]), token.token)
        assert len(nodes) == 2
        sandbox.act("kubernetes_leftovers", cluster="shop")
        succeeded(await stack.apply(None))
        return seen

    kinds, outputs = stacks(story)
    expected = {"cluster": 1, "node_group": 1, "instance": 2, "nat_gateway": 1, "role": 2, "access_entry": 1}
    assert {kind: kinds[kind] for kind in expected} == expected
    assert outputs["endpoint"].startswith("https://")
    assert outputs["ca_data"]
    assert {row["id"] for row in sandbox.resources()} == decoys


def test_a_fargate_cluster_comes_to_be_and_goes(sandbox, stacks, make_cluster):
    async def story(make):
        stack = make()
        _, graph = await built(stack, make_cluster(mode="fargate", node_pools=()))
        assert stack.plan(graph).empty
        kinds = sandbox.kinds()
        succeeded(await stack.apply(None))
        return kinds

    kinds = stacks(story)
    assert (kinds["fargate_profile"], kinds["addon"]) == (1, 1)
    assert "instance" not in kinds
    assert sandbox.resources() == []


@pytest.mark.parametrize("mode", ["lost_reply", "error_after"])
def test_replies_that_are_lost_make_nothing_twice(sandbox, stacks, mode):
    for operation in ("CreateVpc", "CreateSubnet", "CreateNatGateway", "AllocateAddress", "CreateRouteTable"):
        sandbox.fault(operation, mode, times=1)

    async def story(make):
        stack = make()
        succeeded(await stack.apply(stack.provider.network_blueprint(NETWORK)))
        kinds = sandbox.kinds()
        succeeded(await stack.apply(None))
        return kinds

    kinds = stacks(story)
    assert (kinds["vpc"], kinds["subnet"], kinds["nat_gateway"], kinds["address"], kinds["route_table"]) == (
        1,
        4,
        1,
        1,
        2,
    )
    assert sandbox.resources() == []


def test_a_storm_of_faults_makes_a_cluster_slower_but_never_two(sandbox, stacks, make_cluster):
    sandbox.fault("Describe*", "error_before", probability=0.05)
    for mode in ("lost_reply", "error_after", "error_before"):
        sandbox.fault("[ACM]*", mode, probability=0.1)
        sandbox.fault("Delete*", mode, probability=0.1)

    async def story(make):
        stack = make()
        _, graph = await built(stack, make_cluster())
        kinds = sandbox.kinds()
        assert stack.plan(graph).empty
        succeeded(await stack.apply(None))
        return kinds

    kinds = stacks(story)
    expected = {"vpc": 1, "subnet": 4, "nat_gateway": 1, "address": 1, "cluster": 1, "node_group": 1, "role": 2}
    assert {kind: kinds[kind] for kind in expected} == expected
    assert sandbox.resources() == []


def test_a_lost_reply_of_a_cloud_that_shows_new_things_late_makes_nothing_twice(sandbox, stacks):
    sandbox.fault("Describe*", "lag", params={"seconds": 60})
    sandbox.fault("CreateVpc", "lost_reply", times=1)
    bare = replace(NETWORK, carve=False)

    async def story(make):
        stack = make()
        succeeded(await stack.apply(stack.provider.network_blueprint(bare)))

    stacks(story)
    assert sandbox.kinds() == {"vpc": 1}


def test_a_foreign_machine_blocks_the_network_and_is_named(sandbox, stacks):
    async def story(make):
        stack = make()
        succeeded(await stack.apply(stack.provider.network_blueprint(NETWORK)))
        network_id = stack.row("network").external_id
        machine = sandbox.act("plant_instance", network_id=network_id)["id"]
        found = await stack.provider.inventory(stack.session, network_id, frozenset())
        foreign = [item.external_id for item in found if item.origin is Origin.FOREIGN]
        stuck = await stack.apply(None)
        return machine, foreign, stuck

    machine, foreign, stuck = stacks(story)
    assert foreign == [machine]
    assert stuck.state is OperationState.NEEDS_ATTENTION
    assert machine in stuck.message
    assert machine in {row["id"] for row in sandbox.resources()}
    assert sandbox.kinds()["vpc"] == 1


def test_an_inventory_tells_what_goes_with_a_living_cluster_from_what_is_left_of_a_gone_one(
    sandbox, stacks, make_cluster
):
    async def story(make):
        stack = make()
        completed, _ = await built(stack, make_cluster())
        left = sandbox.act("kubernetes_leftovers", cluster="shop")
        network_id = stack.row("network").external_id
        living = await stack.provider.inventory(stack.session, network_id, frozenset({"shop"}))
        stranger = await stack.provider.inventory(stack.session, network_id, frozenset())
        only = stack.provider.network_blueprint(replace(completed.network, clusters=("shop",)))
        keys = {node.key for node in only}
        succeeded(await stack.apply(only))
        gone = await stack.provider.inventory(stack.session, network_id, frozenset({"shop"}))
        assert {row.key for row in stack.rows()} == keys
        succeeded(await stack.apply(None))
        return left, living, stranger, gone

    left, living, stranger, gone = stacks(story)
    by_id = {item.external_id: item for item in living}
    assert {item.origin for item in living} == {Origin.OURS, Origin.CLOUD, Origin.KUBERNETES}
    assert by_id["shop"].origin is Origin.OURS
    assert by_id[left["load_balancer"]].origin is Origin.KUBERNETES
    assert by_id[left["security_group"]].origin is Origin.KUBERNETES
    assert "shop" in by_id[left["load_balancer"]].why
    assert left["load_balancer"] in {item.external_id for item in stranger if item.origin is Origin.FOREIGN}
    assert not [item for item in gone if item.origin is Origin.FOREIGN], gone
    assert left["load_balancer"] in {item.external_id for item in gone if item.origin is Origin.KUBERNETES}
    assert sandbox.resources() == []


def test_everything_controllers_leave_is_swept_with_the_network(sandbox, stacks, client):
    ec2, elb, elbv2 = client("ec2"), client("elb"), client("elbv2")
    owned = [{"Key": "kubernetes.io/cluster/shop", "Value": "owned"}]

    def leave(vpc: str, subnet: str) -> None:
        groups = [
            ec2.create_security_group(
                GroupName=f"k8s-elb-{n}", Description="left", VpcId=vpc,
                TagSpecifications=[{"ResourceType": "security-group", "Tags": owned}],
            )["GroupId"]
            for n in range(2)
        ]  # fmt: skip
        for one, other in (groups, groups[::-1]):  # each refers to the other, so that neither can go first
            rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": other}]}
            ec2.authorize_security_group_ingress(GroupId=one, IpPermissions=[rule])
        listener = {"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80}
        elb.create_load_balancer(
            LoadBalancerName="a1", Listeners=[listener], Subnets=[subnet], SecurityGroups=groups[:1], Tags=owned
        )
        elbv2.create_target_group(Name="k8s-web", Protocol="HTTP", Port=80, VpcId=vpc, Tags=owned)
        made = {"Key": "cluster.k8s.amazonaws.com/name", "Value": "shop"}
        ec2.create_network_interface(
            SubnetId=subnet, TagSpecifications=[{"ResourceType": "network-interface", "Tags": [made]}]
        )

    async def story(make):
        stack = make("net")
        spec = replace(NETWORK, clusters=("shop",))
        succeeded(await stack.apply(stack.provider.network_blueprint(spec)))
        vpc, subnet = (stack.row(key).external_id for key in ("network", f"subnet/private-{REGION}a"))
        await asyncio.to_thread(leave, vpc, subnet)
        found = await stack.provider.inventory(stack.session, vpc, frozenset({"shop"}))
        succeeded(await stack.apply(None))
        return [item.kind for item in found if item.origin is Origin.KUBERNETES]

    kinds = stacks(story)
    assert sorted(kinds) == ["load balancer", "network interface", "security group", "security group"]
    assert sandbox.resources() == []
    assert elb.describe_load_balancers()["LoadBalancerDescriptions"] == []
    assert elbv2.describe_target_groups()["TargetGroups"] == []


def test_an_existing_network_is_used_and_left_as_it_was_with_nothing_of_kubernetes_in_it(sandbox, stacks, make_cluster):
    async def story(make):
        network, cluster = make("net"), make("shop")
        succeeded(await network.apply(network.provider.network_blueprint(NETWORK)))
        before = sandbox.resources()
        spec = make_cluster(network=None, vpc_id=network.row("network").external_id)
        completed, graph = await built(cluster, spec)
        assert await cluster.provider.preflight_cluster(cluster.session, replace(completed, name="other")) == ()
        assert cluster.plan(graph).empty
        elsewhere = replace(completed, name="other", node_pools=(replace(spec.node_pools[0], zones=(f"{REGION}c",)),))
        (refused,) = await cluster.provider.preflight_cluster(cluster.session, elsewhere)
        assert refused.field == "/node_pools/0/zones"
        chosen = {subnet["id"]: subnet["name"] for subnet in sandbox.resources("subnet")}
        names = sorted(chosen[subnet] for subnet in completed.subnet_ids)
        sandbox.act("kubernetes_leftovers", cluster="shop")
        succeeded(await cluster.apply(None))
        return before, names

    before, names = stacks(story)
    assert names == ["net-private-us-west-2a", "net-private-us-west-2b"]
    assert sandbox.resources() == before


def test_versions_go_up_control_plane_first_and_one_minor_at_a_time(sandbox, stacks, make_cluster):
    async def story(make):
        stack = make()
        completed, _ = await built(stack, make_cluster(version="1.32"))
        newer = stack.provider.cluster_blueprint(replace(completed, version="1.34"))
        plan = stack.plan(newer)
        verbs = {line.key: line.verb for line in plan.changes if line.verb is not Verb.KEEP}
        assert verbs == {"cluster": Verb.UPDATE, "node-pool/default": Verb.UPDATE}
        succeeded(await stack.apply(newer))
        assert stack.plan(newer).empty
        return [stack.row(key).outputs["version"] for key in ("cluster", "node-pool/default")]

    assert stacks(story) == ["1.34", "1.34"]
    assert len(sandbox.calls("UpdateClusterVersion")) == 2


def test_pools_change_in_place_and_an_autoscaler_owns_the_size(sandbox, stacks, make_cluster, make_pool):
    async def story(make):
        stack = make()
        first = make_pool(bounds=(1, 5), labels={"tier": "web", "old": "yes"})
        completed, graph = await built(stack, make_cluster(node_pools=(first,)))
        sandbox.act("set_field", id="shop/default", field="scalingConfig.desiredSize", value=4)
        changed = replace(first, auto_scaling=AutoScaling(1, 6), labels={"tier": "api"})
        succeeded(await stack.apply(stack.provider.cluster_blueprint(replace(completed, node_pools=(changed,)))))
        del graph
        return stack.row("node-pool/default").fields

    fields = stacks(story)
    assert (fields["min"], fields["max"], fields["desired"]) == (1, 6, 4)
    assert fields["labels"] == {"tier": "api"}
    assert len(sandbox.resources("instance")) == 4


def test_subnets_and_groups_come_change_and_go_by_name(sandbox, stacks):
    rule = FirewallRuleSpec("ingress", "tcp", 443, 443, ("10.1.0.0/16",), "https")
    first = replace(
        NETWORK, carve=False, subnets=(SubnetSpec("front", "10.1.1.0/24", f"{REGION}a", True),),
        security_groups=(SecurityGroupSpec("web", "the web", (rule,)),),
    )  # fmt: skip
    opened = replace(rule, from_port=80, to_port=80, cidrs=("10.1.0.0/16", "10.9.0.0/16"))
    outward = replace(rule, direction="egress")
    second = replace(
        first, subnets=(SubnetSpec("back", "10.1.2.0/24", f"{REGION}b"), *first.subnets),
        security_groups=(SecurityGroupSpec("web", "the web", (opened, outward)),),
    )  # fmt: skip

    async def story(make):
        stack = make("net")
        for spec in (first, second):
            graph = stack.provider.network_blueprint(spec)
            succeeded(await stack.apply(graph))
            assert stack.plan(graph).empty, [(c.verb, c.changes) for c in stack.plan(graph).changes if c.verb != "keep"]
        rules = stack.row("security-group/web").fields["rules"]
        succeeded(await stack.apply(stack.provider.network_blueprint(replace(first, subnets=(), security_groups=()))))
        return rules, sandbox.kinds()

    rules, left = stacks(story)
    assert [(rule["direction"], rule["from_port"], rule["cidr"]) for rule in rules] == [
        ("egress", 443, "10.1.0.0/16"),
        ("ingress", 80, "10.1.0.0/16"),
        ("ingress", 80, "10.9.0.0/16"),
    ]
    assert left == {"vpc": 1}


def test_a_cluster_of_that_name_that_is_not_ours_is_not_taken_over(sandbox, stacks, make_cluster):
    async def story(make):
        await built(make(), make_cluster())
        second = make("again")
        spec = await second.provider.complete_cluster(second.session, make_cluster())
        found = await second.provider.preflight_cluster(second.session, spec)
        return [finding for finding in found if finding.code == "name_taken"]

    taken = stacks(story)
    assert {finding.field for finding in taken} == {"/name"}
    assert "EKS cluster shop" in taken[0].message


def test_a_pool_has_several_machine_types_and_its_surge_settings_change_in_place(
    sandbox, stacks, make_cluster, make_pool
):
    pool = make_pool(spot=True, other_types=("t3a.medium",), upgrade=UpgradeSettings(max_unavailable="25%"))

    async def story(make):
        stack = make()
        completed, graph = await built(stack, make_cluster(node_pools=(pool,)))
        first = await group_of(stack)
        assert stack.plan(graph).empty, stack.plan(graph).changes
        slower = replace(pool, upgrade=UpgradeSettings("0", "1"))
        graph = stack.provider.cluster_blueprint(replace(completed, node_pools=(slower,)))
        plan = stack.plan(graph)
        succeeded(await stack.apply(graph))
        return first, plan, await group_of(stack), stack.plan(graph).empty

    async def group_of(stack):
        answer = await stack.session.call("eks", "describe_nodegroup", clusterName="shop", nodegroupName="default")
        return answer["nodegroup"]

    first, plan, then, empty = stacks(story)
    assert (first["instanceTypes"], first["capacityType"]) == (["t3.medium", "t3a.medium"], "SPOT")
    assert first["updateConfig"] == {"maxUnavailablePercentage": 25, "updateStrategy": "DEFAULT"}
    assert [(line.key, line.verb, [item.field for item in line.changes]) for line in plan.changes if line.changes] == [
        ("node-pool/default", Verb.UPDATE, ["upgrade"])
    ]
    assert then["updateConfig"] == {"maxUnavailable": 1, "updateStrategy": "MINIMAL"}
    assert empty


def test_karpenter_finds_its_subnets_and_security_group_once_it_is_asked_for(sandbox, stacks, make_cluster, ec2):
    def tagged(kind):
        found = ec2.describe_tags(Filters=[{"Name": "key", "Values": ["karpenter.sh/discovery"]}])["Tags"]
        return sorted(tag["ResourceId"] for tag in found if tag["ResourceType"] == kind and tag["Value"] == "shop")

    async def story(make):
        stack = make()
        completed, _ = await built(stack, make_cluster())
        before = tagged("subnet"), tagged("security-group")
        asked = replace(completed, options={**completed.options, "karpenter_discovery": True})
        graph = stack.provider.cluster_blueprint(asked)
        succeeded(await stack.apply(graph))
        found = tagged("subnet"), tagged("security-group")
        assert stack.plan(graph).empty, stack.plan(graph).changes
        private = sorted(stack.row(node.key).external_id for node in graph if node.key.startswith("subnet/private-"))
        group = stack.row("cluster").outputs["security_group_id"]
        ec2.delete_tags(Resources=[group], Tags=[{"Key": "karpenter.sh/discovery"}])
        row = stack.row("cluster")
        specs = {"aws.eks.cluster": [Known("aws.eks.cluster", "shop", row.spec)]}
        survey = await stack.provider.survey(stack.session, specs)
        (sighting,) = [item for item in survey.sightings if item.kind == "aws.eks.cluster"]
        drift = stack.provider.driver("aws.eks.cluster").diff(row.spec, sighting.observed)
        return before, found, private, group, [change.field for change in drift]

    before, found, private, group, drift = stacks(story)
    assert before == ([], [])
    assert found == (private, [group])
    assert drift == ["group_tags"]
