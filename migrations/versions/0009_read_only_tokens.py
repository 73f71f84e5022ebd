"""A program's token may be limited to reading."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_token", sa.Column("read_only", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.drop_column("api_token", "read_only")
