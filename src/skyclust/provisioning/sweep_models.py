"""Tables of sweeps: when each (credential, region) was last looked over, and what was found that nobody owns.

Only `sweeping_postgres` and `orphan_records` touch them. Times are the database's own clock.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import BigInteger, Float, Index, String, Table, Text, false, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from skyclust.kit.db import Model


class SweepRecord(Model):
    """One (credential, region) and how its last sweep went.

    number      counts sweeps that saw the whole: an orphan is believed when two in a row saw it
    fence       raised by every claim: a sweep that was overtaken records nothing
    reason      why the last one failed ("" = it did not), `message` in words; `failed_since` is the first of a row
    unread      kinds that could not be listed, and why
    surveyed    whether the cloud was listed, so that orphans can be known, or only known resources were looked at
    """

    __tablename__ = "sweeps"
    __table_args__ = (Index("ix_sweeps_workspace_id", "workspace_id"), Index("ix_sweeps_due_at", "due_at"))

    credential_id: Mapped[UUID] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(String(50), primary_key=True)
    workspace_id: Mapped[UUID]
    provider: Mapped[str] = mapped_column(String(50))
    due_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[str] = mapped_column(String(200), server_default="")
    fence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    number: Mapped[int] = mapped_column(BigInteger, server_default="0")
    started_at: Mapped[datetime | None]
    swept_at: Mapped[datetime | None]
    failed_since: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(100), server_default="")
    message: Mapped[str] = mapped_column(Text, server_default="")
    unread: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    surveyed: Mapped[bool] = mapped_column(server_default=false())


class OrphanRecord(Model):
    """Something with a mark of ours that no row owns. A candidate until `confirmed_at`; then people see it.

    resource_id  the id in the mark, which deletion is made with
    provable     the mark names a stack of this installation; without that it is shown and never touched
    spec         resolved, as drivers take it: that of the row it was made for, else what was observed
    key          of that row, to tell what must go first; "" when unknown
    row_id       the resource row whose deletion sweeps it, once somebody asked for that
    """

    __tablename__ = "orphans"
    __table_args__ = (
        Index("uq_orphans_external_id", "credential_id", "region", "kind", "external_id", unique=True),
        Index("ix_orphans_workspace_id_id", "workspace_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID]
    credential_id: Mapped[UUID]
    provider: Mapped[str] = mapped_column(String(50))
    region: Mapped[str] = mapped_column(String(50))
    kind: Mapped[str] = mapped_column(String(100))
    external_id: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    stack_id: Mapped[UUID | None]
    stack_name: Mapped[str] = mapped_column(String(100), server_default="")
    resource_id: Mapped[UUID]
    key: Mapped[str] = mapped_column(String(200), server_default="")
    depends_on: Mapped[list[Any]] = mapped_column(server_default="[]")
    proof: Mapped[str] = mapped_column(Text)
    provable: Mapped[bool]
    spec: Mapped[dict[str, Any]]
    fields: Mapped[dict[str, Any]]
    usd_per_day: Mapped[float | None] = mapped_column(Float)
    price: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    made_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    last_number: Mapped[int] = mapped_column(BigInteger)
    confirmed_at: Mapped[datetime | None]
    ignored_at: Mapped[datetime | None]
    ignored_by: Mapped[str] = mapped_column(String(256), server_default="")
    row_id: Mapped[UUID | None]
    operation_id: Mapped[UUID | None]


SWEEPS = cast("Table", SweepRecord.__table__)
ORPHANS = cast("Table", OrphanRecord.__table__)
