"""Credentials are checked again on a schedule: what the last check said, when the next is due, who makes it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    op.add_column("credentials", sa.Column("reason", sa.Text(), server_default="", nullable=False))
    op.add_column("credentials", sa.Column("checked_at", TIME, server_default=NOW, nullable=False))
    op.add_column("credentials", sa.Column("issued_at", TIME, nullable=True))
    op.add_column("credentials", sa.Column("check_due_at", TIME, server_default=NOW, nullable=False))
    op.add_column("credentials", sa.Column("check_leased_until", TIME, nullable=True))
    op.add_column("credentials", sa.Column("unanswered", sa.Integer(), server_default="0", nullable=False))
    # the tables' owner is held by row-level security too
    op.execute("SELECT set_config('skyclust.workspaces', '*', true)")
    op.execute(
        "UPDATE credentials SET checked_at = verified_at, "
        "state = CASE state WHEN 'verified' THEN 'valid' WHEN 'refused' THEN 'invalid' ELSE state END, "
        # spread over the default interval, so that not all are asked about at once
        "check_due_at = clock_timestamp() + random() * interval '6 hours'"
    )
    op.create_index("ix_credentials_check_due_at", "credentials", ["check_due_at"])


def downgrade() -> None:
    op.execute("SELECT set_config('skyclust.workspaces', '*', true)")
    op.execute("UPDATE credentials SET state = CASE state WHEN 'invalid' THEN 'refused' ELSE 'verified' END")
    op.drop_index("ix_credentials_check_due_at", "credentials")
    for column in ("unanswered", "check_leased_until", "check_due_at", "issued_at", "checked_at", "reason"):
        op.drop_column("credentials", column)
