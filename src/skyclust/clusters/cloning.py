"""A cluster's spec in another place: the body that would make its like in another region or on another cloud. Pure.

Invariant: nothing is left out in silence. What has another name there, and what has no counterpart, is a finding
with its place in the body.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from math import log2
from typing import Any

from skyclust.clusters.upgrading import minor_of
from skyclust.contract.provider import KubernetesVersion, MachineType, Provider
from skyclust.contract.resources import Finding
from skyclust.contract.specs import ClusterSpec, NetworkSpec, NodePoolSpec, UpgradeSettings
from skyclust.kit.json_schemas import schema_errors
from skyclust.networks.service import free_block

Json = dict[str, Any]
CHOSEN, DROPPED, MISSING = "chosen", "no-counterpart", "cannot-be-translated"
#: Of two machines equally far away the larger one; too small is worse than too large.
_SHORTAGE = 2.0
_HOURS = 730
#: What every cloud has words and rules of its own for is no capability that another one could have.
SAME_CLOUD = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A provider and one of its regions."""

    provider: Provider
    region: str


@dataclass(frozen=True, slots=True)
class Clone:
    """What to send to the target's create route, and what it says differently."""

    body: Json
    findings: tuple[Finding, ...]


def cloned(spec: ClusterSpec, source: Place, target: Place, taken: Collection[str], *, protected: bool) -> Clone:
    """`taken` are the CIDR blocks in use there; the clone's own overlaps neither them nor the source's."""
    mode, about_mode = _mode(spec, target.provider)
    version, about_version = _version(spec.version, target.provider.kubernetes_versions())
    network, about_network = _network(spec, source, target, taken)
    options, about_options = _options(spec, source.provider, target.provider)
    pools, about_pools = _pools(spec, source, target)
    addons, about_addons = _addons(spec, source, target)
    asleep = [Finding("warning", "", "The cluster is hibernated; its clone is made awake.", CHOSEN)]
    body: Json = {
        "region": target.region, "version": version, "mode": mode, "network": network, "node_pools": pools,
        **({"deletion_protection": True} if protected else {}), **({target.provider.name: options} if options else {}),
        **({"zones": list(spec.zones)} if spec.zones and _same(source, target) else {}),
        **({"addons": addons} if addons else {}),
    }  # fmt: skip
    zones = [_lost("/zones", f"zones {', '.join(spec.zones)}", target)] if spec.zones and "zones" not in body else []
    told = [*about_mode, *about_version, *zones, *about_network, *about_pools, *about_options, *about_addons]
    return Clone(body, (*told, *(asleep if spec.asleep is not None else [])))


def nearest(wanted: MachineType, offered: Sequence[MachineType]) -> MachineType | None:
    """The machine most like `wanted` by vCPU and memory, doublings apart; of equals the one nearest in price."""
    fit = [item for item in offered if item.vcpu > 0 and item.memory_gib > 0]
    return min(fit, key=lambda item: (_distance(wanted, item), _price_apart(wanted, item), item.name), default=None)


def _distance(wanted: MachineType, item: MachineType) -> float:
    apart = (log2(item.vcpu / wanted.vcpu), log2(item.memory_gib / wanted.memory_gib))
    return round(sum(way if way >= 0 else -way * _SHORTAGE for way in apart), 6)


def _price_apart(wanted: MachineType, item: MachineType) -> float:
    if item.price is None:
        return float("inf")
    return abs(item.price.usd_per_hour - wanted.price.usd_per_hour) if wanted.price else item.price.usd_per_hour


def _mode(spec: ClusterSpec, provider: Provider) -> tuple[str, list[Finding]]:
    if f"cluster.{spec.mode}" in provider.capabilities:
        return spec.mode, []
    if spec.node_pools:
        text = f"{provider.title} has no mode {spec.mode!r}; the clone is a standard cluster."
        return "standard", [Finding("warning", "/mode", text, CHOSEN)]
    text = (
        f"{provider.title} has no mode {spec.mode!r}, and the cluster has no node pools that a standard one could take "
        "over. Create one there by hand, with pools."
    )
    return "standard", [Finding("error", "/mode", text, MISSING)]


def _version(wanted: str, offered: Sequence[KubernetesVersion]) -> tuple[str, list[Finding]]:
    """The same minor version; else the next newer one, else the newest."""
    minor = minor_of(wanted)
    exact = [item.name for item in offered if minor_of(item.name) == minor]
    if exact:
        return exact[0], []
    newer = [item.name for item in offered if minor_of(item.name) > minor]
    chosen = min(newer, key=minor_of) if newer else max((item.name for item in offered), key=minor_of)
    return chosen, [Finding("warning", "/version", f"{wanted} is not offered there; {chosen} is nearest.", CHOSEN)]


def _network(spec: ClusterSpec, source: Place, target: Place, taken: Collection[str]) -> tuple[Json, list[Finding]]:
    """One of its own, in a block that overlaps nothing there nor the source's, so that both can be connected."""
    own = spec.network
    block = free_block([*taken, *([own.cidr_block] if own else [])])
    if own is None:
        text = f"The network {spec.vpc_id} stays where it is; the clone gets one of its own, {block}."
        return {"cidr_block": block}, [Finding("warning", "/network", text, CHOSEN)]
    body: Json = {"cidr_block": block, "zones": own.zones, "private_nodes": own.private_nodes}
    return _with_settings(body, own, source, target)


