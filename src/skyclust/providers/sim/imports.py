"""What others made, in our words, and our mark on it. Called through `Sim`.

A cluster's role stays its maker's: it is adopted by the note "_role". A network whose machines get no names keeps that
by the note "_dns"; what else is inside a network stays untouched.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from skyclust.contract.errors import InvalidSpec, NameTaken, NotYet
from skyclust.contract.imports import Existing, Imported
from skyclust.contract.resources import TAG_NAME, TAG_RESOURCE, TAG_STACK, Finding, Mark
from skyclust.contract.specs import (
    AutoScaling,
    ClusterSpec,
    FirewallRuleSpec,
    NetworkSpec,
    NodePoolSpec,
    SecurityGroupSpec,
    SubnetSpec,
)
from skyclust.contract.surveys import owner_by_tags
from skyclust.providers.sim.blueprints import DNS, ROLE
from skyclust.providers.sim.sessions import SimSession
from skyclust.providers.sim.world import SimResource

T = TypeVar("T")

#: Fields of a cluster that a spec of ours can say.
SAYABLE = frozenset({"version", "mode"})


async def existing(session: SimSession) -> tuple[Existing, ...]:
    """One list per kind."""
    found: list[Existing] = []
    for kind in ("cluster", "network"):
        found += await session.call(f"read.{kind}", lambda kind=kind: [_existing(item) for item in _all(session, kind)])  # type: ignore[misc]  # the default binds the loop's kind
    return tuple(sorted(found, key=lambda item: (item.what, item.name, item.external_id)))


async def import_cluster(session: SimSession, external_id: str) -> Imported:
    """A cluster with its pools; its network, subnets and role are referred to."""
    cluster = await _one(session, "cluster", external_id)
    pools = await _inside(session, "node_pool", external_id)
    used = {
        kind: sorted(item for item in cluster.uses if item.startswith(f"{kind}-"))
        for kind in ("network", "subnet", "role")
    }
    if not used["network"]:
        raise InvalidSpec(f"The cluster {cluster.name} is in no network, so nothing of ours describes it.")
    spec = ClusterSpec(
        cluster.name,
        cluster.region,
        cluster.fields.get("version", ""),
        cluster.fields.get("mode", "standard"),
        vpc_id=used["network"][0],
        subnet_ids=tuple(used["subnet"]),
        node_pools=tuple(_pool(item) for item in pools),
        options={ROLE: used["role"][0]} if used["role"] else {},
    )
    ids = {"cluster": cluster.id, **{f"node-pool/{item.name}": item.id for item in pools}}
    return Imported(spec, ids, tuple(_unsayable(cluster)))


async def import_network(session: SimSession, external_id: str) -> Imported:
    """A network with its subnets and firewalls."""
    network = await _one(session, "network", external_id)
    if not network.fields.get("cidr_block"):
        raise InvalidSpec(f"The network {network.name} has no block of addresses, so nothing of ours describes it.")
    subnets = await _inside(session, "subnet", external_id)
    groups = await _inside(session, "firewall", external_id)
    gateways = await _inside(session, "gateway", external_id)
    spec = NetworkSpec(
        network.name,
        network.region,
        network.fields["cidr_block"],
        carve=False,
        subnets=tuple(SubnetSpec(item.name, item.fields["cidr_block"], item.fields["zone"]) for item in subnets),
        security_groups=tuple(_group(item) for item in groups),
        options={} if network.fields.get("dns") else {DNS: False},
    )
    ids = {
        "network": network.id,
        **{f"subnet/{item.name}": item.id for item in subnets},
        **{f"security-group/{item.name}": item.id for item in groups},
    }
    text = "stays as it is and is not managed."
    return Imported(spec, ids, tuple(Finding("warning", "", f"The gateway {item.name} {text}") for item in gateways))


async def mark(session: SimSession, cloud_kind: str, external_id: str, wanted: Mark) -> None:
    """Tags of ours beside those it has."""

    def effect() -> None:
        item = session.world.seen(external_id, cloud_kind)
        if item is None:
            raise NotYet(
                f"{external_id} is not seen (any more), so it cannot be marked.", operation=f"mark.{cloud_kind}"
            )
        if owner_by_tags(item.tags) is not None and not wanted.owns_tags(item.tags):
            raise NameTaken(f"{external_id} is managed by stack {item.tags.get(TAG_STACK)}. Release it there first.")
        item.tags.update(wanted.tags())

    await session.call(f"mark.{cloud_kind}", effect)


async def unmark(session: SimSession, cloud_kind: str, external_id: str, ours: Mark) -> None:
    """Our tags go, if they are this very mark."""

    def effect() -> None:
        item = session.world.seen(external_id, cloud_kind)
        if item is not None and ours.owns_tags(item.tags):
            for name in (TAG_RESOURCE, TAG_STACK, TAG_NAME):
                item.tags.pop(name, None)

    await session.call(f"unmark.{cloud_kind}", effect)


# ---- inside ----
def _all(session: SimSession, kind: str) -> list[SimResource]:
    return [item for item in session.world.listed(kind) if item.region == session.region and not item.leaving]


async def _one(session: SimSession, kind: str, external_id: str) -> SimResource:
    found: list[SimResource] = await session.call(
        f"read.{kind}", _looking(session, kind, lambda item: item.id == external_id)
    )
    if not found:
        raise InvalidSpec(f"There is no {kind} {external_id} in {session.region}. Choose one that the list shows.")
    return found[0]


async def _inside(session: SimSession, kind: str, user_of: str) -> list[SimResource]:
    return await session.call(f"read.{kind}", _looking(session, kind, lambda item: user_of in item.uses))


def _looking(session: SimSession, kind: str, fits: Callable[[SimResource], bool]) -> Callable[[], list[SimResource]]:
    return lambda: sorted((item for item in _all(session, kind) if fits(item)), key=lambda item: item.name)


def _existing(item: SimResource) -> Existing:
    said: dict[str, Any] = item.fields
    version, block = str(said.get("version", "")), str(said.get("cidr_block", ""))
    return Existing(item.kind, item.name, item.id, item.region, version, block, owner_by_tags(item.tags))


def _unsayable(cluster: SimResource) -> list[Finding]:
    return [
        Finding("error", "", f"{cluster.name} has {name}, which no spec of ours can say.", "unsayable")
        for name in sorted(cluster.fields.keys() - SAYABLE)
    ]


def _pool(item: SimResource) -> NodePoolSpec:
    said = item.fields
    scaling = said.get("auto_scaling")
    return NodePoolSpec(
        item.name,
        said["machine_type"],
        said["node_count"],
        auto_scaling=AutoScaling(**scaling) if scaling else None,
        labels=dict(said.get("labels", {})),
    )


def _group(item: SimResource) -> SecurityGroupSpec:
    rules = tuple(FirewallRuleSpec(**{**rule, "cidrs": tuple(rule["cidrs"])}) for rule in item.fields.get("rules", []))
    return SecurityGroupSpec(item.name, "", rules)
