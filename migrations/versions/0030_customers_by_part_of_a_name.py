"""Find a customer by a part of the name without looking at every one; and by two characters, which have no trigram."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_customer_name_part": "name gin_trgm_ops",
    "ix_customer_name_letters": "string_to_array(lower(name), NULL)",
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        op.execute("SET lock_timeout = 0")  # nobody waits for them, so they may wait for others
        for name, expression in INDEXES.items():
            op.execute(
                f"DROP INDEX CONCURRENTLY IF EXISTS {name}"
            )  # half of one, from a try that was cut off
            op.create_index(
                name,
                "customer",
                [sa.text(expression)],
                postgresql_using="gin",
                postgresql_with={
                    "fastupdate": "off"
                },  # what is to be put in order later, every search would have to read
                postgresql_concurrently=True,
            )
        op.execute("RESET lock_timeout")


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "customer")
    ours = "SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm' AND extowner = CURRENT_USER::regrole"
    if op.get_bind().scalar(sa.text(ours)):
        op.execute("DROP EXTENSION pg_trgm")
