"""Plans of clusters: to make one, to change it, to take it away. Pure; called inside and before transactions.

Invariant: a digest covers the whole spec and, on deletion, everything found inside the network.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from skyclust.clusters.states import CONTROL_PLANE
from skyclust.clusters.upgrading import waypoints
from skyclust.contract.provider import Provider
from skyclust.contract.resources import Finding, Graph, InventoryItem
from skyclust.contract.specs import ClusterSpec
from skyclust.provisioning.answers import covering
from skyclust.provisioning.importing import adopted_ids, is_managed, only_observed
from skyclust.provisioning.planning import Plan, in_stages, plan_deletion, plan_towards
from skyclust.provisioning.pricing import kinds_of, price_of
from skyclust.provisioning.rows import ResourceRow


def change_plan(
    provider: Provider, spec: ClusterSpec, rows: Sequence[ResourceRow], findings: Iterable[Finding] = ()
) -> Plan:
    """From `rows` to `spec`, hop by hop. Of what was imported read-only nothing is ever wanted but what is there."""
    kinds, prices = kinds_of(provider), price_of(provider, spec.region)
    graphs = graphs_towards(provider, spec, rows)
    plan = in_stages(plan_towards(graphs[0], rows, kinds, prices, findings), graphs, kinds, prices)
    return replace(plan, digest=covering(plan.digest, spec.to_json()))


def graphs_towards(provider: Provider, spec: ClusterSpec, rows: Sequence[ResourceRow]) -> list[Graph]:
    """The graph of each stage; several where the version is more than a hop ahead of what runs."""
    if not is_managed(rows, CONTROL_PLANE):
        return [only_observed(provider.cluster_blueprint(spec), adopted_ids(rows))]
    return [provider.cluster_blueprint(one) for one in waypoints(provider, spec, rows)]


def removal_plan(
    provider: Provider, region: str, rows: Sequence[ResourceRow], inventory: Sequence[InventoryItem],
    findings: Iterable[Finding] = (),
) -> Plan:  # fmt: skip
    """From `rows` to nothing."""
    seen = sorted([item.kind, item.external_id, item.origin.value] for item in inventory)
    return plan_deletion(rows, kinds_of(provider), price_of(provider, region), findings, seen)
