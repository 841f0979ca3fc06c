"""What all EC2 kinds share: found by tag, marked in the create call, deleted only when the mark is ours.

Each kind is a subclass in a module of its own. Invariant: stateless; one instance serves every stack.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from skyclust.contract.errors import InUse, NameTaken, PermissionDenied
from skyclust.contract.provider import Session
from skyclust.contract.resources import TAG_RESOURCE, Change, JsonObject, Mark, Observed
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.sessions import AwsSession

#: EC2 reads may lag behind writes by minutes ("Eventual consistency in the Amazon EC2 API", EC2 developer guide).
CONSISTENCY_SECONDS = 120.0


def aws(session: Session) -> AwsSession:
    """The session as this provider made it."""
    assert isinstance(session, AwsSession), "a session of another provider"
    return session


def tags_of(item: JsonObject) -> dict[str, str]:
    """EC2's and IAM's tag list as a dict."""
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags") or []}


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    """Inverse of `tags_of`."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def wanted_tags(spec: JsonObject) -> dict[str, str]:
    """Tags the spec asks for, without the mark."""
    named = {"Name": spec["name"]} if spec["name"] else {}  # what was imported may have no name
    return {**named, **spec.get("tags", {})}


def refuse_foreign(mark: Mark, tags: dict[str, str], what: str) -> None:
    """Raise unless `tags` carry our mark: what is not ours is never deleted."""
    if not mark.owns_tags(tags):
        raise NameTaken(f"{what} does not carry the mark of this resource, so it is left alone.")


def changed(
    fields: tuple[str, ...], spec: JsonObject, seen: JsonObject, *, replace: tuple[str, ...] = ()
) -> list[Change]:
    """Fields in which the spec and what is seen differ."""
    return [
        Change(name, seen.get(name), spec[name], replace=name in replace)
        for name in fields
        if name in spec and spec[name] != seen.get(name)
    ]


class Ec2Driver:
    """A taggable EC2 resource. The seconds are medians from public logs of terraform and cluster-api runs."""

    kind: str
    consistency_window_seconds = CONSISTENCY_SECONDS
    creates = True
    create_seconds = 0.0
    update_seconds = 0.0
    delete_seconds = 0.0

    resource_type: ClassVar[str]
    describe: ClassVar[str]
    member: ClassVar[str]
    id_member: ClassVar[str]
    id_filter: ClassVar[str]
    filters: ClassVar[str] = "Filters"

    def expected_seconds(self, action: str, spec: JsonObject) -> float:
        """Median cloud seconds until `action` has settled."""
        del spec
        seconds = {"create": self.create_seconds, "update": self.update_seconds, "delete": self.delete_seconds}
        return seconds[action]

    async def find(self, session: Session, mark: Mark, spec: JsonObject) -> Observed | None:
        """By the ownership tag."""
        marked = await self.described(aws(session), f"tag:{TAG_RESOURCE}", str(mark.resource_id))
        found = [item for item in marked if mark.owns_tags(tags_of(item))]
        return await self._read(aws(session), found[0], spec) if found else None

    async def observe(self, session: Session, external_id: str, spec: JsonObject) -> Observed | None:
        """By id; None also for tombstones."""
        found = await self.described(aws(session), self.id_filter, external_id)
        return await self._read(aws(session), found[0], spec) if found else None

    async def create(self, session: Session, mark: Mark, spec: JsonObject) -> Observed:
        """EC2 mostly has no client tokens, so a repeated create looks for the first one's result."""
        found = await self.find(session, mark, spec)
        if found is not None:
            return found
        tags = [{"ResourceType": self.resource_type, "Tags": tag_list({**wanted_tags(spec), **mark.tags()})}]
        return self.seen(await self._create(aws(session), mark, spec, tags))

    def diff(self, spec: JsonObject, observed: Observed) -> tuple[Change, ...]:
        """Fields of the kind, and tags the spec asks for."""
        tags = observed.fields.get("tags", {})
        missing = {key: value for key, value in wanted_tags(spec).items() if tags.get(key) != value}
        retag = [Change("tags", {key: tags.get(key) for key in missing}, missing)] if missing else []
        return (*self._differences(spec, observed.fields), *retag)

    async def update(
        self, session: Session, external_id: str, spec: JsonObject, changes: tuple[Change, ...], mark: Mark
    ) -> None:
        """Tags first, then what the kind knows."""
        if any(change.field == "tags" for change in changes):
            tags = tag_list({**wanted_tags(spec), **mark.tags()})
            await aws(session).call("ec2", "create_tags", Resources=[external_id], Tags=tags)
        await self._change(aws(session), external_id, spec, {change.field for change in changes})

    async def delete(self, session: Session, external_id: str, spec: JsonObject, mark: Mark) -> None:
        """Refused with the names of what is in the way where EC2 only says that something is."""
        del spec
        found = await self.described(aws(session), self.id_filter, external_id)
        if not found:
            return
        refuse_foreign(mark, tags_of(found[0]), external_id)
        try:
            await self._delete(aws(session), external_id, found[0])
        except NotFound:
            return
        except InUse as error:
            blockers = await blocking(aws(session), await self._surroundings(aws(session), external_id))
            told = f" In the way: {', '.join(blockers)}." if blockers else ""
            raise InUse(
                f"{error.message}{told}", blockers=blockers, operation=error.operation, code=error.code
            ) from None

    async def described(self, session: AwsSession, name: str, *values: str) -> list[JsonObject]:
        """Items of this kind that a filter finds, to the last page; never tombstones. EC2 takes 200 values at most."""
        parameters = {self.filters: [{"Name": name, "Values": list(values)}]}
        items = await session.listed("ec2", self.describe, self.member, **parameters)
        return [item for item in items if not self._is_gone(item)]

    def _is_gone(self, item: JsonObject) -> bool:
        del item
        return False

    async def _read(self, session: AwsSession, item: JsonObject, spec: JsonObject) -> Observed:
        """What is seen of a described item; kinds with more to read override it."""
        del session, spec
        return self.seen(item)

    def listing_shows(self, item: JsonObject, spec: JsonObject | None) -> Observed | None:
        """What `observe` would answer, where the item alone tells it. `spec` is None when no row knows the resource."""
        del spec
        return self.seen(item)

    @abstractmethod
    def seen(self, item: JsonObject) -> Observed:
        """From the item alone."""

    @abstractmethod
    async def _create(
        self, session: AwsSession, mark: Mark, spec: JsonObject, tags: list[dict[str, Any]]
    ) -> JsonObject:
        """The one marked create call; returns the item."""

    def _differences(self, spec: JsonObject, fields: JsonObject) -> list[Change]:
        del spec, fields
        return []

    async def _change(self, session: AwsSession, external_id: str, spec: JsonObject, fields: set[str]) -> None:
        """Bring `fields` to the spec."""

    @abstractmethod
    async def _delete(self, session: AwsSession, external_id: str, item: JsonObject) -> None:
        """Ask for deletion of an item that is ours."""

    async def _surroundings(self, session: AwsSession, external_id: str) -> JsonObject:
        """The filter by which `describe_network_interfaces` shows what uses the resource; {} when nothing can."""
        del session, external_id
        return {}


async def blocking(session: AwsSession, where: JsonObject) -> tuple[str, ...]:
    """Ids of the instances and other network interfaces that use something."""
    if not where:
        return ()
    try:
        found = await session.listed("ec2", "describe_network_interfaces", "NetworkInterfaces", Filters=[where])
    except PermissionDenied:
        return ()
    names = {(item.get("Attachment") or {}).get("InstanceId") or item["NetworkInterfaceId"] for item in found}
    return tuple(sorted(names))
