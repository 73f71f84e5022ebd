"""Other systems may report what became of remedies: who they are, their secrets, and what they told."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_source",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_source")),
        sa.UniqueConstraint("name", name=op.f("uq_report_source_name")),
    )
    op.create_table(
        "report_secret",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["report_source.id"], name=op.f("fk_report_secret_source_id_report_source")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_secret")),
        sa.UniqueConstraint("digest", name=op.f("uq_report_secret_digest")),
    )
    op.create_index("ix_report_secret_source_id", "report_secret", ["source_id"], unique=False)
    op.create_table(
        "remedy_report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["complaint_case.id"], name=op.f("fk_remedy_report_case_id_complaint_case")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["report_source.id"], name=op.f("fk_remedy_report_source_id_report_source")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remedy_report")),
        sa.UniqueConstraint(
            "source_id", "external_id", "status", name=op.f("uq_remedy_report_source_id_external_id_status")
        ),
    )
    op.create_index("ix_remedy_report_case_id", "remedy_report", ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_remedy_report_case_id", table_name="remedy_report")
    op.drop_table("remedy_report")
    op.drop_index("ix_report_secret_source_id", table_name="report_secret")
    op.drop_table("report_secret")
    op.drop_table("report_source")
