"""First tables; the database itself refuses to change or delete what a complaint's chain holds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None

PROTECT = """
CREATE FUNCTION complaint_event_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'complaint_event is append-only: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER complaint_event_is_final BEFORE UPDATE OR DELETE ON complaint_event
  FOR EACH ROW EXECUTE FUNCTION complaint_event_is_final();
"""
REVOKE = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'candor_app') THEN
    REVOKE UPDATE, DELETE, TRUNCATE ON event, complaint_event FROM candor_app;
  END IF;
END $$;
"""
UNPROTECT = """
DROP TRIGGER complaint_event_is_final ON complaint_event;
DROP FUNCTION complaint_event_is_final();
"""


def upgrade() -> None:
    op.create_table('brand',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), server_default='en', nullable=False),
    sa.Column('zone', sa.Text(), server_default='Europe/London', nullable=False),
    sa.Column('privacy_notice', sa.Text(), server_default='', nullable=False),
    sa.Column('complaint_pack', sa.Text(), server_default='iso10002-default', nullable=False),
    sa.Column('complaint_calendar', sa.Text(), server_default='GB-ENG', nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_brand')),
    sa.UniqueConstraint('slug', name=op.f('uq_brand_slug'))
    )
    op.create_table('business_hours',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('zone', sa.Text(), server_default='Europe/London', nullable=False),
    sa.Column('week', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_business_hours')),
    sa.UniqueConstraint('name', name=op.f('uq_business_hours_name'))
    )
    op.create_table('component_health',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('ok', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_component_health'))
    )
    op.create_table('event',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=True),
    sa.Column('conversation_id', sa.BigInteger(), nullable=True),
    sa.Column('customer_id', sa.BigInteger(), nullable=True),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('data', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event'))
    )
    op.create_index('ix_event_customer_id_id', 'event', ['customer_id', 'id'], unique=False)
    op.create_index('ix_event_name_at', 'event', ['name', 'at'], unique=False)
    op.create_index('ix_event_ticket_id_id', 'event', ['ticket_id', 'id'], unique=False)
    op.create_table('one_time_code',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_code'))
    )
    op.create_table('organisation',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('domain', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation')),
    sa.UniqueConstraint('domain', name=op.f('uq_organisation_domain'))
    )
    op.create_table('outbox',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('task', sa.Text(), nullable=False),
    sa.Column('queue', sa.Text(), server_default='default', nullable=False),
    sa.Column('args', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('key', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('key', name=op.f('uq_outbox_key'))
    )
    op.create_index('ix_outbox_due', 'outbox', ['id'], unique=False, postgresql_where=sa.text('done_at IS NULL'))
    op.create_table('router_inbox',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('command', sa.Text(), nullable=False),
    sa.Column('data', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_router_inbox'))
    )
    op.create_index('ix_router_inbox_todo', 'router_inbox', ['id'], unique=False, postgresql_where=sa.text('done_at IS NULL'))
    op.create_table('router_lease',
    sa.Column('shard', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('holder', sa.Text(), nullable=False),
    sa.Column('fence', sa.Integer(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('shard', name=op.f('pk_router_lease'))
    )
    op.create_table('skill',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('label', sa.Text(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_skill')),
    sa.UniqueConstraint('name', name=op.f('uq_skill_name'))
    )
    op.create_table('team',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('manager_id', sa.BigInteger(), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team')),
    sa.UniqueConstraint('name', name=op.f('uq_team_name'))
    )
    op.create_table('timer',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('args', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_timer'))
    )
    op.create_index('ix_timer_due', 'timer', ['due_at'], unique=False, postgresql_where=sa.text('done_at IS NULL'))
    op.create_index('uq_timer_waiting', 'timer', ['kind', 'key'], unique=True, postgresql_where=sa.text('done_at IS NULL'))
    op.create_table('canned_reply',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('shortcut', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), server_default='en', nullable=False),
    sa.Column('brand_id', sa.BigInteger(), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['brand_id'], ['brand.id'], name=op.f('fk_canned_reply_brand_id_brand')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_canned_reply')),
    sa.UniqueConstraint('shortcut', 'language', 'brand_id', name=op.f('uq_canned_reply_shortcut_language_brand_id'))
    )
    op.create_table('customer',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.Text(), server_default='', nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=True),
    sa.Column('language', sa.Text(), server_default='en', nullable=False),
    sa.Column('zone', sa.Text(), nullable=True),
    sa.Column('segment', sa.Text(), server_default='', nullable=False),
    sa.Column('vulnerable', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('adjustments', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('merged_into_id', sa.BigInteger(), nullable=True),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['merged_into_id'], ['customer.id'], name=op.f('fk_customer_merged_into_id_customer')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_customer_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer'))
    )
    op.create_table('holiday',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('hours_id', sa.BigInteger(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('name', sa.Text(), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['hours_id'], ['business_hours.id'], name=op.f('fk_holiday_hours_id_business_hours')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_holiday')),
    sa.UniqueConstraint('hours_id', 'day', name=op.f('uq_holiday_hours_id_day'))
    )
    op.create_table('queue',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('brand_id', sa.BigInteger(), nullable=False),
    sa.Column('team_id', sa.BigInteger(), nullable=False),
    sa.Column('hours_id', sa.BigInteger(), nullable=True),
    sa.Column('open', sa.Boolean(), server_default='true', nullable=False),
    sa.Column('priority', sa.Integer(), server_default='0', nullable=False),
    sa.Column('ring_s', sa.Integer(), server_default='20', nullable=False),
    sa.Column('wrap_up_s', sa.Integer(), server_default='15', nullable=False),
    sa.Column('target_s', sa.Integer(), server_default='0', nullable=False),
    sa.Column('service_level_pct', sa.Integer(), server_default='80', nullable=False),
    sa.Column('service_level_s', sa.Integer(), server_default='60', nullable=False),
    sa.Column('first_reply_s', sa.Integer(), server_default='14400', nullable=False),
    sa.Column('resolve_s', sa.Integer(), server_default='172800', nullable=False),
    sa.Column('steps', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['brand_id'], ['brand.id'], name=op.f('fk_queue_brand_id_brand')),
    sa.ForeignKeyConstraint(['hours_id'], ['business_hours.id'], name=op.f('fk_queue_hours_id_business_hours')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_queue_team_id_team')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_queue')),
    sa.UniqueConstraint('brand_id', 'name', name=op.f('uq_queue_brand_id_name'))
    )
    op.create_table('user_account',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('roles', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('team_id', sa.BigInteger(), nullable=True),
    sa.Column('language', sa.Text(), server_default='en', nullable=False),
    sa.Column('zone', sa.Text(), server_default='Europe/London', nullable=False),
    sa.Column('theme', sa.Text(), server_default='auto', nullable=False),
    sa.Column('single_keys', sa.Boolean(), server_default='true', nullable=False),
    sa.Column('active', sa.Boolean(), server_default='true', nullable=False),
    sa.Column('service', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('email = lower(email)', name=op.f('ck_user_account_email_lower')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_user_account_team_id_team')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_account')),
    sa.UniqueConstraint('email', name=op.f('uq_user_account_email'))
    )
    op.create_table('agent_capacity',
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('cap', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_agent_capacity_user_id_user_account')),
    sa.PrimaryKeyConstraint('user_id', 'channel', name=op.f('pk_agent_capacity'))
    )
    op.create_table('agent_skill',
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('skill_id', sa.BigInteger(), nullable=False),
    sa.Column('level', sa.Integer(), server_default='3', nullable=False),
    sa.CheckConstraint('level BETWEEN 1 AND 5', name=op.f('ck_agent_skill_level')),
    sa.ForeignKeyConstraint(['skill_id'], ['skill.id'], name=op.f('fk_agent_skill_skill_id_skill')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_agent_skill_user_id_user_account')),
    sa.PrimaryKeyConstraint('user_id', 'skill_id', name=op.f('pk_agent_skill'))
    )
    op.create_table('api_token',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_api_token_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_token')),
    sa.UniqueConstraint('digest', name=op.f('uq_api_token_digest'))
    )
    op.create_table('console_connection',
    sa.Column('process', sa.Text(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_console_connection_user_id_user_account')),
    sa.PrimaryKeyConstraint('process', 'user_id', name=op.f('pk_console_connection'))
    )
    op.create_table('follow_up',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('subject_kind', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Text(), nullable=False),
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), server_default='due', nullable=False),
    sa.Column('result', sa.Text(), nullable=True),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("state IN ('due','done','cancelled')", name=op.f('ck_follow_up_state')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_follow_up_customer_id_customer')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_follow_up_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_follow_up'))
    )
    op.create_index('ix_follow_up_due', 'follow_up', ['state', 'due_at'], unique=False)
    op.create_table('identity',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('verified', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_identity_customer_id_customer')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identity')),
    sa.UniqueConstraint('kind', 'value', name=op.f('uq_identity_kind_value'))
    )
    op.create_index('ix_identity_customer_id', 'identity', ['customer_id'], unique=False)
    op.create_table('mailbox',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('brand_id', sa.BigInteger(), nullable=False),
    sa.Column('queue_id', sa.BigInteger(), nullable=False),
    sa.Column('from_name', sa.Text(), server_default='', nullable=False),
    sa.Column('signature', sa.Text(), server_default='', nullable=False),
    sa.Column('plus_addresses', sa.Boolean(), server_default='true', nullable=False),
    sa.Column('trusted_server', sa.Text(), server_default='', nullable=False),
    sa.Column('active', sa.Boolean(), server_default='true', nullable=False),
    sa.Column('auth', sa.Text(), server_default='password', nullable=False),
    sa.Column('imap_host', sa.Text(), server_default='', nullable=False),
    sa.Column('imap_port', sa.Integer(), server_default='993', nullable=False),
    sa.Column('imap_security', sa.Text(), server_default='tls', nullable=False),
    sa.Column('imap_user', sa.Text(), server_default='', nullable=False),
    sa.Column('imap_secret', sa.Text(), server_default='', nullable=False),
    sa.Column('imap_folder', sa.Text(), server_default='INBOX', nullable=False),
    sa.Column('smtp_host', sa.Text(), server_default='', nullable=False),
    sa.Column('smtp_port', sa.Integer(), server_default='587', nullable=False),
    sa.Column('smtp_security', sa.Text(), server_default='starttls', nullable=False),
    sa.Column('smtp_user', sa.Text(), server_default='', nullable=False),
    sa.Column('smtp_secret', sa.Text(), server_default='', nullable=False),
    sa.Column('uidvalidity', sa.BigInteger(), nullable=True),
    sa.Column('last_uid', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("auth IN ('password','xoauth2')", name=op.f('ck_mailbox_auth')),
    sa.CheckConstraint("imap_security IN ('tls','starttls','plain')", name=op.f('ck_mailbox_imap_security')),
    sa.CheckConstraint("smtp_security IN ('tls','starttls','plain')", name=op.f('ck_mailbox_smtp_security')),
    sa.CheckConstraint('address = lower(address)', name=op.f('ck_mailbox_address_lower')),
    sa.ForeignKeyConstraint(['brand_id'], ['brand.id'], name=op.f('fk_mailbox_brand_id_brand')),
    sa.ForeignKeyConstraint(['queue_id'], ['queue.id'], name=op.f('fk_mailbox_queue_id_queue')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mailbox')),
    sa.UniqueConstraint('address', name=op.f('uq_mailbox_address'))
    )
    op.create_table('presence',
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), server_default='away', nullable=False),
    sa.Column('reason', sa.Text(), server_default='', nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('idle_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('wrap_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('then_break', sa.Text(), nullable=True),
    sa.Column('sockets_gone_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('ready','busy','wrap_up','break','away')", name=op.f('ck_presence_state')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_presence_user_id_user_account')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_presence'))
    )
    op.create_table('queue_load',
    sa.Column('queue_id', sa.BigInteger(), nullable=False),
    sa.Column('waiting', sa.Integer(), nullable=False),
    sa.Column('offered', sa.Integer(), nullable=False),
    sa.Column('oldest_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['queue_id'], ['queue.id'], name=op.f('fk_queue_load_queue_id_queue')),
    sa.PrimaryKeyConstraint('queue_id', name=op.f('pk_queue_load'))
    )
    op.create_table('queue_skill',
    sa.Column('queue_id', sa.BigInteger(), nullable=False),
    sa.Column('skill_id', sa.BigInteger(), nullable=False),
    sa.Column('min_level', sa.Integer(), server_default='1', nullable=False),
    sa.ForeignKeyConstraint(['queue_id'], ['queue.id'], name=op.f('fk_queue_skill_queue_id_queue')),
    sa.ForeignKeyConstraint(['skill_id'], ['skill.id'], name=op.f('fk_queue_skill_skill_id_skill')),
    sa.PrimaryKeyConstraint('queue_id', 'skill_id', name=op.f('pk_queue_skill'))
    )
    op.create_table('survey_answer',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('subject_kind', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Text(), nullable=False),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.Column('comment', sa.Text(), server_default='', nullable=False),
    sa.Column('customer_id', sa.BigInteger(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_survey_answer_customer_id_customer')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_survey_answer')),
    sa.UniqueConstraint('subject_kind', 'subject_id', 'question', name=op.f('uq_survey_answer_subject_kind_subject_id_question'))
    )
    op.create_index('ix_survey_answer_question_at', 'survey_answer', ['question', 'at'], unique=False)
    op.create_table('ticket',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), server_default='question', nullable=False),
    sa.Column('status', sa.Text(), server_default='new', nullable=False),
    sa.Column('priority', sa.Integer(), server_default='0', nullable=False),
    sa.Column('language', sa.Text(), server_default='en', nullable=False),
    sa.Column('brand_id', sa.BigInteger(), nullable=False),
    sa.Column('queue_id', sa.BigInteger(), nullable=False),
    sa.Column('owner_id', sa.BigInteger(), nullable=True),
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('related_id', sa.BigInteger(), nullable=True),
    sa.Column('complaint_ref', sa.Text(), nullable=True),
    sa.Column('complaint_likely', sa.Double(), nullable=True),
    sa.Column('complaint_answer', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('mood', sa.Double(), nullable=True),
    sa.Column('mood_min', sa.Double(), nullable=True),
    sa.Column('snoozed_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('first_reply_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('solved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('rev', sa.Integer(), server_default='0', nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('search', postgresql.TSVECTOR(), nullable=True),
    sa.CheckConstraint("status IN ('new','open','pending','on_hold','solved','closed')", name=op.f('ck_ticket_status')),
    sa.ForeignKeyConstraint(['brand_id'], ['brand.id'], name=op.f('fk_ticket_brand_id_brand')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_ticket_customer_id_customer')),
    sa.ForeignKeyConstraint(['owner_id'], ['user_account.id'], name=op.f('fk_ticket_owner_id_user_account')),
    sa.ForeignKeyConstraint(['queue_id'], ['queue.id'], name=op.f('fk_ticket_queue_id_queue')),
    sa.ForeignKeyConstraint(['related_id'], ['ticket.id'], name=op.f('fk_ticket_related_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket'))
    )
    op.create_index('ix_ticket_customer', 'ticket', ['customer_id', sa.literal_column('id DESC')], unique=False)
    op.create_index('ix_ticket_owner', 'ticket', ['owner_id', 'status', sa.literal_column('updated_at DESC'), sa.literal_column('id DESC')], unique=False)
    op.create_index('ix_ticket_queue', 'ticket', ['queue_id', 'status', sa.literal_column('updated_at DESC'), sa.literal_column('id DESC')], unique=False)
    op.create_index('ix_ticket_search', 'ticket', ['search'], unique=False, postgresql_using='gin')
    op.create_index('ix_ticket_updated', 'ticket', [sa.literal_column('updated_at DESC'), sa.literal_column('id DESC')], unique=False)
    op.create_table('user_session',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('browser', sa.Text(), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_user_session_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_session')),
    sa.UniqueConstraint('digest', name=op.f('uq_user_session_digest'))
    )
    op.create_index('ix_user_session_user_id', 'user_session', ['user_id'], unique=False)
    op.create_table('widget_key',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('brand_id', sa.BigInteger(), nullable=False),
    sa.Column('queue_id', sa.BigInteger(), nullable=False),
    sa.Column('sites', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('calls', sa.Boolean(), server_default='true', nullable=False),
    sa.Column('active', sa.Boolean(), server_default='true', nullable=False),
    sa.Column('version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['brand_id'], ['brand.id'], name=op.f('fk_widget_key_brand_id_brand')),
    sa.ForeignKeyConstraint(['queue_id'], ['queue.id'], name=op.f('fk_widget_key_queue_id_queue')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_widget_key')),
    sa.UniqueConstraint('key', name=op.f('uq_widget_key_key'))
    )
    op.create_table('complaint_case',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('brand_id', sa.BigInteger(), nullable=False),
    sa.Column('pack', sa.Text(), nullable=False),
    sa.Column('calendar', sa.Text(), nullable=False),
    sa.Column('zone', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('vulnerable', sa.Boolean(), nullable=False),
    sa.Column('sampled', sa.Boolean(), nullable=False),
    sa.Column('subjects', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('prior_handlers', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('options', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('agent_limit', sa.BigInteger(), nullable=False),
    sa.Column('case_key', sa.Text(), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('holder', sa.Text(), nullable=False),
    sa.Column('handlers', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('category', sa.Text(), server_default='', nullable=False),
    sa.Column('severity', sa.Integer(), server_default='0', nullable=False),
    sa.Column('harm', sa.Integer(), nullable=True),
    sa.Column('next_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('next_clock', sa.Text(), nullable=True),
    sa.Column('next_act_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('breached', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('events_n', sa.Integer(), server_default='0', nullable=False),
    sa.Column('head', sa.Text(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['brand_id'], ['brand.id'], name=op.f('fk_complaint_case_brand_id_brand')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_complaint_case_customer_id_customer')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_complaint_case_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint_case')),
    sa.UniqueConstraint('reference', name=op.f('uq_complaint_case_reference')),
    sa.UniqueConstraint('ticket_id', name=op.f('uq_complaint_case_ticket_id'))
    )
    op.create_index('ix_complaint_case_customer_id', 'complaint_case', ['customer_id'], unique=False)
    op.create_index('ix_complaint_case_due', 'complaint_case', ['next_due_at', 'id'], unique=False, postgresql_where=sa.text("state <> 'closed'"))
    op.create_table('conversation',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default='waiting', nullable=False),
    sa.Column('queue_id', sa.BigInteger(), nullable=False),
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('agent_id', sa.BigInteger(), nullable=True),
    sa.Column('target_user_id', sa.BigInteger(), nullable=True),
    sa.Column('target_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('address', sa.Text(), server_default='', nullable=False),
    sa.Column('priority', sa.Integer(), server_default='0', nullable=False),
    sa.Column('epoch', sa.Integer(), server_default='0', nullable=False),
    sa.Column('last_seq', sa.Integer(), server_default='0', nullable=False),
    sa.Column('customer_read_seq', sa.Integer(), server_default='0', nullable=False),
    sa.Column('customer_got_seq', sa.Integer(), server_default='0', nullable=False),
    sa.Column('agent_read_seq', sa.Integer(), server_default='0', nullable=False),
    sa.Column('enqueued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('end_reason', sa.Text(), nullable=True),
    sa.Column('wrap_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('rating', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("state IN ('waiting','offered','active','wrap_up','ended')", name=op.f('ck_conversation_state')),
    sa.ForeignKeyConstraint(['agent_id'], ['user_account.id'], name=op.f('fk_conversation_agent_id_user_account')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_conversation_customer_id_customer')),
    sa.ForeignKeyConstraint(['queue_id'], ['queue.id'], name=op.f('fk_conversation_queue_id_queue')),
    sa.ForeignKeyConstraint(['target_user_id'], ['user_account.id'], name=op.f('fk_conversation_target_user_id_user_account')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_conversation_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conversation'))
    )
    op.create_index('ix_conversation_agent', 'conversation', ['agent_id', 'state'], unique=False, postgresql_where=sa.text("state <> 'ended'"))
    op.create_index('ix_conversation_open', 'conversation', ['queue_id', 'state'], unique=False, postgresql_where=sa.text("state <> 'ended'"))
    op.create_index('ix_conversation_ticket_id', 'conversation', ['ticket_id'], unique=False)
    op.create_table('draft',
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('internal', sa.Boolean(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_draft_ticket_id_ticket')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_draft_user_id_user_account')),
    sa.PrimaryKeyConstraint('ticket_id', 'user_id', 'internal', name=op.f('pk_draft'))
    )
    op.create_table('raw_message',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('mailbox_id', sa.BigInteger(), nullable=True),
    sa.Column('uidvalidity', sa.BigInteger(), nullable=True),
    sa.Column('uid', sa.BigInteger(), nullable=True),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), server_default='stored', nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=True),
    sa.Column('created', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('processed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['mailbox_id'], ['mailbox.id'], name=op.f('fk_raw_message_mailbox_id_mailbox')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_raw_message_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_raw_message')),
    sa.UniqueConstraint('mailbox_id', 'uidvalidity', 'uid', name=op.f('uq_raw_message_mailbox_id_uidvalidity_uid'))
    )
    op.create_index('ix_raw_message_sha256', 'raw_message', ['sha256'], unique=False)
    op.create_index('ix_raw_message_stored', 'raw_message', ['id'], unique=False, postgresql_where=sa.text("state = 'stored'"))
    op.create_table('ticket_sla',
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), server_default='running', nullable=False),
    sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_sla_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('ticket_id', 'name', name=op.f('pk_ticket_sla'))
    )
    op.create_table('call',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('public_id', sa.Text(), nullable=False),
    sa.Column('conversation_id', sa.BigInteger(), nullable=False),
    sa.Column('visitor', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default='queued', nullable=False),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('visitor_gone_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('queued','talking','ended')", name=op.f('ck_call_state')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_call_conversation_id_conversation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call')),
    sa.UniqueConstraint('conversation_id', name=op.f('uq_call_conversation_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_call_public_id'))
    )
    op.create_table('complaint_event',
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('data', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['complaint_case.id'], name=op.f('fk_complaint_event_case_id_complaint_case')),
    sa.PrimaryKeyConstraint('case_id', 'seq', name=op.f('pk_complaint_event'))
    )
    op.create_table('complaint_link',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['complaint_case.id'], name=op.f('fk_complaint_link_case_id_complaint_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint_link')),
    sa.UniqueConstraint('digest', name=op.f('uq_complaint_link_digest'))
    )
    op.create_table('complaint_precedent',
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('severity', sa.Integer(), nullable=False),
    sa.Column('harm', sa.Integer(), nullable=True),
    sa.Column('upheld', sa.Boolean(), nullable=False),
    sa.Column('goodwill', sa.BigInteger(), nullable=False),
    sa.Column('deviation', sa.Boolean(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['complaint_case.id'], name=op.f('fk_complaint_precedent_case_id_complaint_case')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_complaint_precedent'))
    )
    op.create_index('ix_complaint_precedent_category_decided_at', 'complaint_precedent', ['category', 'decided_at'], unique=False)
    op.create_table('complaint_refusal',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('rules', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['complaint_case.id'], name=op.f('fk_complaint_refusal_case_id_complaint_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint_refusal'))
    )
    op.create_index('ix_complaint_refusal_case_id', 'complaint_refusal', ['case_id', 'id'], unique=False)
    op.create_table('complaint_value',
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['complaint_case.id'], name=op.f('fk_complaint_value_case_id_complaint_case')),
    sa.PrimaryKeyConstraint('case_id', 'seq', name=op.f('pk_complaint_value'))
    )
    op.create_table('message',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('conversation_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=True),
    sa.Column('rev', sa.Integer(), nullable=False),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('internal', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=True),
    sa.Column('customer_id', sa.BigInteger(), nullable=True),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('html', sa.Text(), nullable=True),
    sa.Column('quoted', sa.Text(), nullable=True),
    sa.Column('client_id', sa.Text(), nullable=True),
    sa.Column('delivery', sa.Text(), server_default='sent', nullable=False),
    sa.Column('failure', sa.Text(), nullable=True),
    sa.Column('meta', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_message_conversation_id_conversation')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_message_customer_id_customer')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_message_ticket_id_ticket')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_message_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sa.UniqueConstraint('conversation_id', 'client_id', name=op.f('uq_message_conversation_id_client_id')),
    sa.UniqueConstraint('conversation_id', 'seq', name=op.f('uq_message_conversation_id_seq')),
    sa.UniqueConstraint('ticket_id', 'rev', name=op.f('uq_message_ticket_id_rev'))
    )
    op.create_table('offer',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('conversation_id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), server_default='offered', nullable=False),
    sa.Column('reasons', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('offered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('deadline_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('offered','accepted','declined','missed','withdrawn','ended')", name=op.f('ck_offer_state')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_offer_conversation_id_conversation')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_offer_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offer'))
    )
    op.create_index('ix_offer_conversation_id', 'offer', ['conversation_id', sa.literal_column('id DESC')], unique=False)
    op.create_index('ix_offer_user_live', 'offer', ['user_id'], unique=False, postgresql_where=sa.text("state IN ('offered','accepted')"))
    op.create_index('uq_offer_live', 'offer', ['conversation_id'], unique=True, postgresql_where=sa.text("state IN ('offered','accepted')"))
    op.create_table('analysis',
    sa.Column('message_id', sa.BigInteger(), nullable=False),
    sa.Column('model', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('sentiment', sa.Text(), nullable=False),
    sa.Column('score', sa.Double(), nullable=False),
    sa.Column('confidence', sa.Double(), nullable=False),
    sa.Column('complaint', sa.Double(), nullable=False),
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('urgency', sa.Integer(), nullable=False),
    sa.Column('reasons', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
    sa.Column('corrected', sa.Text(), nullable=True),
    sa.Column('corrected_by_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['corrected_by_id'], ['user_account.id'], name=op.f('fk_analysis_corrected_by_id_user_account')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_analysis_message_id_message')),
    sa.PrimaryKeyConstraint('message_id', name=op.f('pk_analysis'))
    )
    op.create_table('attachment',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=True),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('filename', sa.Text(), nullable=False),
    sa.Column('content_type', sa.Text(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('inline', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('content_id', sa.Text(), nullable=True),
    sa.Column('uploaded_by', sa.Text(), server_default='', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_attachment_message_id_message')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_attachment_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment'))
    )
    op.create_index('ix_attachment_message_id', 'attachment', ['message_id'], unique=False)
    op.create_table('complaint_letter',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('delivery', sa.Text(), server_default='page', nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("delivery IN ('page','sent')", name=op.f('ck_complaint_letter_delivery')),
    sa.ForeignKeyConstraint(['case_id'], ['complaint_case.id'], name=op.f('fk_complaint_letter_case_id_complaint_case')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_complaint_letter_message_id_message')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint_letter')),
    sa.UniqueConstraint('case_id', 'seq', 'kind', name=op.f('uq_complaint_letter_case_id_seq_kind'))
    )
    op.create_table('mail',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('ticket_id', sa.BigInteger(), nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=False),
    sa.Column('mailbox_id', sa.BigInteger(), nullable=True),
    sa.Column('raw_id', sa.BigInteger(), nullable=True),
    sa.Column('outgoing', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('header_id', sa.Text(), nullable=True),
    sa.Column('ancestors', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('sender', sa.Text(), server_default='', nullable=False),
    sa.Column('people', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('sendings', sa.Integer(), server_default='0', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['mailbox_id'], ['mailbox.id'], name=op.f('fk_mail_mailbox_id_mailbox')),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_mail_message_id_message')),
    sa.ForeignKeyConstraint(['raw_id'], ['raw_message.id'], name=op.f('fk_mail_raw_id_raw_message')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_mail_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail'))
    )
    op.create_index('ix_mail_ancestors', 'mail', ['ancestors'], unique=False, postgresql_using='gin')
    op.create_index('ix_mail_header_id', 'mail', ['header_id'], unique=False)
    op.create_index('ix_mail_message_id', 'mail', ['message_id'], unique=False)
    op.create_index('ix_mail_ticket_id', 'mail', ['ticket_id'], unique=False)

    op.create_foreign_key('fk_team_manager_id_user_account', 'team', 'user_account', ['manager_id'], ['id'])
    op.execute(PROTECT)
    op.execute(REVOKE)


def downgrade() -> None:
    op.execute(UNPROTECT)
    op.drop_constraint('fk_team_manager_id_user_account', 'team')
    op.drop_index('ix_mail_ticket_id', table_name='mail')
    op.drop_index('ix_mail_message_id', table_name='mail')
    op.drop_index('ix_mail_header_id', table_name='mail')
    op.drop_index('ix_mail_ancestors', table_name='mail', postgresql_using='gin')
    op.drop_table('mail')
    op.drop_table('complaint_letter')
    op.drop_index('ix_attachment_message_id', table_name='attachment')
    op.drop_table('attachment')
    op.drop_table('analysis')
    op.drop_index('uq_offer_live', table_name='offer', postgresql_where=sa.text("state IN ('offered','accepted')"))
    op.drop_index('ix_offer_user_live', table_name='offer', postgresql_where=sa.text("state IN ('offered','accepted')"))
    op.drop_index('ix_offer_conversation_id', table_name='offer')
    op.drop_table('offer')
    op.drop_table('message')
    op.drop_table('complaint_value')
    op.drop_index('ix_complaint_refusal_case_id', table_name='complaint_refusal')
    op.drop_table('complaint_refusal')
    op.drop_index('ix_complaint_precedent_category_decided_at', table_name='complaint_precedent')
    op.drop_table('complaint_precedent')
    op.drop_table('complaint_link')
    op.drop_table('complaint_event')
    op.drop_table('call')
    op.drop_table('ticket_sla')
    op.drop_index('ix_raw_message_stored', table_name='raw_message', postgresql_where=sa.text("state = 'stored'"))
    op.drop_index('ix_raw_message_sha256', table_name='raw_message')
    op.drop_table('raw_message')
    op.drop_table('draft')
    op.drop_index('ix_conversation_ticket_id', table_name='conversation')
    op.drop_index('ix_conversation_open', table_name='conversation', postgresql_where=sa.text("state <> 'ended'"))
    op.drop_index('ix_conversation_agent', table_name='conversation', postgresql_where=sa.text("state <> 'ended'"))
    op.drop_table('conversation')
    op.drop_index('ix_complaint_case_due', table_name='complaint_case', postgresql_where=sa.text("state <> 'closed'"))
    op.drop_index('ix_complaint_case_customer_id', table_name='complaint_case')
    op.drop_table('complaint_case')
    op.drop_table('widget_key')
    op.drop_index('ix_user_session_user_id', table_name='user_session')
    op.drop_table('user_session')
    op.drop_index('ix_ticket_updated', table_name='ticket')
    op.drop_index('ix_ticket_search', table_name='ticket', postgresql_using='gin')
    op.drop_index('ix_ticket_queue', table_name='ticket')
    op.drop_index('ix_ticket_owner', table_name='ticket')
    op.drop_index('ix_ticket_customer', table_name='ticket')
    op.drop_table('ticket')
    op.drop_index('ix_survey_answer_question_at', table_name='survey_answer')
    op.drop_table('survey_answer')
    op.drop_table('queue_skill')
    op.drop_table('queue_load')
    op.drop_table('presence')
    op.drop_table('mailbox')
    op.drop_index('ix_identity_customer_id', table_name='identity')
    op.drop_table('identity')
    op.drop_index('ix_follow_up_due', table_name='follow_up')
    op.drop_table('follow_up')
    op.drop_table('console_connection')
    op.drop_table('api_token')
    op.drop_table('agent_skill')
    op.drop_table('agent_capacity')
    op.drop_table('user_account')
    op.drop_table('queue')
    op.drop_table('holiday')
    op.drop_table('customer')
    op.drop_table('canned_reply')
    op.drop_index('uq_timer_waiting', table_name='timer', postgresql_where=sa.text('done_at IS NULL'))
    op.drop_index('ix_timer_due', table_name='timer', postgresql_where=sa.text('done_at IS NULL'))
    op.drop_table('timer')
    op.drop_table('team')
    op.drop_table('skill')
    op.drop_table('router_lease')
    op.drop_index('ix_router_inbox_todo', table_name='router_inbox', postgresql_where=sa.text('done_at IS NULL'))
    op.drop_table('router_inbox')
    op.drop_index('ix_outbox_due', table_name='outbox', postgresql_where=sa.text('done_at IS NULL'))
    op.drop_table('outbox')
    op.drop_table('organisation')
    op.drop_table('one_time_code')
    op.drop_index('ix_event_ticket_id_id', table_name='event')
    op.drop_index('ix_event_name_at', table_name='event')
    op.drop_index('ix_event_customer_id_id', table_name='event')
    op.drop_table('event')
    op.drop_table('component_health')
    op.drop_table('business_hours')
    op.drop_table('brand')
