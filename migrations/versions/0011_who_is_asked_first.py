"""Who is asked first: whoever speaks the language, whoever knows the matter; how important customers and many skills count."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('routing_policy',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('handicap_s', sa.Integer(), server_default='10', nullable=False),
    sa.Column('cooldown_s', sa.Integer(), server_default='30', nullable=False),
    sa.Column('vip', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_routing_policy_only_one')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_routing_policy'))
    )
    op.add_column('queue', sa.Column('sticky_s', sa.Integer(), server_default='0', nullable=False))
    op.add_column('queue', sa.Column('language_s', sa.Integer(), server_default='0', nullable=False))
    op.add_column('queue', sa.Column('may_pick', sa.Boolean(), server_default='false', nullable=False))
    op.add_column('user_account', sa.Column('speaks', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False))
    op.execute("UPDATE user_account SET speaks = jsonb_build_array(language) WHERE NOT service")


def downgrade() -> None:
    op.drop_column('user_account', 'speaks')
    op.drop_column('queue', 'may_pick')
    op.drop_column('queue', 'language_s')
    op.drop_column('queue', 'sticky_s')
    op.drop_table('routing_policy')
