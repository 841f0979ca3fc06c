"""The application's role, the function that policies use, and the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: What a transaction may see is put into `skyclust.workspaces` by kit/db.py: ids joined by commas, or "*".
VISIBLE = """
CREATE FUNCTION skyclust_visible(workspace uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT current_setting('skyclust.workspaces', true) = '*'
      OR workspace::text = ANY (string_to_array(current_setting('skyclust.workspaces', true), ','))
$$
"""


def upgrade() -> None:
    op.execute(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'skyclust_app') THEN "
        "CREATE ROLE skyclust_app LOGIN NOSUPERUSER NOBYPASSRLS; END IF; END $$"
    )
    op.execute("GRANT USAGE ON SCHEMA public TO skyclust_app")
    op.execute("GRANT SELECT ON alembic_version TO skyclust_app")  # /health/ready compares it
    op.execute(
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO skyclust_app"
    )
    op.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO skyclust_app")
    op.execute(VISIBLE)
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("topic", sa.String(200), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_outbox"),
    )
    op.create_index("ix_outbox_workspace_id_position", "outbox", ["workspace_id", "position"])
    op.create_index("ix_outbox_topic_position", "outbox", ["topic", "position"])
    op.execute("ALTER TABLE outbox ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE outbox FORCE ROW LEVEL SECURITY")
    # anyone may tell what happened (a refused login concerns no workspace), only whose it is may read it
    op.execute("CREATE POLICY told ON outbox FOR INSERT WITH CHECK (true)")
    op.execute("CREATE POLICY read ON outbox FOR SELECT USING (skyclust_visible(workspace_id))")
    op.execute("CREATE POLICY trimmed ON outbox FOR DELETE USING (skyclust_visible(workspace_id))")


def downgrade() -> None:
    op.drop_table("outbox")
    op.execute("DROP FUNCTION skyclust_visible(uuid)")
