"""Taking over what exists: the protocol behind import of clusters and networks. Optional for a provider.

A provider that offers it declares the capability "import" and passes the conformance rules of imports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from skyclust.contract.provider import Session
from skyclust.contract.resources import Finding, JsonObject, Mark
from skyclust.contract.specs import ClusterSpec, NetworkSpec
from skyclust.contract.surveys import Ownership


@dataclass(frozen=True, slots=True)
class Existing:
    """A cluster or network as a list for choosing shows it. `owner` is set when it carries a mark of ours already.

    external_id  what `import_cluster` and `import_network` take
    """

    what: str  # "cluster" | "network"
    name: str
    external_id: str
    region: str
    version: str = ""
    cidr_block: str = ""
    owner: Ownership | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What exists, in our words: planning from `ids` towards the blueprint of `spec` must find nothing to do.

    spec      complete; the blueprint of it refers to what is not taken over (roles, the network of a cluster) by
              `adopt_id` or by the provider's own notes in `options` (names that begin with "_")
    ids       external ids by node key, one for every node of the blueprint that is neither adopted nor a sweep
    findings  what our words cannot say and a later change would not keep; `error` forbids a managed import
    """

    spec: ClusterSpec | NetworkSpec
    ids: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@runtime_checkable
class Importing(Protocol):
    """What a `Provider` may offer besides."""

    async def existing(self, session: Session) -> tuple[Existing, ...]:
        """Clusters and networks of the session's region, ours and others', sorted by (what, name)."""
        ...

    async def import_cluster(self, session: Session, external_id: str) -> Imported:
        """Describe a cluster with its node pools. Its network is referred to by `vpc_id`, never taken over.

        InvalidSpec when there is none, or when it is of a form that no spec of ours can describe.
        """
        ...

    async def import_network(self, session: Session, external_id: str) -> Imported:
        """Describe a network with its subnets and security groups (`carve` is False). What else is inside (gateways,
        route tables, other groups) stays untouched and unmanaged; `findings` name it.
        """
        ...

    async def mark(self, session: Session, kind: str, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """Put our mark on what exists and was imported to be managed. Idempotent.

        NameTaken when it carries another's mark of ours; kinds that have no room for a mark raise NotSupported.
        """
        ...

    async def unmark(self, session: Session, kind: str, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """Take our mark off again when something is given back unharmed. Idempotent; another's mark stays."""
        ...
