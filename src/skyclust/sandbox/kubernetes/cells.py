"""The texts in the columns of kubectl's tables: ages, statuses, ports. Pure.

Used by `tables.py`. The wording is that of Kubernetes' own printers (pkg/printers/internalversion).
"""

from datetime import datetime
from typing import Any

from skyclust.sandbox.kubernetes.cluster import parse_time
from skyclust.sandbox.kubernetes.selectors import labels_query

Document = dict[str, Any]

NONE = "<none>"


def human_duration(seconds: float) -> str:
    """As apimachinery's duration.HumanDuration writes it."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 0:
        return "0s"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if whole < 120:
        return f"{whole}s"
    if minutes < 10:
        return _two(minutes, "m", whole % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return _two(days, "d", hours % 24, "h")
    if days < 730:
        return f"{days}d"
    if days < 2920:
        return _two(days // 365, "y", days % 365, "d")
    return f"{days // 365}y"


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large}{large_unit}{small}{small_unit}" if small else f"{large}{large_unit}"


def since(text: str | None, now: datetime) -> str:
    return human_duration((now - parse_time(text)).total_seconds()) if text else "<unknown>"


def age(document: Document, now: datetime) -> str:
    return since(document["metadata"].get("creationTimestamp"), now)


def spec(document: Document) -> Document:
    return document.get("spec") or {}


def status(document: Document) -> Document:
    return document.get("status") or {}


def selector_text(selector: Document | None) -> str:
    return labels_query(selector or {}) or NONE


def template_containers(document: Document, field: str) -> str:
    pod = spec(document).get("template", {}).get("spec", {})
    return ",".join(container[field] for container in pod.get("containers", ()))


def condition(document: Document, kind: str) -> Document:
    found = (entry for entry in status(document).get("conditions") or () if entry["type"] == kind)
    return next(found, {})


def node_status(node: Document) -> str:
    ready = condition(node, "Ready").get("status")
    words = [{"True": "Ready", None: "Unknown"}.get(ready, "NotReady")]
    if spec(node).get("unschedulable"):
        words.append("SchedulingDisabled")
    return ",".join(words)


def node_roles(node: Document) -> str:
    prefix = "node-role.kubernetes.io/"
    labels = node["metadata"].get("labels") or {}
    return ",".join(sorted(key.removeprefix(prefix) for key in labels if key.startswith(prefix))) or NONE


def node_address(node: Document, kind: str) -> str:
    found = [entry["address"] for entry in status(node).get("addresses") or () if entry["type"] == kind]
    return found[0] if found else NONE


def node_info(node: Document, field: str) -> str:
    return str(status(node).get("nodeInfo", {}).get(field) or "<unknown>")


def pod_status(pod: Document) -> str:
    if pod["metadata"].get("deletionTimestamp"):
        return "Terminating"
    words = status(pod).get("reason") or status(pod).get("phase") or "Unknown"
    for container in status(pod).get("containerStatuses") or ():
        state = container.get("state") or {}
        for kind in ("waiting", "terminated"):
            words = (state.get(kind) or {}).get("reason") or words
    return str(words)


def pod_ready(pod: Document) -> str:
    ready = sum(1 for entry in status(pod).get("containerStatuses") or () if entry.get("ready"))
    return f"{ready}/{len(spec(pod).get('containers') or ())}"


def pod_restarts(pod: Document) -> str:
    return str(sum(entry.get("restartCount", 0) for entry in status(pod).get("containerStatuses") or ()))


def service_ports(service: Document) -> str:
    def one(port: Document) -> str:
        outside = f":{port['nodePort']}" if port.get("nodePort") else ""
        return f"{port['port']}{outside}/{port.get('protocol', 'TCP')}"

    return ",".join(one(port) for port in spec(service).get("ports") or ()) or NONE


def service_external(service: Document) -> str:
    kind = spec(service).get("type")
    if kind == "ExternalName":
        return str(spec(service).get("externalName", NONE))
    listed = list(spec(service).get("externalIPs") or ())
    if kind == "LoadBalancer":
        entries = status(service).get("loadBalancer", {}).get("ingress") or ()
        listed += [entry.get("ip") or entry.get("hostname", "") for entry in entries]
        return ",".join(listed) or "<pending>"
    return ",".join(listed) or NONE


def job_status(job: Document) -> str:
    if condition(job, "Complete").get("status") == "True":
        return "Complete"
    if condition(job, "Failed").get("status") == "True":
        return "Failed"
    if job["metadata"].get("deletionTimestamp"):
        return "Terminating"
    return "Suspended" if condition(job, "Suspended").get("status") == "True" else "Running"


def job_duration(job: Document, now: datetime) -> str:
    started, ended = status(job).get("startTime"), status(job).get("completionTime")
    if not started:
        return ""
    end = parse_time(ended) if ended else now
    return human_duration((end - parse_time(started)).total_seconds())


def subjects(binding: Document, kind: str) -> str:
    names = [
        f"{entry.get('namespace', '')}/{entry['name']}" if kind == "ServiceAccount" else entry["name"]
        for entry in binding.get("subjects") or ()
        if entry["kind"] == kind
    ]
    return ", ".join(names)


def addresses(endpoints: Document) -> str:
    found = [
        f"{address['ip']}:{port['port']}"
        for subset in endpoints.get("subsets") or ()
        for address in subset.get("addresses") or ()
        for port in subset.get("ports") or ({"port": ""},)
    ]
    more = f" + {len(found) - 3} more..." if len(found) > 3 else ""
    return ",".join(found[:3]) + more or NONE


def access_modes(document: Document) -> str:
    short = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
    return ",".join(short.get(mode, mode) for mode in spec(document).get("accessModes") or ())


def event_object(event: Document) -> str:
    involved = event.get("involvedObject") or {}
    return f"{involved.get('kind', '').lower()}/{involved.get('name', '')}"


def autoscaler_targets(autoscaler: Document) -> str:
    """`cpu: 45%/80%` for each metric."""
    current = {
        entry["resource"]["name"]: entry["resource"]["current"]
        for entry in status(autoscaler).get("currentMetrics") or ()
        if entry.get("type") == "Resource"
    }
    texts = []
    for metric in spec(autoscaler).get("metrics") or ():
        source = metric.get("resource") or {}
        target, seen = source.get("target") or {}, current.get(source.get("name", ""), {})
        if target.get("type") == "Utilization":
            held = f"{seen['averageUtilization']}%" if "averageUtilization" in seen else "<unknown>"
            texts.append(f"{source['name']}: {held}/{target['averageUtilization']}%")
        elif source:
            texts.append(f"{source['name']}: {seen.get('averageValue', '<unknown>')}/{target.get('averageValue')}")
    return ", ".join(texts) or "<unknown>"
