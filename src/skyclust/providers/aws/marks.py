"""Our mark on what exists: read back from tags, put on, taken off. Called by surveys and imports.

Invariant: a mark that another resource put there is never replaced and never removed.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple
from uuid import UUID

from skyclust.contract.errors import InvalidSpec, NameTaken, NotSupported
from skyclust.contract.resources import TAG_RESOURCE, TAG_STACK, Mark
from skyclust.contract.surveys import Ownership
from skyclust.providers.aws.drivers import DRIVERS
from skyclust.providers.aws.drivers.ec2 import Ec2Driver, tag_list, tags_of
from skyclust.providers.aws.drivers.eks import EksDriver
from skyclust.providers.aws.drivers.roles import RoleDriver
from skyclust.providers.aws.errors import NotFound
from skyclust.providers.aws.sessions import AwsSession

_DESCRIBED = re.compile(r"skyclust:resource=(\S+)(?: skyclust:stack=(\S+))?")


def owner_of(tags: Mapping[str, str]) -> Ownership | None:
    """Whose mark the tags are; None without one, and when it is not of our making."""
    resource = _uuid(tags.get(TAG_RESOURCE))
    if resource is None:
        return None
    return Ownership(resource, _uuid(tags.get(TAG_STACK)), f"tag {TAG_RESOURCE}={resource}")


def owner_told_by(description: str | None) -> Ownership | None:
    """Likewise from the line that `Mark.description` writes: lists of roles show it, but no tags."""
    found = _DESCRIBED.search(description or "")
    resource = _uuid(found.group(1)) if found else None
    if found is None or resource is None:
        return None
    return Ownership(resource, _uuid(found.group(2)), f"description {TAG_RESOURCE}={resource}")


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


class _Tagged(NamedTuple):
    """Tags as they are now, and how to add some or remove those (with their values)."""

    tags: dict[str, str]
    add: Callable[[dict[str, str]], Awaitable[object]]
    remove: Callable[[dict[str, str]], Awaitable[object]]


async def put_mark(session: AwsSession, kind: str, external_id: str, mark: Mark) -> None:
    """Idempotent. NameTaken when another mark is there; InvalidSpec when the resource is gone."""
    found = await _tagged(session, kind, external_id)
    if found is None:
        raise InvalidSpec(f"{external_id} does not exist any more, so it cannot be taken over. Look again.")
    if found.tags.get(TAG_RESOURCE) not in (None, str(mark.resource_id)):
        message = (
            f"{external_id} carries the mark of another resource ({TAG_RESOURCE}={found.tags[TAG_RESOURCE]}), so it is "
            "left alone. Release it where it is managed, or remove its tags that begin with 'skyclust:'."
        )
        raise NameTaken(message)
    wanted = mark.tags()
    if any(found.tags.get(key) != value for key, value in wanted.items()):
        await found.add(wanted)


async def take_mark_off(session: AwsSession, kind: str, external_id: str, mark: Mark) -> None:
    """Idempotent; silent when the resource is gone or carries another's mark."""
    found = await _tagged(session, kind, external_id)
    if found is None or not mark.owns_tags(found.tags):
        return
    ours = {key: value for key, value in found.tags.items() if key in mark.tags()}
    try:
        await found.remove(ours)
    except NotFound:
        return


async def _tagged(session: AwsSession, kind: str, external_id: str) -> _Tagged | None:
    driver = DRIVERS.get(kind)
    if isinstance(driver, Ec2Driver):
        return await _ec2(session, driver, external_id)
    if isinstance(driver, EksDriver):
        return await _eks(session, driver, external_id)
    if isinstance(driver, RoleDriver):
        return await _role(session, driver, external_id)
    raise NotSupported(f"{kind} has no room for a mark.")


async def _ec2(session: AwsSession, driver: Ec2Driver, external_id: str) -> _Tagged | None:
    found = await driver.described(session, driver.id_filter, external_id)
    if not found:
        return None
    return _Tagged(
        tags_of(found[0]),
        lambda tags: session.call("ec2", "create_tags", Resources=[external_id], Tags=tag_list(tags)),
        lambda tags: session.call("ec2", "delete_tags", Resources=[external_id], Tags=tag_list(tags)),
    )


async def _eks(session: AwsSession, driver: EksDriver, external_id: str) -> _Tagged | None:
    item = await driver.get(session, external_id)
    if item is None:
        return None
    arn = item[driver.arn_member]
    return _Tagged(
        dict(item.get("tags") or {}),
        lambda tags: session.call("eks", "tag_resource", resourceArn=arn, tags=tags),
        lambda tags: session.call("eks", "untag_resource", resourceArn=arn, tagKeys=sorted(tags)),
    )


async def _role(session: AwsSession, driver: RoleDriver, external_id: str) -> _Tagged | None:
    role = await driver.get(session, external_id)
    if role is None:
        return None
    return _Tagged(
        tags_of(role),
        lambda tags: session.call("iam", "tag_role", RoleName=external_id, Tags=tag_list(tags)),
        lambda tags: session.call("iam", "untag_role", RoleName=external_id, TagKeys=sorted(tags)),
    )
