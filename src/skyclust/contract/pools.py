"""What clouds share in how they treat node pools. Pure; called by validation, blueprints and drivers of providers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from skyclust.contract.checks import error
from skyclust.contract.resources import Change, Finding, JsonObject
from skyclust.contract.specs import Gpu, NodePoolSpec, UpgradeSettings

#: Key of a pool's spec and of what is seen of it: {"max_surge": "1" | "33%" | None, "max_unavailable": likewise}.
UPGRADE = "upgrade"


def upgrade_words(settings: UpgradeSettings | None, defaults: Mapping[str, str] | None = None) -> JsonObject:
    """The part of a node's spec; {} where nobody asked, so that what others set stays. `defaults` are for clouds that
    take all settings at once.
    """
    if settings is None:
        return {}
    asked = {"max_surge": settings.max_surge, "max_unavailable": settings.max_unavailable}
    return {UPGRADE: {**(defaults or {}), **{name: value for name, value in asked.items() if value is not None}}}


def told_upgrade(seen: JsonObject, usual: Mapping[str, str]) -> UpgradeSettings | None:
    """Settings of a pool that is imported, None where they are the cloud's `usual` ones."""
    told = {name: value for name, value in seen[UPGRADE].items() if value is not None}
    if all(usual.get(name) == value for name, value in told.items()):
        return None
    return UpgradeSettings(told.get("max_surge"), told.get("max_unavailable"))


def upgrade_changes(spec: JsonObject, fields: JsonObject) -> list[Change]:
    """The one change of settings that were asked for and are not as they are seen; none otherwise."""
    wanted = spec.get(UPGRADE) or {}
    seen = fields.get(UPGRADE) or {}
    if all(seen.get(name) == value for name, value in wanted.items()):
        return []
    return [Change(UPGRADE, {name: seen.get(name) for name in wanted}, wanted)]


def check_one_type(pool: NodePoolSpec, at: str, cloud: str) -> Iterator[Finding]:
    """For a cloud (its title) whose pools are of one machine type each."""
    if pool.other_types:
        message = (
            f"A node pool of {cloud} has one machine type. Make a pool for each type: the autoscaler takes from "
            "another one when a type is sold out."
        )
        yield error(f"{at}/machine_types", message, "one_machine_type")


def check_gpu(pool: NodePoolSpec, at: str, gpus: Mapping[str, Gpu]) -> Iterator[Finding]:
    """Whether its machines have what is asked for, where the machine type decides. `gpus` are those of the region's."""
    wanted = pool.gpu
    if wanted is None:
        return
    for name in pool.machine_types:
        found = gpus.get(name)
        if found is not None and (found.type.lower(), found.count) == (wanted.type.lower(), wanted.count):
            continue
        has = f"{found.count} x {found.type}" if found else "no GPU"
        fitting = [other for other, gpu in gpus.items() if gpu.type.lower() == wanted.type.lower()]
        same = sorted(other for other in fitting if gpus[other].count == wanted.count) or sorted(fitting)
        kinds = ", ".join(sorted({gpu.type for gpu in gpus.values()})) or "none"
        hint = f"With {wanted.type} there are {', '.join(same[:5])}." if same else f"GPUs of the region: {kinds}."
        message = f"{name} has {has}, not {wanted.count} x {wanted.type}: the machine type decides. {hint}"
        yield error(f"{at}/gpu", message, "gpu")


def nodes_of(share: str, size: int, *, up: bool) -> int:
    """Nodes that a setting means in a pool of `size`; `up`: a broken one counts as whole."""
    if not share.endswith("%"):
        return int(share)
    hundredths = size * int(share[:-1])
    return -(-hundredths // 100) if up else hundredths // 100


def check_shares(pool: NodePoolSpec, at: str) -> Iterator[Finding]:
    """Settings that no cloud takes: more than all of them, or neither a node more nor a node less."""
    if pool.upgrade is None:
        return
    given = {"max_surge": pool.upgrade.max_surge, "max_unavailable": pool.upgrade.max_unavailable}
    for name, share in given.items():
        if share is not None and share.endswith("%") and int(share[:-1]) > 100:
            yield error(f"{at}/upgrade/{name}", f"{share} is more than all nodes of the pool. Give at most 100%.")
    if None not in given.values() and all(share in ("0", "0%") for share in given.values()):
        message = "With no node more and none missing no node could be replaced. Raise one of the two."
        yield error(f"{at}/upgrade/max_surge", message)
