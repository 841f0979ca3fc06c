"""Tables of clusters and networks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("networks", "network_uses", "clusters")


def upgrade() -> None:
    op.create_table(
        "networks",
        *_what_was_asked_for(),
        sa.Column("owner_cluster_id", sa.Uuid(), nullable=True),
        sa.Column("owner_cluster_name", sa.String(100), nullable=True),
        *_life(),
        sa.PrimaryKeyConstraint("id", name="pk_networks"),
    )
    op.create_table("clusters", *_what_was_asked_for(), *_life(), sa.PrimaryKeyConstraint("id", name="pk_clusters"))
    op.create_table(
        "network_uses",
        sa.Column("cluster_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(50), nullable=False),
        sa.Column("vpc_id", sa.String(500), nullable=False),
        sa.Column("cluster_name", sa.String(100), nullable=False),
        sa.Column("stack_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", name="pk_network_uses"),
    )
    _index("networks", "deleted_at IS NULL AND owner_cluster_id IS NULL")
    _index("clusters", "deleted_at IS NULL")
    op.create_index("ix_network_uses_workspace_id_vpc_id", "network_uses", ["workspace_id", "vpc_id"])
    for table in TABLES:
        _isolate(table)


def _what_was_asked_for() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(50), nullable=False),
        sa.Column("account", sa.String(256), nullable=False),
        sa.Column("region", sa.String(50), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("spec", postgresql.JSONB(), nullable=False),
        sa.Column("previous_spec", postgresql.JSONB(), nullable=True),
        sa.Column("generation", sa.Integer(), server_default="1", nullable=False),
        sa.Column("stack_id", sa.Uuid(), nullable=False),
    ]


def _life() -> list[sa.Column]:
    return [
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
    ]


def _index(table: str, living: str) -> None:
    columns = ["workspace_id", "provider", "account", "region", "name"]
    op.create_index(f"uq_{table}_living_name", table, columns, unique=True, postgresql_where=sa.text(living))
    op.create_index(f"ix_{table}_workspace_id_id", table, ["workspace_id", "id"])
    op.create_index(f"ix_{table}_stack_id", table, ["stack_id"])


def _isolate(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenancy ON {table} "
        "USING (skyclust_visible(workspace_id)) WITH CHECK (skyclust_visible(workspace_id))"
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
