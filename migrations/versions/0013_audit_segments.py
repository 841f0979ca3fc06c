"""The audit log in monthly segments that its owner can drop, with anchors, and what of its heads was exported."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
APP = "skyclust_app"
COLUMNS = (
    "chain, seq, id, workspace_id, at, actor_id, actor_label, address, request_id, action, target, outcome, data, "
    "key_id, prev_hash, hash"
)

#: Segments stand in a schema of their own, in which the application has no rights: it reaches rows through the parent.
OPEN = """
CREATE FUNCTION skyclust_segments.open(month date) RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE name text := 'entries_' || to_char(month, 'YYYY_MM');
BEGIN
  PERFORM pg_advisory_xact_lock(7215406202);
  IF to_regclass('skyclust_segments.' || name) IS NOT NULL THEN
    RETURN true;
  END IF;
  -- what came before the segment was opened lies in the rest, and stays there
  IF EXISTS (
    SELECT FROM skyclust_segments.entries_rest WHERE segment >= month AND segment < month + interval '1 month'
  ) THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE skyclust_segments.%I (LIKE public.audit_entries)', name);
  EXECUTE format('ALTER TABLE skyclust_segments.%I ENABLE ROW LEVEL SECURITY', name);
  EXECUTE format('ALTER TABLE public.audit_entries ATTACH PARTITION skyclust_segments.%I FOR VALUES FROM (%L) TO (%L)',
                 name, month, (month + interval '1 month')::date);
  RETURN true;
END $$
"""
#: What the application may do about its schema: open the segments of the next months, and nothing else.
OPEN_NEXT = """
CREATE FUNCTION skyclust_open_audit_segments() RETURNS boolean LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
  SELECT bool_and(skyclust_segments.open((this.month + n * interval '1 month')::date))
  FROM (SELECT date_trunc('month', now() AT TIME ZONE 'UTC') AS month) AS this, generate_series(0, 3) AS n
