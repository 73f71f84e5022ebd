"""A chat whose customer is silent takes none of the slots of its agent."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversation", sa.Column("silent_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("queue", sa.Column("silent_s", sa.Integer(), server_default="600", nullable=False))


def downgrade() -> None:
    op.drop_column("queue", "silent_s")
    op.drop_column("conversation", "silent_at")
