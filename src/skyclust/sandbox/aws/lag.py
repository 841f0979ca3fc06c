"""Eventual consistency on demand: a read does not see what was made a moment ago. Called by the cloud around calls.

Invariant: hides, never changes; what was hidden is back when the read is over.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from skyclust.sandbox.aws.moto_cloud import MotoCloud
from skyclust.sandbox.aws.replies import Reply
from skyclust.sandbox.aws.requests import AwsRequest
from skyclust.sandbox.kernel import Fault, Faults

IDS = re.compile(r"\b(?:vpc|pcx|subnet|igw|eipalloc|nat|rtb|sg|eni|i|vol)-[0-9a-f]{8,17}\b")
NAMES = {"CreateRole": "RoleName", "CreateCluster": "name", "CreateNodegroup": "nodegroupName"}
IDS_KEPT = 5000


@dataclass
class Birth:
    at: datetime
    polls: int = 0


class Lag:
    def __init__(self, faults: Faults, moto: MotoCloud) -> None:
        self.faults = faults
        self.moto = moto
        self.newest = ""
        self._births: dict[str, Birth] = {}

    def clear(self) -> None:
        self._births.clear()

    def note(self, request: AwsRequest, given: dict[str, Any], reply: Reply, at: datetime) -> None:
        """Remember when each id was first seen in a reply."""
        self.newest = ""
        if reply.status >= 400:
            return
        named = given.get(NAMES.get(request.operation, ""), "")
        found = [named] if named else IDS.findall(reply.body.decode("utf-8", "replace"))
        for resource_id in found:
            if resource_id not in self._births:
                self._births[resource_id] = Birth(at)
                self.newest = self.newest or resource_id
        while len(self._births) > IDS_KEPT:
            del self._births[next(iter(self._births))]

    def born_at(self, resource_id: str) -> datetime | None:
        birth = self._births.get(resource_id)
        return birth.at if birth else None

    @contextmanager
    def hiding(self, request: AwsRequest, given: dict[str, Any], now: datetime) -> Iterator[None]:
        self.newest = ""
        fault = self.faults.lag("aws", request.operation, request.access_key)
        hidden = self._hidden(fault, request, given, now) if fault else set()
        if not hidden:
            yield
            return
        saved = [(holder, list(holder.items())) for holder in self._holders(request)]
        addresses = self.moto.ec2(request.region).addresses if request.service == "ec2" else []
        kept_addresses = list(addresses)
        addresses[:] = [item for item in addresses if item.allocation_id not in hidden]
        for holder, rows in saved:
            for key, item in rows:
                if key in hidden or getattr(item, "name", None) in hidden:
                    holder.pop(key)
        try:
            yield
        finally:
            for holder, rows in saved:
                holder.clear()
                holder.update(rows)
            addresses[:] = kept_addresses

    def _hidden(self, fault: Fault, request: AwsRequest, given: dict[str, Any], now: datetime) -> set[str]:
        asked = str(list(given.values())) + request.path
        hidden = set()
        for resource_id, birth in self._births.items():
            young = (now - birth.at).total_seconds() < float(fault.params.get("seconds", 0))
            if birth.polls < int(fault.params.get("polls", 0)) or young:
                hidden.add(resource_id)
                birth.polls += 1 if resource_id in asked or "Filter" in asked or not given.get("Id") else 0
        return hidden

    def _holders(self, request: AwsRequest) -> list[dict[str, Any]]:
        if request.service == "iam":
            return [self.moto.iam().roles]
        if request.service != "ec2":
            return []
        backend = self.moto.ec2(request.region)
        flat = [backend.vpcs, backend.internet_gateways, backend.nat_gateways, backend.route_tables, backend.enis]
        flat.append(backend.vpc_pcxs)
        return [*flat, *backend.subnets.values(), *backend.groups.values()]
