"""The protocols a cloud implements. One folder, one entry point `skyclust.providers`, zero edits elsewhere.

The entry point names a function `provider(environ: Mapping[str, str]) -> Provider`: settings of the machine (endpoints,
CA files) come from there, never from a user. Importing the folder must be cheap; SDKs are imported on first use.
The numbered rules are in docs/provider-contract.md, their tests in contract/conformance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from skyclust.contract.resources import Change, Finding, Graph, InventoryItem, JsonObject, Mark, Node, Observed, Price
from skyclust.contract.specs import ClusterSpec, Gpu, NetworkSpec

#: What a person gave, as `credential_schema` describes it; and under TENANT a name of the workspace it belongs to,
#: unique and set by the server: a key that begins with "_" is never a person's. See also identities.py.
Credential = Mapping[str, Any]
TENANT = "_tenant"


@dataclass(frozen=True, slots=True)
class VerifiedIdentity:
    """Whose credential it is. `account` is the AWS account / GCP project / Azure subscription.

    missing_permissions  what it would need besides for everything that may be asked for
    expires_at           when it stops working, where the cloud tells; None = never, or not known
    issued_at            when its secret was made, where the cloud tells
    """

    account: str
    principal: str
    missing_permissions: tuple[str, ...] = ()
    expires_at: datetime | None = None
    issued_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MachineType:
    """A machine one may ask for. `price` is on demand, per machine."""

    name: str
    vcpu: int
    memory_gib: float
    price: Price | None
    spot_price: Price | None = None
    gpu: Gpu | None = None


@dataclass(frozen=True, slots=True)
class KubernetesVersion:
    """A version the cloud offers for new clusters."""

    name: str
    default: bool = False
    end_of_standard_support: str | None = None


@dataclass(frozen=True, slots=True)
class KubeToken:
    """A short-lived bearer token for one cluster."""

    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ClusterAccess:
    """What a kubeconfig needs besides a credential: all public. `user_exec` is the cloud's own exec plug-in, if any."""

    name: str
    endpoint: str
    ca_data: str  # base64 PEM
    user_exec: JsonObject | None = None


@runtime_checkable
class Session(Protocol):
    """Open clients for one (credential, region). Made once, shared by concurrent calls, closed by its owner."""

    region: str

    async def close(self) -> None:
        """Release connections. Idempotent."""
        ...


class Driver(Protocol):
    """What the engine needs for one kind of resource. Stateless; everything comes in as arguments.

    `spec` is always resolved (no references). Every method may raise a ProviderError and nothing else.
    Mutating calls run with SDK retries OFF: a lost reply must surface as Ambiguous, never be repeated inside the SDK.
    Every call has a time limit below the lease (30 s) and never blocks the event loop.
    """

    kind: str
    #: Seconds (cloud time) during which NotFound after a create proves nothing. Source: the cloud's consistency rules.
    consistency_window_seconds: float
    #: False for steps that make nothing in the cloud on creation (sweeps); the plan lists them on deletion only.
    creates: bool

    def expected_seconds(self, action: str, spec: JsonObject) -> float:
        """Median cloud seconds until `action` ("create" | "update" | "delete") has settled; 0 when it is immediate."""
        ...

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """Find by ownership mark (or deterministic name AND mark). None when nothing of ours is seen.

        Raises NameTaken when the name is unique and held by something without our mark.
        """
        ...

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """Read one resource; None when the cloud says it does not exist (or only as a tombstone)."""
        ...

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """Create with the mark inside the create call. Returns at once, usually with phase SETTLING.

        Several calls are allowed only when each later one is repaired by `update`/`observe` (see `diff`): the first
        call must create the marked resource. "Already exists" with our mark is returned as if created; else NameTaken.
        """
        ...

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """Pure: what differs between `spec` and what is observed. Fields that an autoscaler owns are no difference."""
        ...

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """Make some progress towards `spec`; idempotent. One cloud call that starts long work is enough per call:

        the engine observes, diffs and calls again until `diff` is empty.
        """
        ...

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """Ask for deletion. Silent when absent. Returns at once; `observe` answers None when it is gone.

        Deletes only what carries our mark (checked by the driver on a fresh read where the cloud allows).
        Raises InUse with blockers when something depends on it.
        """
        ...


