"""A network as a graph: from the rows of its stack and of the clusters in it."""

from uuid import UUID, uuid4

from building import PATH, cluster_body, on_site
from skyclust.contract.specs import ClusterSpec, NetworkSpec, NodePoolSpec
from skyclust.networks.topology import MOST_NODES, DrawnStack, topology
from skyclust.providers import aws, azure, gcp, sim
from skyclust.provisioning.rows import ResourceRow, State

VPCS = "/sim/network/vpcs"
CLUSTER = UUID(int=5)


def rows_of(graph):
    stack = uuid4()
    return [
        ResourceRow(uuid4(), stack, node.key, node.kind, node.title, node.spec, node.depends_on, state=State.READY)
        for node in graph.nodes
    ]


def graph_of(cloud, region, machine):
    provider = cloud.provider({})
    version = next(item.name for item in provider.kubernetes_versions() if item.default)
    network = NetworkSpec("net", region, "10.0.0.0/16")
    spec = ClusterSpec("c", region, version, network=network, node_pools=(NodePoolSpec("p", machine, 2),))
    return provider.cluster_blueprint(spec)


def test_the_blueprint_of_every_cloud_is_drawn_in_the_same_words():
    for cloud, region, machine in (
        (aws, "us-east-1", "t3.medium"),
        (gcp, "europe-west1", "e2-standard-2"),
        (azure, "koreacentral", "Standard_D2s_v5"),
        (sim, "sim-east-1", "small"),
    ):
        own = DrawnStack(rows_of(graph_of(cloud, region, machine)), "net", CLUSTER, "c")
        drawn = topology(own, (), with_clusters=True)
        kinds = {node.kind for node in drawn.nodes}
        assert kinds >= {"network", "subnet", "gateway", "cluster", "node_pool"}, (cloud, kinds)
        ids = {node.id for node in drawn.nodes}
        assert len(ids) == len(drawn.nodes)
        edges = {(edge.source, edge.target, edge.kind) for edge in drawn.edges}
        assert len(edges) == len(drawn.edges)
        assert {end for edge in drawn.edges for end in (edge.source, edge.target)} <= ids
        pool = next(node for node in drawn.nodes if node.kind == "node_pool")
        plane = next(node for node in drawn.nodes if node.kind == "cluster")
        assert (pool.name, plane.name, plane.cluster_id) == ("p", "c", CLUSTER)
        assert (pool.id, plane.id, "inside") in edges
        for subnet in (node for node in drawn.nodes if node.kind == "subnet"):
            assert (subnet.id, "network", "inside") in edges
        again = topology(
            DrawnStack(rows_of(graph_of(cloud, region, machine)), "net", CLUSTER, "c"), (), with_clusters=True
        )
        assert [node.id for node in again.nodes] == [node.id for node in drawn.nodes], "ids stay for rows made anew"


def test_gateways_are_in_the_zones_of_the_subnets_they_use():
    drawn = topology(
        DrawnStack(rows_of(graph_of(aws, "us-east-1", "t3.medium")), "net", CLUSTER, "c"), (), with_clusters=True
    )
    gateways = [node for node in drawn.nodes if node.id.rpartition("/")[0].endswith("nat-gateway")]
    assert gateways
    assert all(node.zones == (node.name,) for node in gateways)


def test_a_drawing_has_an_end():
    stack = uuid4()
    rows = [
        ResourceRow(uuid4(), stack, key, "k", key, {}, () if key == "network" else ("network",))
        for key in ("network", *(f"subnet/{i}" for i in range(MOST_NODES + 5)))
    ]
    drawn = topology(DrawnStack(rows, "net"), (), with_clusters=True)
    assert (len(drawn.nodes), drawn.truncated) == (MOST_NODES, True)
    assert len(drawn.edges) == MOST_NODES - 1


def test_a_network_is_drawn_with_its_clusters_for_who_may_see_those(postgres):
    async def scenario(site):
        ada = site.ada.client
        await site.succeeded(await site.create_network(carve=True))
        network = (await ada.get(f"{VPCS}/net")).json()
        made = await ada.post(PATH, json=cluster_body(site.credential, network={"vpc_id": network["id"]}))
        await site.succeeded(made.json())
        cluster = (await ada.get(f"{PATH}/one")).json()["id"]
        before = len(site.world.resources())
        drawn = (await ada.get(f"{VPCS}/net/topology")).json()
        assert drawn == (await ada.get(f"/networks/{network['id']}/topology")).json()
        nodes = {node["id"]: node for node in drawn["nodes"]}
        assert not drawn["truncated"]
        assert (nodes["network"]["kind"], nodes["network"]["state"]) == ("network", "ready")
        assert nodes["network"]["external_id"] == network["vpc_id"]
        subnets = [node for node in drawn["nodes"] if node["kind"] == "subnet"]
        assert sorted(node["external_id"] for node in subnets) == sorted(network["subnet_ids"]), "each is drawn once"
        assert all(node["zones"] for node in subnets)
        plane = nodes[f"{cluster}/cluster"]
        assert (plane["name"], plane["cluster_id"], plane["state"]) == ("one", cluster, "ready")
        edges = {(edge["source"], edge["target"]) for edge in drawn["edges"]}
        assert (f"{cluster}/node-pool/default", f"{cluster}/cluster") in edges
        assert {target for source, target in edges if source == plane["id"]} & {node["id"] for node in subnets}
        assert len(site.world.resources()) == before
        asked = {"name": "t", "scopes": ["networks.read"], "workspace_id": str(site.workspace)}
        narrow = site.house.client((await ada.post("/tokens", json=asked)).json()["token"])
        less = (await narrow.get(f"{VPCS}/net/topology")).json()
        assert {node["kind"] for node in less["nodes"]} >= {"network", "subnet", "gateway"}
        assert cluster not in str(less)
        assert not {node["kind"] for node in less["nodes"]} & {"cluster", "node_pool"}
        assert (await site.eve.client.get(f"{VPCS}/{network['id']}/topology")).status_code == 404

    on_site(postgres, scenario)


def test_without_the_right_to_see_clusters_there_are_none_in_it():
    rows = rows_of(graph_of(sim, "sim-east-1", "small"))
    guest = DrawnStack(rows_of(graph_of(sim, "sim-east-1", "small")), "net", uuid4(), "other")
    drawn = topology(DrawnStack(rows, "net", CLUSTER, "c"), [guest], with_clusters=False)
    assert {node.kind for node in drawn.nodes} & {"cluster", "node_pool"} == set()
    assert "other" not in {node.name for node in drawn.nodes}
