"""How far the nodes of a pool are on their way to another version, and which budget holds a pod on them. Pure.

Called by `service.watching` with what the cluster's own API answered, while the cloud replaces the nodes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from skyclust.clusters.evicting import full_name, held_now, is_going, stays_because
from skyclust.clusters.inside import node_answer
from skyclust.clusters.inside_schemas import NodeAnswer

Document = Mapping[str, Any]
_MINOR = re.compile(r"v?([0-9]+\.[0-9]+)")
#: Named one by one.
MOST_NAMED = 3


def nodes_of_pool(nodes: Sequence[Document], names: Collection[str]) -> list[NodeAnswer]:
    """The nodes that the cloud's label says to be of the pool, by name."""
    return sorted((node for node in map(node_answer, nodes) if node.node_pool in names), key=lambda node: node.name)


def leaving(nodes: Sequence[NodeAnswer], version: str) -> list[str]:
    """Nodes of the old version that take no new pods: they are being drained, or gone soon."""
    return [node.name for node in nodes if not node.schedulable and not runs(node, version)]


def runs(node: NodeAnswer, version: str) -> bool:
    """True when the node's kubelet is of the version's minor."""
    has, wanted = _MINOR.match(node.version), _MINOR.match(version)
    return has is not None and wanted is not None and has[1] == wanted[1]


def progress_text(
    nodes: Sequence[NodeAnswer], version: str, pods: Mapping[str, Sequence[Document]], budgets: Sequence[Document]
) -> str:
    """How many are there, which are drained, and what holds whom; "" of a pool without nodes. `pods` are by node."""
    wanted = _MINOR.match(version)
    if not nodes or wanted is None:
        return ""
    done = sum(runs(node, version) for node in nodes)
    said = [f"{done} of {len(nodes)} nodes on v{wanted[1]}"]
    going = leaving(nodes, version)
    if going:
        said.append(f"draining {_listed(going)}")
    held = [text for node in going for text in _held(node, pods.get(node, ()), budgets)]
    return "; ".join([*said, *held[:MOST_NAMED]])


def _held(node: str, pods: Sequence[Document], budgets: Sequence[Document]) -> list[str]:
    staying = [(pod, held_now(pod, budgets)[1]) for pod in pods if not stays_because(pod) and not is_going(pod)]
    return [f"the pod {full_name(pod)} on {node} is held: {why.rstrip('.')}" for pod, why in staying if why]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
