"""The instant at which a customer chose to be called, so that lists of a day find it."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# A zone that the database does not know keeps its wall time alone.
FILL = """
    UPDATE follow_up SET wished_at = wished_time::timestamp AT TIME ZONE wished_zone
    WHERE wished_time IS NOT NULL AND wished_zone IN (SELECT name FROM pg_timezone_names)
"""


def upgrade() -> None:
    op.add_column("follow_up", sa.Column("wished_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(FILL)


def downgrade() -> None:
    op.drop_column("follow_up", "wished_at")
