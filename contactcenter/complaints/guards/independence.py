"""Separation by person and reporting line: F-01, F-02, F-03, F-07, F-12, F-15 and waivers."""

from datetime import date

from contactcenter.complaints import words
from contactcenter.complaints.business_days import add_months, local_date
from contactcenter.complaints.facts import Facts
from contactcenter.complaints.guards.registry import Attempt, guard
from contactcenter.complaints.model import NOT_PEOPLE, Context, Violation
from contactcenter.complaints.rules import violation
from contactcenter.core.i18n import gettext as _

NEVER_WAIVED = ("F-01", "F-12", "F-13")
SEVERE_FROM = 3
NO_CONFLICT = ("none", "no", "no conflict", "无", "没有")
_RESTRICTION_MONTHS = 6

# Which key of an event names the person it gives a role to.
_ASSIGNS = {
    "admit": "investigator",
    "reopen": "investigator",
    "reassign": "to",
    "reviewer": "reviewer",
    "review_decide": "reviewer",
    "callback": "person",
}
# Events whose actor is judged as one who handles the case; who only records an admission is not.
_JUDGED_ACTORS = frozenset(
    [
        "start",
        "propose",
        "communicate",
        "return",
        "extend",
        "refuse_admission",
        "review_decide",
        "callback",
        "restrict",
    ]
)
_ROLE_FOR = {
    "reviewer": "reviewer",
    "review_decide": "reviewer",
    "callback": "agent",
    "challenge": "reviewer",
}


@guard("F-01")
def not_a_subject(attempt: Attempt) -> Violation | None:
    """Nobody complained about acts on the complaint; this cannot be waived."""
    for person in judged(attempt):
        if person in attempt.context.subjects:
            return violation("F-01", user=named(attempt, person), eligible=eligible(attempt))
    return None


@guard("F-02")
def not_involved(attempt: Attempt) -> Violation | None:
    """Nobody who handled the matter, or manages or works beside those it is about, or was taken off the case."""
    for person in judged(attempt):
        if ("F-02", person) in attempt.facts.waivers:
            continue
        about = person if _is_barred(attempt, person) else _involved_with(attempt.context, person)
        if about is not None:
            able = eligible(attempt)
            return violation(
                "F-02",
                user=named(attempt, person),
                t=attempt.context.reference or "-",
                subject=named(attempt, about),
                eligible=able,
                names=[named(attempt, one) for one in able],
            )
    return None


def _is_barred(attempt: Attempt, person: str) -> bool:
    """Whether a recusal was granted, or the case was reopened and `person` investigated it before (U-08: a new handler)."""
    if person in attempt.facts.recused:
        return True
    reopened = [mark.seq for mark in attempt.facts.marks if "reopen" in mark.names]
    if attempt.event not in ("start", "reassign") or not reopened:
        return False
    acted = attempt.facts.acted.get(person, [])
    return any(seq < reopened[-1] and name in ("start", "propose") for seq, name in acted)


def _involved_with(context: Context, person: str) -> str | None:
    """The subject or earlier handler that makes `person` partial; None if there is none."""
    if person in context.prior_handlers:
        return person
    own = context.people.get(person)
    for other in (*context.subjects, *context.prior_handlers):
        one = context.people.get(other)
        if one is None or other == person:
            continue
        if one.manager == person:
            return other
        if own is not None and own.team is not None and own.team == one.team:
            return other
    return None


@guard("F-03")
def no_open_conflict(attempt: Attempt) -> Violation | None:
    """Work rests while a recusal request is open; who is challenged does not decide; a conflict is declared first."""
    if attempt.event == "recusal_decided":
        return _decided_by_another(attempt)
    undecided = next(iter(attempt.facts.recusals), None)
    if undecided is not None:
        number, decider = attempt.facts.recusals[undecided], _("an approver")
        return violation("F-03", id=number, decider=decider)
    declared = str(attempt.data.get("declaration", "")).strip().casefold()
    if attempt.blank or declared in NO_CONFLICT:
        return None
    return violation("F-03", says=_("A declaration of no conflict of interest is missing."))


