"""That the customer himself calls it a complaint, apart from how sure a model is."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ticket", sa.Column("complaint_declared_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        """
        UPDATE ticket SET complaint_declared_at = pressed.at, complaint_likely = NULL
        FROM (
            SELECT ticket_id, min(created_at) AS at FROM message WHERE meta->>'code' = 'complaint_button' GROUP BY ticket_id
        ) AS pressed
        WHERE ticket.id = pressed.ticket_id AND complaint_likely = 1.0
        """
    )


def downgrade() -> None:
    op.execute("UPDATE ticket SET complaint_likely = 1.0 WHERE complaint_declared_at IS NOT NULL")
    op.drop_column("ticket", "complaint_declared_at")
