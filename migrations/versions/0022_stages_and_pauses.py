"""Operations go in stages, each with steps of its own, and may be paused."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0025"
branch_labels = None
depends_on = None

INDEX, STEPS = "uq_operations_active_stack", "operation_steps"
ACTIVE, ACTIVE_BEFORE = "'pending', 'running', 'paused', 'cancelling'", "'pending', 'running', 'cancelling'"


def _index(states: str) -> None:
    op.drop_index(INDEX, "operations")
    op.create_index(INDEX, "operations", ["stack_id"], unique=True, postgresql_where=sa.text(f"state IN ({states})"))


def _key_of_steps(*columns: str) -> None:
    (name,) = [key for key in [sa.inspect(op.get_bind()).get_pk_constraint(STEPS)["name"]] if key]
    op.drop_constraint(name, STEPS, type_="primary")
    op.create_primary_key(name, STEPS, [*columns])


def upgrade() -> None:
    op.add_column("operations", sa.Column("stage", sa.Integer(), server_default="1", nullable=False))
    op.add_column("operations", sa.Column("stages", JSONB(), server_default="[]", nullable=False))
    op.add_column(STEPS, sa.Column("stage", sa.Integer(), server_default="1", nullable=False))
    _key_of_steps("operation_id", "resource_id", "stage")
    _index(ACTIVE)


def downgrade() -> None:
    op.execute("UPDATE operations SET state = 'running' WHERE state = 'paused'")
    _index(ACTIVE_BEFORE)
    op.execute("DELETE FROM operation_steps WHERE stage > 1")
    _key_of_steps("operation_id", "resource_id")
    op.drop_column(STEPS, "stage")
    op.drop_column("operations", "stages")
    op.drop_column("operations", "stage")