@runtime_checkable
class Patient(Protocol):
    """A driver whose actions are not waited for without end; any other's are."""

    def patience_seconds(self, spec: JsonObject) -> float:
        """Real seconds from the beginning of an action until it is a person's turn. A resume begins anew."""
        ...


class Provider(Protocol):
    """A cloud."""

    name: str
    title: str
    capabilities: frozenset[str]
    #: JSON Schema of the credential's `data`; secret fields carry "writeOnly": true.
    credential_schema: JsonObject
    #: JSON Schema of the cluster options object named after the provider.
    cluster_options_schema: JsonObject

    def connect(self, credential: Credential, region: str) -> Session:
        """Open a session; cheap and without a network call (clients are made on first use)."""
        ...

    async def verify(self, credential: Credential, region: str | None = None) -> VerifiedIdentity:
        """Prove the credential with real calls. AuthenticationFailed/PermissionDenied name the refused call."""
        ...

    # ---- what may be asked for: from data in the package, no network ----
    def regions(self) -> tuple[str, ...]:
        """Known regions, sorted."""
        ...

    def zones(self, region: str) -> tuple[str, ...]:
        """Zones of a region, sorted; empty when the region is unknown."""
        ...

    def kubernetes_versions(self) -> tuple[KubernetesVersion, ...]:
        """Offered minor versions, newest first."""
        ...

    def machine_types(self, region: str) -> tuple[MachineType, ...]:
        """Machine types of a region, sorted by name."""
        ...

    def validate_cluster(self, spec: ClusterSpec) -> tuple[Finding, ...]:
        """Pure: this cloud's own rules (names, CIDR sizes, versions, types, modes), each finding with remedy."""
        ...

    def validate_network(self, spec: NetworkSpec) -> tuple[Finding, ...]:
        """Pure: likewise for networks; fields are pointers into the network object."""
        ...

    # ---- graphs ----
    def cluster_blueprint(self, spec: ClusterSpec) -> Graph:
        """Pure: the resources a cluster consists of. The control plane's node has the key "cluster", a node pool's

        "node-pool/<name>", those of a network made with the cluster the keys of `network_blueprint`.
        """
        ...

    def network_blueprint(self, spec: NetworkSpec) -> Graph:
        """Pure: the resources of a network. Its own node has the key "network", a subnet's "subnet/<name>".

        Nodes of a security group have the key "security-group/<name>", or keys below it; those of a peering
        "peering/<name>", with both sides of it.
        """
        ...

    def driver(self, kind: str) -> Driver:
        """The driver of a kind; KeyError when there is none."""
        ...

    def monthly_price(self, node: Node, region: str) -> tuple[float, Price] | None:
        """USD per month of one node with the price it rests on; None when it costs nothing or nothing is known."""
        ...

    # ---- reads of the cloud ----
    async def complete_cluster(self, session: Session, spec: ClusterSpec) -> ClusterSpec:
        """Fill in what only the cloud knows, once, before planning: fitting subnets, the creator's principal.

        The result is stored, so that every later blueprint of it is the same. Options that begin with "_" are the
        provider's own notes: kept, not shown.
        """
        ...

    async def preflight_cluster(self, session: Session, spec: ClusterSpec) -> tuple[Finding, ...]:
        """Quota, permissions, names taken, existing network fits: what a plan must know before anything is created."""
        ...

    async def preflight_network(self, session: Session, spec: NetworkSpec) -> tuple[Finding, ...]:
        """Likewise for a network."""
        ...

    async def inventory(
        self, session: Session, network_id: str, own_clusters: frozenset[str]
    ) -> tuple[InventoryItem, ...]:
        """Everything inside a network, by origin. `own_clusters` are names of our clusters there, also gone ones."""
        ...

    def cluster_access(self, outputs: JsonObject) -> ClusterAccess:
        """Pure: from the outputs of the node "cluster"."""
        ...

    async def kube_token(self, session: Session, outputs: JsonObject) -> KubeToken:
        """A short-lived token for the cluster with these outputs."""
        ...
