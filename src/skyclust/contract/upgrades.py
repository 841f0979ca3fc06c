"""What a cloud can tell of an upgrade before it begins: the protocol behind the cloud's part of its checks. Optional.

A provider that does not offer it tells nothing, and nothing is said of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from skyclust.contract.provider import Session
from skyclust.contract.resources import Finding, JsonObject
from skyclust.contract.specs import ClusterSpec


@runtime_checkable
class Upgrading(Protocol):
    """What a `Provider` may offer besides."""

    async def preflight_upgrade(
        self, session: Session, spec: ClusterSpec, path: Sequence[str], pools: Mapping[str, JsonObject]
    ) -> tuple[Finding, ...]:
        """Reads only: versions of `path` that are not offered here now, too few addresses for the nodes it adds.

        `spec` is the cluster as it is; `pools` holds by name what each pool was made from, with references resolved.
        Findings are warnings: a dry run shows them, and nothing is held to them.
        """
        ...
