"""When clusters sleep: weekly timetables, kept by one worker at a time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
TABLE = "hibernation_schedules"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("cluster_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("rules", JSONB(), nullable=False),
        sa.Column("settled_until", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("leased_until", TIME, nullable=True),
        sa.Column("waiting", sa.Text(), server_default="", nullable=False),
        sa.Column("last_do", sa.String(16), nullable=True),
        sa.Column("last_at", TIME, nullable=True),
        sa.Column("last_operation_id", sa.Uuid(), nullable=True),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", name=f"pk_{TABLE}"),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name=f"fk_{TABLE}_cluster_id", ondelete="CASCADE"),
    )
    op.create_index(f"ix_{TABLE}_due_at", TABLE, ["due_at"])
    op.create_index(f"ix_{TABLE}_workspace_id", TABLE, ["workspace_id"])
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenancy ON {TABLE} "
        "USING (skyclust_visible(workspace_id)) WITH CHECK (skyclust_visible(workspace_id))"
    )


def downgrade() -> None:
    op.drop_table(TABLE)
