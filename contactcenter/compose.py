"""Put the house together without Flask: tables, subscribers, ports, tasks. Web, workers, commands and tests call this."""

from datetime import timedelta
from functools import lru_cache

import contactcenter.accounts.models
import contactcenter.assignment.models
import contactcenter.channels.chat.models
import contactcenter.channels.email.models
import contactcenter.channels.voice.models
import contactcenter.complaints.models
import contactcenter.conversations.models
import contactcenter.core.events
import contactcenter.core.health
import contactcenter.core.idempotency
import contactcenter.core.outbox
import contactcenter.core.timers
import contactcenter.customers.models
import contactcenter.knowledge.models
import contactcenter.queues.models
import contactcenter.surveys.models
import contactcenter.tickets.models  # noqa: F401  each of these adds its tables to the metadata
from contactcenter.accounts.models import ApiToken, OneTimeCode, UserSession
from contactcenter.assignment import silence
from contactcenter.assignment import subscriptions as assignment
from contactcenter.channels.chat import push as chat
from contactcenter.channels.chat.channel import ChatChannel
from contactcenter.channels.email import erasure as mail_erasure
from contactcenter.channels.email import outgoing
from contactcenter.channels.email.channel import EmailChannel
from contactcenter.channels.form.channel import FormChannel
from contactcenter.channels.manual.channel import ManualChannel
from contactcenter.channels.voice import erasure as calls_erasure
from contactcenter.channels.voice import push as voice
from contactcenter.channels.voice.channel import VoiceChannel
from contactcenter.channels.voice.service import register_calls
from contactcenter.complaints import erasure as complaints_erasure
from contactcenter.complaints.intake import STRAYS_KEPT
from contactcenter.complaints.models import RemedyReport
from contactcenter.complaints.registration import register as register_complaints
from contactcenter.conversations import erasure as conversations_erasure
from contactcenter.conversations.ports import register_channel
from contactcenter.core import outbox, retention, timers
from contactcenter.core.db import Base
from contactcenter.core.events import subscribe
from contactcenter.core.idempotency import IdempotencyKey
from contactcenter.core.retention import Rule
from contactcenter.customers.erasure import CustomerErased
from contactcenter.live import console, rights, wall
from contactcenter.surveys import erasure as surveys_erasure
from contactcenter.tickets import erasure as tickets_erasure
from contactcenter.tickets import service as tickets
from contactcenter.tickets import sla

metadata = Base.metadata


@lru_cache(maxsize=1)
def compose() -> None:
    """Register everything once per process; calling again does nothing."""
    assignment.register()
    silence.register()
    register_channel(ChatChannel())
    register_channel(EmailChannel())
    register_channel(FormChannel())
    register_channel(ManualChannel())
    register_channel(VoiceChannel())
    chat.register()
    register_calls()
    voice.register()
    register_complaints()
    _register_retention()
    _register_erasure()
    rights.register()
    console.register()
    wall.register()
    outbox.register(outgoing.QUEUE, outgoing.queue_asked)
    outbox.register(outgoing.SEND, outgoing.send_queued)
    timers.register(retention.SWEEP, retention.on_sweep)
    timers.register(sla.TIMER, sla.on_due)
    timers.register(tickets.SNOOZE_TIMER, tickets.on_snooze_due)


def _register_erasure() -> None:
    """Who does his part when a customer is erased. Complaints first: they may refuse, and need what others empty."""
    for part in (
        complaints_erasure,
        tickets_erasure,
        conversations_erasure,
        mail_erasure,
        calls_erasure,
        surveys_erasure,
    ):
        subscribe(CustomerErased, part.forget)


def _register_retention() -> None:
    """What is forgotten once it is over; a repeat of a request is known for its own while and not longer."""
    retention.register(Rule(outbox.OutboxRow.id, outbox.OutboxRow.done_at))
    retention.register(Rule(timers.TimerRow.id, timers.TimerRow.done_at))
    retention.register(Rule(UserSession.id, UserSession.expires_at))
    retention.register(Rule(OneTimeCode.id, OneTimeCode.expires_at))
    retention.register(Rule(ApiToken.id, ApiToken.revoked_at))
    retention.register(Rule(IdempotencyKey.id, IdempotencyKey.expires_at, kept_for=timedelta(0)))
    stray = RemedyReport.case_id.is_(None)
    retention.register(Rule(RemedyReport.id, RemedyReport.created_at, kept_for=STRAYS_KEPT, only=stray))
