"""A standing cluster on the simulated cloud as a graph and as rows, and plans from and to it."""

from dataclasses import replace
from random import Random

from engine_values import row
from skyclust.contract.specs import ClusterSpec, NetworkSpec, NodePoolSpec
from skyclust.providers.sim.cloud import Sim
from skyclust.providers.sim.world import SimWorld
from skyclust.provisioning.planning import plan_towards
from skyclust.provisioning.pricing import kinds_of, price_of
from skyclust.provisioning.rows import State

PROVIDER = Sim(SimWorld(lambda: 0.0, Random(1)))
KINDS, PRICES = kinds_of(PROVIDER), price_of(PROVIDER, "sim-east-1")
POOL = NodePoolSpec("default", "small", 2)
SPEC = ClusterSpec(
    "one", "sim-east-1", "1.33", network=NetworkSpec("net", "sim-east-1", "10.0.0.0/16"), node_pools=(POOL,)
)
GRAPH = PROVIDER.cluster_blueprint(SPEC)


def standing(graph=GRAPH):
    """Rows as they are when everything stands: outputs by key, references resolved in the fields."""
    rows = []
    for number, node in enumerate(graph):
        fields = {key: value for key, value in node.spec.items() if key in OBSERVED.get(node.kind, ())}
        rows.append(
            row(
                node.key, number=200 + number, kind=node.kind, title=node.title, spec=node.spec,
                depends_on=node.depends_on, state=State.READY, external_id=f"id-{node.key}",
                outputs={"id": f"id-{node.key}"}, fields=fields, observed_generation=1,
            )
        )  # fmt: skip
    return rows


OBSERVED = {
    "sim.network": ("cidr_block", "dns"),
    "sim.subnet": ("cidr_block", "zone"),
    "sim.firewall": ("rules",),
    "sim.cluster": ("version", "mode"),
    "sim.node_pool": ("machine_type", "node_count", "labels", "auto_scaling"),
}


def towards(graph, rows, **more):
    return plan_towards(graph, rows, KINDS, PRICES, **more)


def with_pool(**changes):
    return PROVIDER.cluster_blueprint(replace(SPEC, node_pools=(replace(POOL, **changes),)))
