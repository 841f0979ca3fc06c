"""A commit that adds to the outbox notifies whoever listens, so that relays need not ask all the time."""

from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE FUNCTION tell_outbox_grew() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS "
        "$$ BEGIN PERFORM pg_notify('skyclust_outbox', ''); RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER outbox_grew AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION tell_outbox_grew()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER outbox_grew ON outbox")
    op.execute("DROP FUNCTION tell_outbox_grew()")
