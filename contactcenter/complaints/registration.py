"""What complaints hang into the floors below: the close check, the job that sends letters, the timer. `compose` calls it."""

from contactcenter.complaints import record, service
from contactcenter.complaints.close_check import undecided_complaint
from contactcenter.complaints.post import send_letter
from contactcenter.core import outbox, timers
from contactcenter.tickets.ports import register_close_check


def register() -> None:
    """Once per process."""
    register_close_check(undecided_complaint)
    outbox.register(record.SEND_LETTER, send_letter)
    timers.register(record.TIMER, service.on_due)
