"""A cluster as it leaves the API. Pure: made from the row, its stack's resources and the operation under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from skyclust.clusters.models import ClusterRow
from skyclust.clusters.pool_schemas import (
    AutoScalingAnswer,
    GpuAnswer,
    NodePoolAnswer,
    TaintAnswer,
    UpgradeSettingsAnswer,
    WakesToAnswer,
)
from skyclust.clusters.schemas import ClusterAnswer, ClusterNetworkAnswer, ConditionAnswer, CostAnswer
from skyclust.clusters.states import (
    CONTROL_PLANE,
    Condition,
    cluster_conditions,
    cluster_state,
    plane_outputs,
    pool_row,
    pool_state,
)
from skyclust.contract.provider import Provider
from skyclust.contract.specs import ClusterSpec, NodePoolSpec
from skyclust.provisioning.importing import is_managed
from skyclust.provisioning.operating import OperationView
from skyclust.provisioning.pricing import monthly_cost, price_of
from skyclust.provisioning.rows import ResourceRow, State


@dataclass(frozen=True, slots=True)
class Standing:
    """A cluster with everything that decides how it stands."""

    row: ClusterRow
    resources: Sequence[ResourceRow]
    running: OperationView | None

    @property
    def spec(self) -> ClusterSpec:
        """What was asked for."""
        return ClusterSpec.from_json(self.row.spec)

    @property
    def pools(self) -> tuple[NodePoolSpec, ...]:
        """Node pools that were asked for, then those that are on their way out."""
        asked = self.spec.pools_now
        before = ClusterSpec.from_json(self.row.previous_spec).node_pools if self.row.previous_spec else ()
        names = {pool.name for pool in asked}
        leaving = [pool for pool in before if pool.name not in names and self._still_there(pool.name)]
        return (*asked, *leaving)

    def _still_there(self, pool: str) -> bool:
        row = pool_row(self.resources, pool)
        return row is not None and row.state is not State.GONE

    @property
    def state(self) -> str:
        """See states.py."""
        return cluster_state(self.resources, self.running.kind if self.running else None)

    @property
    def managed(self) -> bool:
        """False for one that was imported read-only."""
        return is_managed(self.resources, CONTROL_PLANE)

    @property
    def etag(self) -> str:
        """Changes with the spec; what If-Match is compared with."""
        return f'"{self.row.generation}"'


def cluster_answer(provider: Provider | None, standing: Standing) -> ClusterAnswer:
    """The wire shape, the same for every cloud. A provider no longer installed tells neither cost nor endpoint."""
    row, spec, state = standing.row, standing.spec, standing.state
    usd, as_of = monthly_cost(standing.resources, price_of(provider, row.region)) if provider else (0.0, None)
    outputs = plane_outputs(standing.resources)
    return ClusterAnswer(
        id=row.id,
        workspace_id=row.workspace_id,
        credential_id=row.credential_id,
        name=row.name,
        provider=row.provider,
        region=row.region,
        zones=_zones(provider, spec, standing.resources),
        version=spec.version,
        mode=spec.mode,
        state=state,  # type: ignore[arg-type]  # states.py yields the words of the schema; its tests hold it to them
        conditions=[ConditionAnswer.model_validate(item) for item in _conditions(standing, state)],
        endpoint=provider.cluster_access(outputs).endpoint if provider and outputs else None,
        network=_network(spec, standing.resources),
        node_pools=[pool_answer(pool, standing) for pool in standing.pools],
        managed=standing.managed,
        options={name: value for name, value in spec.options.items() if not name.startswith("_")},  # its own notes
        deletion_protection=row.deletion_protection,
        hibernated=spec.asleep is not None,
        cost=CostAnswer(usd_per_month=usd, as_of=as_of),
        created_at=row.created_at,
        operation_id=standing.running.id if standing.running else None,
    )


def _conditions(standing: Standing, state: str) -> list[Condition]:
    """Those of its resources, and whether it sleeps."""
    found = cluster_conditions(standing.resources, state)
    if standing.spec.asleep is None:
        return found
    return [
        *found,
        Condition("Hibernated", "True", "Hibernated", "Its pools are at the least they keep. POST ...:wake."),
    ]


def pool_answer(pool: NodePoolSpec, standing: Standing) -> NodePoolAnswer:
    """One node pool."""
    row = pool_row(standing.resources, pool.name)
    awake = {item.name: item for item in standing.spec.node_pools} if standing.spec.asleep is not None else {}
    return NodePoolAnswer(
        name=pool.name,
        state=pool_state(row),
        machine_type=pool.machine_type,
        machine_types=list(pool.machine_types),
        node_count=pool.node_count,
        auto_scaling=AutoScalingAnswer.model_validate(pool.auto_scaling) if pool.auto_scaling else None,
        upgrade=UpgradeSettingsAnswer.model_validate(pool.upgrade) if pool.upgrade else None,
        spot=pool.spot,
        disk_gb=pool.disk_gb,
        disk_type=pool.disk_type,
        gpu=GpuAnswer.model_validate(pool.gpu) if pool.gpu else None,
        labels=pool.labels,
        taints=[TaintAnswer.model_validate(taint) for taint in pool.taints],
        zones=list(pool.zones),
        wakes_to=WakesToAnswer.model_validate(awake[pool.name]) if pool.name in awake else None,
        external_id=row.external_id if row else None,
        message=row.message if row else "",
    )


def _zones(provider: Provider | None, spec: ClusterSpec, resources: Sequence[ResourceRow]) -> list[str]:
    """Those asked for; else those of its subnets; else, where subnets span the region, all of the region."""
    subnets = [row.spec for row in resources if row.key.startswith("subnet/") and row.state is not State.GONE]
    of_subnets = {str(zone) for one in subnets if (zone := one.get("zone") or one.get("availability_zone"))}
    if spec.zones or of_subnets:
        return sorted(spec.zones or of_subnets)
    return list(provider.zones(spec.region)) if provider and spec.network is not None else []


def _network(spec: ClusterSpec, resources: Sequence[ResourceRow]) -> ClusterNetworkAnswer:
    present = [row for row in resources if row.state is not State.GONE]
    made = [row.external_id for row in present if row.key == "network"]
    subnets = [row.external_id for row in present if row.key.startswith("subnet/")]
    return ClusterNetworkAnswer(
        vpc_id=spec.vpc_id or next(iter(made), None),
        subnet_ids=[item for item in (spec.subnet_ids or subnets) if item],
        cidr_block=spec.network.cidr_block if spec.network else None,
        own=spec.network is not None,
    )
