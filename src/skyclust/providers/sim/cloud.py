"""The simulated cloud as a `Provider`. Made by the entry point, or by tests on a world of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from skyclust.contract.addons import AddonOffer
from skyclust.contract.errors import AuthenticationFailed
from skyclust.contract.imports import Existing, Imported
from skyclust.contract.provider import (
    ClusterAccess,
    Credential,
    Driver,
    KubernetesVersion,
    KubeToken,
    MachineType,
    Session,
    VerifiedIdentity,
)
from skyclust.contract.resources import Finding, Graph, InventoryItem, JsonObject, Mark, Node, Price
from skyclust.contract.specs import ClusterSpec, NetworkSpec
from skyclust.contract.surveys import Known, Survey
from skyclust.providers.sim import addons, blueprints, imports, offer
from skyclust.providers.sim.every_driver import DRIVERS
from skyclust.providers.sim.inventory import inventory
from skyclust.providers.sim.sessions import SimSession, ours
from skyclust.providers.sim.surveys import survey
from skyclust.providers.sim.world import SimWorld

TOKEN_LIFE = timedelta(minutes=15)


def _schema(properties: JsonObject, required: list[str]) -> JsonObject:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


@dataclass
class Sim:
    """Implements `Provider` on a `SimWorld`. `wall` is the time of day that tokens end by."""

    world: SimWorld = field(repr=False)
    wall: Callable[[], datetime] = lambda: datetime.now(UTC)
    name: str = "sim"
    title: str = "Simulated cloud"
    capabilities: frozenset[str] = frozenset(
        {
            *(f"cluster.{mode}" for mode in offer.MODES), "addons", "drift", "hibernation", "import", "network.peering",
            "node_pools.surge",
        }
    )  # fmt: skip
    credential_schema: JsonObject = field(
        default_factory=lambda: _schema({"key": {"type": "string", "title": "Secret key", "writeOnly": True}}, ["key"])
    )
    cluster_options_schema: JsonObject = field(default_factory=lambda: _schema({}, []))

    def connect(self, credential: Credential, region: str) -> Session:
        """Open a session."""
        return SimSession(self.world, region, str(credential.get("key", "")))

    def sleeping_sizes(self, spec: ClusterSpec) -> Mapping[str, int]:  # noqa: ARG002
        """Every pool may be empty, unless the world says otherwise (`SimWorld.least_nodes`)."""
        return self.world.least_nodes

    async def verify(self, credential: Credential, region: str | None = None) -> VerifiedIdentity:
        """Whose key it is."""
        session = SimSession(self.world, region or offer.REGIONS[0], str(credential.get("key", "")))
        account = await session.call("read.identity", lambda: self.world.keys.get(session.key))
        if account is None:
            raise AuthenticationFailed("The key was revoked a moment ago.", operation="read.identity")
        return VerifiedIdentity(account, f"{account}/root", expires_at=self.world.expiries.get(session.key))

    # ---- what may be asked for ----
    def regions(self) -> tuple[str, ...]:
        """Two."""
        return offer.REGIONS

    def zones(self, region: str) -> tuple[str, ...]:
        """Three in each region."""
        return offer.zones_of(region)

    def kubernetes_versions(self) -> tuple[KubernetesVersion, ...]:
        """Newest first."""
        return offer.VERSIONS

    def machine_types(self, region: str) -> tuple[MachineType, ...]:
        """The same in every region."""
        return offer.MACHINE_TYPES if region in offer.REGIONS else ()

    def validate_cluster(self, spec: ClusterSpec) -> tuple[Finding, ...]:
        """This cloud's own rules."""
        return offer.check_cluster(spec)

    def validate_network(self, spec: NetworkSpec) -> tuple[Finding, ...]:
        """Likewise for networks."""
        return offer.check_network(spec)

    def addon_offers(self, version: str, mode: str) -> tuple[AddonOffer, ...]:  # noqa: ARG002 - the same in every mode
        """See addons.py."""
        return addons.offers(version)

    async def offered_addons(self, session: Session, spec: ClusterSpec) -> tuple[AddonOffer, ...]:
        """See addons.py."""
        return await addons.asked(session, spec.version)

    # ---- graphs ----
    def cluster_blueprint(self, spec: ClusterSpec) -> Graph:
        """See blueprints.py."""
        return blueprints.cluster_graph(spec)

    def network_blueprint(self, spec: NetworkSpec) -> Graph:
        """See blueprints.py."""
        return blueprints.network_graph(spec)

    def driver(self, kind: str) -> Driver:
        """The driver of a kind."""
        return DRIVERS[kind]

    def monthly_price(self, node: Node, region: str) -> tuple[float, Price] | None:  # noqa: ARG002 - one price everywhere
        """From the invented price list."""
        return offer.monthly_price(node)

    # ---- reads of the cloud ----
    async def complete_cluster(self, session: Session, spec: ClusterSpec) -> ClusterSpec:
        """The subnets of an existing network, where none are named."""
        if spec.vpc_id is None or spec.subnet_ids:
            return spec
        items = await self.inventory(session, spec.vpc_id, frozenset())
        return replace(spec, subnet_ids=tuple(item.external_id for item in items if item.kind == "sim.subnet"))

    async def preflight_cluster(self, session: Session, spec: ClusterSpec) -> tuple[Finding, ...]:
        """Quota of everything the graph will create."""
        return await self._quota(session, blueprints.cluster_graph(spec))

    async def preflight_network(self, session: Session, spec: NetworkSpec) -> tuple[Finding, ...]:
        """Likewise."""
        return await self._quota(session, blueprints.network_graph(spec))

    async def inventory(
        self, session: Session, network_id: str, own_clusters: frozenset[str]
    ) -> tuple[InventoryItem, ...]:
        """See inventory.py."""
        return await inventory(ours(session), network_id, own_clusters)

    async def survey(self, session: Session, known: Mapping[str, Sequence[Known]]) -> Survey:
        """See surveys.py."""
        return await survey(ours(session), known)

    # ---- taking over what exists ----
    async def existing(self, session: Session) -> tuple[Existing, ...]:
        """See imports.py."""
        return await imports.existing(ours(session))

    async def import_cluster(self, session: Session, external_id: str) -> Imported:
        """See imports.py."""
        return await imports.import_cluster(ours(session), external_id)

    async def import_network(self, session: Session, external_id: str) -> Imported:
        """See imports.py."""
        return await imports.import_network(ours(session), external_id)

    async def mark(self, session: Session, kind: str, external_id: str, spec: JsonObject, mark: Mark) -> None:  # noqa: ARG002 - the protocol's shape
        """See imports.py."""
        await imports.mark(ours(session), kind.removeprefix("sim."), external_id, mark)

    async def unmark(self, session: Session, kind: str, external_id: str, spec: JsonObject, mark: Mark) -> None:  # noqa: ARG002
        """See imports.py."""
        await imports.unmark(ours(session), kind.removeprefix("sim."), external_id, mark)

    def cluster_access(self, outputs: JsonObject) -> ClusterAccess:
        """From the outputs of the cluster's node."""
        return ClusterAccess(outputs["name"], outputs["endpoint"], outputs["ca_data"])

    async def kube_token(self, session: Session, outputs: JsonObject) -> KubeToken:
        """A token that ends after a quarter of an hour."""
        token = await ours(session).call(
            "read.token", lambda: str(UUID(int=self.world.rng.getrandbits(128), version=4))
        )
        return KubeToken(f"{outputs['id']}.{token}", self.wall() + TOKEN_LIFE)

    async def _quota(self, session: Session, graph: Graph) -> tuple[Finding, ...]:
        wanted: dict[str, int] = {}
        for node in graph:
            if node.adopt_id is None and DRIVERS[node.kind].creates:
                kind = node.kind.removeprefix("sim.")
                wanted[kind] = wanted.get(kind, 0) + 1
        used = await ours(session).call("read.quota", self._used)
        return tuple(
            Finding("error", "", f"{count} more of {kind} exceed the limit of {limit}; {used.get(kind, 0)} are in use.")
            for kind, count in wanted.items()
            if (limit := self.world.limits.get(kind)) is not None and used.get(kind, 0) + count > limit
        )

    def _used(self) -> dict[str, int]:
        used: dict[str, int] = {}
        for item in self.world.resources():
            used[item.kind] = used.get(item.kind, 0) + 1
        return used
