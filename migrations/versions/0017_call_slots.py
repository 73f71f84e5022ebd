"""A customer may say when he wants to be called about how it went."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("follow_up", sa.Column("wished_time", sa.Text(), nullable=True))
    op.add_column("follow_up", sa.Column("wished_zone", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("follow_up", "wished_zone")
    op.drop_column("follow_up", "wished_time")
