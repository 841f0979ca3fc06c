"""Clusters and networks that somebody made with az or Terraform, in our words: nothing would be done to them."""

import asyncio
import json
from dataclasses import replace
from uuid import UUID

import pytest

from skyclust.contract.errors import InvalidSpec, NameTaken, NotSupported
from skyclust.contract.resources import Mark, resolve, topological_order
from skyclust.contract.specs import ClusterSpec, network_from_json, network_to_json
from skyclust.provisioning.planning import plan_import, plan_release
from skyclust.provisioning.rows import OperationState

REGION = "koreacentral"
MARK = Mark(UUID(int=1), UUID(int=2), 1, "shop")
OTHER = Mark(UUID(int=3), UUID(int=4), 1, "other")
#: Ranges apart from the networks here.
AWAY = {"serviceCidr": "172.29.0.0/16", "dnsServiceIP": "172.29.0.10"}


class Hand:
    """Somebody with a REST client."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.group = f"/subscriptions/{sandbox.subscription}/resourceGroups/theirs"
        self.network_id = f"{self.group}/providers/Microsoft.Network/virtualNetworks/legacy"
        self.cluster_id = f"{self.group}/providers/Microsoft.ContainerService/managedClusters/legacy"

    def told(self, story):
        async def run():
            az = self.sandbox.provider.connect(self.sandbox.credential, REGION)
            try:
                return await story(az)
            finally:
                await az.close()

        return asyncio.run(run())

    def put(self, path, body):
        self.told(lambda az: az.put(path, body))
        self.sandbox.pass_time(900)

    def network(self, *blocks, **subnets):
        self.put(self.group, {"location": REGION})
        rows = [{"name": name, "properties": {"addressPrefix": block}} for name, block in subnets.items()]
        space = {"addressSpace": {"addressPrefixes": list(blocks or ["10.0.0.0/16"])}, "subnets": rows}
        self.put(self.network_id, {"location": REGION, "tags": {"team": "a"}, "properties": space})

    def cluster(self, *pools, **properties):
        body = {
            "kubernetesVersion": "1.33",
            "dnsPrefix": "legacy",
            "agentPoolProfiles": [
                {"type": "VirtualMachineScaleSets", "vmSize": "Standard_D2s_v5", **pool} for pool in pools
            ],
            "networkProfile": {"networkPlugin": "azure", "networkPluginMode": "overlay", **AWAY},
            "aadProfile": {"managed": True},
            **properties,
        }
        self.put(
            self.cluster_id,
            {"location": REGION, "tags": {"team": "a"}, "identity": {"type": "SystemAssigned"}, "properties": body},
        )

    def subnet(self, name):
        return f"{self.network_id}/subnets/{name}"

    def imported(self, what, external_id):
        describe = getattr(self.sandbox.provider, f"import_{what}")
        return self.told(lambda az: describe(az, external_id))

    def changes(self, imported):
        """What would be done at once, by key."""
        provider = self.sandbox.provider
        if isinstance(imported.spec, ClusterSpec):
            spec = ClusterSpec.from_json(json.loads(json.dumps(imported.spec.to_json())))
            graph = provider.cluster_blueprint(spec)
        else:
            graph = provider.network_blueprint(
                network_from_json(json.loads(json.dumps(network_to_json(imported.spec))))
            )

        async def look(az):
            outputs, found = {}, {}
            for key in topological_order({node.key: node.depends_on for node in graph}):
                node, driver = graph[key], provider.driver(graph[key].kind)
                if not driver.creates:
                    continue
                spec = resolve(node.spec, outputs)
                seen = await driver.observe(az, node.adopt_id or imported.ids[key], spec)
                outputs[key] = seen.outputs
                if node.adopt_id is None:
                    found[key] = [change.field for change in driver.diff(spec, seen)]
            return found

        return self.told(look)


@pytest.fixture
def hand(sandbox):
    return Hand(sandbox)


def codes(imported, severity) -> list[str]:
    return sorted(finding.code for finding in imported.findings if finding.severity == severity)


def test_a_cluster_of_others_is_described_so_that_nothing_would_be_done(hand):
    hand.network(nodes="10.0.0.0/24", other="10.0.1.0/24")
    hand.cluster(
        {"name": "first", "mode": "User", "count": 2, "vnetSubnetID": hand.subnet("nodes"), "nodeLabels": {"a": "b"}},
        {"name": "system", "mode": "System", "count": 1, "vnetSubnetID": hand.subnet("other"),
         "nodeTaints": ["CriticalAddonsOnly=true:NoSchedule"], "availabilityZones": ["2"]},
        {"name": "scaled", "mode": "User", "count": 2, "enableAutoScaling": True, "minCount": 1, "maxCount": 4,
         "vnetSubnetID": hand.subnet("nodes")},
    )  # fmt: skip
    imported = hand.imported("cluster", hand.cluster_id)
    assert not codes(imported, "error"), imported.findings
    assert imported.spec.vpc_id == hand.network_id
    assert {pool.name for pool in imported.spec.node_pools} == {"first", "system", "scaled"}
    assert imported.spec.options["_group"] == hand.group
    assert hand.changes(imported) == {
        "cluster": [],
        "node-pool/first": [],
        "node-pool/system": [],
        "node-pool/scaled": [],
    }


def test_what_our_words_cannot_say_is_told(hand):
    hand.network(nodes="10.0.0.0/22")
    hand.cluster(
        {"name": "only", "mode": "System", "count": 1, "vnetSubnetID": hand.subnet("nodes"), "osDiskType": "Ephemeral",
         "osDiskSizeGB": 60},
        networkProfile={"networkPlugin": "azure", **AWAY},
        aadProfile=None,
    )  # fmt: skip
    imported = hand.imported("cluster", hand.cluster_id)
    said = " ".join(finding.message for finding in imported.findings)
    assert "addresses of the network" in said
    assert "Entra" in said
    assert hand.changes(imported) == {"cluster": [], "node-pool/only": []}


def test_a_cluster_in_a_network_of_aks_s_own_cannot_be_imported(hand):
    hand.network()
    hand.cluster({"name": "only", "mode": "System", "count": 1})
    with pytest.raises(InvalidSpec, match="made for it"):
        hand.imported("cluster", hand.cluster_id)
    listed = hand.told(hand.sandbox.provider.existing)
    assert [(item.what, item.name) for item in listed] == [("cluster", "legacy"), ("network", "legacy")]


def test_a_network_of_others_is_described_and_read_only_for_its_subnets(hand):
    hand.network(b="10.0.1.0/24", a="10.0.0.0/24", GatewaySubnet="10.0.2.0/27")
    imported = hand.imported("network", hand.network_id)
    assert [subnet.name for subnet in imported.spec.subnets] == ["a", "b"]
    assert hand.changes(imported) == {"network": [], "subnet/a": [], "subnet/b": []}
    assert codes(imported, "error") == ["no-room-for-a-mark"]
    assert any("GatewaySubnet" in finding.message for finding in imported.findings)
    with pytest.raises(NotSupported, match="read-only"):
        hand.told(lambda az: hand.sandbox.provider.mark(az, "azure.network.subnet", hand.subnet("a"), {}, MARK))


def test_a_network_with_several_blocks_is_not_managed(hand):
    hand.network("10.0.0.0/16", "10.9.0.0/16")
    assert codes(hand.imported("network", hand.network_id), "error") == ["unsayable"]


def test_something_of_another_region_is_not_taken(hand):
    hand.put(hand.group, {"location": "westeurope"})
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    hand.put(hand.network_id, {"location": "westeurope", "properties": space})
    with pytest.raises(InvalidSpec, match="westeurope"):
        hand.imported("network", hand.network_id)


def test_marks_leave_other_tags_alone_and_are_never_put_over_another_s(hand):
    hand.network(nodes="10.0.0.0/24")
    hand.cluster(
        {"name": "only", "mode": "System", "count": 1, "vnetSubnetID": hand.subnet("nodes"), "tags": {"x": "y"}}
    )
    pool = f"{hand.cluster_id}/agentPools/only"
    provider = hand.sandbox.provider
    ids = {
        "azure.network.virtual_network": hand.network_id,
        "azure.containerservice.cluster": hand.cluster_id,
        "azure.containerservice.node_pool": pool,
    }

    def tags(path):
        document = hand.told(lambda az: az.get(path))
        return document.get("tags") or document["properties"].get("tags") or {}

    for kind, path in ids.items():
        before = tags(path)
        hand.told(lambda az, k=kind, p=path: provider.mark(az, k, p, {}, MARK))
        hand.sandbox.pass_time(600)
        assert tags(path) == {**before, **MARK.tags()}, kind
        with pytest.raises(NameTaken):
            hand.told(lambda az, k=kind, p=path: provider.mark(az, k, p, {}, OTHER))
        hand.told(lambda az, k=kind, p=path: provider.unmark(az, k, p, {}, OTHER))
        assert tags(path) == {**before, **MARK.tags()}, kind
        hand.told(lambda az, k=kind, p=path: provider.unmark(az, k, p, {}, MARK))
        hand.sandbox.pass_time(600)
        assert tags(path) == before, kind


# ---- by the real engine ----
def standing(fast):
    hand = Hand(fast)
    hand.network(nodes="10.0.0.0/24")
    hand.cluster({"name": "only", "mode": "System", "count": 1, "vnetSubnetID": hand.subnet("nodes")})
    return hand, hand.imported("cluster", hand.cluster_id)


def marked(fast) -> list[str]:
    kinds = ("cluster", "agent_pool", "network", "resource_group")
    rows = [row for row in fast.resources() if row["kind"] in kinds and "-nodes" not in row["id"]]
    return sorted(row["kind"] for row in rows if "skyclust:resource" in row["tags"])


def run(stack, story):
    async def told():
        try:
            return await story()
        finally:
            await stack.close()

    return asyncio.run(told())


def succeeded(operation):
    assert operation.state is OperationState.SUCCEEDED, operation.message


def test_an_imported_cluster_is_scaled_and_deleted_like_ours_and_its_network_and_group_stay(fast, stack):
    _, found = standing(fast)
    graph = fast.provider.cluster_blueprint(found.spec)
    grown = replace(found.spec, node_pools=(replace(found.spec.node_pools[0], node_count=3),))

    async def story():
        succeeded(await stack.carry_out(plan_import(graph, found.ids), graph))
        ours, empty = marked(fast), stack.plan(graph).empty
        succeeded(await stack.apply(fast.provider.cluster_blueprint(grown)))
        machines = fast.kinds()["scale_set_machine"]
        succeeded(await stack.apply(None))
        return ours, empty, machines

    ours, empty, machines = run(stack, story)
    assert ours == ["agent_pool", "cluster"]
    assert empty
    assert machines == 3
    left = fast.kinds()
    assert (left["cluster"], left["network"], left["subnet"], left["resource_group"]) == (0, 1, 1, 1)


def test_a_released_cluster_lives_on_without_our_mark(fast, stack):
    hand, found = standing(fast)
    graph = fast.provider.cluster_blueprint(found.spec)

    async def story():
        succeeded(await stack.carry_out(plan_import(graph, found.ids), graph))
        succeeded(await stack.carry_out(plan_release(stack.rows()), None))

    run(stack, story)
    fast.pass_time(600)
    assert marked(fast) == []
    assert hand.changes(hand.imported("cluster", hand.cluster_id)) == {"cluster": [], "node-pool/only": []}
