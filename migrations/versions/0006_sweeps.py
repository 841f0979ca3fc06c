"""Sweeps: when each credential and region was last looked over, and what was found there that nobody owns."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
TABLES = ("sweeps", "orphans")


def upgrade() -> None:
    op.add_column("resources", sa.Column("marked_as", sa.Uuid(), nullable=True))
    _sweeps()
    _orphans()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenancy ON {table} "
            "USING (skyclust_visible(workspace_id)) WITH CHECK (skyclust_visible(workspace_id))"
        )


def _sweeps() -> None:
    op.create_table(
        "sweeps",
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.String(50), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(50), nullable=False),
        sa.Column("due_at", TIME, server_default=NOW, nullable=False),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("lease_owner", sa.String(200), server_default="", nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("number", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("started_at", TIME, nullable=True),
        sa.Column("swept_at", TIME, nullable=True),
        sa.Column("failed_since", TIME, nullable=True),
        sa.Column("reason", sa.String(100), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("unread", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("surveyed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("credential_id", "region", name="pk_sweeps"),
    )
    op.create_index("ix_sweeps_workspace_id", "sweeps", ["workspace_id"])
    op.create_index("ix_sweeps_due_at", "sweeps", ["due_at"])


def _orphans() -> None:
    op.create_table(
        "orphans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(50), nullable=False),
        sa.Column("region", sa.String(50), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("stack_id", sa.Uuid(), nullable=True),
        sa.Column("stack_name", sa.String(100), server_default="", nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(200), server_default="", nullable=False),
        sa.Column("depends_on", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("provable", sa.Boolean(), nullable=False),
        sa.Column("spec", postgresql.JSONB(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("usd_per_day", sa.Float(), nullable=True),
        sa.Column("price", postgresql.JSONB(), nullable=True),
        sa.Column("made_at", TIME, nullable=True),
        sa.Column("first_seen_at", TIME, server_default=NOW, nullable=False),
        sa.Column("last_seen_at", TIME, server_default=NOW, nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", TIME, nullable=True),
        sa.Column("ignored_at", TIME, nullable=True),
        sa.Column("ignored_by", sa.String(256), server_default="", nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=True),
        sa.Column("operation_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_orphans"),
    )
    op.create_index("ix_orphans_workspace_id_id", "orphans", ["workspace_id", "id"])
    op.create_index(
        "uq_orphans_external_id", "orphans", ["credential_id", "region", "kind", "external_id"], unique=True
    )


def downgrade() -> None:
    op.drop_table("orphans")
    op.drop_table("sweeps")
    op.drop_column("resources", "marked_as")
