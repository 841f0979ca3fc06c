"""What a provider's tests give the suite: the provider, a credential, what to ask for, and the world outside the API.

Invariant: `OutsideWorld` never goes through the provider, so that what it shows can convict the provider.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from skyclust.contract.provider import Credential, Provider
from skyclust.contract.resources import Mark
from skyclust.contract.specs import ClusterSpec, NetworkSpec


class Fault(StrEnum):
    """What may go wrong with a call. The words are those of the sandbox's control API."""

    THROTTLE = "throttle"  # refused in the cloud's own throttling shape
    ERROR_BEFORE = "error_before"  # 5xx, nothing applied
    ERROR_AFTER = "error_after"  # 5xx, yet applied
    LOST_REPLY = "lost_reply"  # applied, then the connection is cut
    SLOW = "slow"  # applied; the reply comes `seconds` (real ones) late
    QUOTA = "quota"
    NO_CAPACITY = "no_capacity"
    REVOKED = "revoked"  # the credential no longer works


@dataclass(frozen=True, slots=True)
class CloudResource:
    """One thing that exists, as the cloud itself knows it. `description` is for kinds that take no tag or label."""

    kind: str
    id: str
    name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    description: str = ""

    def carries(self, mark: Mark) -> bool:
        """True when the mark of this very resource is on it."""
        return mark.owns_tags(self.tags) or mark.owns_description(self.description)


class OutsideWorld(Protocol):
    """The hands and eyes of the suite outside the provider. All methods are synchronous and quick.

    A network is named by the external id of its node "network", a cluster by the name in its spec.
    """

    def reset(self) -> None:
        """Forget every resource and every fault."""
        ...

    def resources(self) -> tuple[CloudResource, ...]:
        """Everything that exists and is not on its way out for good, decoys included."""
        ...

    def pass_time(self, seconds: float) -> None:
        """Let cloud seconds pass, without waiting where the clock can be moved."""
        ...

    def fail_next_create(self, fault: Fault, *, seconds: float = 0.0) -> None:
        """Once: the next call that creates something goes wrong. `seconds` is for SLOW."""
        ...

    def fail_next_call(self, fault: Fault, *, seconds: float = 0.0) -> None:
        """Once: the next call of any sort goes wrong. `seconds` is for SLOW."""
        ...

    def heal(self) -> None:
        """Remove every fault."""
        ...

    def calls(self) -> int:
        """Number of API calls the cloud has answered since the start."""
        ...

    def plant_decoys(self) -> frozenset[str]:
        """Things in the same account and region that are nobody's business; their ids."""
        ...

    def plant_foreign(self, network_id: str) -> str:
        """Somebody else's machine inside a network; its id as `inventory` must name it."""
        ...

    def crowd(self, network_id: str) -> frozenset[str]:
        """More foreign things inside a network than a page of a list holds; ids as `inventory` must name them."""
        ...

    def remove(self, ids: frozenset[str]) -> None:
        """Take away what was planted."""
        ...

    def leave_kubernetes_leftovers(self, cluster: str) -> frozenset[str]:
        """What controllers inside a living cluster leave in its network (load balancer and company); their ids."""
        ...


@dataclass(frozen=True, slots=True)
class CloudUnderTest:
    """Everything the suite needs.

    wrong_credential  of the right form, refused by the cloud
    network           carved, fit to hold a cluster
    clusters          by mode, each with a network of its own; "standard" has one node pool of fixed size
    """

    provider: Provider
    credential: Credential
    wrong_credential: Credential
    region: str
    network: NetworkSpec
    clusters: Mapping[str, ClusterSpec]
    world: OutsideWorld

    def secrets(self) -> tuple[str, ...]:
        """The secret values of both credentials: what the schema calls writeOnly."""
        properties: Mapping[str, Any] = self.provider.credential_schema.get("properties", {})
        names = [name for name, schema in properties.items() if schema.get("writeOnly")]
        values = [
            str(data[name]) for data in (self.credential, self.wrong_credential) for name in names if name in data
        ]
        return tuple(value for value in values if value)
