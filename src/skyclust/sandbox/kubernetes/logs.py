"""Logs of pods. No container runs here, so each says only what its kubelet did with it. Called by the front."""

from collections.abc import Mapping
from typing import Any

from skyclust.sandbox.kubernetes.cluster import Cluster
from skyclust.sandbox.kubernetes.reading import get
from skyclust.sandbox.kubernetes.requests import Target
from skyclust.sandbox.kubernetes.statuses import bad_request

Document = dict[str, Any]


def read_log(cluster: Cluster, target: Target, query: Mapping[str, str]) -> str:
    """The text of a container's log; raises the 400 of the real server for a container that has none."""
    pod = get(cluster, Target(target.resource, target.namespace, target.name))
    container = _container(pod, query.get("container", ""))
    if query.get("previous") in {"1", "true"}:
        raise bad_request(f'previous terminated container "{container}" in pod "{target.name}" not found')
    stamped = query.get("timestamps") in {"1", "true"}
    lines = [f"{at} {line}\n" if stamped else f"{line}\n" for at, line in _lines(pod, container)]
    tail, limit = query.get("tailLines", ""), query.get("limitBytes", "")
    if tail.isdigit():
        lines = lines[len(lines) - min(int(tail), len(lines)) :]
    text = "".join(lines)
    return text.encode()[: int(limit)].decode(errors="ignore") if limit.isdigit() else text


def _container(pod: Document, wanted: str) -> str:
    name, known = pod["metadata"]["name"], [str(item["name"]) for item in pod["spec"]["containers"]]
    if wanted and wanted not in known:
        raise bad_request(f"container {wanted} is not valid for pod {name}")
    if not wanted and len(known) > 1:
        raise bad_request(f"a container name must be specified for pod {name}, choose one of: [{' '.join(known)}]")
    container = wanted or known[0]
    if not pod.get("status", {}).get("containerStatuses"):
        raise bad_request(f'container "{container}" in pod "{name}" is waiting to start: ContainerCreating')
    return container


def _lines(pod: Document, container: str) -> list[tuple[str, str]]:
    """(time, line) in their order."""
    spec = next(item for item in pod["spec"]["containers"] if item["name"] == container)
    state = next(item for item in pod["status"]["containerStatuses"] if item["name"] == container)["state"]
    started = pod["status"]["startTime"]
    lines = [
        (started, f"simulated container {container}: image {spec.get('image', '')}"),
        (started, f"simulated container {container}: started on {pod['spec']['nodeName']}"),
    ]
    ended = state.get("terminated")
    if ended:
        lines.append((ended["finishedAt"], f"simulated container {container}: ended with code {ended['exitCode']}"))
    return lines
