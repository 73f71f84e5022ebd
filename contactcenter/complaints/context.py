"""What a stored case brings to a decision: its pinned settings, and the people of the house as they are now."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from contactcenter.complaints.calendars import load_calendars
from contactcenter.complaints.further import beside
from contactcenter.complaints.machine import machine_of
from contactcenter.complaints.model import Context
from contactcenter.complaints.models import ComplaintCase
from contactcenter.complaints.packs import load_packs
from contactcenter.complaints.people import load_people
from contactcenter.complaints.precedents import Precedents, find_neighbours
from contactcenter.complaints.render import LINK_HERE
from contactcenter.complaints.reports import load_letters, load_reports
from contactcenter.complaints.vault import commitment_key


def context_of(session: Session, case: ComplaintCase, precedents: Precedents | None = None) -> Context:
    """Everything a decision about `case` needs besides its events; its `precedents`, if they have been found already."""
    own, found = case_settings(case), precedents or find_neighbours(session, case)
    return replace(
        own,
        people=load_people(session),
        neighbours=found.neighbours,
        compared_by=found.method,
        reports=load_reports(session, case),
        letters=load_letters(session, case),
    )


def case_settings(case: ComplaintCase) -> Context:
    """The part that was pinned at receipt: enough to fold, to compute clocks and to verify."""
    pack = load_packs()[case.pack]
    own = Context(
        pack=pack,
        machine=machine_of(case.pack),
        calendar=load_calendars()[case.calendar],
        zone=ZoneInfo(case.zone),
        subjects=tuple(case.subjects),
        prior_handlers=tuple(case.prior_handlers),
        agent_limit=case.agent_limit,
        vulnerable=case.vulnerable,
        sampled=case.sampled,
        options=tuple(case.options),
        reference=case.reference,
        link=LINK_HERE,
        language=case.language,
        seal_key=commitment_key(case),
    )
    return beside(own, case.further_packs)
