"""What complaints hang into the floors below: close check, letters, timer, the ear for answers. `compose` calls it."""

from contactcenter.complaints import record, service, verify, words
from contactcenter.complaints.access import complained_about, complaints_about
from contactcenter.complaints.close_check import undecided_complaint
from contactcenter.complaints.post import SEND_LINK, send_letter, send_link
from contactcenter.complaints.replies import end_waiting
from contactcenter.conversations.events import MessageAdded
from contactcenter.core import outbox, templating, timers
from contactcenter.core.events import subscribe
from contactcenter.tickets.ports import register_close_check, register_excluded_people, register_exclusion


def register() -> None:
    """Once per process."""
    register_close_check(undecided_complaint)
    register_exclusion(complained_about)
    register_excluded_people(complaints_about)
    subscribe(MessageAdded, end_waiting)
    outbox.register(record.SEND_LETTER, send_letter)
    outbox.register(SEND_LINK, send_link)
    timers.register(record.TIMER, service.on_due)
    timers.register(verify.NIGHTLY, verify.on_nightly)
    templating.give("case_words", words)
