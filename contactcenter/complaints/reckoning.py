"""How a date of a clock was worked out, as sentences: from which day, how long, what was not counted and why (SPEC §1.3)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import groupby

from contactcenter.complaints.business_days import Pause, add_period
from contactcenter.complaints.clocks import Clock, length_of, pauses_of
from contactcenter.complaints.facts import Facts
from contactcenter.complaints.further import home_of
from contactcenter.complaints.model import Context
from contactcenter.core.i18n import format_date, format_list, lazy_gettext, ngettext
from contactcenter.core.i18n import gettext as _

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)
_STARTS = {
    "accepted": lazy_gettext("the remedy was accepted"),
    "acknowledged": lazy_gettext("it was confirmed"),
    "admitted": lazy_gettext("it was taken up"),
    "adr_contact": lazy_gettext("the outside body wrote"),
    "adr_file_complete": lazy_gettext("the outside body had the whole file"),
    "adr_file_received": lazy_gettext("the outside body had the file"),
    "adverse_evidence_sent": lazy_gettext("the evidence was shown to the customer"),
    "appeal_ack": lazy_gettext("the appeal was confirmed"),
    "appeal_decided": lazy_gettext("the second look was decided"),
    "appeal_opened": lazy_gettext("a second look was asked for"),
    "closed": lazy_gettext("it was closed"),
    "decided": lazy_gettext("the decision was told"),
    "final_response_sent": lazy_gettext("the final answer was sent"),
    "follow_up_entered": lazy_gettext("the follow-up began"),
    "last_customer_update": lazy_gettext("the customer last heard from us"),
    "outcome_told_and_no_further_review": lazy_gettext("the last decision was told"),
    "received": lazy_gettext("it was received"),
    "remedy_done": lazy_gettext("the remedy was done"),
    "remedy_failed": lazy_gettext("the remedy had not arrived"),
    "response": lazy_gettext("it was answered"),
    "sent_to_company": lazy_gettext("it was sent to the company"),
    "terminated": lazy_gettext("the mediation ended"),
}
_PAUSED = {
    "awaiting_customer": lazy_gettext("we waited for the customer"),
    "awaiting_expert": lazy_gettext("we waited for an expert"),
}


def reckon(clock: Clock, facts: Facts, context: Context, now: datetime) -> list[str]:
    """Everything that made this date what it is, in the reader's language, in the order in which it is worked out."""
    context = home_of(context, clock.name)
    said = [
        _("Counted from %(date)s: %(start)s.", date=format_date(clock.start), start=_start(clock)),
        _length(clock, context),
    ]
    if clock.due is not None:
        pauses = pauses_of(clock, facts, context, now)
        if clock.rule.unit == "BD":
            said += _days_left_out(clock.start, clock.due, pauses, context)
        said += [_rest(pause) for pause in pauses]
        said += _rolled(clock, pauses, context)
        said += _extended(clock, facts)
        said.append(_late(clock))
        if clock.provisional:
            end = format_date(context.calendar.official_until)
            said.append(_("Holidays are published up to %(date)s: what lies beyond may change.", date=end))
    return said


def _start(clock: Clock) -> str:
    return _(_STARTS[clock.rule.start])


def _length(clock: Clock, context: Context) -> str:
    n, unit = length_of(clock.rule, context), clock.rule.unit
    lengths = {
        "MIN": ngettext("%(n)s minute", "%(n)s minutes", n),
        "BD": ngettext("%(n)s working day", "%(n)s working days", n),
        "D": ngettext("%(n)s day", "%(n)s days", n),
        "W": ngettext("%(n)s week", "%(n)s weeks", n),
        "M": ngettext("%(n)s month", "%(n)s months", n),
    }
    if unit == "MIN":
        return _("It takes at most %(length)s.", length=lengths[unit])
    if n != clock.rule.n:
        return _("%(length)s: half of what others get, for a vulnerable customer.", length=lengths[unit])
    return _("%(length)s; that day itself does not count.", length=lengths[unit])


def _days_left_out(start: date, due: date, pauses: list[Pause], context: Context) -> list[str]:
    """Weekends are told together, holidays and make-up days one by one; what was paused is told by `_rest`."""
    calendar, said = context.calendar, []
    days = [day for day in _days(start, due) if not _is_in(day, pauses)]
    weekend_n = sum(day.weekday() >= _SATURDAY and not calendar.is_business_day(day) for day in days)
    holidays = [day for day in days if day.weekday() < _SATURDAY and not calendar.is_business_day(day)]
    made_up = [day for day in days if day.weekday() >= _SATURDAY and calendar.is_business_day(day)]
    if weekend_n:
        said.append(
            ngettext("Not counted: %(n)s day of weekends.", "Not counted: %(n)s days of weekends.", weekend_n)
        )
    if holidays:
        said.append(_("Not counted: public holidays %(days)s.", days=format_list(_ranges(holidays))))
    if made_up:
        said.append(
            _("Counted, for weekends that were worked: %(days)s.", days=format_list(_ranges(made_up)))
        )
    return said


def _rest(pause: Pause) -> str:
    return _(
        "Not counted: what lies between %(since)s and %(until)s, while %(reason)s.",
        since=format_date(pause.since),
        until=format_date(pause.until),
        reason=_(_PAUSED[pause.reason]),
    )


def _rolled(clock: Clock, pauses: list[Pause], context: Context) -> list[str]:
    """A last day that was no working day, where the pack moves it."""
    if context.pack.roll != "next_bd" or clock.rule.unit not in ("D", "M"):
        return []
    length = length_of(clock.rule, context)
    last = add_period(context.calendar, clock.start, length, clock.rule.unit, pauses)
    if context.calendar.is_business_day(last):
        return []
    return [_("%(date)s is no working day: it moved to the next.", date=format_date(last))]


def _extended(clock: Clock, facts: Facts) -> list[str]:
    notices = [one for one in facts.extensions if one.clock == clock.name and one.seq > clock.since]
    return [
        _("The customer was told of a later date on %(date)s.", date=format_date(one.at)) for one in notices
    ]


def _late(clock: Clock) -> str:
    if clock.rule.cutoff is not None:
        return _(
            "It is late from %(time)s on that day, where the case is.", time=f"{clock.rule.cutoff:%H:%M}"
        )
    return _("It is in time until the end of that day, where the case is.")


def _days(start: date, due: date) -> Iterable[date]:
    return (start + _ONE_DAY * n for n in range(1, (due - start).days + 1))


def _is_in(day: date, pauses: list[Pause]) -> bool:
    return any(pause.since < day <= pause.until for pause in pauses)


def _ranges(days: list[date]) -> list[str]:
    """Neighbouring days as one: `1 – 3 Oct` reads better than three dates."""
    runs = groupby(enumerate(days), key=lambda one: one[1] - _ONE_DAY * one[0])
    found = [[day for _n, day in run] for _first, run in runs]
    return [
        format_date(run[0])
        if len(run) == 1
        else _("%(since)s to %(until)s", since=format_date(run[0]), until=format_date(run[-1]))
        for run in found
    ]
