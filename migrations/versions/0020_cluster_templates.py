"""Named, versioned presets for clusters, per workspace."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
TABLE = "cluster_templates"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(50), nullable=False),
        sa.Column("description", sa.String(256), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("created_by", sa.String(256), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("deprecated_at", TIME, nullable=True),
        sa.Column("deprecated_reason", sa.String(256), server_default="", nullable=False),
        sa.Column("deleted_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "name", "version", name=f"pk_{TABLE}"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=f"fk_{TABLE}_workspace_id", ondelete="CASCADE"
        ),
    )
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenancy ON {TABLE} "
        "USING (skyclust_visible(workspace_id)) WITH CHECK (skyclust_visible(workspace_id))"
    )


def downgrade() -> None:
    op.drop_table(TABLE)
