"""A report on a correction says what the record was and is."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("remedy_report", sa.Column("before", sa.Text(), nullable=True))
    op.add_column("remedy_report", sa.Column("after", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("remedy_report", "after")
    op.drop_column("remedy_report", "before")