def _decided_by_another(attempt: Attempt) -> Violation | None:
    challenged = attempt.data.get("person")
    if challenged is not None and challenged in (attempt.by, attempt.data.get("by_whom")):
        return violation(
            "F-03",
            says=_("%(user)s is challenged and cannot decide about it.", user=named(attempt, challenged)),
        )
    return None


@guard("F-07")
def second_person(attempt: Attempt) -> Violation | None:
    """What weighs heavily is decided by an approver who did not investigate."""
    if not _needs_approver(attempt) or is_second_person(attempt):
        return None
    if ("F-07", attempt.by) in attempt.facts.waivers:
        return None
    investigator = attempt.facts.handlers.get("investigator", "-")
    others = tuple(key for key in able_as("approver", attempt) if key not in _investigators(attempt.facts))
    return violation("F-07", role=_("approver"), investigator=named(attempt, investigator), eligible=others)


def is_second_person(attempt: Attempt) -> bool:
    """Whether the actor holds an approving role and is not who investigated or proposed."""
    own = attempt.context.people.get(attempt.by)
    if own is None or not own.roles & {"approver", "reviewer"}:
        return False
    return attempt.by not in _investigators(attempt.facts)


def _investigators(facts: Facts) -> set[str]:
    proposer = {facts.proposal.by} if facts.proposal else set()
    return proposer | {person for role, person in facts.handlers.items() if role == "investigator"}


def _needs_approver(attempt: Attempt) -> bool:
    if attempt.event in ("refuse_admission", "return", "restrict"):
        return True
    if attempt.event == "forward":
        return attempt.facts.severity >= SEVERE_FROM
    offer, own = attempt.facts.proposal, attempt.context.people.get(attempt.by)
    if offer is None:
        return False
    return (
        attempt.facts.severity >= SEVERE_FROM
        or offer.rejects_all
        or offer.loss + offer.goodwill > attempt.context.agent_limit
        or bool(offer.deviation_reason)
        or (own is not None and "investigator" not in own.roles)
    )


@guard("F-12")
def new_person_once(attempt: Attempt) -> Violation | None:
    """One internal appeal, by somebody who has no event on the case and does not report to those who decided."""
    if attempt.event in ("dispute", "unhappy", "challenge"):
        return _one_appeal(attempt)
    for person in judged(attempt):
        event = _acted_at(attempt, person)
        if event is not None:
            return violation(
                "F-12",
                user=named(attempt, person),
                event=words.say(words.EVENTS, event),
                eligible=eligible(attempt),
            )
        if attempt.event != "reopen" and _reports_to_deciders(attempt, person):
            says = _(
                "%(user)s reports to a person who decided: an appeal needs a new person.",
                user=named(attempt, person),
            )
            return violation("F-12", says=says, eligible=eligible(attempt))
    return None


def _one_appeal(attempt: Attempt) -> Violation | None:
    if not attempt.facts.appeals:
        return None
    return violation("F-12", says=_("There has been one internal appeal. The next step is an outside body."))


def _acted_at(attempt: Attempt, person: str) -> str | None:
    """The event before the appeal (or the reopening) at which `person` acted."""
    before = (
        attempt.facts.appeals[-1]
        if attempt.facts.appeals and attempt.event != "reopen"
        else len(attempt.events) + 1
    )
    acted = attempt.facts.acted.get(person, [])
    return next((name for seq, name in acted if seq < before), None)


def _reports_to_deciders(attempt: Attempt, person: str) -> bool:
    deciders = {attempt.facts.handlers.get("decider"), attempt.facts.handlers.get("investigator")} - {None}
    seen: set[str] = set()
    own = attempt.context.people.get(person)
    while own is not None and own.manager is not None and own.manager not in seen:
        if own.manager in deciders:
            return True
        seen.add(own.manager)
        own = attempt.context.people.get(own.manager)
    return False


