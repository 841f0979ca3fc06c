"""A network as it leaves the API. Pure: from the row, its stack's resources and the operation under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from skyclust.contract.provider import Provider
from skyclust.contract.specs import NetworkSpec, network_from_json
from skyclust.networks.models import NetworkRow
from skyclust.networks.schemas import NetworkAnswer, NetworkCostAnswer, OwnerAnswer
from skyclust.networks.states import NETWORK, cloud_id, first_trouble, network_state, subnet_rows
from skyclust.provisioning.importing import is_managed
from skyclust.provisioning.operating import OperationView
from skyclust.provisioning.pricing import monthly_cost, price_of
from skyclust.provisioning.rows import ResourceRow


@dataclass(frozen=True, slots=True)
class Standing:
    """A network with everything that decides how it stands."""

    row: NetworkRow
    resources: Sequence[ResourceRow]
    running: OperationView | None

    @property
    def spec(self) -> NetworkSpec:
        """What was asked for."""
        return network_from_json(self.row.spec)

    @property
    def state(self) -> str:
        """See states.py."""
        return network_state(self.resources, self.running.kind if self.running else None)

    @property
    def managed(self) -> bool:
        """False for one that was imported read-only."""
        return is_managed(self.resources, NETWORK)

    @property
    def etag(self) -> str:
        """Changes with the spec; what If-Match is compared with."""
        return f'"{self.row.generation}"'


def network_answer(provider: Provider | None, standing: Standing) -> NetworkAnswer:
    """The wire shape, the same for every cloud. Without its provider (no longer installed) it has no cost."""
    row, spec = standing.row, standing.spec
    vpc_id = cloud_id(standing.resources)
    subnets = subnet_rows(standing.resources)
    return NetworkAnswer(
        id=row.id,
        workspace_id=row.workspace_id,
        credential_id=row.credential_id,
        name=row.name,
        provider=row.provider,
        region=row.region,
        cidr_block=spec.cidr_block,
        vpc_id=vpc_id,
        external_id=vpc_id,
        state=standing.state,  # type: ignore[arg-type]  # states.py yields the words of the schema; its tests hold it
        message=first_trouble(standing.resources),
        carve=spec.carve,
        zones=spec.zones,
        private_nodes=spec.private_nodes,
        nat=(spec.nat or "single" if spec.has_nat else "none") if spec.carve else None,
        routing_mode=spec.routing_mode,
        mtu=spec.mtu,
        deletion_protection=row.deletion_protection,
        subnet_ids=[item.external_id for item in subnets if item.external_id],
        owned_by=OwnerAnswer(id=row.owner_cluster_id, name=row.owner_cluster_name or "")
        if row.owner_cluster_id
        else None,
        managed=standing.managed,
        cluster_id=row.owner_cluster_id,
        cost=_cost(provider, standing),
        created_at=row.created_at,
        operation_id=standing.running.id if standing.running else None,
    )


def _cost(provider: Provider | None, standing: Standing) -> NetworkCostAnswer | None:
    """Only of networks of their own: one made with a cluster is in the cluster's cost."""
    if standing.row.owner_cluster_id is not None or provider is None:
        return None
    usd, as_of = monthly_cost(standing.resources, price_of(provider, standing.row.region))
    return NetworkCostAnswer(usd_per_month=usd, as_of=as_of)
