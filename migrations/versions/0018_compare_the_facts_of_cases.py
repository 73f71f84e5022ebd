"""Cases are compared by their agreed facts, kept as hashed words; a decision says how it was compared."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "complaint_case",
        sa.Column("fact_words", postgresql.JSONB(), server_default="{}", nullable=False),
    )
    op.add_column("complaint_precedent", sa.Column("method", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("complaint_precedent", "method")
    op.drop_column("complaint_case", "fact_words")
