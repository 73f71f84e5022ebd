"""Addresses that people typed and nobody has proved; joined customers are found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "address_claim",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_address_claim_customer_id_customer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_claim")),
        sa.UniqueConstraint("customer_id", "kind", "value", name=op.f("uq_address_claim_customer_id_kind_value")),
    )
    op.create_index(
        "ix_customer_joined",
        "customer",
        ["merged_into_id"],
        unique=False,
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_customer_joined", table_name="customer")
    op.drop_table("address_claim")
