"""Imports: whether a resource is on its way back to whoever made it, and who in this installation has what already.

`skyclust_holders` looks into every workspace, so that two never manage one thing; it answers ids and nothing else.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

#: EKS' names of clusters are unique in a region only; ids of networks are unique in the whole account.
HOLDERS = """
CREATE FUNCTION skyclust_holders(what text, cloud text, whose text, place text, ids text[])
RETURNS TABLE (external_id text, workspace_id uuid, id uuid)
LANGUAGE sql VOLATILE SET skyclust.workspaces = '*' AS $$
  SELECT held.external_id, owner.workspace_id, owner.id
  FROM resources AS held JOIN clusters AS owner ON owner.stack_id = held.stack_id
  WHERE what = 'cluster' AND held.key = 'cluster' AND held.state <> 'gone' AND held.external_id = ANY (ids)
    AND owner.provider = cloud AND owner.account = whose AND owner.region = place
  UNION ALL
  SELECT held.external_id, owner.workspace_id, owner.id
  FROM resources AS held JOIN networks AS owner ON owner.stack_id = held.stack_id
  WHERE what = 'network' AND held.key = 'network' AND held.state <> 'gone' AND held.external_id = ANY (ids)
    AND owner.provider = cloud AND owner.account = whose
$$
"""


def upgrade() -> None:
    op.add_column("resources", sa.Column("released", sa.Boolean(), server_default=sa.false(), nullable=False))
    found = sa.text("key IN ('cluster', 'network') AND state <> 'gone'")
    op.create_index("ix_resources_external_id", "resources", ["external_id"], postgresql_where=found)
    op.execute(HOLDERS)


def downgrade() -> None:
    op.execute("DROP FUNCTION skyclust_holders(text, text, text, text, text[])")
    op.drop_index("ix_resources_external_id", "resources")
    op.drop_column("resources", "released")
