"""The few tickets with a complaint are found among many without, for the list and the count of them."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_ticket_complaint",
        "ticket",
        [sa.text("updated_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("complaint_ref IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_complaint", table_name="ticket")
