"""From bodies to specs. Called by the routes and the service.

Invariant: pure. Every refusal names the field as the client wrote it and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from uuid import UUID

from skyclust.contract.provider import Provider
from skyclust.contract.specs import NetworkSpec
from skyclust.kit.problems import FieldError, invalid
from skyclust.networks.cidrs import free_block
from skyclust.networks.parts import group_spec, subnet_spec
from skyclust.networks.schemas import NetworkBody, NetworkPart, UnifiedNetworkBody


@dataclass(frozen=True, slots=True)
class NetworkRequest:
    """What both bodies mean. `at` is where the network stands in the client's body."""

    provider: str
    credential_id: UUID
    workspace_id: UUID | None
    wish: NetworkPart
    at: str = ""

    def pointer(self, spec_pointer: str) -> str:
        """Where in the client's body a field of the spec stands."""
        path = spec_pointer.strip("/")
        if path in ("credential_id", "workspace_id"):
            return f"/{path}"
        return f"{self.at}/{path}" if path else self.at


def parse_flat(provider: str, body: NetworkBody) -> NetworkRequest:
    """The provider route's body."""
    return NetworkRequest(provider, body.credential_id, body.workspace_id, body)


def parse_unified(body: UnifiedNetworkBody) -> NetworkRequest:
    """The unified body."""
    return NetworkRequest(body.provider, body.credential_id, body.workspace_id, body.network, "/network")


def region_of(provider: Provider, wanted: str | None, fallback: str | None, pointer: str) -> str:
    """The request's region, else the credential's; 422 when there is none or the cloud does not know it."""
    region = wanted or fallback
    if region is None:
        raise invalid([FieldError(pointer, "This credential has no default region. Name one.")])
    known = provider.regions()
    if region not in known:
        near = get_close_matches(region, known, 5, 0.4) or list(known[:5])
        raise invalid([FieldError(pointer, f"{provider.title} has no region {region!r}. Near: {', '.join(near)}.")])
    return region


def network_spec(request: NetworkRequest, region: str, taken: Iterable[str]) -> NetworkSpec:
    """What is asked for; without a block, the first that overlaps none of `taken`."""
    wish = request.wish
    check_names([subnet.name for subnet in wish.subnets], request.pointer("/subnets"))
    check_names([group.name for group in wish.security_groups], request.pointer("/security_groups"))
    return NetworkSpec(
        name=wish.name,
        region=region,
        cidr_block=wish.cidr_block or free_block(taken),
        zones=wish.zones,
        private_nodes=wish.private_nodes,
        carve=wish.carve,
        nat=wish.nat,
        routing_mode=wish.routing_mode,
        mtu=wish.mtu,
        subnets=tuple(subnet_spec(subnet) for subnet in wish.subnets),
        security_groups=tuple(group_spec(group) for group in wish.security_groups),
    )


def check_names(names: Sequence[str], pointer: str) -> None:
    """422 when two have one name."""
    twice = [index for index, name in enumerate(names) if name in names[:index]]
    if twice:
        raise invalid([FieldError(f"{pointer}/{i}/name", f"{names[i]!r} is there twice. Rename one.") for i in twice])
