"""What an operation's roll back gives its target back, and what a resource's present action has met on its way."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("operations", sa.Column("target_before", JSONB, nullable=True))
    op.add_column("resources", sa.Column("trouble", JSONB, server_default="{}", nullable=False))


def downgrade() -> None:
    op.drop_column("resources", "trouble")
    op.drop_column("operations", "target_before")
