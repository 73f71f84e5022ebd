"""What the agreed facts of a case mean, sealed, and the way and model that found it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("complaint_case", sa.Column("fact_vector", sa.Text(), nullable=True))
    op.add_column("complaint_case", sa.Column("fact_method", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("complaint_case", "fact_method")
    op.drop_column("complaint_case", "fact_vector")
