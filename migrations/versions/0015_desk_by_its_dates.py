"""The complaints desk is sorted by dates, those without one last: by an index of just that."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INDEX, TABLE = "ix_complaint_case_due", "complaint_case"


def upgrade() -> None:
    op.drop_index(INDEX, table_name=TABLE)
    due = sa.text("coalesce(next_due_at, '9000-01-01 00:00:00+00'::timestamp with time zone)")
    op.create_index(INDEX, TABLE, [due, "id"])


def downgrade() -> None:
    op.drop_index(INDEX, table_name=TABLE)
    op.create_index(
        INDEX, TABLE, ["next_due_at", "id"], postgresql_where=sa.text("state <> 'closed'")
    )
