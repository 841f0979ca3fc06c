"""Quotas of workspaces, and when somebody last proved who they are."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "workspace_quotas",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("clusters", sa.Integer(), nullable=True),
        sa.Column("nodes", sa.Integer(), nullable=True),
        sa.Column("usd_per_month", sa.Float(), nullable=True),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_workspace_quotas"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_workspace_quotas_workspace_id", ondelete="CASCADE"
        ),
    )
    op.execute("ALTER TABLE workspace_quotas ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE workspace_quotas FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY readers ON workspace_quotas FOR SELECT USING (skyclust_visible(workspace_id))")
    # A tenant's session cannot raise its own limit, whatever the application asks for. Cascades are not held by this.
    platform = "current_setting('skyclust.workspaces', true) = '*'"
    op.execute(f"CREATE POLICY platform ON workspace_quotas USING ({platform}) WITH CHECK ({platform})")
    op.add_column("sessions", sa.Column("authenticated_at", TIME, nullable=True))
    op.execute("UPDATE sessions SET authenticated_at = created_at")
    op.alter_column("sessions", "authenticated_at", nullable=False)
    op.add_column("sign_on_grants", sa.Column("authenticated_at", TIME, nullable=True))


def downgrade() -> None:
    op.drop_column("sign_on_grants", "authenticated_at")
    op.drop_column("sessions", "authenticated_at")
    op.drop_table("workspace_quotas")
