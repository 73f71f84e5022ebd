"""An agent may hold his chat replies for some seconds, in which he can undo them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_account", sa.Column("undo_chat", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.drop_column("user_account", "undo_chat")
