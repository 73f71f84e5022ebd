"""Find by its name whether a file is still named anywhere."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")  # nobody waits for it, so it may wait for others
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_attachment_sha256")  # half of one, from a try that was cut off
        op.create_index("ix_attachment_sha256", "attachment", ["sha256"], postgresql_concurrently=True)
        op.execute("RESET lock_timeout")


def downgrade() -> None:
    op.drop_index("ix_attachment_sha256", "attachment")
