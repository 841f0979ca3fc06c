"""Metrics of monitoring.v3: time series of the machines that exist, made up but steady.

Invariant: the same machine and minute always give the same value, so two readers agree.
"""

import re
from datetime import UTC, datetime, timedelta

from skyclust.sandbox.gcp.cloud import Call, Cloud, short_hash
from skyclust.sandbox.gcp.errors import Json, bad_argument
from skyclust.sandbox.gcp.listing import page

_METRIC = re.compile(r'metric\.type\s*=\s*"?([a-z0-9./_]+)"?')
_KNOWN = {
    "compute.googleapis.com/instance/cpu/utilization": "gce_instance",
    "kubernetes.io/node/cpu/allocatable_utilization": "k8s_node",
    "kubernetes.io/node/memory/allocatable_utilization": "k8s_node",
}
_POINTS = 1440


def _moment(call: Call, name: str) -> datetime:
    text = call.query.get(f"interval.{name}", "")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise bad_argument(
            f'Field interval.{name} had an invalid value of "{text}": it must be an RFC 3339 time.'
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def list_series(cloud: Cloud, call: Call) -> Json:
    """One series a machine, newest point first, one point a minute, never in the future."""
    found = _METRIC.search(call.query.get("filter", ""))
    if found is None:
        raise bad_argument('Field filter had an invalid value: it must contain metric.type = "...".')
    end = _moment(call, "endTime")
    start = _moment(call, "startTime") if call.query.get("interval.startTime") else end
    if start > end:
        raise bad_argument("Field interval.startTime must not be after interval.endTime.")
    kind = _KNOWN.get(found[1])
    if kind is None:
        return {"unit": "1"}
    minutes = [end - timedelta(minutes=n) for n in range(min(int((end - start).total_seconds() // 60) + 1, _POINTS))]
    moments = [at for at in minutes if at <= cloud.now()]
    machines = [row for row in cloud.all("instances") if kind == "gce_instance" or "_cluster" in row[1]]
    shown, token = page(machines, call.query, default=100_000, size_name="pageSize")
    series = [_series(cloud, found[1], path, row, moments) for path, row in shown]
    return {"timeSeries": series, "unit": "1"} | ({"nextPageToken": token} if token else {})


def _series(cloud: Cloud, metric: str, path: str, row: Json, moments: list[datetime]) -> Json:
    kind, zone = _KNOWN[metric], path.split("/")[3]
    labels = {"project_id": cloud.project.id, "zone": zone, "instance_id": row["id"]}
    if kind == "k8s_node":
        cluster = row["labels"]["goog-k8s-cluster-name"]
        labels = {"project_id": cloud.project.id, "location": zone, "cluster_name": cluster, "node_name": row["name"]}
    born = datetime.fromisoformat(row["creationTimestamp"])
    points = [_point(metric, row["name"], at) for at in moments if at >= born]
    return {
        "metric": {"type": metric, "labels": {}},
        "resource": {"type": kind, "labels": labels},
        "metricKind": "GAUGE",
        "valueType": "DOUBLE",
        "points": points,
    }


def _point(metric: str, machine: str, at: datetime) -> Json:
    minute = at.astimezone(UTC).replace(second=0, microsecond=0)
    value = 0.15 + int(short_hash(f"{metric}/{machine}/{minute.timestamp() // 300}", 4), 16) / 0xFFFF * 0.4
    text = minute.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"interval": {"startTime": text, "endTime": text}, "value": {"doubleValue": round(value, 6)}}


HANDLERS = {"monitoring.projects.timeSeries.list": list_series}
