"""What inside a cluster stands in the way of an upgrade, from what its own API answered. Pure.

Nodes are replaced one after the other in an upgrade, and all pods on them are evicted. Invariant: everything is a
warning: clusters change while people read plans, and whether to go on is theirs to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from skyclust.clusters.evicting import budget_text, budgets_of, full_name, holds, stays_because
from skyclust.clusters.inside import controller_of, items, name_of, node_answer, number, part, text
from skyclust.clusters.removed_apis import instead_of
from skyclust.contract.resources import Finding

Document = Mapping[str, Any]
T = TypeVar("T")
#: Named one by one; of more their number is told.
MOST_NAMED = 20
METRIC = "apiserver_requested_deprecated_apis"
_SAMPLE = re.compile(rf"^{METRIC}\{{(?P<labels>[^}}]*)\}} (?P<value>\S+)", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_RELEASE = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class DeprecatedUse:
    """An API version that somebody has used since its server started. `removed` is (major, minor)."""

    group: str
    version: str
    resource: str
    removed: tuple[int, int]

    @property
    def name(self) -> str:
        """As one writes it in a manifest, with the resource."""
        return f"{self.resource} in {self.group}/{self.version}" if self.group else f"{self.resource} in {self.version}"


def deprecated_uses(metrics: str) -> tuple[DeprecatedUse, ...]:
    """From the text of /metrics: what is in use and has a release in which it goes; sorted, each once."""
    found = set()
    for sample in _SAMPLE.finditer(metrics):
        labels = {key: text(value) for key, value in _LABEL.findall(sample["labels"])}
        release = _RELEASE.fullmatch(labels.get("removed_release", ""))
        if release is not None and sample["value"] not in ("0", "0.0"):
            removed = int(release[1]), int(release[2])
            named = (labels.get("group", ""), labels.get("version", ""), labels.get("resource", ""))
            found.add(DeprecatedUse(*named, removed))
    return tuple(sorted(found, key=lambda use: (use.removed, use.name)))


def removed_findings(uses: Sequence[DeprecatedUse], target: str) -> Iterator[Finding]:
    """API versions in use that are gone at `target`."""
    goal = _RELEASE.match(target)
    until = (int(goal[1]), int(goal[2])) if goal else (0, 0)
    gone = [use for use in uses if use.removed <= until]
    return _each(gone, "removed-api", "more API versions that go", _removed_text)


def _removed_text(use: DeprecatedUse) -> str:
    release = f"{use.removed[0]}.{use.removed[1]}"
    instead = instead_of(use.group, use.version, use.resource)
    return f"Something still uses {use.name}, which Kubernetes {release} no longer serves. {instead}"


def budget_findings(budgets: Sequence[Document], pods: Sequence[Document]) -> Iterator[Finding]:
    """Disruption budgets that let no pod go now, with the pods they hold; of pods metadata is enough."""
    held = [(budget, _covered(budget, pods)) for budget in budgets if holds(budget)]
    blocking = [(budget, names) for budget, names in held if names or _expects(budget)]
    more = "more PodDisruptionBudgets that allow no disruption"
    return _each(blocking, "disruption-budget", more, lambda found: _held_text(*found))


def _held_text(budget: Document, names: Sequence[str]) -> str:
    said = budget_text(budget)
    whom = f"It holds {_listed(names)}." if names else "The pods it holds were not found."
    told = f"{said[0].upper()}{said[1:]}, so no pod may go. {whom} Add pods, or lower what it asks for."
    return f"{told} Until then nodes with them cannot be replaced."


def _covered(budget: Document, pods: Sequence[Document]) -> list[str]:
    return [full_name(pod) for pod in pods if budgets_of(pod, [budget])]


def _expects(budget: Document) -> bool:
    """False for one that covers nothing: it holds nobody."""
    return number(part(budget, "status").get("expectedPods")) > 0


def node_findings(nodes: Iterable[Document]) -> Iterator[Finding]:
    """Nodes that are not ready."""
    unready = [node for node in nodes if not node_answer(node).ready]
    return _each(unready, "node-not-ready", "more nodes that are not ready", _unready_text)


def _unready_text(node: Document) -> str:
    return f"The node {name_of(node)} is not ready{_why(node)}. Mend or replace it first: an upgrade waits for it."


def _why(node: Document) -> str:
    ready = next((item for item in items(part(node, "status").get("conditions")) if item.get("type") == "Ready"), {})
    said = text(part(ready).get("message"), 500) or text(part(ready).get("reason"))
    return f" ({said.rstrip('.')})" if said else ""


def pod_findings(pods: Sequence[Document]) -> Iterator[Finding]:
    """Pods that nothing makes anew when their node goes; of pods metadata is enough."""
    lone = [full_name(pod) for pod in pods if not controller_of(pod) and not stays_because(pod)]
    if lone:
        verb = "is" if len(lone) == 1 else "are"
        message = (
            f"Nothing makes {_listed(lone)} anew: what {verb} on a node that is replaced is lost. Run them from a "
            "Deployment, StatefulSet or Job, or delete them first."
        )
        yield _warning(message, "pod-without-controller")


def unchecked(what: Sequence[str], why: str) -> Finding:
    """Checks that could not be made, and why."""
    return _warning(f"Not checked: {', '.join(what)}. {why}", "not-checked")


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:10])
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown


def _each(found: Sequence[T], code: str, more: str, tell: Callable[[T], str]) -> Iterator[Finding]:
    yield from (_warning(tell(one), code) for one in found[:MOST_NAMED])
    if len(found) > MOST_NAMED:
        yield _warning(f"There are {len(found) - MOST_NAMED} {more}.", code)


def _warning(message: str, code: str) -> Finding:
    return Finding("warning", "", message, code)
