"""See what a region holds of ours with few calls: `Surveying` of the contract. Called by the provider.

EC2 is listed by tag, once per kind; EKS has no such filter, so its clusters are described, and what is in those that
are ours or known. Invariant: reads only, and `Sighting.observed` is what the driver's `observe` answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from skyclust.contract.errors import AuthenticationFailed, ProviderError, Throttled
from skyclust.contract.resources import TAG_RESOURCE, JsonObject, Observed, Phase
from skyclust.contract.surveys import Known, Ownership, Sighting, Survey
from skyclust.providers.aws.drivers import DRIVERS
from skyclust.providers.aws.drivers.ec2 import Ec2Driver, tags_of
from skyclust.providers.aws.drivers.eks import EksDriver, pair
from skyclust.providers.aws.drivers.node_groups import NodeGroupDriver
from skyclust.providers.aws.drivers.roles import RoleDriver
from skyclust.providers.aws.holdings import AT_ONCE, CHILDREN, CLUSTER, all_clusters, eks_driver, held_by
from skyclust.providers.aws.marks import owner_of, owner_told_by
from skyclust.providers.aws.sessions import AwsSession

ROLE = "aws.iam.role"
#: "A maximum of 200 values" per filter, DescribeInstances and its kin, EC2 API reference.
VALUES_PER_FILTER = 200
ROLES_PER_PAGE = 1000

Inventory = Mapping[str, Sequence[Known]]


@dataclass
class _Reading:
    """One survey under way. `raised` is the first error that concerns the whole session."""

    session: AwsSession
    known: Inventory
    sightings: list[Sighting] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)
    raised: ProviderError | None = None
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def specs(self, kind: str) -> dict[str, JsonObject]:
        """Specs of the known ones by external id."""
        return {item.external_id: item.spec for item in self.known.get(kind, ())}

    async def told(self, kinds: Sequence[str], work: Callable[[], Awaitable[list[Sighting]]]) -> None:
        """Do `work`; a refusal leaves `kinds` unread, unless it is about the credential or its pace."""
        try:
            self.sightings += await work()
        except (AuthenticationFailed, Throttled) as error:
            self.raised = self.raised or error
        except ProviderError as error:
            self.unread.update(dict.fromkeys(kinds, error.message))


async def survey(session: AwsSession, known: Inventory) -> Survey:
    """Everything of ours and everything known, but what is being deleted."""
    reading = _Reading(session, known)
    drivers = [driver for driver in DRIVERS.values() if isinstance(driver, Ec2Driver)]
    await asyncio.gather(
        *(_told_ec2(reading, driver) for driver in drivers),
        reading.told((CLUSTER, *CHILDREN), lambda: _clusters(reading)),
        reading.told((ROLE,), lambda: _roles(reading)),
    )
    if reading.raised is not None:
        raise reading.raised
    seen = [sighting for sighting in reading.sightings if sighting.kind not in reading.unread]
    return Survey(tuple(sorted(seen, key=lambda item: (item.kind, item.external_id))), reading.unread)


async def _told_ec2(reading: _Reading, driver: Ec2Driver) -> None:
    await reading.told((driver.kind,), lambda: _ec2(reading, driver))


async def _ec2(reading: _Reading, driver: Ec2Driver) -> list[Sighting]:
    """One list of what is marked, one more of known ids that are not in it."""
    specs = reading.specs(driver.kind)
    items = {item[driver.id_member]: item for item in await driver.described(reading.session, "tag-key", TAG_RESOURCE)}
    missed = sorted(specs.keys() - items.keys())
    for at in range(0, len(missed), VALUES_PER_FILTER):
        batch = missed[at : at + VALUES_PER_FILTER]
        found = await driver.described(reading.session, driver.id_filter, *batch)
        items |= {item[driver.id_member]: item for item in found}
    return [
        _sighting(driver.kind, name, tags_of(item), driver.listing_shows(item, specs.get(name)), item)
        for name, item in items.items()
        if (name in specs or owner_of(tags_of(item))) and driver.seen(item).phase is not Phase.DELETING
    ]


def _sighting(
    kind: str, external_id: str, tags: dict[str, str], observed: Observed | None, item: JsonObject
) -> Sighting:
    name = tags.get("Name") or item.get("GroupName") or ""
    return Sighting(kind, external_id, name, owner_of(tags), observed, item.get("CreateTime"))


async def _clusters(reading: _Reading) -> list[Sighting]:
    """All clusters, since only their descriptions show tags; then what the relevant ones hold."""
    driver = eks_driver(CLUSTER)
    found = await all_clusters(reading.session, reading.gate)
    children = {pair(item)[0] for kind in CHILDREN for item in reading.specs(kind)}
    own = reading.specs(CLUSTER)
    ours = [item for item in found if item["name"] in own or owner_of(item.get("tags") or {})]
    holding = [item for item in found if item in ours or item["name"] in children]
    await asyncio.gather(*(_told_child(reading, kind, item) for kind in CHILDREN for item in holding))
    seen = await asyncio.gather(*(driver.read(reading.session, item, own.get(item["name"]) or {}) for item in ours))
    return [
        _eks_sighting(CLUSTER, item["name"], item["name"], item, observed)
        for item, observed in zip(ours, seen, strict=True)
    ]


async def _told_child(reading: _Reading, kind: str, cluster: JsonObject) -> None:
    await reading.told((kind,), lambda: _children(reading, kind, cluster))


async def _children(reading: _Reading, kind: str, cluster: JsonObject) -> list[Sighting]:
    """What a cluster holds of one kind. EKS lists names only, so each is described."""
    items = await held_by(reading.session, kind, cluster["name"], reading.gate)
    found = await asyncio.gather(*(_child(reading, eks_driver(kind), cluster, item) for item in items))
    return [sighting for sighting in found if sighting is not None]


async def _child(reading: _Reading, driver: EksDriver, cluster: JsonObject, item: JsonObject) -> Sighting | None:
    external_id = driver.seen(item).external_id
    spec = reading.specs(driver.kind).get(external_id)
    if spec is None and owner_of(item.get("tags") or {}) is None:
        return None
    async with reading.gate:
        observed = await _child_seen(reading.session, driver, cluster, item, spec)
    return _eks_sighting(driver.kind, external_id, pair(external_id)[1], item, observed)


async def _child_seen(
    session: AwsSession, driver: EksDriver, cluster: JsonObject, item: JsonObject, spec: JsonObject | None
) -> Observed | None:
    if not isinstance(driver, NodeGroupDriver):
        return await driver.read(session, item, spec or {})
    if spec is None and item.get("version") != cluster.get("version"):
        return None  # what is seen depends on the version that its spec asks for
    return driver.beside(cluster, item, spec or {})


def _eks_sighting(kind: str, external_id: str, name: str, item: JsonObject, observed: Observed | None) -> Sighting:
    return Sighting(kind, external_id, name, owner_of(item.get("tags") or {}), observed, item.get("createdAt"))


async def _roles(reading: _Reading) -> list[Sighting]:
    """Known ones are read one by one; the others are told by the line that `Mark.description` wrote."""
    driver, specs = DRIVERS[ROLE], reading.specs(ROLE)
    assert isinstance(driver, RoleDriver)
    listed = await reading.session.listed("iam", "list_roles", "Roles", MaxItems=ROLES_PER_PAGE)
    told = [(role, owner_told_by(role.get("Description"))) for role in listed if role["RoleName"] not in specs]
    orphans = [_role_sighting(role, owner, None) for role, owner in told if owner is not None]
    read = await asyncio.gather(*(_role(reading, driver, name) for name in specs))
    return [*orphans, *(sighting for sighting in read if sighting is not None)]


async def _role(reading: _Reading, driver: RoleDriver, name: str) -> Sighting | None:
    async with reading.gate:
        role = await driver.get(reading.session, name)
        if role is None:
            return None
        return _role_sighting(role, owner_of(tags_of(role)), await driver.read(reading.session, role))


def _role_sighting(role: JsonObject, owner: Ownership | None, observed: Observed | None) -> Sighting:
    created_at: datetime | None = role.get("CreateDate")
    return Sighting(ROLE, role["RoleName"], role["RoleName"], owner, observed, created_at)
