"""Further packs beside a case's own: each brings the clocks that it lists otherwise, by its own calendar, zone and roll (SPEC §1.4)."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from contactcenter.complaints.calendars import load_calendars
from contactcenter.complaints.model import Context
from contactcenter.complaints.packs import ClockRule, Pack, load_packs

MARK = "/"
"""Between pack and clock in the name of a further pack's clock: `uk-ofcom-c4/adr_letter`."""


def beside(context: Context, names: Sequence[str]) -> Context:
    """`context` with these packs beside its own; one that brings no clock of its own is left out."""
    known = set(context.pack.clocks.values())
    further = list[Context]()
    for name in names:
        pack = load_packs()[name]
        own = [rule for rule in pack.clocks.values() if rule not in known]
        known |= set(own)
        if own:
            further.append(_under(replace(pack, clocks=_named(pack, own)), context))
    return replace(context, further=tuple(further))


def home_of(context: Context, clock: str) -> Context:
    """The context that a clock is counted in: that of the pack that brought it."""
    return next((one for one in context.further if clock in one.pack.clocks), context)


def split_name(clock: str) -> tuple[str, str]:
    """The pack (empty: the case's own) and the plain name of a clock."""
    pack, _mark, name = clock.rpartition(MARK)
    return pack, name


def _named(pack: Pack, rules: Sequence[ClockRule]) -> dict[str, ClockRule]:
    found = (replace(rule, name=f"{pack.name}{MARK}{rule.name}") for rule in rules)
    return {rule.name: rule for rule in found}


def _under(pack: Pack, context: Context) -> Context:
    """Another law counts where it holds: by a calendar that it allows, and in its own zone if it names one."""
    foreign = pack.calendars and context.calendar.name not in pack.calendars
    calendar = load_calendars()[pack.calendars[0]] if foreign else context.calendar
    return replace(
        context, pack=pack, calendar=calendar, zone=ZoneInfo(pack.zone) if pack.zone else context.zone
    )
