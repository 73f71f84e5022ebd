"""Further packs of rules beside a brand's and a case's own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = ("brand", "complaint_case")


def upgrade() -> None:
    for table in TABLES:
        column = sa.Column("further_packs", postgresql.JSONB(), server_default="[]", nullable=False)
        op.add_column(table, column)


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "further_packs")
