"""Clusters and networks can be protected from deletion."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("clusters", "networks"):
        op.add_column(table, sa.Column("deletion_protection", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    for table in ("clusters", "networks"):
        op.drop_column(table, "deletion_protection")
