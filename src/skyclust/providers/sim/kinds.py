"""How each kind of the simulated cloud behaves: times, names, tokens, what can be changed. Data only.

Durations are medians in cloud seconds, in the range of the real clouds (sandbox.md).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CloudKind:
    """Rules of one kind.

    unique         names are unique in the region, or within the used resource of kind `unique_within`
    tokens         creation takes a client token
    window         cloud seconds during which reads may not show a new one; 0 where reads follow writes
    mutable        fields that can be changed in place; every other field needs a replacement
    """

    create_seconds: float
    update_seconds: float = 0.0
    delete_seconds: float = 0.0
    unique: bool = False
    unique_within: str = ""
    tokens: bool = False
    window: float = 120.0
    mutable: tuple[str, ...] = ()


KINDS: dict[str, CloudKind] = {
    # as on EC2: neither token nor unique name, only the tag tells
    "network": CloudKind(create_seconds=12, delete_seconds=2, mutable=("dns",), update_seconds=2),
    "subnet": CloudKind(create_seconds=2, delete_seconds=1),
    "firewall": CloudKind(create_seconds=3, update_seconds=2, delete_seconds=1, mutable=("rules",)),
    "peering": CloudKind(create_seconds=5, delete_seconds=3),
    # as on GCP: a request id
    "gateway": CloudKind(create_seconds=106, delete_seconds=60, tokens=True),
    # as IAM and EKS: unique names
    "role": CloudKind(create_seconds=0, delete_seconds=0, unique=True),
    "cluster": CloudKind(
        create_seconds=617, update_seconds=480, delete_seconds=204, unique=True, tokens=True, mutable=("version",)
    ),
    "node_pool": CloudKind(
        create_seconds=119,
        update_seconds=60,
        delete_seconds=252,
        unique=True,
        unique_within="cluster",
        mutable=("node_count", "labels", "auto_scaling", "upgrade"),
    ),
    "addon": CloudKind(
        create_seconds=30,
        update_seconds=30,
        delete_seconds=20,
        unique=True,
        unique_within="cluster",
        mutable=("version", "configuration", "identity"),
    ),
    # made by others only
    "machine": CloudKind(create_seconds=0),
    "load_balancer": CloudKind(create_seconds=0, delete_seconds=5),
}
