"""Roles of a workspace's own, invitations, suspension."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
OWN = "workspace_id IN (SELECT workspace_id FROM members WHERE user_id::text = current_setting('skyclust.user', true))"


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("suspended_at", TIME, nullable=True))
    op.add_column("workspaces", sa.Column("suspended_reason", sa.String(256), server_default="", nullable=False))
    op.create_table(
        "roles",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("description", sa.String(256), nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.String(50)), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "name", name="pk_roles"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name="fk_roles_workspace_id", ondelete="CASCADE"),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("accepted_at", TIME, nullable=True),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("token_hash", name="uq_invitations_token_hash"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_invitations_workspace_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["invited_by"], ["users.id"], name="fk_invitations_invited_by", ondelete="SET NULL"),
    )
    op.create_index("ix_invitations_workspace_id_id", "invitations", ["workspace_id", "id"])
    for table in ("roles", "invitations"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenancy ON {table} "
            "USING (skyclust_visible(workspace_id)) WITH CHECK (skyclust_visible(workspace_id))"
        )
    # A request learns what its user's roles mean before anything else is visible to it (workspaces/callers.py).
    op.execute(f"CREATE POLICY own ON roles FOR SELECT USING ({OWN})")
    op.execute(f"CREATE POLICY own ON workspaces FOR SELECT USING ({OWN.replace('workspace_id IN', 'id IN')})")


def downgrade() -> None:
    op.execute("DROP POLICY own ON workspaces")
    for table in ("invitations", "roles"):
        op.drop_table(table)
    op.drop_column("workspaces", "suspended_reason")
    op.drop_column("workspaces", "suspended_at")