@guard("F-15", reads_data=True)
def fair_restriction(attempt: Attempt) -> Violation | None:
    """A limit of channels has reasons, a review within six months and a decider who is not involved."""
    today = local_date(attempt.now, attempt.context.zone)
    lacking = None
    if not attempt.data["reason"].strip():
        lacking = _("reason")
    elif (
        not today < date.fromisoformat(attempt.data["review_date"]) <= add_months(today, _RESTRICTION_MONTHS)
    ):
        lacking = _("review date")
    elif attempt.data["decider"] in _handled(attempt.facts) | set(attempt.context.subjects):
        lacking = _("independent decider")
    return violation("F-15", word=lacking) if lacking else None


@guard("WAIVER", reads_data=True)
def waiver_allowed(attempt: Attempt) -> Violation | None:
    """Some independence cannot be waived; every waiver says why, and the customer's letter says so."""
    rule = attempt.data["rule"]
    if rule in NEVER_WAIVED:
        return violation(rule, says=_("%(rule)s can never be waived.", rule=rule))
    if not attempt.data["reason"].strip():
        return violation("F-02", says=_("A waiver needs a reason that the customer will read."))
    return None


@guard("U-03")
def called_by_another(attempt: Attempt) -> Violation | None:
    """The follow-up contact is made by somebody who did not handle the case."""
    callers = [one.person for one in attempt.facts.contacts] if attempt.event == "close" else judged(attempt)
    handled = _handled(attempt.facts)
    for person in callers:
        if person in handled and ("U-03", person) not in attempt.facts.waivers:
            return violation("U-03", user=named(attempt, person), eligible=eligible(attempt))
    return None


def _handled(facts: Facts) -> set[str]:
    """Everybody who acted on the case or holds a role in it; calling back is not handling."""
    acted = {
        person for person, events in facts.acted.items() if any(name != "callback" for _, name in events)
    }
    return acted | set(facts.handlers.values())


def judged(attempt: Attempt) -> list[str]:
    """The people whose independence this event depends on: who is assigned, and who acts in such a role."""
    assigned = attempt.data.get(_ASSIGNS.get(attempt.event, ""))
    people = [assigned] if isinstance(assigned, str) and assigned else []
    if attempt.event in _JUDGED_ACTORS and attempt.by not in (*NOT_PEOPLE, *people):
        people.append(attempt.by)
    return people


def eligible(attempt: Attempt) -> tuple[str, ...]:
    """Who could do it instead: the right role, independent of the matter and, in an appeal, new to the case."""
    role = _ROLE_FOR.get(attempt.event)
    if role is None:
        role = (
            "approver"
            if attempt.event in ("return", "extend", "refuse_admission", "restrict")
            else "investigator"
        )
    able = tuple(key for key in able_as(role, attempt) if not _is_barred(attempt, key))
    if role == "reviewer":
        able = tuple(
            key for key in able if _acted_at(attempt, key) is None and not _reports_to_deciders(attempt, key)
        )
    if attempt.event == "callback":
        able = tuple(key for key in able if key not in _handled(attempt.facts))
    return able


def able_as(role: str, attempt: Attempt) -> tuple[str, ...]:
    """The people with `role` who are not subjects and not involved, by key."""
    context = attempt.context
    return tuple(
        key
        for key, person in sorted(context.people.items())
        if role in person.roles and key not in context.subjects and _involved_with(context, key) is None
    )


def named(attempt: Attempt, person: str) -> str:
    """How a message names somebody; the key of an account (`user:5`) says nothing to a reader."""
    known = attempt.context.people.get(person)
    if known is None and person.startswith("user:"):
        return _("somebody who has left or does not handle complaints")
    return known.name if known and known.name else person
