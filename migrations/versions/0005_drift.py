"""What a sweep saw of a resource, what was accepted of it, and whether an imported one carries our mark yet."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("resources", sa.Column("drift", postgresql.JSONB(), nullable=True))
    op.add_column("resources", sa.Column("accepted", postgresql.JSONB(), server_default="{}", nullable=False))
    op.add_column("resources", sa.Column("unmarked", sa.Boolean(), server_default=sa.false(), nullable=False))
    found = sa.text("drift IS NOT NULL")
    op.create_index("ix_resources_drift", "resources", ["workspace_id", "id"], postgresql_where=found)


def downgrade() -> None:
    op.drop_index("ix_resources_drift", "resources")
    for column in ("unmarked", "accepted", "drift"):
        op.drop_column("resources", column)
