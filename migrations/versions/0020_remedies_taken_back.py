"""The complaints desk lists cases whose remedy was taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("complaint_case", sa.Column("remedy_undone", sa.Boolean(), server_default="false", nullable=False))
    op.create_index("ix_complaint_case_remedy_undone", "complaint_case", ["id"], unique=False, postgresql_where=sa.text("remedy_undone"))


def downgrade() -> None:
    op.drop_index("ix_complaint_case_remedy_undone", table_name="complaint_case", postgresql_where=sa.text("remedy_undone"))
    op.drop_column("complaint_case", "remedy_undone")
