"""Which stacks still hold something: the condition by which slices leave out what is gone. Used by their queries.

Invariant: a stack whose last resource is gone is gone itself; nobody has to write that down.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, exists, not_, select
from sqlalchemy.orm import InstrumentedAttribute

from skyclust.provisioning.models import OperationRecord, ResourceRecord, StackRecord
from skyclust.provisioning.rows import ACTIVE_OPERATIONS, Desired, State

#: Kinds of steps inside a cluster begin so. They are nothing of the cloud: they cost nothing, no sweep looks at them.
INSIDE_CLUSTERS = "kubernetes."
#: The kind of the stacks that hold the steps of one drain, and nothing else.
DRAIN = "drain"


def lasting() -> ColumnElement[bool]:
    """True for stacks of what is in the cloud; a drain's, done or given up, keeps nobody from anything."""
    return StackRecord.kind != DRAIN


def holds_something(stack_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """True for stacks with at least one resource that exists, or is to be made."""
    return exists().where(ResourceRecord.stack_id == stack_id, ResourceRecord.state != State.GONE.value)


def under_way(stack_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """True for stacks that an operation is moving."""
    active = [state.value for state in ACTIVE_OPERATIONS]
    return exists().where(OperationRecord.stack_id == stack_id, OperationRecord.state.in_(active))


def unsettled(stack_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """True for stacks with something that is not, or not quite, as it should be."""
    as_wanted = and_(
        ResourceRecord.state == State.READY.value,
        ResourceRecord.desired == Desired.PRESENT.value,
        ResourceRecord.reason == "",
    )
    return exists().where(
        ResourceRecord.stack_id == stack_id, ResourceRecord.state != State.GONE.value, not_(as_wanted)
    )


def stacks_with_part(prefix: str, wanted: str) -> Select[UUID]:
    """Ids of stacks with a resource below a key prefix that `wanted` names: by its own id or the cloud's."""
    named = (ResourceRecord.external_id == wanted) | (ResourceRecord.outputs["id"].astext == wanted)
    return select(ResourceRecord.stack_id).where(
        ResourceRecord.key.startswith(prefix, autoescape=True),
        ResourceRecord.state != State.GONE.value,
        named | (ResourceRecord.id.cast(Text) == wanted),
    )


def stacks_holding(key: str, cloud_id: str) -> Select[UUID]:
    """Ids of stacks whose resource of this key is `cloud_id` in the cloud, by its external id or its output "id"."""
    return select(ResourceRecord.stack_id).where(
        ResourceRecord.key == key,
        ResourceRecord.state != State.GONE.value,
        (ResourceRecord.external_id == cloud_id) | (ResourceRecord.outputs["id"].astext == cloud_id),
    )
