"""What contacts were about: each queue has a list, each conversation at most one word of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversation", sa.Column("wrap_up_code", sa.Text(), nullable=True))
    codes = postgresql.JSONB(astext_type=sa.Text())
    op.add_column("queue", sa.Column("wrap_up_codes", codes, server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("queue", "wrap_up_codes")
    op.drop_column("conversation", "wrap_up_code")
