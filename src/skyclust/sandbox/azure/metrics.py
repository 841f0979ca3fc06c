"""Metrics of Azure Monitor for clusters and scale sets: made up but steady.

Source: https://learn.microsoft.com/rest/api/monitor/metrics/list. Invariant: the same resource and minute always give
the same value, so two readers agree; nothing is told of the future.
"""

import hashlib
import re
from datetime import UTC, datetime, timedelta

from skyclust.sandbox.azure import aks_nodes
from skyclust.sandbox.azure.aks_clusters import CLUSTER
from skyclust.sandbox.azure.aks_pools import pools_of
from skyclust.sandbox.azure.cloud import Answer, Call, Cloud, Route
from skyclust.sandbox.azure.errors import Json, bad_request
from skyclust.sandbox.azure.machines import SCALE_SET
from skyclust.sandbox.azure.resources import Kind, existing, templates_of

_INTERVALS = {"PT1M": 1, "PT5M": 5, "PT15M": 15, "PT30M": 30, "PT1H": 60}
_METRICS = {
    CLUSTER.collection: {
        "node_cpu_usage_percentage": "CPU Usage Percentage",
        "node_memory_working_set_percentage": "Memory Working Set Percentage",
        "node_disk_usage_percentage": "Disk Used Percentage",
    },
    SCALE_SET.collection: {"Percentage CPU": "Percentage CPU"},
}
_MOST_POINTS = 1440


def definitions(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    resource = existing(cloud, call, kind)
    rows = [
        {
            "id": f"{resource['id']}/providers/microsoft.insights/metricdefinitions/{name}",
            "resourceId": resource["id"],
            "namespace": kind.type,
            "name": {"value": name, "localizedValue": title},
            "unit": "Percent",
            "isDimensionRequired": False,
            "primaryAggregationType": "Average",
            "supportedAggregationTypes": ["Average", "Minimum", "Maximum"],
            "metricAvailabilities": [{"timeGrain": grain, "retention": "P93D"} for grain in _INTERVALS],
        }
        for name, title in _METRICS[kind.collection].items()
    ]
    return Answer(200, {"value": rows})


def read(cloud: Cloud, call: Call, kind: Kind) -> Answer:
    resource = existing(cloud, call, kind)
    names = [name for name in call.query.get("metricnames", "").split(",") if name] or [
        next(iter(_METRICS[kind.collection]))
    ]
    known = _METRICS[kind.collection]
    for name in names:
        if name not in known:
            raise bad_request(
                "BadRequest",
                f"Failed to find metric configuration for provider: {kind.namespace}, resource Type: {kind.plural}, "
                f"metric: {name}, Valid metrics: {','.join(known)}",
            )
    minutes = _INTERVALS.get(call.query.get("interval", "PT1M"))
    if minutes is None:
        raise bad_request(
            "BadRequest",
            f"Detected invalid time grain input '{call.query['interval']}'. Supported: {', '.join(_INTERVALS)}.",
        )
    moments = _moments(cloud, call, resource, minutes)
    members = _members(cloud, call, resource, kind)
    rows = [
        {
            "id": f"{resource['id']}/providers/Microsoft.Insights/metrics/{name}",
            "type": "Microsoft.Insights/metrics",
            "unit": "Percent",
            "name": {"value": name, "localizedValue": known[name]},
            "displayDescription": known[name],
            "errorCode": "Success",
            "timeseries": [_series(name, member, moments) for member in members],
        }
        for name in names
    ]
    return Answer(
        200,
        {
            "cost": 0,
            "timespan": call.query.get("timespan", ""),
            "interval": call.query.get("interval", "PT1M"),
            "namespace": kind.type,
            "resourceregion": resource["location"],
            "value": rows,
        },
    )


def _moments(cloud: Cloud, call: Call, resource: Json, minutes: int) -> list[datetime]:
    """The beginnings of the intervals that have data."""
    start_text, _, end_text = call.query.get("timespan", "").partition("/")
    now = cloud.now()
    try:
        start = datetime.fromisoformat(start_text) if start_text else now - timedelta(hours=1)
        end = datetime.fromisoformat(end_text) if end_text else now
    except ValueError:
        raise bad_request(
            "BadRequest", f"The timespan '{call.query['timespan']}' is not two ISO 8601 times with a '/' between."
        ) from None
    start, end = (at if at.tzinfo else at.replace(tzinfo=UTC) for at in (start, end))
    born = datetime.fromisoformat(resource["_created"])
    first = max(start, born).astimezone(UTC).replace(second=0, microsecond=0)
    count = int(max((min(end, now) - first).total_seconds(), 0) // (60 * minutes))
    return [first + timedelta(minutes=minutes * number) for number in range(min(count, _MOST_POINTS))]


def _members(cloud: Cloud, call: Call, resource: Json, kind: Kind) -> list[tuple[str, Json]]:
    """(what the values hang on, its dimension): one for the resource, or with a filter on `node` one for each "
    "machine.
    """
    if kind is not CLUSTER or not re.match(r"node\s+eq\s+'\*'", call.query.get("$filter", "")):
        return [(resource["id"].lower(), {})]
    scale_sets = [aks_nodes.scale_set_id(cloud, resource, pool["name"]) for pool in pools_of(cloud, resource["id"])]
    names = [aks_nodes.node_name(row) for one in scale_sets for row in aks_nodes.machines_of(cloud, one)]
    return [(name, {"name": {"value": "node", "localizedValue": "node"}, "value": name}) for name in names]


def _series(metric: str, member: tuple[str, Json], moments: list[datetime]) -> Json:
    subject, dimension = member
    points = [
        {"timeStamp": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "average": _value(metric, subject, at)} for at in moments
    ]
    return {"metadatavalues": [dimension] if dimension else [], "data": points}


def _value(metric: str, subject: str, at: datetime) -> float:
    digest = hashlib.sha256(f"{metric}/{subject}/{int(at.timestamp()) // 300}".encode()).hexdigest()
    return round(15 + int(digest[:4], 16) / 0xFFFF * 40, 3)


def _routes(kind: Kind) -> list[Route]:
    one = templates_of(kind)[0]
    return [
        Route(
            "GET",
            f"{one}/providers/Microsoft.Insights/metrics",
            "Microsoft.Insights/metrics/read",
            lambda cloud, call: read(cloud, call, kind),
        ),
        Route(
            "GET",
            f"{one}/providers/Microsoft.Insights/metricDefinitions",
            "Microsoft.Insights/metricDefinitions/read",
            lambda cloud, call: definitions(cloud, call, kind),
        ),
    ]


ROUTES = [route for kind in (CLUSTER, SCALE_SET) for route in _routes(kind)]