$$
"""


def upgrade() -> None:
    op.execute("ALTER TABLE audit_entries RENAME TO audit_entries_before")
    for name in ("pk_audit_entries", "uq_audit_entries_id"):
        op.execute(f"ALTER TABLE audit_entries_before RENAME CONSTRAINT {name} TO {name}_before")
    op.execute("DROP INDEX ix_audit_entries_workspace_id_at, ix_audit_entries_chain_at")
    _entries(sa.Column("segment", sa.Date(), nullable=False), sa.Column("seal", sa.LargeBinary(32), nullable=True))
    _segments()
    op.add_column("audit_heads", sa.Column("segment", sa.Date(), server_default="1970-01-01", nullable=False))
    _move_rows()
    op.execute("DROP TABLE audit_entries_before")
    _indices()
    _policies()
    _anchors()
    _exports()


def _entries(*more: sa.Column) -> None:
    partitioned = {"postgresql_partition_by": "RANGE (segment)"} if more else {}
    op.create_table(
        "audit_entries",
        sa.Column("chain", sa.String(36), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        *more[:1],
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_label", sa.String(256), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("action", sa.String(100), nullable=False),
        sa.Column("target", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        *more[1:],
        sa.PrimaryKeyConstraint("chain", "seq", *(column.name for column in more[:1]), name="pk_audit_entries"),
        **partitioned,
    )


def _segments() -> None:
    op.execute("CREATE SCHEMA skyclust_segments")
    op.execute("CREATE TABLE skyclust_segments.entries_rest PARTITION OF audit_entries DEFAULT")
    op.execute("ALTER TABLE skyclust_segments.entries_rest ENABLE ROW LEVEL SECURITY")
    op.execute(OPEN)
    op.execute("REVOKE ALL ON FUNCTION skyclust_segments.open(date) FROM PUBLIC")
    op.execute(OPEN_NEXT)
    op.execute("REVOKE ALL ON FUNCTION skyclust_open_audit_segments() FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION skyclust_open_audit_segments() TO {APP}")


def _move_rows() -> None:
    """A chain's segments never go back, even where two servers' clocks did: so each is a piece of every chain."""
    op.execute("SELECT set_config('skyclust.workspaces', '*', true)")
    op.execute(
        "CREATE TEMPORARY TABLE placed ON COMMIT DROP AS SELECT chain, seq, "
        "max(date_trunc('month', at AT TIME ZONE 'UTC')::date) OVER (PARTITION BY chain ORDER BY seq) AS segment "
        "FROM audit_entries_before"
    )
    op.execute("SELECT skyclust_segments.open(segment) FROM (SELECT DISTINCT segment FROM placed ORDER BY 1) AS months")
    op.execute("SELECT skyclust_open_audit_segments()")
    op.execute(
        f"INSERT INTO audit_entries ({COLUMNS}, segment) "  # noqa: S608
        f"SELECT {COLUMNS}, segment FROM audit_entries_before JOIN placed USING (chain, seq)"
    )
    op.execute(
        "UPDATE audit_heads SET segment = last.segment "
        "FROM (SELECT chain, max(segment) AS segment FROM placed GROUP BY chain) AS last "
        "WHERE audit_heads.chain = last.chain"
    )
    op.execute("DROP TABLE placed")


def _indices() -> None:
    """One for each filter; all begin with the chain, so that no tenant's search walks another's entries."""
    op.create_index("ix_audit_entries_chain_at_id", "audit_entries", ["chain", "at", "id"])
    op.create_index("ix_audit_entries_chain_request_id", "audit_entries", ["chain", "request_id"])
    for column in ("action", "target", "actor_label", "actor_id"):
        op.create_index(f"ix_audit_entries_chain_{column}_at", "audit_entries", ["chain", column, "at"])


def _policies() -> None:
    _row_level_security("audit_entries")
    op.execute("CREATE POLICY readers ON audit_entries FOR SELECT USING (skyclust_visible(workspace_id))")
    # Entries without a workspace are written by whoever signs in, and read with everything visible only.
    op.execute(
        "CREATE POLICY writers ON audit_entries FOR INSERT "
        "WITH CHECK (workspace_id IS NULL OR skyclust_visible(workspace_id))"
    )
    op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON audit_entries FROM {APP}")


def _anchors() -> None:
    op.create_table(
        "audit_anchors",
        sa.Column("chain", sa.String(36), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("signature", sa.LargeBinary(64), nullable=False),
        sa.PrimaryKeyConstraint("chain", name="pk_audit_anchors"),
    )
    _row_level_security("audit_anchors")
    op.execute("CREATE POLICY tenancy ON audit_anchors USING (skyclust_visible(workspace_id))")
    op.execute(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_anchors FROM {APP}")


def _exports() -> None:
    op.create_table(
        "audit_sinks",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", TIME, nullable=True),
        sa.Column("last_error", sa.String(500), nullable=False),
        sa.Column("succeeded_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_audit_sinks"),
    )
    op.create_table(
        "audit_exported_heads",
        sa.Column("sink", sa.String(32), nullable=False),
        sa.Column("chain", sa.String(36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("sink", "chain", name="pk_audit_exported_heads"),
    )


def _row_level_security(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    """Back to one table. Entries that are sealed the new way cannot be verified by the older version."""
    for table in ("audit_exported_heads", "audit_sinks", "audit_anchors"):
        op.drop_table(table)
    op.drop_column("audit_heads", "segment")
    op.execute("SELECT set_config('skyclust.workspaces', '*', true)")
    op.execute("ALTER TABLE audit_entries RENAME TO audit_entries_before")
    op.execute("ALTER TABLE audit_entries_before RENAME CONSTRAINT pk_audit_entries TO pk_audit_entries_before")
    _entries()
    op.execute(f"INSERT INTO audit_entries ({COLUMNS}) SELECT {COLUMNS} FROM audit_entries_before")  # noqa: S608
    op.execute("DROP FUNCTION skyclust_open_audit_segments()")
    op.execute("DROP TABLE audit_entries_before")
    op.execute("DROP SCHEMA skyclust_segments CASCADE")
    op.create_unique_constraint("uq_audit_entries_id", "audit_entries", ["id"])
    op.create_index("ix_audit_entries_workspace_id_at", "audit_entries", ["workspace_id", "at"])
    op.create_index("ix_audit_entries_chain_at", "audit_entries", ["chain", "at"])
    _policies()
