"""The provider "gcp": `contract.provider.Provider` for Google Cloud. Made once per process by the entry point.

Everything a person may ask for comes from data in the package; the cloud is touched only through sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import lru_cache, partial

from skyclust.contract.addons import AddonOffer
from skyclust.contract.errors import PermissionDenied
from skyclust.contract.identities import ES256, Algorithm
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
from skyclust.providers.gcp import (
    addons,
    blueprints,
    catalog,
    completing,
    imports,
    inventories,
    preflights,
    prices,
    surveys,
)
from skyclust.providers.gcp.credentials import CREDENTIAL_SCHEMA, FederatedIdentity, parse_login
from skyclust.providers.gcp.drivers import all_drivers
from skyclust.providers.gcp.federation import TokenEndpoints, refuse_open_trust, trust_guide
from skyclust.providers.gcp.lifetimes import lifetime_of
from skyclust.providers.gcp.network_validation import validate_network
from skyclust.providers.gcp.options import CLUSTER_OPTIONS_SCHEMA
from skyclust.providers.gcp.permissions import CLUSTER_PERMISSIONS, disabled_apis, missing_permissions
from skyclust.providers.gcp.sdk import ApiCatalog
from skyclust.providers.gcp.sessions import GcpSession, gcp_session
from skyclust.providers.gcp.tokens import AccessTokens
from skyclust.providers.gcp.validation import validate_cluster

#: Calls in flight at once, over all credentials. A thread mostly waits for Google.
MAX_THREADS = 32
#: Logins whose token is kept for the next session.
MAX_LOGINS = 256
_CONTAINER_API = "container.googleapis.com"
_USER_EXEC: JsonObject = {
    "apiVersion": "client.authentication.k8s.io/v1beta1",
    "command": "gke-gcloud-auth-plugin",
    "installHint": "Install gke-gcloud-auth-plugin: https://cloud.google.com/kubernetes-engine/docs/how-to/"
    "cluster-access-for-kubectl#install_plugin",
    "provideClusterInfo": True,
    "interactiveMode": "IfAvailable",
}


def _today() -> date:
    return datetime.now(UTC).date()


class GcpProvider:
    """See `contract.provider.Provider` for what each method promises."""

    name = "gcp"
    title = "Google Cloud"
    capabilities = frozenset(
        {
            "addons",
            "cluster.standard",
            "cluster.autopilot",
            "drift",
            "existing_network",
            "hibernation",
            "import",
            "kubeconfig.exec",
            "network",
            "network.peering",
            "network.subnets",
            "network.security_groups",
            "node_pools",
            "node_pools.autoscaling",
            "node_pools.gpu",
            "node_pools.spot",
            "node_pools.surge",
            "node_pools.taints",
            "upgrade",
        }
    )
    credential_schema = CREDENTIAL_SCHEMA
    trusted_algorithm: Algorithm = ES256
    cluster_options_schema = CLUSTER_OPTIONS_SCHEMA

    def __init__(self, environ: Mapping[str, str], today: Callable[[], date] = _today) -> None:
        """Reads `SKYCLUST_GCP_ENDPOINT`, `_TOKEN_URI` and `_STS_URI`; nothing is imported or called."""
        endpoint = environ.get("SKYCLUST_GCP_ENDPOINT", "").rstrip("/")
        self._endpoints = TokenEndpoints.of(environ)
        self._apis = ApiCatalog(endpoint or None)
        self._executor = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="gcp")
        self._drivers = all_drivers()
        self._today = today
        self._tokens = lru_cache(MAX_LOGINS)(partial(AccessTokens, endpoints=self._endpoints))

    def sleeping_sizes(self, spec: ClusterSpec) -> Mapping[str, int]:  # noqa: ARG002
        """None has to keep a node ("nodeCount" of nodePools.setSize may be 0)."""
        return {}

    def connect(self, credential: Credential, region: str) -> GcpSession:
        """A session of the key's or the trust's project."""
        login = parse_login(credential)
        return GcpSession(login, region, self._apis, self._tokens(login), self._executor)

    async def verify(self, credential: Credential, region: str | None = None) -> VerifiedIdentity:
        """Exchange a token, read the project, ask for permissions, look whether GKE's API is enabled."""
        login = parse_login(credential)
        tokens = AccessTokens(login, self._endpoints)  # not those of earlier sessions: the login is on trial
        gcp = GcpSession(login, region or catalog.DEFAULT_REGION, self._apis, tokens, self._executor)
        await gcp.access_token()
        if isinstance(login, FederatedIdentity):
            await gcp.in_thread(partial(refuse_open_trust, login, self._endpoints))
        await gcp.read(lambda apis: apis.projects.projects().get(projectId=gcp.project))
        missing = await missing_permissions(gcp, CLUSTER_PERMISSIONS)
        if await disabled_apis(gcp, (_CONTAINER_API,)):
            raise PermissionDenied(
                f"The Kubernetes Engine API is not enabled for project {gcp.project}. Enable {_CONTAINER_API}, "
                "then verify again.",
                operation="serviceusage.services.get",
                code="SERVICE_DISABLED",
            )
        lifetime = await lifetime_of(gcp, login)
        return VerifiedIdentity(gcp.project, gcp.principal, missing, lifetime.ends_at, lifetime.made_at)

    def trust_guide(self, issuer: str, subject: str) -> str:
        """See federation.py."""
        return trust_guide(issuer, subject)

    # ---- what may be asked for ----
    def regions(self) -> tuple[str, ...]:
        """From data/zones.csv."""
        return tuple(sorted(catalog.regions()))

    def zones(self, region: str) -> tuple[str, ...]:
        """From data/zones.csv."""
        return catalog.regions().get(region, ())

    def kubernetes_versions(self) -> tuple[KubernetesVersion, ...]:
        """Minor versions of the release channels."""
        return catalog.VERSIONS

    def machine_types(self, region: str) -> tuple[MachineType, ...]:
        """From data/machine_types.csv and data/prices.csv."""
        return tuple(
            MachineType(
                shape.name,
                shape.vcpu,
                shape.memory_gib,
                prices.machine_price(shape.name, region),
                prices.machine_price(shape.name, region, spot=True),
                catalog.built_in_gpu(shape.name),
            )
            for shape in catalog.shapes_in(region)
        )

    def validate_cluster(self, spec: ClusterSpec) -> tuple[Finding, ...]:
        """See validation.py."""
        return validate_cluster(spec)

    def validate_network(self, spec: NetworkSpec) -> tuple[Finding, ...]:
        """See network_validation.py."""
        return validate_network(spec)

    def addon_offers(self, version: str, mode: str) -> tuple[AddonOffer, ...]:
        """The same for every version."""
        del version
        return addons.offers(mode)

    async def offered_addons(self, session: Session, spec: ClusterSpec) -> tuple[AddonOffer, ...]:
        """GKE has no list of them that could be asked."""
        del session
        return addons.offers(spec.mode)

    # ---- graphs ----
    def cluster_blueprint(self, spec: ClusterSpec) -> Graph:
        """See blueprints.py."""
        return blueprints.cluster_blueprint(spec)

    def network_blueprint(self, spec: NetworkSpec) -> Graph:
        """See blueprints.py."""
        return blueprints.network_blueprint(spec)

    def driver(self, kind: str) -> Driver:
        """KeyError when there is none."""
        return self._drivers[kind]

    def monthly_price(self, node: Node, region: str) -> tuple[float, Price] | None:
        """See prices.py."""
        return prices.monthly_price(node, region)

    # ---- reads of the cloud ----
    async def complete_cluster(self, session: Session, spec: ClusterSpec) -> ClusterSpec:
        """See completing.py."""
        return await completing.complete_cluster(gcp_session(session), spec)

    async def preflight_cluster(self, session: Session, spec: ClusterSpec) -> tuple[Finding, ...]:
        """See preflights.py."""
        return await preflights.preflight_cluster(gcp_session(session), spec, self._today())

    async def preflight_upgrade(
        self, session: Session, spec: ClusterSpec, path: Sequence[str], pools: Mapping[str, JsonObject]
    ) -> tuple[Finding, ...]:
        """See preflights.py."""
        del pools
        return await preflights.preflight_upgrade(gcp_session(session), spec, path, self._today())

    async def preflight_network(self, session: Session, spec: NetworkSpec) -> tuple[Finding, ...]:
        """See preflights.py."""
        return await preflights.preflight_network(gcp_session(session), spec)

    async def inventory(
        self, session: Session, network_id: str, own_clusters: frozenset[str]
    ) -> tuple[InventoryItem, ...]:
        """See inventories.py."""
        return await inventories.inventory(gcp_session(session), network_id, own_clusters)

    async def survey(self, session: Session, known: Mapping[str, Sequence[Known]]) -> Survey:
        """See surveys.py."""
        return await surveys.survey(gcp_session(session), self._drivers, known)

    # ---- taking over what exists: see imports.py ----
    async def existing(self, session: Session) -> tuple[Existing, ...]:
        """Clusters and networks."""
        return await imports.existing(gcp_session(session))

    async def import_cluster(self, session: Session, external_id: str) -> Imported:
        """By path."""
        return await imports.import_cluster(gcp_session(session), external_id)

    async def import_network(self, session: Session, external_id: str) -> Imported:
        """By path or name."""
        return await imports.import_network(gcp_session(session), external_id)

    async def mark(self, session: Session, kind: str, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """Labels, or a description."""
        del spec
        await imports.mark(gcp_session(session), kind, external_id, mark)

    async def unmark(self, session: Session, kind: str, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """Only this very mark."""
        del spec
        await imports.unmark(gcp_session(session), kind, external_id, mark)

    def cluster_access(self, outputs: JsonObject) -> ClusterAccess:
        """GKE gives an address; a stand-in for Google may give host, port and path."""
        return ClusterAccess(
            name=outputs["name"],
            endpoint=f"https://{outputs['endpoint']}",
            ca_data=outputs["ca_data"],
            user_exec=dict(_USER_EXEC),
        )

    async def kube_token(self, session: Session, outputs: JsonObject) -> KubeToken:
        """GKE takes Google's access tokens; they live at most an hour."""
        del outputs
        token = await gcp_session(session).access_token()
        return KubeToken(token.text, token.expires_at)
