"""Tables of provisioning: stacks, their resources, the operations that move them, and idempotency keys.

Only `queries`, `postgres`, `operating` and `idempotency` touch them. `rows.ResourceRow` is the value made of a
`ResourceRecord`. Times are the database's own clock.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Identity, Index, String, Table, Text, false, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from skyclust.kit.db import Model
from skyclust.provisioning import sweep_models  # noqa: F401 - its tables belong to this slice's metadata

_ACTIVE = "state IN ('pending', 'running', 'paused', 'cancelling')"


class StackRecord(Model):
    """The managed graph behind one cluster or network. Whoever writes several of its rows locks this one first."""

    __tablename__ = "stacks"
    __table_args__ = (
        Index("ix_stacks_workspace_id", "workspace_id"),
        Index("ix_stacks_credential_id", "credential_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID]
    credential_id: Mapped[UUID]
    provider: Mapped[str] = mapped_column(String(50))
    region: Mapped[str] = mapped_column(String(50))
    name: Mapped[str] = mapped_column(String(100))
    #: "cluster" | "network"
    kind: Mapped[str] = mapped_column(String(50))
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class ResourceRecord(Model):
    """One node of a stack, with what the engine needs to take turns on it.

    wake_at      when it is due; NULL = until a neighbour's change pokes it
    lease_until  NULL = nobody works on it
    fence        raised by every claim and every overwrite: a worker that holds an older one writes nothing
    lease_fence  the fence of the claim that holds the lease: an overtaken claim gives back its own lease only
    pokes        raised by neighbours' changes: one that came during a claim makes the row due again
    """

    __tablename__ = "resources"
    __table_args__ = (
        Index("uq_resources_living_key", "stack_id", "key", unique=True, postgresql_where=text("state <> 'gone'")),
        Index("ix_resources_stack_id", "stack_id"),
        Index("ix_resources_workspace_id", "workspace_id"),
        Index("ix_resources_operation_id", "operation_id"),
        Index("ix_resources_due", "wake_at", postgresql_where=text("lease_until IS NULL AND wake_at IS NOT NULL")),
        Index("ix_resources_drift", "workspace_id", "id", postgresql_where=text("drift IS NOT NULL")),
        Index(
            "ix_resources_external_id",
            "external_id",
            postgresql_where=text("key IN ('cluster', 'network') AND state <> 'gone'"),
        ),
        Index("ix_resources_lease_until", "lease_until", postgresql_where=text("lease_until IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID]
    stack_id: Mapped[UUID] = mapped_column(ForeignKey("stacks.id", ondelete="CASCADE"))
    credential_id: Mapped[UUID]
    key: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(Text)
    spec: Mapped[dict[str, Any]]
    depends_on: Mapped[list[str]] = mapped_column(ARRAY(Text))
    desired: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    adopted: Mapped[bool]
    external_id: Mapped[str | None] = mapped_column(Text)
    outputs: Mapped[dict[str, Any]]
    fields: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    generation: Mapped[int]
    observed_generation: Mapped[int]
    attempts: Mapped[int]
    trouble: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    intent: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    action_started_at: Mapped[datetime | None]
    created_at: Mapped[datetime | None]
    recreate: Mapped[bool]
    operation_id: Mapped[UUID | None]
    drift: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    accepted: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    unmarked: Mapped[bool] = mapped_column(server_default=false())
    released: Mapped[bool] = mapped_column(server_default=false())
    marked_as: Mapped[UUID | None]
    position: Mapped[int] = mapped_column(BigInteger, Identity())
    wake_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[str] = mapped_column(String(200), server_default="")
    lease_fence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    fence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    pokes: Mapped[int] = mapped_column(BigInteger, server_default="0")


class OperationRecord(Model):
    """The user's view of applying a plan. At most one per stack is under way.

    undo   key -> spec before this operation, null where the key did not exist before it
    plan   what was decided, for display; holds no secret
    target_before   the spec its target had before a change, for whoever keeps specs
    stage   which of its stages it is in, from 1; stages: those it has not entered yet (`starting.entered`)
    """

    __tablename__ = "operations"
    __table_args__ = (
        Index("uq_operations_active_stack", "stack_id", unique=True, postgresql_where=text(_ACTIVE)),
        Index("ix_operations_stack_id_created_at", "stack_id", "created_at"),
        Index("ix_operations_workspace_id_created_at", "workspace_id", "created_at"),
        Index("ix_operations_target_id", "target_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID]
    stack_id: Mapped[UUID] = mapped_column(ForeignKey("stacks.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(20))
    message: Mapped[str] = mapped_column(Text, server_default="")
    target_kind: Mapped[str] = mapped_column(String(50))
    target_id: Mapped[UUID]
    target_name: Mapped[str] = mapped_column(String(100))
    provider: Mapped[str] = mapped_column(String(50))
    region: Mapped[str] = mapped_column(String(50))
    plan: Mapped[dict[str, Any]]
    undo: Mapped[dict[str, Any]]
    target_before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    stage: Mapped[int] = mapped_column(server_default="1")
    stages: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    requested_by_id: Mapped[UUID | None]
    requested_by_label: Mapped[str] = mapped_column(String(256))
    rolled_back_by: Mapped[UUID | None]
    rolls_back: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class StepRecord(Model):
    """One resource inside one stage of an operation, as the user sees it. `expected_seconds` are cloud seconds."""

    __tablename__ = "operation_steps"
    __table_args__ = (Index("ix_operation_steps_workspace_id", "workspace_id"),)

    operation_id: Mapped[UUID] = mapped_column(ForeignKey("operations.id", ondelete="CASCADE"), primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(primary_key=True)
    stage: Mapped[int] = mapped_column(primary_key=True, server_default="1", autoincrement=False)
    workspace_id: Mapped[UUID]
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(Text)
    verb: Mapped[str] = mapped_column(String(20))
    depends_on: Mapped[list[str]] = mapped_column(ARRAY(Text))
    expected_seconds: Mapped[float]
    state: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    message: Mapped[str] = mapped_column(Text, server_default="")
    external_id: Mapped[str | None] = mapped_column(Text)


class TimelineRecord(Model):
    """One line of an operation's story, for people."""

    __tablename__ = "operation_timeline"
    __table_args__ = (
        Index("ix_operation_timeline_operation_id_position", "operation_id", "position"),
        Index("ix_operation_timeline_workspace_id", "workspace_id"),
    )

    position: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    operation_id: Mapped[UUID] = mapped_column(ForeignKey("operations.id", ondelete="CASCADE"))
    workspace_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    text: Mapped[str] = mapped_column(Text)


class IdempotencyRecord(Model):
    """A client's key, the request it stood for, and the answer once there is one."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created_at", "created_at"),)

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


STACKS = cast("Table", StackRecord.__table__)
RESOURCES = cast("Table", ResourceRecord.__table__)
OPERATIONS = cast("Table", OperationRecord.__table__)
STEPS = cast("Table", StepRecord.__table__)
TIMELINE = cast("Table", TimelineRecord.__table__)
IDEMPOTENCY_KEYS = cast("Table", IdempotencyRecord.__table__)
