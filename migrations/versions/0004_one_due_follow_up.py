"""A subject has one due follow-up: what was planned twice keeps the latest plan."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DUE = "state = 'due'"


def upgrade() -> None:
    op.execute(
        "UPDATE follow_up AS old SET state = 'cancelled' WHERE state = 'due' AND EXISTS ("
        " SELECT 1 FROM follow_up AS later WHERE later.state = 'due' AND later.id > old.id"
        " AND later.subject_kind = old.subject_kind AND later.subject_id = old.subject_id)"
    )
    op.create_index(
        "uq_follow_up_one_due",
        "follow_up",
        ["subject_kind", "subject_id"],
        unique=True,
        postgresql_where=sa.text(DUE),
    )


def downgrade() -> None:
    op.drop_index("uq_follow_up_one_due", table_name="follow_up")
