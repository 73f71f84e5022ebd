"""When something reached us: deadlines run from it, so a date that people type must be one that can be."""

from datetime import datetime, timedelta

from contactcenter.core import clock
from contactcenter.core.errors import Invalid
from contactcenter.core.i18n import gettext as _

OLDEST = timedelta(days=20 * 365)


def refuse_absurd_receipt(at: datetime) -> None:
    """Raises Invalid for an instant (aware) that is still to come, or further back than any matter lives."""
    if at > clock.now():
        raise Invalid(_("The date of receipt lies in the future."), field="received_at")
    if at < clock.now() - OLDEST:
        raise Invalid(_("The date of receipt lies too far back."), field="received_at")
