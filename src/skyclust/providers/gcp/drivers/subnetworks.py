"""Subnetworks with their secondary ranges. Called by the engine for the kind gcp.compute.subnetwork.

GKE adds secondary ranges of its own when a cluster asks for none: ranges the spec does not name are no difference.
"""

from __future__ import annotations

from skyclust.contract.provider import Session
from skyclust.contract.resources import Change, JsonObject, Mark, Observed
from skyclust.providers.gcp.addressing import parse_block
from skyclust.providers.gcp.drivers.compute import ComputeDriver, changed
from skyclust.providers.gcp.naming import relative_path
from skyclust.providers.gcp.sessions import gcp_session


class SubnetworkDriver(ComputeDriver):
    """Regional subnetworks."""

    kind = "gcp.compute.subnetwork"
    collection = "subnetworks"
    argument = "subnetwork"
    regional = True
    noun = "subnetwork"
    seconds = {"create": 6.0, "update": 6.0, "delete": 10.0}  # noqa: RUF012 - a constant of the class

    def body(self, spec: JsonObject) -> JsonObject:
        """See ComputeDriver."""
        return {
            "network": spec["network"],
            "ipCidrRange": spec["cidr_block"],
            "privateIpGoogleAccess": spec["private_google_access"],
            "secondaryIpRanges": _ranges(spec["secondary_ranges"]),
        }

    def fields(self, document: JsonObject) -> JsonObject:
        """See ComputeDriver."""
        return {
            "cidr_block": document.get("ipCidrRange"),
            "private_google_access": bool(document.get("privateIpGoogleAccess")),
            "secondary_ranges": {row["rangeName"]: row["ipCidrRange"] for row in document.get("secondaryIpRanges", [])},
        }

    def outputs(self, path: str, document: JsonObject) -> JsonObject:
        """See ComputeDriver."""
        return {
            "id": path,
            "name": document["name"],
            "cidr_block": document.get("ipCidrRange", ""),
            "network": relative_path(document.get("network", "")),
            "self_link": document.get("selfLink", ""),
        }

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """A block can only grow in place, and a secondary range can only be added."""
        changes = changed(spec, observed, "private_google_access")
        before = observed.fields.get("cidr_block")
        if before != spec["cidr_block"]:
            grows = _contains(spec["cidr_block"], before)
            changes.append(Change("cidr_block", before, spec["cidr_block"], replace=not grows))
        seen = observed.fields.get("secondary_ranges", {})
        wanted = spec["secondary_ranges"]
        if any(seen.get(name) != block for name, block in wanted.items()):
            other = any(name in seen and seen[name] != block for name, block in wanted.items())
            changes.append(Change("secondary_ranges", seen, wanted, replace=other))
        return tuple(changes)

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """One call for one field; the engine comes back for the next."""
        del mark
        gcp = gcp_session(session)
        names = {change.field for change in changes}
        where = self._named(self.path(gcp, external_id, spec))
        if "cidr_block" in names:
            block = {"ipCidrRange": spec["cidr_block"]}
            await gcp.write(lambda apis: apis.compute.subnetworks().expandIpCidrRange(**where, body=block))
        elif "secondary_ranges" in names:
            document = await self.document(session, external_id, spec)
            present = document.get("secondaryIpRanges", [])
            known = {row["rangeName"] for row in present}
            added = [row for row in _ranges(spec["secondary_ranges"]) if row["rangeName"] not in known]
            body = {"secondaryIpRanges": [*present, *added], "fingerprint": document["fingerprint"]}
            await self.patch(session, external_id, spec, body)
        elif "private_google_access" in names:
            access = {"privateIpGoogleAccess": spec["private_google_access"]}
            await gcp.write(lambda apis: apis.compute.subnetworks().setPrivateIpGoogleAccess(**where, body=access))


def _ranges(ranges: dict[str, str]) -> list[JsonObject]:
    return [{"rangeName": name, "ipCidrRange": block} for name, block in sorted(ranges.items())]


def _contains(outer: str, inner: str | None) -> bool:
    larger, smaller = parse_block(outer), parse_block(inner or "")
    return larger is not None and smaller is not None and larger.supernet_of(smaller)
