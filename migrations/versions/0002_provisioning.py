"""Stacks, resources, operations with steps and timeline, idempotency keys; places in the outbox and its relay."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
NOW = sa.text("clock_timestamp()")
TABLES = ("stacks", "resources", "operations", "operation_steps", "operation_timeline", "idempotency_keys")


def upgrade() -> None:
    _stacks()
    _resources()
    _operations()
    _steps_and_timeline()
    _idempotency_keys()
    _outbox()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY tenancy ON {table} "
            "USING (skyclust_visible(workspace_id)) WITH CHECK (skyclust_visible(workspace_id))"
        )


def _stacks() -> None:
    op.create_table(
        "stacks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(50), nullable=False),
        sa.Column("region", sa.String(50), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(50), nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stacks"),
    )
    op.create_index("ix_stacks_workspace_id", "stacks", ["workspace_id"])
    op.create_index("ix_stacks_credential_id", "stacks", ["credential_id"])


def _resources() -> None:
    op.create_table(
        "resources",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("stack_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("spec", postgresql.JSONB(), nullable=False),
        sa.Column("depends_on", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("desired", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("outputs", postgresql.JSONB(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("observed_generation", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("intent", postgresql.JSONB(), nullable=True),
        sa.Column("action_started_at", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=True),
        sa.Column("recreate", sa.Boolean(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("wake_at", TIME, nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("lease_owner", sa.String(200), server_default="", nullable=False),
        sa.Column("lease_fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("pokes", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_resources"),
        sa.ForeignKeyConstraint(["stack_id"], ["stacks.id"], name="fk_resources_stack_id", ondelete="CASCADE"),
    )
    op.create_index(
        "uq_resources_living_key", "resources", ["stack_id", "key"],
        unique=True, postgresql_where=sa.text("state <> 'gone'"),
    )  # fmt: skip
    for column in ("stack_id", "workspace_id", "operation_id"):
        op.create_index(f"ix_resources_{column}", "resources", [column])
    op.create_index(
        "ix_resources_due", "resources", ["wake_at"],
        postgresql_where=sa.text("lease_until IS NULL AND wake_at IS NOT NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_resources_lease_until", "resources", ["lease_until"], postgresql_where=sa.text("lease_until IS NOT NULL")
    )


def _operations() -> None:
    op.create_table(
        "operations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("stack_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("target_kind", sa.String(50), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("target_name", sa.String(100), nullable=False),
        sa.Column("provider", sa.String(50), nullable=False),
        sa.Column("region", sa.String(50), nullable=False),
        sa.Column("plan", postgresql.JSONB(), nullable=False),
        sa.Column("undo", postgresql.JSONB(), nullable=False),
        sa.Column("requested_by_id", sa.Uuid(), nullable=True),
        sa.Column("requested_by_label", sa.String(256), nullable=False),
        sa.Column("rolled_back_by", sa.Uuid(), nullable=True),
        sa.Column("rolls_back", sa.Uuid(), nullable=True),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("started_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_operations"),
        sa.ForeignKeyConstraint(["stack_id"], ["stacks.id"], name="fk_operations_stack_id", ondelete="CASCADE"),
    )
    op.create_index(
        "uq_operations_active_stack", "operations", ["stack_id"],
        unique=True, postgresql_where=sa.text("state IN ('pending', 'running', 'cancelling')"),
    )  # fmt: skip
    op.create_index("ix_operations_stack_id_created_at", "operations", ["stack_id", "created_at"])
    op.create_index("ix_operations_workspace_id_created_at", "operations", ["workspace_id", "created_at"])
    op.create_index("ix_operations_target_id", "operations", ["target_id"])


def _steps_and_timeline() -> None:
    op.create_table(
        "operation_steps",
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("verb", sa.String(20), nullable=False),
        sa.Column("depends_on", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("expected_seconds", sa.Float(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("started_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("operation_id", "resource_id", name="pk_operation_steps"),
        _belongs_to_operation("operation_steps"),
    )
    op.create_index("ix_operation_steps_workspace_id", "operation_steps", ["workspace_id"])
    op.create_table(
        "operation_timeline",
        sa.Column("position", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("at", TIME, server_default=NOW, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_operation_timeline"),
        _belongs_to_operation("operation_timeline"),
    )
    op.create_index("ix_operation_timeline_operation_id_position", "operation_timeline", ["operation_id", "position"])
    op.create_index("ix_operation_timeline_workspace_id", "operation_timeline", ["workspace_id"])


def _belongs_to_operation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["operation_id"], ["operations.id"], name=f"fk_{table}_operation_id", ondelete="CASCADE"
    )


def _idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("request_digest", sa.String(64), nullable=False),
        sa.Column("answer", postgresql.JSONB(), nullable=True),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])


def _outbox() -> None:
    op.add_column(
        "outbox",
        sa.Column(
            "transaction_id",
            sa.BigInteger(),
            server_default=sa.text("((pg_current_xact_id())::text)::bigint"),
            nullable=False,
        ),
    )
    op.create_index("ix_outbox_transaction_id_position", "outbox", ["transaction_id", "position"])
    op.create_table(
        "relays",
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("owner", sa.String(200), server_default="", nullable=False),
        sa.Column("lease_until", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_relays"),
    )


def downgrade() -> None:
    op.drop_table("relays")
    op.drop_column("outbox", "transaction_id")
    for table in reversed(TABLES):
        op.drop_table(table)