def _with_settings(body: Json, own: NetworkSpec, source: Place, target: Place) -> tuple[Json, list[Finding]]:
    given = {
        "routing_mode": own.routing_mode if own.routing_mode != "regional" else None,
        "mtu": own.mtu,
        "nat": own.nat,
    }
    kept = {name: value for name, value in given.items() if value is not None}
    if source.provider.name == target.provider.name:
        return {**body, **kept}, []
    return body, [_lost(f"/network/{name}", f"{name} {value}", target) for name, value in kept.items()]


def _options(spec: ClusterSpec, source: Provider, target: Provider) -> tuple[Json, list[Finding]]:
    """What has the same name there and may have the value it has here."""
    asked, known = (cloud.cluster_options_schema.get("properties", {}) for cloud in (source, target))
    kept, lost = {}, []
    for name, value in spec.options.items():
        if name not in asked:
            continue  # nobody asked for it: the provider's own notes
        if name in known and not list(schema_errors(known[name], value, "")):
            kept[name] = value
        else:
            text = f"{target.title} has nothing like {name!r} of {source.title} ({value!r}). Set what you need by hand."
            lost.append(Finding("warning", f"/{target.name}", text, DROPPED))
    return kept, lost


def _pools(spec: ClusterSpec, source: Place, target: Place) -> tuple[list[Json], list[Finding]]:
    offered = {item.name: item for item in target.provider.machine_types(target.region)}
    here = {item.name: item for item in source.provider.machine_types(source.region)}
    pools, told = [], []
    for index, pool in enumerate(spec.node_pools):
        at = f"/node_pools/{index}"
        machine, finding = _machine(pool, here.get(pool.machine_type), offered, at)
        told += [finding] if finding else []
        body, lost = _pool(pool, machine, source, target, at)
        pools.append(body)
        told += lost
    return pools, told


def _machine(
    pool: NodePoolSpec, here: MachineType | None, offered: dict[str, MachineType], at: str
) -> tuple[str, Finding | None]:
    place = f"{at}/machine_type"
    if pool.machine_type in offered:
        return pool.machine_type, None
    chosen = nearest(here, list(offered.values())) if here is not None else None
    if here is None or chosen is None:
        text = f"What {pool.machine_type!r} of the pool {pool.name} is, is not known, so nothing like it can be found."
        return pool.machine_type, Finding("error", place, text, MISSING)
    text = f"{_told(here)} becomes {_told(chosen)}, the nearest there."
    return chosen.name, Finding("warning", place, text, CHOSEN)


def _told(machine: MachineType) -> str:
    price = f", ${machine.price.usd_per_hour * _HOURS:,.2f} a month" if machine.price else ""
    return f"{machine.name} ({machine.vcpu} vCPU, {machine.memory_gib:g} GiB{price})"


def _pool(pool: NodePoolSpec, machine: str, source: Place, target: Place, at: str) -> tuple[Json, list[Finding]]:
    can, lost = target.provider.capabilities, []
    known = source.provider.name == target.provider.name
    scaling = (
        {"enabled": True, "min": pool.auto_scaling.min, "max": pool.auto_scaling.max} if pool.auto_scaling else None
    )
    body: Json = {
        "name": pool.name, "machine_type": machine, "node_count": pool.node_count, "disk_gb": pool.disk_gb,
        "labels": dict(pool.labels),
    }  # fmt: skip
    for name, value, needs in (
        ("auto_scaling", scaling, "node_pools.autoscaling"),
        ("spot", pool.spot or None, "node_pools.spot"),
        ("upgrade", _given(pool.upgrade), SAME_CLOUD),
        ("machine_types", list(pool.machine_types) if pool.other_types else None, SAME_CLOUD),
        ("gpu", asdict(pool.gpu) if pool.gpu else None, SAME_CLOUD),
        ("disk_type", pool.disk_type, SAME_CLOUD),
        ("taints", [{"key": t.key, "value": t.value, "effect": t.effect} for t in pool.taints], "node_pools.taints"),
    ):
        if not value:
            continue
        if known or needs in can:
            body[name] = value
        else:
            lost.append(_lost(f"{at}/{name}", f"{name} of the pool {pool.name}", target))
    if pool.zones and _same(source, target):
        body["zones"] = list(pool.zones)
    elif pool.zones:
        lost.append(_lost(f"{at}/zones", f"zones {', '.join(pool.zones)} of the pool {pool.name}", target))
    return body, lost


def _given(settings: UpgradeSettings | None) -> Json:
    return {name: value for name, value in asdict(settings).items() if value is not None} if settings else {}


def _addons(spec: ClusterSpec, source: Place, target: Place) -> tuple[list[Json], list[Finding]]:
    """Wishes about add-ons mean something on the same cloud only; their versions are for the same minor version."""
    if source.provider.name != target.provider.name:
        return [], [_lost("/addons", f"the add-on {wish.name}", target) for wish in spec.addons if wish.enabled]
    return [
        {"name": wish.name, "version": wish.version, "configuration": dict(wish.configuration),
         "identity": wish.identity, "enabled": wish.enabled}
        for wish in spec.addons
    ], []  # fmt: skip


def _same(source: Place, target: Place) -> bool:
    return (source.provider.name, source.region) == (target.provider.name, target.region)


def _lost(pointer: str, what: str, target: Place) -> Finding:
    text = f"{what} has no counterpart in {target.region} of {target.provider.title}; it is left out."
    return Finding("warning", pointer, text[0].upper() + text[1:], DROPPED)
