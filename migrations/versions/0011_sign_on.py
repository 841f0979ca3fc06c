"""Single sign-on: accounts at the identity provider, sign-ins under way, and memberships that groups give."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("members", sa.Column("source", sa.String(16), server_default="", nullable=False))
    op.create_table(
        "user_identities",
        sa.Column("issuer", sa.String(512), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_user_identities"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_user_identities_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_user_identities_user_id", "user_identities", ["user_id"])
    op.create_table(
        "sign_on_states",
        sa.Column("state_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("return_to", sa.String(2048), nullable=False),
        sa.Column("challenge", sa.String(128), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name="pk_sign_on_states"),
    )
    op.create_table(
        "sign_on_grants",
        sa.Column("grant_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("challenge", sa.String(128), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("grant_hash", name="pk_sign_on_grants"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sign_on_grants_user_id", ondelete="CASCADE"),
    )


def downgrade() -> None:
    for table in ("sign_on_grants", "sign_on_states", "user_identities"):
        op.drop_table(table)
    op.drop_column("members", "source")
