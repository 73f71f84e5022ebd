"""The contacts of a queue that arrived today are found by an index."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_conversation_arrived", "conversation", ["queue_id", "created_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_conversation_arrived", table_name="conversation")
