"""Nimbus as a `Provider`: what the server sees of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

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
from skyclust.contract.resources import TAG_RESOURCE, Finding, Graph, InventoryItem, JsonObject, Node, Origin, Price
from skyclust.contract.specs import ClusterSpec, NetworkSpec
from skyclust_nimbus import blueprints, offer
from skyclust_nimbus.cloud import Cloud, Document
from skyclust_nimbus.drivers import CLUSTER_TAG, DRIVERS, NimbusSession, ours


def _object(properties: JsonObject, *required: str) -> JsonObject:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


@dataclass
class Nimbus:
    """Implements `Provider`. No "drift" and no "import" is declared, so none of their methods is needed."""

    cloud: Cloud = field(repr=False)
    name: str = "nimbus"
    title: str = "Nimbus"
    capabilities: frozenset[str] = frozenset(
        {"cluster.standard", "existing_network", "network", "network.subnets", "network.security_groups", "node_pools"}
    )
    credential_schema: JsonObject = field(
        default_factory=lambda: _object({"key": {"type": "string", "title": "Key", "writeOnly": True}}, "key")
    )
    cluster_options_schema: JsonObject = field(default_factory=lambda: _object({}))

    def connect(self, credential: Credential, region: str) -> Session:
        """A session with that key."""
        return NimbusSession(self.cloud, region, str(credential.get("key", "")))

    async def verify(self, credential: Credential, region: str | None = None) -> VerifiedIdentity:  # noqa: ARG002 - keys hold everywhere
        """Whose key it is."""
        key = str(credential.get("key", ""))
        account = await self.cloud.call("read.account", key, lambda: self.cloud.account(key) or "")
        return VerifiedIdentity(account, f"{account}/owner")

    # ---- what may be asked for ----
    def regions(self) -> tuple[str, ...]:
        """Two."""
        return tuple(sorted(offer.ZONES))

    def zones(self, region: str) -> tuple[str, ...]:
        """One or two in each."""
        return offer.ZONES.get(region, ())

    def kubernetes_versions(self) -> tuple[KubernetesVersion, ...]:
        """Newest first."""
        return offer.VERSIONS

    def machine_types(self, region: str) -> tuple[MachineType, ...]:
        """The same in every region."""
        return offer.MACHINES if region in offer.ZONES else ()

    def validate_cluster(self, spec: ClusterSpec) -> tuple[Finding, ...]:
        """See offer.py."""
        return tuple(offer.check_cluster(spec))

    def validate_network(self, spec: NetworkSpec) -> tuple[Finding, ...]:
        """See offer.py."""
        return tuple(offer.check_network(spec))

    # ---- graphs ----
    def cluster_blueprint(self, spec: ClusterSpec) -> Graph:
        """See blueprints.py."""
        return blueprints.cluster_graph(spec)

    def network_blueprint(self, spec: NetworkSpec) -> Graph:
        """See blueprints.py."""
        return blueprints.network_graph(spec)

    def driver(self, kind: str) -> Driver:
        """See drivers.py."""
        return DRIVERS[kind]

    def monthly_price(self, node: Node, region: str) -> tuple[float, Price] | None:  # noqa: ARG002 - one price everywhere
        """See offer.py."""
        return offer.monthly_price(node)

    # ---- reads of the cloud ----
    async def complete_cluster(self, session: Session, spec: ClusterSpec) -> ClusterSpec:  # noqa: ARG002 - the protocol's shape
        """Nothing that only the cloud knows."""
        return spec

    async def preflight_cluster(self, session: Session, spec: ClusterSpec) -> tuple[Finding, ...]:
        """An existing network must exist, and the name be free."""
        there = {item.id for item in await ours(session).list()}
        found = [offer.error("/name", f"There is a cluster {spec.name}.")] if f"cluster.{spec.name}" in there else []
        if spec.vpc_id is not None and spec.vpc_id not in there:
            found.append(offer.error("/vpc_id", f"There is no network {spec.vpc_id} in {session.region}."))
        return tuple(found)

    async def preflight_network(self, session: Session, spec: NetworkSpec) -> tuple[Finding, ...]:
        """The name must be free."""
        there = {item.id for item in await ours(session).list()}
        taken = spec.existing_id is None and f"network.{spec.name}" in there
        return (offer.error("/name", f"There is a network {spec.name}."),) if taken else ()

    async def inventory(
        self, session: Session, network_id: str, own_clusters: frozenset[str]
    ) -> tuple[InventoryItem, ...]:
        """Everything that uses the network, or something in it."""
        documents = await ours(session).list()
        inside = {network_id}
        while more := {item.id for item in documents if inside & set(item.uses)} - inside:
            inside |= more
        return tuple(_item(item, own_clusters) for item in documents if item.id in inside - {network_id})

    def cluster_access(self, outputs: JsonObject) -> ClusterAccess:
        """Where its Kubernetes API is."""
        return ClusterAccess(outputs["name"], outputs["endpoint"], outputs["ca_data"])

    async def kube_token(self, session: Session, outputs: JsonObject) -> KubeToken:
        """Good for a quarter of an hour."""
        await ours(session).read(outputs["id"])  # the key must still be in force
        return KubeToken(str(uuid4()), datetime.now(UTC) + timedelta(minutes=15))


def _item(item: Document, own_clusters: frozenset[str]) -> InventoryItem:
    origin, why = Origin.FOREIGN, "carries no mark of ours"
    if TAG_RESOURCE in item.tags:
        origin, why = Origin.OURS, f"tagged {TAG_RESOURCE}"
    elif item.tags.get(CLUSTER_TAG) in own_clusters:
        origin, why = Origin.KUBERNETES, f"tagged {CLUSTER_TAG}"
    return InventoryItem(f"nimbus.{item.kind}", item.id, item.name, origin, why, item.tags.get(TAG_RESOURCE))
