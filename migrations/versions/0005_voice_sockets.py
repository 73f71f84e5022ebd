"""Voice sockets of all web processes, and one running call per visitor."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

# No socket of a call that runs now is written down: whoever is not back a minute after the start has left.
EXPECT_CALLERS = """
INSERT INTO timer (kind, key, args, due_at)
SELECT 'voice.line_gone', 'visitor:' || visitor, jsonb_build_object('line', 'visitor:' || visitor), now() + interval '1 min'
FROM call WHERE state <> 'ended'
"""


def upgrade() -> None:
    op.create_table('voice_socket',
    sa.Column('sid', sa.Text(), nullable=False),
    sa.Column('process', sa.Text(), nullable=False),
    sa.Column('line', sa.Text(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('sid', name=op.f('pk_voice_socket'))
    )
    op.create_index('ix_voice_socket_line', 'voice_socket', ['line'], unique=False)
    op.create_index('ix_voice_socket_process', 'voice_socket', ['process'], unique=False)
    op.create_index('uq_call_running', 'call', ['visitor'], unique=True, postgresql_where=sa.text("state <> 'ended'"))
    op.execute("DELETE FROM timer WHERE kind = 'voice.caller_gone' AND done_at IS NULL")
    op.execute(EXPECT_CALLERS)


def downgrade() -> None:
    op.execute("DELETE FROM timer WHERE kind = 'voice.line_gone' AND done_at IS NULL")
    op.drop_index('uq_call_running', table_name='call', postgresql_where=sa.text("state <> 'ended'"))
    op.drop_index('ix_voice_socket_process', table_name='voice_socket')
    op.drop_index('ix_voice_socket_line', table_name='voice_socket')
    op.drop_table('voice_socket')
