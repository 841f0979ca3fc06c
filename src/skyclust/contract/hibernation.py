"""Putting a cluster's node pools to sleep: the protocol behind hibernation. Optional for a provider.

A provider that offers it declares the capability "hibernation", and its `cluster_blueprint` builds pools from
`ClusterSpec.pools_now`: everything of a pool but its size and bounds (zones above all) is what it is awake.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from skyclust.contract.specs import ClusterSpec


@runtime_checkable
class Hibernating(Protocol):
    """What a `Provider` may offer besides."""

    def sleeping_sizes(self, spec: ClusterSpec) -> Mapping[str, int]:
        """Pure: the least nodes that each pool must keep, by name; pools left out go to zero.

        More than zero where the cloud refuses an empty pool, or needs a node for parts of its own.
        """
        ...
