"""Times come from the application alone; a customer's newest conversation on a channel is found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = (
    ("brand", "created_at"),
    ("organisation", "created_at"),
    ("router_inbox", "created_at"),
    ("team", "created_at"),
    ("canned_reply", "created_at"),
    ("customer", "created_at"),
    ("queue", "created_at"),
    ("user_account", "created_at"),
    ("api_token", "created_at"),
    ("follow_up", "created_at"),
    ("identity", "created_at"),
    ("mailbox", "created_at"),
    ("ticket", "created_at"),
    ("ticket", "updated_at"),
    ("user_session", "created_at"),
    ("widget_key", "created_at"),
    ("complaint_case", "created_at"),
    ("conversation", "created_at"),
    ("attachment", "created_at"),
    ("mail", "created_at"),
)


def upgrade() -> None:
    op.create_index(
        "ix_conversation_customer", "conversation", ["customer_id", "channel", sa.text("id DESC")], unique=False
    )
    for table, column in COLUMNS:
        op.alter_column(table, column, server_default=None)


def downgrade() -> None:
    for table, column in COLUMNS:
        op.alter_column(table, column, server_default=sa.text("now()"))
    op.drop_index("ix_conversation_customer", table_name="conversation")
