"""Tell open wallboards that something moved; each then fetches its own view, at most once a second."""

from contactcenter.assignment.events import (
    CapacityChanged,
    ConversationOffered,
    ConversationRequeued,
    ConversationSilent,
    OfferAccepted,
    OfferDeclined,
    OfferMissed,
    OfferWithdrawn,
    PresenceChanged,
)
from contactcenter.conversations.events import (
    ConversationEnded,
    ConversationOpened,
    ConversationResumed,
    SilenceBroken,
)
from contactcenter.core.events import Event, Recorded, watch
from contactcenter.live.fragments import tell
from contactcenter.queues.events import QueueChanged, QueueCreated
from contactcenter.tickets.events import SlaBreached

MOVES = (
    CapacityChanged,
    ConversationOffered,
    ConversationRequeued,
    OfferAccepted,
    OfferDeclined,
    OfferMissed,
    OfferWithdrawn,
    PresenceChanged,
    ConversationEnded,
    ConversationOpened,
    ConversationResumed,
    ConversationSilent,
    SilenceBroken,
    QueueChanged,
    QueueCreated,
    SlaBreached,
)


def register() -> None:
    """Watch what moves the board; called by compose."""
    for kind in MOVES:
        watch(kind, on_move)


def on_move(recorded: Recorded[Event]) -> None:
    """The wall's room hears that, not what: what one may see differs from supervisor to supervisor."""
    tell("wall", "moved", {"what": recorded.event.name})
