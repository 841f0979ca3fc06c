"""The provider AWS: implements `contract.provider.Provider` by delegating to the modules of this package.

Made once per process by the entry point. Invariant: it holds settings of the machine only, never a credential.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime

from skyclust.contract.addons import AddonOffer
from skyclust.contract.imports import Existing, Imported
from skyclust.contract.keys import KeyService
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
from skyclust.providers.aws import (
    access,
    addons,
    identities,
    imports,
    inventory,
    options,
    places,
    preflight,
    prices,
    surveys,
    upgrades,
    validation,
)
from skyclust.providers.aws.blueprints.clusters import cluster_graph
from skyclust.providers.aws.blueprints.networks import network_nodes
from skyclust.providers.aws.completing import complete
from skyclust.providers.aws.drivers import DRIVERS
from skyclust.providers.aws.drivers.ec2 import aws
from skyclust.providers.aws.importing_clusters import import_cluster
from skyclust.providers.aws.importing_networks import import_network
from skyclust.providers.aws.keys import KmsKey, is_key_name
from skyclust.providers.aws.marks import put_mark, take_mark_off
from skyclust.providers.aws.sessions import AwsSession, Credentials, refuse_open_role

DEFAULT_REGION = "us-east-1"


def _today() -> date:
    return datetime.now(UTC).date()


class Aws:
    """Amazon Web Services."""

    name = "aws"
    title = "Amazon Web Services"
    capabilities = frozenset(
        {
            "addons", "cluster.standard", "cluster.fargate", "drift", "network", "network.peering", "network.subnets",
            "network.security_groups",
            "existing_network", "hibernation", "import", "node_pools", "node_pools.autoscaling", "node_pools.spot",
            "node_pools.gpu", "node_pools.machine_types",
            "node_pools.surge", "node_pools.taints", "upgrade", "kubeconfig.exec",
        }
    )  # fmt: skip
    credential_schema = identities.CREDENTIAL_SCHEMA
    cluster_options_schema = options.CLUSTER_OPTIONS_SCHEMA

    def __init__(
        self,
        *,
        endpoint: str | None,
        machine_may_assume: bool = False,
        today: Callable[[], date] = _today,
        kms: tuple[str, str | None] = ("", None),
    ) -> None:
        """`endpoint` replaces AWS's own servers; `today` decides which versions are past standard support.

        `kms` is the region of key aliases, and what replaces AWS's own key service.
        """
        self._endpoint = endpoint
        self._machine_may_assume = machine_may_assume
        self._today = today
        self._kms = kms

    def sleeping_sizes(self, spec: ClusterSpec) -> Mapping[str, int]:  # noqa: ARG002
        """None has to keep a node ("minSize" of NodegroupScalingConfig may be 0)."""
        return {}

    def connect(self, credential: Credential, region: str) -> Session:
        """No network, no SDK: both come with the first call."""
        return AwsSession(self._credentials(credential), region, self._endpoint)

    def _credentials(self, credential: Credential) -> Credentials:
        return Credentials.of(credential, machine_may_assume=self._machine_may_assume)

    async def verify(self, credential: Credential, region: str | None = None) -> VerifiedIdentity:
        """Whose credential it is, proved by real calls in `region` or the credential's own."""
        where = region or str(credential.get("region") or DEFAULT_REGION)
        credentials = self._credentials(credential)
        await refuse_open_role(credentials, where, self._endpoint)
        session = AwsSession(credentials, where, self._endpoint)
        try:
            return await identities.verify(session)
        finally:
            await session.close()

    def key_service(self, key_name: str) -> KeyService | None:
        """KMS, for an ARN or an alias of it."""
        return KmsKey(key_name, *self._kms) if is_key_name(key_name) else None

    def regions(self) -> tuple[str, ...]:
        """Commercial regions with known zones and prices."""
        return tuple(places.zones_by_region())

    def zones(self, region: str) -> tuple[str, ...]:
        """Availability zones, by the names most accounts see."""
        return places.zones_by_region().get(region, ())

    def kubernetes_versions(self) -> tuple[KubernetesVersion, ...]:
        """What EKS offers, newest first."""
        return places.VERSIONS

    def machine_types(self, region: str) -> tuple[MachineType, ...]:
        """EC2 instance types with prices."""
        return prices.machine_types(region)

    def validate_cluster(self, spec: ClusterSpec) -> tuple[Finding, ...]:
        """EKS's rules."""
        return validation.validate_cluster(spec)

    def validate_network(self, spec: NetworkSpec) -> tuple[Finding, ...]:
        """VPC's rules."""
        return validation.validate_network(spec)

    def cluster_blueprint(self, spec: ClusterSpec) -> Graph:
        """The graph of a cluster."""
        return cluster_graph(spec)

    def network_blueprint(self, spec: NetworkSpec) -> Graph:
        """The graph of a network."""
        return Graph(network_nodes(spec).nodes)

    def driver(self, kind: str) -> Driver:
        """The driver of a kind; KeyError when there is none."""
        return DRIVERS[kind]

    def monthly_price(self, node: Node, region: str) -> tuple[float, Price] | None:
        """From the price tables of the package."""
        return prices.monthly_price(node, region, self._today())

    async def complete_cluster(self, session: Session, spec: ClusterSpec) -> ClusterSpec:
        """The creator's principal and, in an existing network, the subnets."""
        return await complete(aws(session), spec)

    async def preflight_cluster(self, session: Session, spec: ClusterSpec) -> tuple[Finding, ...]:
        """Quotas, permissions, names, the existing network."""
        return await preflight.preflight_cluster(aws(session), spec, self._today())

    def addon_offers(self, version: str, mode: str) -> tuple[AddonOffer, ...]:
        """The same for every version; which versions of them there are, only EKS knows."""
        del version
        return addons.offers(mode)

    async def offered_addons(self, session: Session, spec: ClusterSpec) -> tuple[AddonOffer, ...]:
        """What EKS lists for the cluster's version."""
        return await addons.offered(aws(session), spec)

    async def preflight_upgrade(
        self, session: Session, spec: ClusterSpec, path: Sequence[str], pools: Mapping[str, JsonObject]
    ) -> tuple[Finding, ...]:
        """Addresses for the nodes it adds, add-ons and support; EKS offers its versions everywhere."""
        found = await upgrades.preflight_upgrade(aws(session), spec, path, pools)
        return (*found, *preflight.support(path[-1], self._today()))

    async def preflight_network(self, session: Session, spec: NetworkSpec) -> tuple[Finding, ...]:
        """Quotas and permissions."""
        return await preflight.preflight_network(aws(session), spec)

    async def inventory(
        self, session: Session, network_id: str, own_clusters: frozenset[str]
    ) -> tuple[InventoryItem, ...]:
        """Everything inside a VPC, by origin."""
        return await inventory.inventory(aws(session), network_id, own_clusters)

    def cluster_access(self, outputs: JsonObject) -> ClusterAccess:
        """Endpoint, CA and the AWS CLI as exec plug-in."""
        return access.cluster_access(outputs)

    async def kube_token(self, session: Session, outputs: JsonObject) -> KubeToken:
        """A presigned GetCallerIdentity."""
        return await access.kube_token(aws(session), outputs)

    async def survey(self, session: Session, known: Mapping[str, Sequence[Known]]) -> Survey:
        """What the region holds of ours, by few lists."""
        return await surveys.survey(aws(session), known)

    async def existing(self, session: Session) -> tuple[Existing, ...]:
        """EKS clusters and VPCs of the region."""
        return await imports.existing(aws(session))

    async def import_cluster(self, session: Session, external_id: str) -> Imported:
        """An EKS cluster with its node groups and Fargate profiles."""
        return await import_cluster(aws(session), external_id)

    async def import_network(self, session: Session, external_id: str) -> Imported:
        """A VPC with its subnets and security groups."""
        return await import_network(aws(session), external_id)

    async def mark(self, session: Session, kind: str, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """Tags of ours on what exists."""
        del spec
        await put_mark(aws(session), kind, external_id, mark)

    async def unmark(self, session: Session, kind: str, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """Our tags off again."""
        del spec
        await take_mark_off(aws(session), kind, external_id, mark)
