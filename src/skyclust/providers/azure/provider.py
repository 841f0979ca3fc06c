"""The provider "azure": `contract.provider.Provider` for Microsoft Azure. Made once per process by the entry point.

Everything a person may ask for comes from data in the package; the cloud is touched only through sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache

from skyclust.contract.addons import AddonOffer
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
from skyclust.providers.azure import (
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
from skyclust.providers.azure.apis import Places
from skyclust.providers.azure.credentials import CREDENTIAL_SCHEMA, parse_principal
from skyclust.providers.azure.drivers import all_drivers
from skyclust.providers.azure.federation import ALGORITHM, trust_guide
from skyclust.providers.azure.network_validation import validate_network
from skyclust.providers.azure.options import CLUSTER_OPTIONS_SCHEMA
from skyclust.providers.azure.permissions import CLUSTER_PERMISSIONS, PEERING_PERMISSIONS, missing_permissions
from skyclust.providers.azure.sessions import AzureSession, azure_session
from skyclust.providers.azure.tokens import AccessTokens
from skyclust.providers.azure.validation import validate_cluster

#: Principals whose tokens are kept for the next session.
MAX_PRINCIPALS = 256
#: The application that every AKS API server with Entra ID is:
#: https://learn.microsoft.com/azure/aks/kubelogin-authentication#how-to-use-kubelogin-with-aks
AKS_SERVER = "6dae42f8-4368-4678-94ff-3960e28e3630"
_USER_EXEC: JsonObject = {
    "apiVersion": "client.authentication.k8s.io/v1beta1",
    "command": "kubelogin",
    "args": ["get-token", "--login", "azurecli", "--server-id", AKS_SERVER],
    "installHint": "Install kubelogin (az aks install-cli) and log in with az login: "
    "https://learn.microsoft.com/azure/aks/kubelogin-authentication",
    "provideClusterInfo": False,
    "interactiveMode": "IfAvailable",
}


def _today() -> date:
    return datetime.now(UTC).date()


class AzureProvider:
    """See `contract.provider.Provider` for what each method promises."""

    name = "azure"
    title = "Microsoft Azure"
    capabilities = frozenset(
        {
            "addons",
            "cluster.standard",
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
    trusted_algorithm = ALGORITHM
    cluster_options_schema = CLUSTER_OPTIONS_SCHEMA

    def __init__(self, environ: Mapping[str, str], today: Callable[[], date] = _today) -> None:
        """Reads where Azure is (apis.Places); nothing is imported or called."""
        self._places = Places.of(environ)
        self._drivers = all_drivers()
        self._today = today
        self._tokens = lru_cache(MAX_PRINCIPALS)(AccessTokens)

    def connect(self, credential: Credential, region: str) -> AzureSession:
        """A session of the credential's subscription."""
        principal = parse_principal(credential)
        return AzureSession(principal, region, self._places, self._tokens(principal))

    async def verify(self, credential: Credential, region: str | None = None) -> VerifiedIdentity:
        """Exchange a token, read the subscription, ask for permissions, and whether the application trusts anybody."""
        principal = parse_principal(credential)
        tokens = AccessTokens(principal)  # not those of earlier sessions: the secret or trust is on trial
        az = AzureSession(principal, region or catalog.DEFAULT_REGION, self._places, tokens)
        try:
            await az.get(f"/subscriptions/{az.subscription}")
            missing = await missing_permissions(az, (*CLUSTER_PERMISSIONS, *PEERING_PERMISSIONS))
            await az.refuse_open_trust(principal)
        finally:
            await az.close()
        return VerifiedIdentity(az.subscription, az.principal, missing)

    def trust_guide(self, issuer: str, subject: str) -> str:
        """See federation.py."""
        return trust_guide(issuer, subject)

    # ---- what may be asked for ----
    def regions(self) -> tuple[str, ...]:
        """Regions with availability zones."""
        return catalog.REGIONS

    def zones(self, region: str) -> tuple[str, ...]:
        """Azure calls them 1, 2 and 3 in every region."""
        return catalog.ZONES if region in catalog.REGIONS else ()

    def kubernetes_versions(self) -> tuple[KubernetesVersion, ...]:
        """Minor versions."""
        return catalog.VERSIONS

    def machine_types(self, region: str) -> tuple[MachineType, ...]:
        """From data/machine_types."""
        return tuple(
            MachineType(
                shape.name, shape.vcpu, shape.memory_gib, prices.machine_price(shape.name, region), None, shape.gpu
            )
            for shape in catalog.shapes_in(region).values()
        )

    def validate_cluster(self, spec: ClusterSpec) -> tuple[Finding, ...]:
        """See validation.py."""
        return validate_cluster(spec)

    def validate_network(self, spec: NetworkSpec) -> tuple[Finding, ...]:
        """See network_validation.py."""
        return validate_network(spec)

    def addon_offers(self, version: str, mode: str) -> tuple[AddonOffer, ...]:
        """The same for every version; there is one mode."""
        del version, mode
        return addons.offers()

    async def offered_addons(self, session: Session, spec: ClusterSpec) -> tuple[AddonOffer, ...]:
        """AKS has no list of them that could be asked."""
        del session, spec
        return addons.offers()

    # ---- graphs ----
    def cluster_blueprint(self, spec: ClusterSpec) -> Graph:
        """See blueprints.py."""
        return blueprints.cluster_blueprint(spec)

    def network_blueprint(self, spec: NetworkSpec) -> Graph:
        """See blueprints.py."""
        return blueprints.network_blueprint(spec)

    def sleeping_sizes(self, spec: ClusterSpec) -> Mapping[str, int]:
        """See blueprints.py."""
        return blueprints.sleeping_sizes(spec)

    def driver(self, kind: str) -> Driver:
        """KeyError when there is none."""
        return self._drivers[kind]

    def monthly_price(self, node: Node, region: str) -> tuple[float, Price] | None:
        """See prices.py."""
        return prices.monthly_price(node, region)

    # ---- reads of the cloud ----
    async def complete_cluster(self, session: Session, spec: ClusterSpec) -> ClusterSpec:
        """See completing.py."""
        return await completing.complete_cluster(azure_session(session), spec)

    async def preflight_cluster(self, session: Session, spec: ClusterSpec) -> tuple[Finding, ...]:
        """See preflights.py."""
        return await preflights.preflight_cluster(azure_session(session), spec, self._today())

    async def preflight_upgrade(
        self, session: Session, spec: ClusterSpec, path: Sequence[str], pools: Mapping[str, JsonObject]
    ) -> tuple[Finding, ...]:
        """See preflights.py."""
        del pools
        return await preflights.preflight_upgrade(azure_session(session), spec, path, self._today())

    async def preflight_network(self, session: Session, spec: NetworkSpec) -> tuple[Finding, ...]:
        """See preflights.py."""
        return await preflights.preflight_network(azure_session(session), spec)

    async def inventory(
        self, session: Session, network_id: str, own_clusters: frozenset[str]
    ) -> tuple[InventoryItem, ...]:
        """See inventories.py."""
        return await inventories.inventory(azure_session(session), network_id, own_clusters)

    async def survey(self, session: Session, known: Mapping[str, Sequence[Known]]) -> Survey:
        """See surveys.py."""
        return await surveys.survey(azure_session(session), self._drivers, known)

    # ---- taking over what exists: see imports.py ----
    async def existing(self, session: Session) -> tuple[Existing, ...]:
        """Clusters and networks."""
        return await imports.existing(azure_session(session))

    async def import_cluster(self, session: Session, external_id: str) -> Imported:
        """By id."""
        return await imports.import_cluster(azure_session(session), external_id)

    async def import_network(self, session: Session, external_id: str) -> Imported:
        """By id."""
        return await imports.import_network(azure_session(session), external_id)

    async def mark(self, session: Session, kind: str, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """Tags."""
        del spec
        await imports.mark(azure_session(session), kind, external_id, mark)

    async def unmark(self, session: Session, kind: str, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """Only this very mark."""
        del spec
        await imports.unmark(azure_session(session), kind, external_id, mark)

    def cluster_access(self, outputs: JsonObject) -> ClusterAccess:
        """As the cluster's own kubeconfig tells it."""
        return ClusterAccess(
            name=outputs["name"],
            endpoint=outputs["endpoint"],
            ca_data=outputs["ca_data"],
            user_exec=dict(_USER_EXEC),
        )

    async def kube_token(self, session: Session, outputs: JsonObject) -> KubeToken:
        """A token of Entra ID for the API servers of AKS; it lives 60 to 90 minutes."""
        del outputs
        token = await azure_session(session).access_token(f"{AKS_SERVER}/.default")
        return KubeToken(token.text, token.expires_at)
